// Integer additions to cells of a table, in shared or in global memory.
#pragma once

#include <cstdint>

#include "benchmarks/gpu/random.cuh"

namespace sharpwave::gpu_limits {

enum class Cells {
  drawn,      ///< each lane a cell of its own choice
  bank_each,  ///< a warp 32 neighbouring cells: no two lanes in one bank
};

/// A thread's draws begin after it.
__host__ __device__ inline unsigned first_draw(unsigned thread_of_all, unsigned seed) {
  return scattered(thread_of_all * 1024 + seed);
}

/// What thread `thread` of a block adds: not the same of all, or the compiler would count lanes instead.
__host__ __device__ inline int term_of(unsigned thread) {
  return 1 + static_cast<int>(thread % 8);
}

/// What the cells have to add up to.
inline std::uint64_t sum_of_terms(unsigned n_blocks, unsigned n_threads, unsigned n_adds) {
  std::uint64_t of_block = 0;
  for (unsigned thread = 0; thread < n_threads; ++thread)
    of_block += static_cast<std::uint64_t>(term_of(thread));
  return of_block * n_adds * n_blocks;
}

/// By all threads of a block of whole warps, to `n_cells` cells from `table` on, which is a multiple of 32
/// for `bank_each`. One cell gets all of them where n_cells is 1.
template <Cells cells>
__device__ void add_to_cells(int* table, unsigned n_cells, unsigned n_adds, unsigned seed) {
  const int term = term_of(threadIdx.x);
  if (cells == Cells::drawn) {
    unsigned random = first_draw(blockIdx.x * blockDim.x + threadIdx.x, seed);
    for (unsigned i = 0; i < n_adds; ++i) {
      random = after(random);
      atomicAdd(table + __umulhi(random, n_cells), term);
    }
    return;
  }
  constexpr unsigned kStride = 97;  // prime, so that all rows have their turn
  const unsigned n_rows = n_cells / 32;
  unsigned row = threadIdx.x / 32 % n_rows;
  for (unsigned i = 0; i < n_adds; ++i) {
    atomicAdd(table + row * 32 + threadIdx.x % 32, term);
    row += kStride;
    while (row >= n_rows) row -= n_rows;
  }
}

/// What came of it, of all blocks together.
struct Added {
  unsigned long long sum;
  unsigned long long touched;  ///< cells that are not 0
};

/// The part of the calling thread: cells first, first + stride, ...
__device__ inline void look_at(const int* table, unsigned n_cells, unsigned first, unsigned stride,
                               Added* added) {
  unsigned long long sum = 0;
  unsigned long long touched = 0;
  for (unsigned cell = first; cell < n_cells; cell += stride) {
    sum += static_cast<unsigned>(table[cell]);
    touched += table[cell] != 0 ? 1 : 0;
  }
  atomicAdd(&added->sum, sum);
  atomicAdd(&added->touched, touched);
}

}  // namespace sharpwave::gpu_limits
