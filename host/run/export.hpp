// One export from a network's description to the files in its directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// The file that runs the exported network.
inline constexpr const char* kExportedConfig = "network.yaml";

struct ExportOptions {
  std::filesystem::path directory;       ///< made if it is not there
  bool force = false;                    ///< replace the export that lies there
  std::string command;                   ///< for the comment at the top of network.yaml
  std::vector<std::uint32_t> learned{};  ///< projections whose weights were learned, of LearnedNetwork
};

/// Draws the network and writes it as SONATA files, with network.yaml beside them, last, which runs it with
/// the same spikes. Weights that were learned are written as they are, in full.
///
/// It grows in a folder of its own within the directory and moves up when it is whole: after a failure an
/// earlier export still lies there. A signal, which ends the process, leaves that folder to the next export.
/// @return the number of synapses.
/// @throws Error(io) where the directory is not empty and `force` is false, or holds no export, or naming the
/// file;
///         Error(no_room) with the figures, before anything is drawn; Error(invalid_config) naming what
///         cannot be exported.
std::uint64_t export_sonata(const ModelSpec& spec, const ExportOptions& options);

}  // namespace sharpwave
