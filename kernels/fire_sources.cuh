// Sources without a state: parrots, which emit what has arrived, and Poisson sources.
#pragma once

#include "kernels/emit.cuh"
#include "kernels/spike_counts.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Grid: [blocks of such sources][1][instances]; `blocks` says which.
template <class Acc>
__global__ void fire_sources(Instances<Acc> instances, std::uint32_t offset, BlockIds blocks) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const std::uint32_t block_index = blocks.ids[blockIdx.x];
  const SourceBlock& block = turn.own.lists.blocks[block_index];
  const Population& p = turn.own.populations[block.population];
  std::uint32_t count = 0;
  if (threadIdx.x < block.n) {
    if (p.is_parrot) {
      Acc* const cell = turn.own.ring.cell(0, turn.step, block.first_source + threadIdx.x);
      count = static_cast<std::uint32_t>(*cell);
      *cell = 0;
    } else {
      count = count_in_step(p, block.first_index + threadIdx.x, turn.step);
    }
  }
  emit(turn.own.lists, turn.clock, turn.step, block_index, count);
}

}  // namespace sharpwave::device
