// A circuit breaker: what fails again and again is left alone for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

namespace sharpwave::service {

enum class BreakerState : std::uint8_t {
  closed,    ///< everything goes through
  open,      ///< nothing does
  half_open  ///< one tries; what becomes of it decides
};
[[nodiscard]] const char* name_of(BreakerState state);

/// Opens after so many failures in a row, and lets one try when it has been open for a while. Safe from
/// several threads.
class CircuitBreaker {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::uint32_t failures = 5;
    std::chrono::milliseconds open_for{60'000};
  };
  explicit CircuitBreaker(Limits limits, std::function<Clock::time_point()> now = Clock::now);

  enum class Permission : std::uint8_t {
    granted,
    trial,  ///< granted to this one alone, which has to come back with succeeded() or failed()
    refused
  };
  [[nodiscard]] Permission ask();
  void succeeded();
  void failed();
  /// Closes it, as an operator does who has mended what was broken.
  void reset();

  struct Status {
    BreakerState state = BreakerState::closed;
    std::uint32_t failures_in_a_row = 0;
    std::uint64_t failures = 0;  ///< since the beginning
    std::uint64_t opened = 0;    ///< times
    double retry_after_s = 0;    ///< until it lets one try
  };
  [[nodiscard]] Status status() const;

 private:
  [[nodiscard]] std::chrono::duration<double> left() const;

  const Limits limits_;
  const std::function<Clock::time_point()> now_;
  mutable std::mutex mutex_;
  BreakerState state_ = BreakerState::closed;
  std::uint32_t in_a_row_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t opened_ = 0;
  Clock::time_point since_{};  ///< open, or half open
};

}  // namespace sharpwave::service
