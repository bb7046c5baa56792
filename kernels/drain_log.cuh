// From the spike log's bits to a list of spikes, in order of step and source.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// A row is a step: `words_per_row` words of 32 bits, `words_per_block` for each block of sources.
struct LogShape {
  std::uint64_t n_rows = 0;
  std::uint32_t words_per_block = 1;
  std::uint32_t words_per_row = 1;
};

/// A thread for each row, and one beyond.
/// @param first      [n_words + 1] set bits before each word.
/// @param[out] rows  [n_rows + 1] set bits before each row.
[[maybe_unused]] static __global__ void begin_rows(LogShape shape, const std::uint32_t* first,
                                                   std::uint32_t* rows) {
  const std::uint64_t row = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (row <= shape.n_rows) rows[row] = first[row * shape.words_per_row];
}

/// A thread for each word.
/// @param bits, first  of the first of the rows.
/// @param[out] ids     [set bits of the rows]
[[maybe_unused]] static __global__ void write_spikes(LogShape shape, const std::uint32_t* bits,
                                                     const std::uint32_t* first, const SourceBlock* blocks,
                                                     std::uint32_t* ids) {
  const std::uint64_t word = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (word >= shape.n_rows * shape.words_per_row) return;
  const auto in_row = static_cast<std::uint32_t>(word % shape.words_per_row);
  const std::uint32_t first_source =
      blocks[in_row / shape.words_per_block].first_source + in_row % shape.words_per_block * kWarp;
  std::uint32_t at = first[word] - first[0];
  for (std::uint32_t left = bits[word]; left != 0; left &= left - 1)
    ids[at++] = first_source + static_cast<std::uint32_t>(__ffs(static_cast<int>(left)) - 1);
}

}  // namespace sharpwave::device
