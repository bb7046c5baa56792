// Stands for CUDA's language, so that g++ compiles the kernels' source and the host runs it: every thread of
// a block is a context of its own, and at barriers they take turns, in an order that is drawn anew
// each time. Included before a kernel.
//
// Blocks of a launch run one after the other, also in drawn order, so what two blocks do to each other at the
// same time is not seen, not even by ThreadSanitizer; within a block that, which takes contexts for threads,
// sees a missing barrier, and AddressSanitizer an index out of bounds of a buffer, at the line. Blocks of a
// cooperative launch take turns like threads do, and what they do to each other is seen as well. They share
// nothing static: their shared memory is the dynamic one. Of a block either all threads meet at a barrier or
// none does; where some wait for others in vain, the launch throws.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#define SHARPWAVE_SIMT
#define __global__
#define __device__
#define __host__
#define __shared__ static  // one block at a time: its threads share what is static
#define __launch_bounds__(...)
#define __grid_constant__

// Orders and scopes of the compiler's own atomic operations; here every scope is the whole process.
#define __NV_ATOMIC_ACQUIRE std::memory_order_acquire
#define __NV_ATOMIC_RELEASE std::memory_order_release
#define __NV_THREAD_SCOPE_DEVICE 0

namespace sharpwave::simt {

inline constexpr std::uint32_t kWarpSize = 32;

struct Dim3 {
  std::uint32_t x = 1, y = 1, z = 1;
};

/// Gives the turn to another thread of the block.
void yield();

/// Threads that have ended are not waited for.
class Barrier {
 public:
  void begin(std::uint32_t n_threads) {
    n_threads_.store(n_threads, std::memory_order_relaxed);
    n_arrived_.store(0, std::memory_order_relaxed);
  }
  void wait() {
    const std::uint32_t round = round_.load(std::memory_order_relaxed);
    n_arrived_.fetch_add(1, std::memory_order_acq_rel);
    open_if_all_are_here();
    while (round_.load(std::memory_order_acquire) == round) yield();
  }
  void leave() {
    n_threads_.fetch_sub(1, std::memory_order_acq_rel);
    open_if_all_are_here();
  }
  [[nodiscard]] std::uint32_t round() const { return round_.load(std::memory_order_relaxed); }

 private:
  void open_if_all_are_here() {
    if (n_arrived_.load(std::memory_order_acquire) != n_threads_.load(std::memory_order_relaxed)) return;
    n_arrived_.store(0, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_acq_rel);
  }

  std::atomic<std::uint32_t> n_threads_, n_arrived_, round_ = 0;
};

/// What the threads of a block share besides their memory.
class BlockState {
 public:
  explicit BlockState(std::uint32_t n_threads) : warps_((n_threads + kWarpSize - 1) / kWarpSize) {
    begin(n_threads);
  }
  void begin(std::uint32_t n_threads) {
    all_.begin(n_threads);
    for (Warp& warp : warps_) {
      warp.barrier.begin(std::min(kWarpSize, n_threads));
      for (std::atomic<unsigned>& votes : warp.votes) votes.store(0, std::memory_order_relaxed);
    }
  }
  void wait() { all_.wait(); }
  /// The votes of the thread's warp; `round` counts its votes so far.
  unsigned vote(std::uint32_t thread, std::uint32_t round, bool predicate) {
    Warp& warp = warps_[thread / kWarpSize];
    const std::uint32_t lane = thread % kWarpSize;
    // Of three words one is read, one collects, and nobody looks at the third, which is made ready.
    if (lane == 0) warp.votes[(round + 1) % 3] = 0;
    if (predicate) warp.votes[round % 3].fetch_or(1u << lane);
    warp.barrier.wait();
    return warp.votes[round % 3];
  }
  /// What the lane `from` of the thread's warp has given; `round` counts its exchanges so far.
  std::uint64_t exchange(std::uint32_t thread, std::uint32_t round, std::uint64_t given, std::uint32_t from) {
    Warp& warp = warps_[thread / kWarpSize];
    warp.given[round % 2][thread % kWarpSize].store(given, std::memory_order_relaxed);
    warp.barrier.wait();
    return warp.given[round % 2][from].load(std::memory_order_relaxed);
  }
  /// Dynamic shared memory, of exactly that size, filled with what nobody has written.
  void make_shared_memory(std::size_t n_bytes) {
    shared_ = std::make_unique<std::byte[]>(n_bytes);
    std::fill_n(shared_.get(), n_bytes, std::byte{0xa5});
  }
  [[nodiscard]] std::byte* shared_memory() const { return shared_.get(); }
  void leave(std::uint32_t thread) {
    warps_[thread / kWarpSize].barrier.leave();
    all_.leave();
  }
  /// Grows when threads have met.
  [[nodiscard]] std::uint64_t n_meetings() const {
    std::uint64_t n = all_.round();
    for (const Warp& warp : warps_) n += warp.barrier.round();
    return n;
  }

