// A network as SONATA files, which read_sonata() and other simulators read. What is in which file, and what
// SONATA cannot say: docs/formats/sonata_export.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/network/drawn_network.hpp"

namespace sharpwave {

/// The file to be named to read_sonata().
inline constexpr const char* kSonataSimulationConfig = "simulation_config.json";

/// True for the names that write_sonata() gives to files.
[[nodiscard]] bool is_sonata_export_file(std::string_view name);

/// Writes the files into `directory`, each whole or not at all, the simulation config last; existing ones
/// are replaced. Projections without synapses are left out.
///
/// @param network    names of populations are parts of file names: letters, digits, _, + and -.
/// @param directory  exists.
/// @return the number of synapses.
/// @throws Error(io) naming the file; Error(invalid_config) as require_exact_weights(), before any file has
///         its name.
/// One projection is held in memory at a time.
std::uint64_t write_sonata(DrawnNetwork& network, const std::filesystem::path& directory);

}  // namespace sharpwave
