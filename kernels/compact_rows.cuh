// From rows as the host builds them, in whole chunks that are filled up, to rows without gaps: what pads a
// chunk for the CPU's vectors would only be read and thrown away here.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// The rows of one population, as host/network/network.hpp has them, with one thread group.
struct ChunkedRows {
  std::uint32_t first_source = 0;
  std::uint32_t stride = 1;                  ///< offsets per row: one more than segments
  std::uint64_t n_segments = 0;              ///< of all rows
  std::uint32_t dummy_cell = 0;              ///< what fills up a chunk
  const std::uint32_t* row_begin = nullptr;  ///< [n_sources] first chunk
  const std::uint16_t* offsets16 = nullptr;
  const std::uint32_t* offsets32 = nullptr;    ///< used where offsets16 is null
  const std::uint32_t* synapses = nullptr;     ///< as Connections has them
  const std::uint16_t* wide_cells = nullptr;   ///< likewise
  const std::int64_t* wide_weights = nullptr;  ///< likewise
};

struct SynapseRange {
  std::uint64_t begin, end;
};

__device__ inline SynapseRange chunked_segment(const ChunkedRows& rows, std::uint64_t segment) {
  constexpr std::uint64_t kSynapsesInChunk = 8;
  const std::uint64_t per_row = rows.stride - 1;
  const std::uint64_t row = segment / per_row;
  const std::uint64_t at = row * rows.stride + (segment - row * per_row);
  const std::uint64_t first = rows.row_begin[rows.first_source + row];
  const std::uint64_t begin = rows.offsets16 != nullptr ? rows.offsets16[at] : rows.offsets32[at];
  const std::uint64_t end = rows.offsets16 != nullptr ? rows.offsets16[at + 1] : rows.offsets32[at + 1];
  return {(first + begin) * kSynapsesInChunk, (first + end) * kSynapsesInChunk};
}

__device__ inline bool is_synapse(const ChunkedRows& rows, std::uint64_t at) {
  const std::uint32_t cell = rows.synapses != nullptr ? rows.synapses[at] & 0xffffu : rows.wide_cells[at];
  return cell != rows.dummy_cell;
}

/// A thread for each segment.
/// @param[out] counts  [n_segments]
[[maybe_unused]] static __global__ void count_synapses(ChunkedRows rows, std::uint32_t* counts) {
  const std::uint64_t segment = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (segment >= rows.n_segments) return;
  const SynapseRange range = chunked_segment(rows, segment);
  std::uint32_t count = 0;
  for (std::uint64_t at = range.begin; at < range.end; ++at) count += is_synapse(rows, at) ? 1 : 0;
  counts[segment] = count;
}

/// A thread for each segment.
/// @param begins  [n_segments] where each begins in what is written; the other arrays as Connections has
/// them.
[[maybe_unused]] static __global__ void copy_synapses(ChunkedRows rows, const std::uint64_t* begins,
                                                      std::uint32_t* synapses, std::uint16_t* wide_cells,
                                                      std::int64_t* wide_weights) {
  const std::uint64_t segment = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (segment >= rows.n_segments) return;
  const SynapseRange range = chunked_segment(rows, segment);
  std::uint64_t to = begins[segment];
  for (std::uint64_t at = range.begin; at < range.end; ++at) {
    if (!is_synapse(rows, at)) continue;
    if (rows.synapses != nullptr) {
      synapses[to] = rows.synapses[at];
    } else {
      wide_cells[to] = rows.wide_cells[at];
      wide_weights[to] = rows.wide_weights[at];
    }
    ++to;
  }
}

}  // namespace sharpwave::device
