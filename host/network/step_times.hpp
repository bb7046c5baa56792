// Times in ms on the grid of steps.
#pragma once

#include <cmath>
#include <cstdint>

namespace sharpwave {

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
