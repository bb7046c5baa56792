// Brings to the disk what was written, every so often, on a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace sharpwave::memory {

class IntervalSync {
 public:
  struct Work {
    std::function<std::uint64_t()> sequence;           ///< of the last change that was written
    std::function<void(std::uint64_t sequence)> sync;  ///< all up to that one is on the disk when it returns
    std::function<void(const std::string& what)> failed;
  };
  /// Looks every `interval` whether something was written since the last time. Where a sync throws,
  /// `failed` is called, and nothing is tried again: after a sync that failed the system may have dropped
  /// what it could not write, and the next one says nothing about it.
  /// @param interval  0: only sync_now() brings anything to the disk.
  /// @param synced  up to which all is on the disk already.
  IntervalSync(Work work, std::chrono::milliseconds interval, std::uint64_t synced);
  /// Brings to the disk what is not there yet, unless the interval is 0.
  ~IntervalSync();
  IntervalSync(const IntervalSync&) = delete;
  IntervalSync& operator=(const IntervalSync&) = delete;

  /// Up to which change all is on the disk. Safe from several threads.
  [[nodiscard]] std::uint64_t synced() const;
  /// Returns when all that was written is on the disk. @throws what a sync has thrown, now or before.
  void sync_now();

 private:
  void run();
  void sync_what_is_new();

  Work work_;
  std::chrono::milliseconds interval_;
  std::mutex syncing_;        ///< one sync at a time
  mutable std::mutex mutex_;  ///< of all below
  std::condition_variable is_ending_changed_;
  bool is_ending_ = false;
  std::exception_ptr failure_;
  std::uint64_t synced_;
  std::thread thread_;
};

}  // namespace sharpwave::memory
