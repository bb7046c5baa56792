#include "host/signals/memory_link.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"

namespace sharpwave {
namespace {

// To wake a thread takes the loop longer than to make a signal: the worker looks by itself, every so often.
constexpr std::chrono::milliseconds kNap{5};

}  // namespace

MemoryLink::MemoryLink(std::unique_ptr<SignalTaker> taker, const MemorySpec& spec,
                       std::uint64_t dropped_before)
    : taker_(std::move(taker)),
      capacity_(spec.queue_capacity),
      drops_(spec.drops_when_full),
      is_answered_(spec.coupling.has_value()) {
  SHARPWAVE_ASSERT(taker_ != nullptr && capacity_ > 0);
  figures_.dropped = dropped_before;
  worker_ = std::thread([this] { work(); });
}

MemoryLink::~MemoryLink() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  for_worker_.notify_one();
  worker_.join();
}

void MemoryLink::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_worker_.wait_for(lock, kNap, [&] { return is_over_ || !queue_.empty(); });
    if (is_over_) return;
    if (queue_.empty()) continue;
    const Signal signal = std::move(queue_.front());
    lock.unlock();
    const Stopwatch watch;
    std::optional<Answer> answer;
    std::exception_ptr failure;
    try {
      const ProfileRange range("memory");
      answer = taker_->take(signal);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    figures_.worker_s += watch.seconds();
    queue_.pop_front();
    try {
      if (answer) answers_.push_back(std::move(*answer));
    } catch (...) {
      failure = std::current_exception();
    }
    failure_ = failure;
    for_caller_.notify_one();
    if (failure_) return;
  }
}

void MemoryLink::throw_if_failed() {
  if (failure_) std::rethrow_exception(failure_);
}

template <class Ready>
void MemoryLink::wait_until(std::unique_lock<std::mutex>& lock, const Ready& is_ready) {
  if (!failure_ && !is_ready()) {
    const Stopwatch watch;
    for_worker_.notify_one();
    for_caller_.wait(lock, [&] { return failure_ || is_ready(); });
    figures_.wait_s += watch.seconds();
  }
  throw_if_failed();
}

void MemoryLink::put(Signal signal) {
  std::unique_lock lock(mutex_);
  throw_if_failed();
  if (queue_.size() >= capacity_) {
    if (drops_) {
      ++figures_.dropped;
      if (!std::exchange(has_warned_, true))
        logger_named("run")->warn(
            "memory: the queue of {} signals is full, and signals are dropped: the plugin is slower than the "
            "simulation. run.json says how many",
            capacity_);
      return;
    }
    wait_until(lock, [&] { return queue_.size() < capacity_; });
  }
  queue_.push_back(std::move(signal));
  figures_.longest_queue = std::max(figures_.longest_queue, static_cast<std::uint32_t>(queue_.size()));
  const bool is_urgent = is_answered_ || 2 * queue_.size() > capacity_;
  lock.unlock();
  if (is_urgent) for_worker_.notify_one();
}

void MemoryLink::flush() {
  std::unique_lock lock(mutex_);
  wait_until(lock, [&] { return queue_.empty(); });
  const Stopwatch watch;
  taker_->flush();
  figures_.wait_s += watch.seconds();
}

Answer MemoryLink::answer() {
  std::unique_lock lock(mutex_);
  wait_until(lock, [&] { return !answers_.empty(); });
  Answer answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

void MemoryLink::snapshot(const std::filesystem::path& folder) {
  std::unique_lock lock(mutex_);
  wait_until(lock, [&] { return queue_.empty(); });
  const Stopwatch watch;
  taker_->snapshot(folder);
  figures_.wait_s += watch.seconds();
}

MemoryLink::Figures MemoryLink::figures() {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::string MemoryLink::status() {
  std::unique_lock lock(mutex_);
  wait_until(lock, [&] { return queue_.empty(); });
  return taker_->status();
}

}  // namespace sharpwave
