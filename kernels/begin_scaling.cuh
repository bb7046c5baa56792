// Where weights are due to be scaled at the end of the step: finds out which spikes are on the way, and
// begins sums and intervals.
#pragma once

#include "kernels/plastic_views.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Are the weights of the projection scaled at the end of the step?
SHARPWAVE_HD bool scales_in(const Plastic& p, std::uint64_t step) {
  const auto now = static_cast<std::int64_t>(step);
  return p.constants.homeostasis.is_due(now) && p.constants.learning.includes(now);
}

/// Grid: [workers][projections][instances].
template <class Acc>
__global__ void begin_scaling(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Plastic& p = turn.own.plastic[blockIdx.y];
  if (!p.constants.homeostasis.is_due(static_cast<std::int64_t>(turn.step))) return;
  const PlasticConnections& c = p.connections;
  const std::uint32_t first = blockIdx.x * blockDim.x + threadIdx.x;
  const std::uint32_t n_threads = gridDim.x * blockDim.x;
  for (std::uint64_t i = first; i < c.n_targets; i += n_threads) {
    p.scaling.sums[i] = 0;
    if (p.scaling.spikes == nullptr) continue;
    p.scaling.interval_spikes[i] = p.scaling.spikes[i];
    p.scaling.spikes[i] = 0;
  }
  for (std::uint32_t slot = 0; slot < c.n_slots(); ++slot)
    for (std::uint64_t i = first; i < p.n_flights[slot]; i += n_threads) {
      const std::uint64_t row = std::uint64_t{slot} * c.n_sources;
      p.scaling.flight_at[row + p.flights[row + i].source] = static_cast<std::uint32_t>(i);
    }
}

}  // namespace sharpwave::device
