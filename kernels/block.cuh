// The operations of a thread block that kernels use beyond CUDA's own. nvcc compiles them, or g++ behind a
// header that stands for CUDA's language (tests/simt).
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(__CUDACC__) && !defined(SHARPWAVE_SIMT)
#error "compile with nvcc, or include a header that stands for CUDA first"
#endif

namespace sharpwave::device {

inline constexpr std::uint32_t kWarp = 32;
inline constexpr std::uint32_t kMaxBlockThreads = 1024;

/// Integer sums do not depend on the order of their terms.
__device__ inline void add_to(std::int32_t* sum, std::int32_t term) {
  atomicAdd(sum, term);
}
__device__ inline void add_to(std::int64_t* sum, std::int64_t term) {
  static_assert(sizeof(unsigned long long) == sizeof(std::int64_t));
  atomicAdd(reinterpret_cast<unsigned long long*>(sum), static_cast<unsigned long long>(term));
}

/// *value = max(*value, at_least)
__device__ inline void raise_to(std::int64_t* value, std::int64_t at_least) {
  static_assert(sizeof(long long) == sizeof(std::int64_t));
  atomicMax(reinterpret_cast<long long*>(value), static_cast<long long>(at_least));
}

/// Of the block, as large as its launch says, aligned to 16 bytes.
__device__ inline std::byte* dynamic_shared_memory() {
#if defined(__CUDACC__)
  extern __shared__ __align__(16) unsigned char bytes[];
  return reinterpret_cast<std::byte*>(bytes);
#else
  return simt::here().state->shared_memory();
#endif
}

inline constexpr std::uint32_t kAllLanes = 0xffffffffu;

/// Of the terms of a whole warp, all of whose lanes call it; each of them is told.
__device__ inline std::uint64_t warp_sum(std::uint64_t term) {
  for (std::uint32_t distance = kWarp / 2; distance > 0; distance /= 2)
    term += __shfl_sync(kAllLanes, term, static_cast<int>((threadIdx.x % kWarp) ^ distance));
  return term;
}

struct BlockRank {
  std::uint32_t rank;   ///< set flags in threads before this one
  std::uint32_t total;  ///< in the block
  std::uint32_t warp;   ///< the flags of this thread's warp, a bit per lane
};

/// Called by all threads of a block of whole warps.
__device__ inline BlockRank block_rank(bool flag) {
  __shared__ std::uint32_t of_warp[kMaxBlockThreads / kWarp];
  const std::uint32_t lane = threadIdx.x % kWarp;
  const std::uint32_t warp = threadIdx.x / kWarp;
  BlockRank result{};
  result.warp = __ballot_sync(kAllLanes, flag ? 1 : 0);
  if (lane == 0) of_warp[warp] = static_cast<std::uint32_t>(__popc(result.warp));
  __syncthreads();
  for (std::uint32_t w = 0; w < blockDim.x / kWarp; ++w) {
    result.rank += w < warp ? of_warp[w] : 0;
    result.total += of_warp[w];
  }
  __syncthreads();  // before it is used again
  result.rank += static_cast<std::uint32_t>(__popc(result.warp & ((1u << lane) - 1)));
  return result;
}

}  // namespace sharpwave::device
