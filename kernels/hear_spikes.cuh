// Counts the last step's spikes of sources of neuromodulators, while the levels are still those of that step.
#pragma once

#include "kernels/last_spikes.cuh"
#include "kernels/region.hpp"

namespace sharpwave::device {

/// A source comes here once in a step, so that what a trigger notes is written by one thread.
__device__ inline void hear_spike(const Region& region, std::uint32_t source, std::uint32_t count) {
  for (std::uint32_t k = 0; k < region.n_volumes; ++k)
    if (region.volumes[k].hears(source)) add_to(region.n_spikes + k, static_cast<std::int64_t>(count));
  for (std::uint32_t k = 0; k < region.n_triggers; ++k) {
    if (source == region.triggers[k].source) region.memories[k].source_fired = true;
    if (source == region.triggers[k].target) region.memories[k].target_fired = true;
  }
}

/// Grid: as for_each_last_spike() says.
template <class Acc>
__global__ void hear_spikes(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || turn.own.n_regions == 0) return;
  for_each_last_spike(turn, [&](std::uint32_t source, std::uint32_t count) {
    for (std::uint32_t r = 0; r < turn.own.n_regions; ++r) hear_spike(turn.own.regions[r], source, count);
  });
}

}  // namespace sharpwave::device
