// What connects the populations of a built network: numbers, degrees, weights and delays.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/histogram.hpp"

namespace sharpwave {

struct ModelSpec;
struct Network;
class ThreadPool;

struct Spread {
  double mean = 0;
  double sd = 0;  ///< of all values, not of a sample: divided by n
  double min = 0;
  double max = 0;
  Histogram histogram;
};

/// All synapses from one population to another, of whatever projection.
struct ConnectionStatistics {
  std::string source;
  std::string target;
  std::uint64_t n_synapses = 0;
  Spread out_degree;        ///< synapses to the target, of every neuron of the source
  Spread in_degree;         ///< synapses from the source, of every neuron of the target
  Spread weight;            ///< as simulated; 1 for parrots
  std::string weight_unit;  ///< empty for parrots
  Spread delay_ms;
};

/// Reads every synapse once. By source, then by target, in the order of the model; pairs without a synapse
/// are left out.
[[nodiscard]] std::vector<ConnectionStatistics> connection_statistics(const ModelSpec& spec,
                                                                      const Network& net, ThreadPool& pool);

}  // namespace sharpwave
