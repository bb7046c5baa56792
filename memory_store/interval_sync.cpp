#include "memory_store/interval_sync.hpp"

#include <utility>

namespace sharpwave::memory {

IntervalSync::IntervalSync(Work work, std::chrono::milliseconds interval, std::uint64_t synced)
    : work_(std::move(work)), interval_(interval), synced_(synced) {
  if (interval_.count() > 0) thread_ = std::thread([this] { run(); });
}

IntervalSync::~IntervalSync() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  is_ending_changed_.notify_all();
  thread_.join();
  sync_what_is_new();
}

std::uint64_t IntervalSync::synced() const {
  const std::lock_guard lock(mutex_);
  return synced_;
}

void IntervalSync::sync_now() {
  sync_what_is_new();
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

void IntervalSync::run() {
  std::unique_lock lock(mutex_);
  while (!is_ending_changed_.wait_for(lock, interval_, [this] { return is_ending_; })) {
    lock.unlock();
    sync_what_is_new();
    lock.lock();
  }
}

void IntervalSync::sync_what_is_new() {
  const std::lock_guard one_at_a_time(syncing_);
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
  }
  const std::uint64_t written = work_.sequence();
  if (written == synced()) return;
  try {
    work_.sync(written);
    const std::lock_guard lock(mutex_);
    synced_ = written;
  } catch (const std::exception& error) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
    work_.failed(error.what());
  }
}

}  // namespace sharpwave::memory
