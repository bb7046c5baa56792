// When a report is sampled.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// Every `interval`-th step after `first_step`, up to and including `last_step`.
struct SampleTimes {
  std::uint64_t first_step = 0;
  std::uint64_t last_step = 0;
  std::uint64_t interval = 1;

  SHARPWAVE_HD constexpr bool includes(std::uint64_t step) const {
    return step > first_step && step <= last_step && (step - first_step) % interval == 0;
  }
  /// Samples at or before `step`.
  SHARPWAVE_HD constexpr std::uint64_t until(std::uint64_t step) const {
    const std::uint64_t end = step < last_step ? step : last_step;
    return end > first_step ? (end - first_step) / interval : 0;
  }
};

}  // namespace sharpwave
