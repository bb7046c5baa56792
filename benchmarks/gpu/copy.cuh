// Global memory from end to end.
#pragma once

#include <cstddef>

namespace sharpwave::gpu_limits {

__host__ __device__ inline unsigned word_at(std::size_t i) {
  return static_cast<unsigned>(i) * 2654435761u;
}

__global__ void fill_words(unsigned* words, std::size_t n) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += stride)
    words[i] = word_at(i);
}

/// `n` elements of four words; the compiler may load several before it stores the first.
__global__ void copy_words(const uint4* __restrict__ from, uint4* __restrict__ to, std::size_t n) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
#pragma unroll 4
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += stride)
    to[i] = from[i];
}

/// Adds the words of `n` elements of four up to *sum.
__global__ void sum_words(const uint4* words, std::size_t n, unsigned long long* sum) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  unsigned long long own = 0;
#pragma unroll 4
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += stride) {
    const uint4 four = words[i];
    own += static_cast<unsigned long long>(four.x) + four.y + four.z + four.w;
  }
  atomicAdd(sum, own);
}

}  // namespace sharpwave::gpu_limits
