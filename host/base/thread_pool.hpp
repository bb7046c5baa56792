// A persistent pool of threads that spin for a while and then park, so that a core which another process
// needs is not held for ever.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sharpwave {

/// A counter that one thread raises and others wait for. It should have a cache line to itself, or share one
/// with what is read together with it.
class ProgressCounter {
 public:
  void publish(std::uint32_t value) {
    processor_.store(sched_getcpu(), std::memory_order_relaxed);
    value_.store(value, std::memory_order_release);
    value_.notify_all();
  }
  /// Returns when the counter has reached `value` (modulo 2^32, so counters may wrap around).
  void wait_for(std::uint32_t value) const {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (reached(value_.load(std::memory_order_acquire), value)) return;
      // Who is waited for may need this very processor.
      if (spin % kSpinsAtOnce == kSpinsAtOnce - 1 &&
          processor_.load(std::memory_order_relaxed) == sched_getcpu())
        sched_yield();
      else
        __builtin_ia32_pause();
    }
    for (;;) {
      const std::uint32_t seen = value_.load(std::memory_order_acquire);
      if (reached(seen, value)) return;
      value_.wait(seen, std::memory_order_acquire);
    }
  }

 private:
  static bool reached(std::uint32_t seen, std::uint32_t value) {
    return static_cast<std::int32_t>(seen - value) >= 0;
  }
  // 30-140 us of pauses, by processor; a step takes 2-100 us. Much less is worse where other processes share
  // the cores: who parks then waits for a whole slice.
  static constexpr int kSpins = 2000;
  static constexpr int kSpinsAtOnce = 32;
  std::atomic<std::uint32_t> value_{0};
  std::atomic<int> processor_{-1};  ///< of the one who published last
};

class ThreadPool {
 public:
  /// @param n_threads  > 0; the calling thread of run() is one of them.
  /// @throws Error(no_room) where the system does not start that many.
  explicit ThreadPool(int n_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int size() const { return n_threads_; }

  /// Calls job(thread) on every thread, 0 on the caller, and returns when all have finished.
  /// An exception of any thread is rethrown here (the first one wins). The jobs may wait for each other.
  void run(const std::function<void(int)>& job);

  /// Calls body(begin, end) over [0, n) in chunks that threads take as they become free.
  /// Use only where the result does not depend on who takes which chunk.
  void parallel_for(std::uint64_t n, std::uint64_t chunk,
                    const std::function<void(int thread, std::uint64_t begin, std::uint64_t end)>& body);

 private:
  void work(int thread);
  void stop();
  void call(int thread) noexcept;

  /// Lines of their own; neighbouring ones are fetched in pairs.
  struct alignas(128) Lone : ProgressCounter {};

  int n_threads_;
  const std::function<void(int)>* job_ = nullptr;
  Lone epoch_;
  std::uint32_t epoch_value_ = 0;
  std::vector<Lone> done_;
  std::atomic<bool> stopping_{false};
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace sharpwave
