// Stands for CUDA's language, so that g++ compiles the kernels' source and threads run it: a thread of the
// operating system for every thread of a block, and barriers for its barriers. Included before a kernel.
//
// A thread runs its part of block after block, so what two blocks do to each other is not seen; within a
// block ThreadSanitizer sees a missing barrier, and AddressSanitizer an index out of bounds, at the line.
// Of a block either all threads meet at a barrier or none does.
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

/// What the threads of a block share besides their memory. Threads that have ended are not waited for.
class BlockState {
 public:
  explicit BlockState(std::uint32_t n_threads)
      : all_(n_threads), warps_((n_threads + kWarpSize - 1) / kWarpSize) {
    for (Warp& warp : warps_) warp.barrier = std::make_unique<std::barrier<>>(std::min(kWarpSize, n_threads));
  }
  void wait() { all_.arrive_and_wait(); }
  /// The votes of the thread's warp; `round` counts its votes so far.
  unsigned vote(std::uint32_t thread, std::uint32_t round, bool predicate) {
    Warp& warp = warps_[thread / kWarpSize];
    const std::uint32_t lane = thread % kWarpSize;
    // Of three words one is read, one collects, and nobody looks at the third, which is made ready.
    if (lane == 0) warp.votes[(round + 1) % 3] = 0;
    if (predicate) warp.votes[round % 3].fetch_or(1u << lane);
    warp.barrier->arrive_and_wait();
    return warp.votes[round % 3];
  }
  void leave(std::uint32_t thread) {
    warps_[thread / kWarpSize].barrier->arrive_and_drop();
    all_.arrive_and_drop();
  }

 private:
  struct Warp {
    std::unique_ptr<std::barrier<>> barrier;
    std::atomic<unsigned> votes[3] = {};
  };
  std::barrier<> all_;
  std::vector<Warp> warps_;
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
  void run_blocks(std::uint32_t thread);

  std::uint32_t n_threads_;
  std::barrier<> begin_, end_, between_;
  bool ending_ = false;
  Dim3 grid_;
  const std::function<void()>* kernel_ = nullptr;
  std::vector<std::unique_ptr<BlockState>> blocks_;  ///< of this launch
  std::mutex failure_mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

/// Where a thread stands; set by the team.
struct ThreadPlace {
  Dim3 thread, block, block_size, grid;
  BlockState* state = nullptr;
  std::uint32_t votes = 0;    ///< that it has taken part in, in this block
  bool synchronised = false;  ///< has met the others of its block
};
inline thread_local ThreadPlace here;

}  // namespace sharpwave::simt

#define threadIdx (::sharpwave::simt::here.thread)
#define blockIdx (::sharpwave::simt::here.block)
#define blockDim (::sharpwave::simt::here.block_size)
#define gridDim (::sharpwave::simt::here.grid)

inline void __syncthreads() {
  sharpwave::simt::here.synchronised = true;
  sharpwave::simt::here.state->wait();
}

/// All lanes of the warp vote; `mask` must be full.
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  if (mask != 0xffffffffu) throw std::logic_error("simt: __ballot_sync with part of a warp");
  auto& here = sharpwave::simt::here;
  here.synchronised = true;
  return here.state->vote(here.thread.x, here.votes++, predicate != 0);
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
template <class T>
T atomicMax(T* value, T at_least) {
  const std::atomic_ref<T> shared(*value);
  T before = shared.load(std::memory_order_relaxed);
  while (before < at_least && !shared.compare_exchange_weak(before, at_least, std::memory_order_relaxed)) {
  }
  return before;
}
