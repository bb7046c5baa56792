// Networks and spike trains from files: SONATA (nodes, edges, types, simulation config) and plain text.
// Format: SONATA developer guide, github.com/AllenInstitute/sonata; where it leaves something open, NEST's
// SonataNetwork is followed, because its spike count is the reference (docs/formats/sonata_input.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "host/network/model_spec.hpp"

namespace sharpwave {

struct SonataOptions {
  std::optional<double> dt_ms;        ///< instead of the file's run.dt
  std::optional<double> duration_ms;  ///< instead of the file's run.tstop
  double warm_up_ms = 0;              ///< simulated before the recorded part; moves its end, not spike times
  std::uint64_t seed = 1;
  std::uint64_t network_seed = 1;
  Precision precision = Precision::float32;
  /// Virtual populations that the caller makes Poisson sources: no spikes are expected for them.
  std::set<std::string> poisson_sources;
  /// Receives what was tolerated (one line each); empty: the log.
  std::function<void(const std::string&)> warn;
};

/// Reads a SONATA simulation config with everything that it names.
///
/// @param simulation_config  the JSON file; it may name its circuit under `network` or hold it (`networks`).
/// @return populations in the order of the files, sizes known, one projection per edge population; all
///         populations that are not virtual are recorded. `config_digest` is left empty.
/// @throws Error(invalid_config) for what is missing or not supported, all such problems of one stage
///         together; Error(io) where a file cannot be read; Error(damaged_data) where one is truncated or
///         contradicts itself. Every message names the file and the place in it.
[[nodiscard]] ModelSpec read_sonata(const std::filesystem::path& simulation_config,
                                    const SonataOptions& options = {});

/// Reads the spikes of one population from a SONATA spike file, in either of its layouts:
/// /spikes/<population>/{node_ids,timestamps}, or /spikes/{gids,timestamps} without populations.
///
/// @param population  the group to read; "" takes the only one there is.
/// @param n_nodes     node ids must be below it; 0: any that fits 32 bits.
/// @return sorted by time, then node id. Times are the file's, not rounded to a grid.
/// @throws Error(io), Error(damaged_data), Error(invalid_config) as read_sonata().
[[nodiscard]] SpikeSourceSpec read_sonata_spikes(const std::filesystem::path& path,
                                                 const std::string& population, std::uint32_t n_nodes);

/// Reads lines of `index time_ms`; `#` starts a comment, empty lines are skipped, order does not matter.
///
/// @param n_nodes  indices must be below it; 0: any that fits 32 bits.
/// @return sorted by time, then index.
/// @throws Error(io); Error(damaged_data) with file and line.
[[nodiscard]] SpikeSourceSpec read_text_spikes(const std::filesystem::path& path, std::uint32_t n_nodes = 0);

}  // namespace sharpwave
