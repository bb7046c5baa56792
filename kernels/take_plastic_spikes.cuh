// Takes notice of the last step's spikes of the sources of plastic projections: they are on their way now.
#pragma once

#include "kernels/file_spikes.cuh"
#include "kernels/plastic_views.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

__device__ inline void take_plastic_spike(const Plastic& p, std::uint64_t step, std::uint32_t source,
                                          std::uint32_t count) {
  const PlasticConnections& c = p.connections;
  const std::uint32_t index = source - c.first_source;  // of what is below it, too large
  if (index < c.start || index >= c.stop || (index - c.start) % c.stride != 0) return;
  const std::uint32_t position = (index - c.start) / c.stride;
  PlasticSource& of_source = p.sources[position];
  const PreSpike spike = following(p.constants, of_source, static_cast<std::int64_t>(step));
  of_source = {.last = spike.origin,
               .before_last = spike.last,
               .trace_at_last = pre_trace(p.constants, spike),
               .n_at_last = static_cast<float>(count),
               .slow_at_last = spike.slow};
  // In any order: no synapse hears two sources.
  const std::uint32_t slot = c.slot(step, 0);
  const std::uint32_t at = atomicAdd(p.n_flights + slot, 1u);
  p.flights[std::uint64_t{slot} * c.n_sources + at] = {spike, position, count};
}

/// Grid: [blocks of sources, then one for the files' spikes][1][instances].
template <class Acc>
__global__ void take_plastic_spikes(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Instance<Acc>& own = turn.own;
  const std::uint64_t fired = turn.step - 1;
  if (blockIdx.x < own.lists.n_blocks) {
    if (threadIdx.x >= own.lists.n_fired[blockIdx.x]) return;
    const std::uint64_t at = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    for (std::uint32_t k = 0; k < own.n_plastic; ++k)
      take_plastic_spike(own.plastic[k], fired, own.lists.sources[at], own.lists.counts[at]);
    return;
  }
  const std::uint64_t begin = first_file_spike(own, fired);
  const std::uint64_t end = first_file_spike(own, fired + 1);
  for (std::uint64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
    const std::uint32_t source = own.file_spikes[i].source;
    if (i > begin && own.file_spikes[i - 1].source == source) continue;
    std::uint32_t count = 1;
    while (i + count < end && own.file_spikes[i + count].source == source) ++count;
    for (std::uint32_t k = 0; k < own.n_plastic; ++k)
      take_plastic_spike(own.plastic[k], fired, source, count);
  }
}

}  // namespace sharpwave::device
