// Takes notice of the last step's spikes of the sources of plastic projections: they are on their way now.
#pragma once

#include "kernels/last_spikes.cuh"
#include "kernels/plastic_views.hpp"

namespace sharpwave::device {

__device__ inline void take_plastic_spike(const Plastic& p, std::uint64_t step, std::uint32_t source,
                                          std::uint32_t count) {
  const PlasticConnections& c = p.connections;
  const std::uint32_t index = source - c.first_source;  // of what is below it, too large
  if (index < c.start || index >= c.stop || (index - c.start) % c.stride != 0) return;
  const std::uint32_t position = (index - c.start) / c.stride;
  PlasticSource& of_source = p.sources[position];
  const auto fired = static_cast<std::int64_t>(step);
  const PreSpike spike =
      following(p.constants, of_source, fired, rate_of_pre(p.constants.learning, fired, p.modulating));
  of_source = {.last = spike.origin,
               .before_last = spike.last,
               .since = spike.origin,
               .trace_at_last = pre_trace(p.constants, spike),
               .n_at_last = static_cast<float>(count),
               .slow_at_last = spike.slow};
  // In any order: no synapse hears two sources.
  const std::uint32_t slot = c.slot(step, 0);
  const std::uint32_t at = atomicAdd(p.n_flights + slot, 1u);
  p.flights[std::uint64_t{slot} * c.n_sources + at] = {spike, position, count};
}

/// Grid: as for_each_last_spike() says.
template <class Acc>
__global__ void take_plastic_spikes(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  for_each_last_spike(turn, [&](std::uint32_t source, std::uint32_t count) {
    for (std::uint32_t k = 0; k < turn.own.n_plastic; ++k)
      take_plastic_spike(turn.own.plastic[k], turn.step - 1, source, count);
  });
}

}  // namespace sharpwave::device
