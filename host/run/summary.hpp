// What run.json says of a run, as it becomes known.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/io/run_json.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// Of the description alone, and who reads it: all but times, counts and the device.
[[nodiscard]] RunSummary summary_of(const ModelSpec& spec);

/// Adds what building the network came to.
void add_construction(RunSummary& summary, const ConstructionReport& construction);

/// Adds the spikes of the recorded part, of each population, and what they are in it.
/// @param steps  of the recorded part.
void count_spikes(RunSummary& summary, std::uint64_t steps, const std::vector<std::uint64_t>& spikes);

}  // namespace sharpwave
