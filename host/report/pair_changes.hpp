// Of an experiment with pairs of spikes: how much weights changed, over the time from one spike to the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/analysis/recorded_run.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::report {

/// Weights of some synapses at two times.
struct WeightsTwice {
  std::string source;  ///< populations
  std::string target;
  const std::vector<std::uint32_t>& sources;  ///< [n_synapses] neurons
  const std::vector<std::uint32_t>& targets;
  const std::vector<float>& first;  ///< [n_synapses]
  const std::vector<float>& last;
  double start_ms = 0;  ///< when `first` was so
  double stop_ms = 0;
};

/// {lag_ms, change, per_synapse, synapses}: the lag from the source's spikes to the target's, and the change
/// from the first to the last weight, divided by the number of pairs. Null unless the spikes of both sides
/// are recorded and between those times each synapse's source and target fired equally often, as often as
/// those of all others, the target always the same time after the source.
[[nodiscard]] Json pair_changes(const analysis::RecordedRun& run, const WeightsTwice& weights);

}  // namespace sharpwave::report
