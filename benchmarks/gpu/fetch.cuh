// Loads that wait for loads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "benchmarks/gpu/random.cuh"

namespace sharpwave::gpu_limits {

inline constexpr unsigned kLineWords = 32;  // 128 bytes
inline constexpr unsigned kRowLength = 30;  // synapses of a spike in an SM of the microcircuit: 3,868 / 132

/// The line behind `line` of 2^k: a congruential generator that goes through all of them before it comes
/// back.
__host__ __device__ inline unsigned next_line(unsigned line, unsigned n_lines) {
  return after(line) & (n_lines - 1);
}

inline unsigned line_after(unsigned line, unsigned n_lines, unsigned n_hops) {
  for (unsigned i = 0; i < n_hops; ++i) line = next_line(line, n_lines);
  return line;
}

/// lines[i * kLineWords] = the line behind i.
__global__ void link_lines(unsigned* lines, unsigned n_lines) {
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < n_lines; i += gridDim.x * blockDim.x)
    lines[std::size_t{i} * kLineWords] = next_line(i, n_lines);
}

/// By one thread; past L1, which the other SMs' writes do not reach.
__global__ void chase(const unsigned* lines, unsigned line, unsigned n_hops, unsigned* end) {
  for (unsigned i = 0; i < n_hops; ++i) line = __ldcg(lines + std::size_t{line} * kLineWords);
  *end = line;
}

/// Rows of kRowLength synapses each, as delivery finds them.
struct Rows {
  const std::uint64_t* offsets;   ///< [2^log2_n] of the first synapse of a row
  const std::uint32_t* synapses;  ///< [2^log2_n * kRowLength]
  unsigned log2_n;
};

/// What each synapse of a row holds.
__host__ __device__ inline unsigned synapse_of(std::uint64_t row) {
  return 1 + static_cast<unsigned>(row * 2654435761u >> 13) % 1024;
}

__global__ void fill_rows(std::uint64_t* offsets, std::uint32_t* synapses, std::uint64_t n_rows) {
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n_rows * kRowLength;
       i += stride) {
    synapses[i] = synapse_of(i / kRowLength);
    if (i % kRowLength == 0) offsets[i / kRowLength] = i;
  }
}

/// Where a lane begins; another in each repeat, or its rows would still lie in L2.
__host__ __device__ inline unsigned first_state(std::uint64_t lane_of_all, unsigned repeat) {
  return scattered(static_cast<unsigned>(lane_of_all * 1024 + repeat));
}
/// A lane's next row depends on what it read in the last.
__host__ __device__ inline unsigned next_state(unsigned state, unsigned sum_of_row) {
  return after(state + sum_of_row);
}
__host__ __device__ inline std::uint64_t row_of(unsigned state, unsigned log2_n) {
  return state >> (32 - log2_n);
}

/// Each warp fetches in_flight rows at once, `n_rounds` times: their offsets, one a lane, then the synapses
/// of each, one a lane, all of them before it adds up the first. sums[warp] = the sum of the lanes' last
/// states.
template <unsigned in_flight>
__global__ void __launch_bounds__(1024)
    fetch_rows(Rows rows, unsigned n_rounds, unsigned repeat, unsigned long long* sums) {
  constexpr unsigned kAll = 0xffffffffu;
  const unsigned lane = threadIdx.x % 32;
  const std::uint64_t thread = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  unsigned state = first_state(thread, repeat);
  for (unsigned round = 0; round < n_rounds; ++round) {
    unsigned long long offset = 0;
    if (lane < in_flight)
      offset = __ldcg(reinterpret_cast<const unsigned long long*>(rows.offsets) + row_of(state, rows.log2_n));
    unsigned synapses[in_flight];
#pragma unroll
    for (unsigned j = 0; j < in_flight; ++j) {
      const unsigned long long first = __shfl_sync(kAll, offset, static_cast<int>(j));
      synapses[j] = lane < kRowLength ? __ldcg(rows.synapses + first + lane) : 0;
    }
    unsigned sum = 0;
#pragma unroll
    for (unsigned j = 0; j < in_flight; ++j) {
      const unsigned of_row = __reduce_add_sync(kAll, synapses[j]);
      if (lane == j) sum = of_row;
    }
    state = next_state(state, sum);
  }
  if (lane < in_flight) atomicAdd(sums + thread / 32, static_cast<unsigned long long>(state));
}

/// What fetch_rows has to come to, over all warps.
inline std::uint64_t sum_of_rows(unsigned n_warps, unsigned in_flight, unsigned log2_n, unsigned n_rounds,
                                 unsigned repeat) {
  std::uint64_t sum = 0;
  for (std::uint64_t warp = 0; warp < n_warps; ++warp)
    for (unsigned lane = 0; lane < in_flight; ++lane) {
      unsigned state = first_state(warp * 32 + lane, repeat);
      for (unsigned round = 0; round < n_rounds; ++round)
        state = next_state(state, kRowLength * synapse_of(row_of(state, log2_n)));
      sum += state;
    }
  return sum;
}

}  // namespace sharpwave::gpu_limits
