// Shared by the readers of spike files.
#pragma once

#include <filesystem>
#include <string>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// A SONATA CSV of spikes: a header with `timestamps`, `node_ids` and perhaps `population`, separated by
/// blanks. Rows of other populations are skipped.
/// @throws Error(io); Error(damaged_data) with file and line.
[[nodiscard]] SpikeSourceSpec read_csv_spikes(const std::filesystem::path& path,
                                              const std::string& population, std::uint32_t n_nodes);

/// Sorts by time, then index.
void sort_spikes(SpikeSourceSpec& spikes);

}  // namespace sharpwave
