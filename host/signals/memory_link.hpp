// Between a run and who takes its signals: a bounded queue, and a thread that empties it, so that the
// simulation goes on meanwhile.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "host/network/memory_spec.hpp"
#include "host/signals/plugin.hpp"
#include "host/signals/signal.hpp"

namespace sharpwave {

/// Where the plugin fails, the next call here throws what it said.
class MemoryLink {
 public:
  struct Figures {
    std::uint64_t dropped = 0;  ///< `dropped_before` included
    std::uint32_t longest_queue = 0;
    double wait_s = 0;    ///< that put(), flush() and answer() waited
    double worker_s = 0;  ///< in the plugin's take()
  };

  /// @param taker           open.
  /// @param dropped_before  by the run until now.
  MemoryLink(std::unique_ptr<SignalTaker> taker, const MemorySpec& spec, std::uint64_t dropped_before);
  /// Signals that are still in the queue are lost: see flush().
  ~MemoryLink();
  MemoryLink(const MemoryLink&) = delete;
  MemoryLink& operator=(const MemoryLink&) = delete;

  /// Where the queue is full, waits, or drops the signal and counts it, as the spec says; the first that is
  /// dropped is warned of.
  void put(Signal signal);
  /// Returns when all that was put is with the plugin and on the disk.
  void flush();
  /// Of a coupled run: the answer to the oldest signal that none was asked for yet; waits for it.
  [[nodiscard]] Answer answer();
  /// Of a coupled run, after flush(). @param folder  must not exist.
  void snapshot(const std::filesystem::path& folder);

  [[nodiscard]] Figures figures();
  /// After flush(): the plugin's, a JSON object.
  [[nodiscard]] std::string status();

 private:
  void work();
  void throw_if_failed();
  template <class Ready>
  void wait_until(std::unique_lock<std::mutex>& lock, const Ready& is_ready);

  std::unique_ptr<SignalTaker> taker_;
  std::size_t capacity_;
  bool drops_;
  bool is_answered_;         ///< the run is coupled
  bool has_warned_ = false;  ///< that it drops
  std::mutex mutex_;
  std::condition_variable for_worker_;
  std::condition_variable for_caller_;
  std::deque<Signal> queue_;  ///< the one that the plugin is taking included, at the front
  bool is_over_ = false;
  std::deque<Answer> answers_;
  std::exception_ptr failure_;
  Figures figures_;
  std::thread worker_;  ///< after all that it uses
};

}  // namespace sharpwave
