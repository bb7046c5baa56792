// The spikes of the step before, of neurons, parrots and virtual sources, for kernels that take notice of
// them.
#pragma once

#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Calls visit(source, number of its spikes) for each that fired in `turn.step` - 1, in one thread of the
/// grid: [blocks of sources, then one for given spikes][1][instances].
template <class Acc, class Visit>
__device__ inline void for_each_last_spike(const Turn<Acc>& turn, const Visit& visit) {
  const Instance<Acc>& own = turn.own;
  if (blockIdx.x < own.lists.n_blocks) {
    if (threadIdx.x >= own.lists.n_fired[blockIdx.x]) return;
    const std::uint64_t at = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    visit(own.lists.sources[at], own.lists.counts[at]);
    return;
  }
  for (const FileSpikes& list : own.file_spikes) {
    const std::uint64_t begin = list.first_at(turn.step - 1);
    const std::uint64_t end = list.first_at(turn.step);
    for (std::uint64_t i = begin + threadIdx.x; i < end; i += blockDim.x) {
      const std::uint32_t source = list.events[i].source;
      if (i > begin && list.events[i - 1].source == source) continue;
      std::uint32_t count = 1;
      while (i + count < end && list.events[i + count].source == source) ++count;
      visit(source, count);
    }
  }
}

}  // namespace sharpwave::device
