// Times in ms on the grid of steps.
#pragma once

#include <cmath>
#include <cstdint>

namespace sharpwave {

/// Time at the end of step `step`. Where 1/dt is whole (0.1, 0.01, 0.125 ms) it is the double nearest to the
/// decimal number, so that 3 steps of 0.1 ms are 0.3 and not 0.30000000000000004.
[[nodiscard]] inline double time_of_step_ms(std::uint64_t step, double dt_ms) {
  const double steps_per_ms = std::round(1.0 / dt_ms);
  const auto steps = static_cast<double>(step);
  return std::abs(steps_per_ms * dt_ms - 1.0) < 1e-12 ? steps / steps_per_ms : steps * dt_ms;
}

/// The step whose end is nearest to `time_ms`; 0 before the first.
[[nodiscard]] inline std::uint64_t nearest_step(double time_ms, double dt_ms) {
  return time_ms > 0 ? static_cast<std::uint64_t>(std::nearbyint(time_ms / dt_ms)) : 0;
}

/// The step of a spike at `time_ms`: a time off the grid is rounded up to it, one within a millionth of a
/// step of a grid point is taken to be there. Step k ends at k * dt; a spike at or before 0 is in step 0,
/// which comes before the first and still reaches its targets after the delay.
[[nodiscard]] inline std::uint64_t spike_step(double time_ms, double dt_ms) {
  const double steps = time_ms / dt_ms;
  const double nearest = std::nearbyint(steps);
  const double step = std::abs(steps - nearest) < 1e-6 ? nearest : std::ceil(steps);
  return step > 0 ? static_cast<std::uint64_t>(step) : 0;
}

}  // namespace sharpwave
