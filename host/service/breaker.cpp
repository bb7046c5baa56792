#include "host/service/breaker.hpp"

#include <algorithm>
#include <utility>

namespace sharpwave::service {

const char* name_of(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "";
}

CircuitBreaker::CircuitBreaker(Limits limits, std::function<Clock::time_point()> now)
    : limits_(limits), now_(std::move(now)) {}

std::chrono::duration<double> CircuitBreaker::left() const {
  const std::chrono::duration<double> left = limits_.open_for - (now_() - since_);
  return std::max(left, std::chrono::duration<double>(0));
}

// One that tries and never comes back would keep it half open: after as long again another one tries.
CircuitBreaker::Permission CircuitBreaker::ask() {
  const std::lock_guard lock(mutex_);
  if (state_ == BreakerState::closed) return Permission::granted;
  if (left().count() > 0) return Permission::refused;
  state_ = BreakerState::half_open;
  since_ = now_();
  return Permission::trial;
}

void CircuitBreaker::succeeded() {
  const std::lock_guard lock(mutex_);
  if (state_ == BreakerState::open) return;  // it began before that
  state_ = BreakerState::closed;
  in_a_row_ = 0;
}

void CircuitBreaker::failed() {
  const std::lock_guard lock(mutex_);
  ++failures_;
  ++in_a_row_;
  const bool opens =
      state_ == BreakerState::half_open || (state_ == BreakerState::closed && in_a_row_ >= limits_.failures);
  if (!opens) return;
  state_ = BreakerState::open;
  since_ = now_();
  ++opened_;
}

void CircuitBreaker::reset() {
  const std::lock_guard lock(mutex_);
  state_ = BreakerState::closed;
  in_a_row_ = 0;
}

CircuitBreaker::Status CircuitBreaker::status() const {
  const std::lock_guard lock(mutex_);
  return {.state = state_,
          .failures_in_a_row = in_a_row_,
          .failures = failures_,
          .opened = opened_,
          .retry_after_s = state_ == BreakerState::closed ? 0 : left().count()};
}

}  // namespace sharpwave::service
