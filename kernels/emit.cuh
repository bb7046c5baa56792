// How a block of sources hands on who fired: in order, and never more than there is room for.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// Writes the block's list and its words of the log. Called by all threads of a block, each for one source;
/// `count` is the number of its spikes, 0 beyond the block's sources.
__device__ inline void emit(const SpikeLists& lists, const Clock& clock, std::uint64_t step,
                            std::uint32_t block_index, std::uint32_t count) {
  const SourceBlock& block = lists.blocks[block_index];
  const BlockRank place = block_rank(count > 0);
  if (count > 0) {
    const std::uint64_t at = std::uint64_t{block_index} * blockDim.x + place.rank;
    lists.sources[at] = block.first_source + threadIdx.x;
    lists.counts[at] = count;
  }
  if (threadIdx.x == 0) lists.n_fired[block_index] = place.total;
  if (block_index >= lists.n_logged_blocks) return;
  const std::uint64_t row = step - clock.log_first;
  const std::uint32_t warps = blockDim.x / kWarp;
  if (threadIdx.x % kWarp == 0)
    lists.log_bits[(row * lists.n_logged_blocks + block_index) * warps + threadIdx.x / kWarp] = place.warp;
  if (block.log_counts != kNone && threadIdx.x < block.n)
    lists.log_counts[row * lists.n_parrots + block.log_counts + threadIdx.x] = count;
}

}  // namespace sharpwave::device
