// One export from a network's description to the files in its directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// The file that runs the exported network.
inline constexpr const char* kExportedConfig = "network.yaml";

struct ExportOptions {
  std::filesystem::path directory;  ///< made if it is not there
  bool force = false;               ///< replace the export that lies there
  std::string command;              ///< for the comment at the top of network.yaml
};

/// Draws the network and writes it as SONATA files, with network.yaml beside them, last, which runs it with
/// the same spikes.
///
/// After a failure nothing of the export is left; after a signal, which ends the process, there may be files
/// but no network.yaml.
/// @return the number of synapses.
/// @throws Error(io) where the directory is not empty and `force` is false, or naming the file;
///         Error(no_room) with the figures, before anything is drawn; Error(invalid_config) naming what
///         cannot be exported.
std::uint64_t export_sonata(const ModelSpec& spec, const ExportOptions& options);

}  // namespace sharpwave
