// Sources without a state: parrots, which emit what has arrived, and Poisson sources.
#pragma once

#include "kernels/emit.cuh"
#include "kernels/spike_counts.cuh"

namespace sharpwave::device {

/// Grid: [blocks of such sources]; `block_ids` says which.
template <class Acc>
__global__ void fire_sources(const Clock* clock, std::uint32_t offset, const std::uint32_t* block_ids,
                             const Population* populations, DelayRing<Acc> ring, SpikeLists lists) {
  const std::uint64_t step = clock->steps_done + offset;
  const std::uint32_t block_index = block_ids[blockIdx.x];
  const SourceBlock& block = lists.blocks[block_index];
  const Population& p = populations[block.population];
  std::uint32_t count = 0;
  if (threadIdx.x < block.n) {
    if (p.is_parrot) {
      Acc* const cell = ring.cell(0, step, block.first_source + threadIdx.x);
      count = static_cast<std::uint32_t>(*cell);
      *cell = 0;
    } else {
      count = count_in_step(p.rate, block.first_index + threadIdx.x, step);
    }
  }
  emit(lists, *clock, step, block_index, count);
}

}  // namespace sharpwave::device
