#include "host/base/thread_pool.hpp"

#include <algorithm>
#include <exception>
#include <string>

#include "host/base/error.hpp"

namespace sharpwave {

ThreadPool::ThreadPool(int n_threads) : n_threads_(n_threads), done_(static_cast<std::size_t>(n_threads)) {
  SHARPWAVE_ASSERT(n_threads > 0);
  try {
    for (int i = 1; i < n_threads; ++i) threads_.emplace_back([this, i] { work(i); });
  } catch (const std::exception& error) {
    const std::size_t started = threads_.size() + 1;
    stop();
    throw Error(ExitCode::no_room, "cannot start " + std::to_string(n_threads) + " threads, only " +
                                       std::to_string(started) + ": " + error.what());
  }
}

ThreadPool::~ThreadPool() {
  stop();
}

void ThreadPool::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  epoch_.publish(epoch_value_ + 1);
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::work(int thread) {
  for (std::uint32_t epoch = 1;; ++epoch) {
    epoch_.wait_for(epoch);
    if (stopping_.load(std::memory_order_relaxed)) return;
    call(thread);
    done_[static_cast<std::size_t>(thread)].publish(epoch);
  }
}

void ThreadPool::call(int thread) noexcept {
  try {
    (*job_)(thread);
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

void ThreadPool::run(const std::function<void(int)>& job) {
  job_ = &job;
  epoch_.publish(++epoch_value_);
  call(0);
  for (int i = 1; i < n_threads_; ++i) done_[static_cast<std::size_t>(i)].wait_for(epoch_value_);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::parallel_for(std::uint64_t n, std::uint64_t chunk,
                              const std::function<void(int, std::uint64_t, std::uint64_t)>& body) {
  std::atomic<std::uint64_t> next{0};
  run([&](int thread) {
    for (;;) {
      const std::uint64_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= n) return;
      body(thread, begin, std::min(n, begin + chunk));
    }
  });
}

}  // namespace sharpwave
