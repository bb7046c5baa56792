// network.json: what connects the populations of a run's network; docs/formats/network_json.md.
#pragma once

#include <filesystem>
#include <vector>

#include "host/network/connection_statistics.hpp"

namespace sharpwave {

/// Replaces the file as a whole. Of very many connections those of the most synapses are written.
/// @throws Error(io) naming the file.
void write_network_json(const std::filesystem::path& path, std::vector<ConnectionStatistics> connections);

}  // namespace sharpwave
