// What the measured limits imply for a step of the full microcircuit.
#pragma once

#include <string>
#include <vector>

#include "benchmarks/gpu/figures.hpp"

namespace sharpwave::gpu_limits {

/// The network of Potjans & Diesmann 2014 at full size, a step of 0.1 ms.
struct Step {
  double spikes = 25;
  double synaptic_events = 96'700;
  double neurons = 77'169;
  /// Of iaf_psc_exp: V, two currents, what is left of refractoriness, read and written; two receptors' input,
  /// read and cleared.
  double bytes_per_neuron = (4 + 2) * 2 * 4;
  double graph_kernels = 2;   ///< update_neurons, deliver_spikes
  double microseconds = 100;  ///< simulated
};

/// Medians.
struct Limits {
  double barrier_us = 0;          ///< all SMs, with a word from another block
  double kernel_us = 0;           ///< in a graph
  double rows_us = 0;             ///< offset, then synapses, of a step's spikes at once, every SM its rows
  double shared_adds_per_us = 0;  ///< all SMs
  double global_adds_per_us = 0;
  double shared_bytes_per_us = 0;  ///< not measured: 128 bytes a clock and SM
  double global_bytes_per_us = 0;  ///< copied, read plus written
};

/// @throws CheckFailed where an answer, or the figure of it that is needed, is missing.
[[nodiscard]] Limits limits_of(const Device& device, const std::vector<Answer>& answers);

struct Prediction {
  std::string name;
  std::string formula;
  double step_us = 0;
  double real_time_factor = 0;
};

/// Of one persistent kernel with ring and state in shared memory, and of a graph of kernels with both in
/// global memory. Direct current as background: drawing Poisson input is no limit of the machine.
[[nodiscard]] std::vector<Prediction> predictions_of(const Limits& limits, const Step& step = {});

}  // namespace sharpwave::gpu_limits
