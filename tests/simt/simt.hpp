// Stands for CUDA's language, so that g++ compiles the kernels' source and threads run it: a thread of the
// operating system for every thread of a block, and barriers for its barriers. Included before a kernel.
//
// Blocks run one after the other, so what two blocks do to each other is not seen; within a block
// ThreadSanitizer sees a missing barrier, and AddressSanitizer an index out of bounds, at the line.
#pragma once

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#define SHARPWAVE_SIMT
#define __global__
#define __device__
#define __host__
#define __shared__ static  // one block at a time: its threads share what is static

namespace sharpwave::simt {

inline constexpr std::uint32_t kWarpSize = 32;

struct Dim3 {
  std::uint32_t x = 1, y = 1, z = 1;
};

/// What the threads of a block share besides their memory.
struct BlockState {
  explicit BlockState(std::uint32_t n_threads) : all(n_threads), predicates(n_threads) {
    for (std::uint32_t first = 0; first < n_threads; first += kWarpSize)
      warps.push_back(std::make_unique<std::barrier<>>(std::min(kWarpSize, n_threads - first)));
  }
  std::barrier<> all;
  std::vector<std::unique_ptr<std::barrier<>>> warps;
  std::vector<std::uint8_t> predicates;  ///< [thread] what it votes
};

/// Threads that run block after block; a team is made once, for one size of block.
class Team {
 public:
  explicit Team(std::uint32_t n_threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Runs `kernel` once per thread of every block of the grid. Rethrows what a thread has thrown.
  void launch(Dim3 grid, const std::function<void()>& kernel);

 private:
  void work(std::uint32_t thread);
  void run_block(std::uint32_t thread);

  std::uint32_t n_threads_;
  std::barrier<> begin_, end_;
  bool ending_ = false;
  Dim3 grid_;
  const std::function<void()>* kernel_ = nullptr;
  std::unique_ptr<BlockState> block_;
  Dim3 block_index_;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

/// Where a thread stands; set by the team.
struct ThreadPlace {
  Dim3 thread, block, block_size, grid;
  BlockState* state = nullptr;
};
inline thread_local ThreadPlace here;

}  // namespace sharpwave::simt

#define threadIdx (::sharpwave::simt::here.thread)
#define blockIdx (::sharpwave::simt::here.block)
#define blockDim (::sharpwave::simt::here.block_size)
#define gridDim (::sharpwave::simt::here.grid)

inline void __syncthreads() {
  sharpwave::simt::here.state->all.arrive_and_wait();
}

/// All lanes of the warp vote; `mask` must be full.
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  auto& state = *sharpwave::simt::here.state;
  const std::uint32_t thread = threadIdx.x;
  const std::uint32_t warp = thread / sharpwave::simt::kWarpSize;
  if (mask != 0xffffffffu) throw std::logic_error("simt: __ballot_sync with part of a warp");
  state.predicates[thread] = predicate != 0 ? 1 : 0;
  state.warps[warp]->arrive_and_wait();
  unsigned votes = 0;
  for (std::uint32_t lane = 0; lane < sharpwave::simt::kWarpSize; ++lane) {
    const std::uint32_t other = warp * sharpwave::simt::kWarpSize + lane;
    if (other < blockDim.x && state.predicates[other] != 0) votes |= 1u << lane;
  }
  state.warps[warp]->arrive_and_wait();
  return votes;
}

inline int __popc(unsigned x) {
  return __builtin_popcount(x);
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline int __ffsll(long long x) {
  return __builtin_ffsll(x);
}

template <class T>
T atomicAdd(T* sum, T term) {
  return std::atomic_ref<T>(*sum).fetch_add(term, std::memory_order_relaxed);
}