 private:
  struct Warp {
    Barrier barrier;
    std::atomic<unsigned> votes[3] = {};
    std::atomic<std::uint64_t> given[2][kWarpSize] = {};
  };
  Barrier all_;
  std::vector<Warp> warps_;
  std::unique_ptr<std::byte[]> shared_;
};

/// Where a thread stands; set by the team.
struct ThreadPlace {
  Dim3 thread, block, block_size, grid;
  BlockState* state = nullptr;
  std::uint32_t votes = 0;      ///< that it has taken part in, in this block
  std::uint32_t exchanges = 0;  ///< likewise
};
inline thread_local std::atomic<ThreadPlace*> running = nullptr;
inline ThreadPlace& here() {
  return *running.load(std::memory_order_relaxed);
}

class Context;
class Fiber;

/// Threads for one size of a block, made once, of as many blocks as run at once.
class Team {
 public:
  explicit Team(std::uint32_t n_threads, std::uint32_t n_blocks = 1);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Runs `kernel` once per thread of every block of the grid. Rethrows what a thread has thrown.
  /// @throws std::logic_error where threads wait for some that do not come; the team can do no more then.
  void launch(Dim3 grid, const std::function<void()>& kernel);
  /// Likewise of `n_blocks` (at most the team's) that run at once.
  /// @param shared_bytes  of the dynamic shared memory of each.
  void launch_together(std::uint32_t n_blocks, std::size_t shared_bytes, const std::function<void()>& kernel);

 private:
  struct Block {
    std::unique_ptr<BlockState> state;
    std::vector<std::unique_ptr<Fiber>> fibers;
  };
  void begin(Block& block, Dim3 place, Dim3 grid, const std::function<void()>& kernel);
  void run(std::uint32_t n_blocks);
  void rethrow_failure();

  std::uint32_t n_threads_;
  std::uint64_t drawn_ = 1;
  bool is_stuck_ = false;
  std::unique_ptr<Context> host_;  ///< who launches
  std::vector<Block> blocks_;
};

}  // namespace sharpwave::simt

#define threadIdx (::sharpwave::simt::here().thread)
#define blockIdx (::sharpwave::simt::here().block)
#define blockDim (::sharpwave::simt::here().block_size)
#define gridDim (::sharpwave::simt::here().grid)

inline void __syncthreads() {
  sharpwave::simt::here().state->wait();
}

/// All lanes of the warp vote; `mask` must be full.
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  if (mask != 0xffffffffu) throw std::logic_error("simt: __ballot_sync with part of a warp");
  auto& here = sharpwave::simt::here();
  return here.state->vote(here.thread.x, here.votes++, predicate != 0);
}

/// What lane `from` gives; `mask` must be full.
template <class T>
T __shfl_sync(unsigned mask, T given, int from) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  if (mask != 0xffffffffu) throw std::logic_error("simt: __shfl_sync with part of a warp");
  auto& here = sharpwave::simt::here();
  return static_cast<T>(here.state->exchange(
      here.thread.x, here.exchanges++, static_cast<std::uint64_t>(given), static_cast<std::uint32_t>(from)));
}

/// A thread that looks again and again lets the others do what it looks for.
inline void __nanosleep(unsigned) {
  sharpwave::simt::yield();
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
template <class T>
T atomicOr(T* bits, T more) {
  return std::atomic_ref<T>(*bits).fetch_or(more, std::memory_order_relaxed);
}
template <class T>
T __nv_atomic_fetch_add(T* sum, T term, std::memory_order order, int) {
  return std::atomic_ref<T>(*sum).fetch_add(term, order);
}
template <class T>
T __nv_atomic_load_n(T* value, std::memory_order order, int) {
  return std::atomic_ref<T>(*value).load(order);
}
