// What consolidation does to the numbers of an item. The loops around it are in take.hpp and phases.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "memory_store/consolidation_parameters.hpp"
#include "memory_store/item.hpp"

namespace sharpwave::memory {

/// κ and weights of edges move on this grid, so that three times .05 is .15 and a bound is met where a reader
/// of the parameters expects it.
inline constexpr double kGrid = 1e-6;

/// So that a change of a phase stays small.
inline constexpr std::uint64_t kMostTogether = 50;
inline constexpr std::uint64_t kMostReinjected = 1000;
inline constexpr std::uint64_t kMostMembers = 1000;

/// `value` raised by `by`, on the grid, at most 1.
[[nodiscard]] inline double raised(double value, double by) {
  constexpr double kPerUnit = 1 / kGrid;
  return std::min(1.0, std::round((value + by) * kPerUnit) / kPerUnit);
}

[[nodiscard]] inline bool is_gate_open(const Modulators& levels, const Modulators& floor) {
  return levels.dopamine >= floor.dopamine && levels.serotonin >= floor.serotonin &&
         levels.noradrenaline >= floor.noradrenaline && levels.acetylcholine >= floor.acetylcholine;
}

/// x / (x + half) for x above 0, and 0 below: half of the most at `half`.
[[nodiscard]] inline double saturating(double x, double half) {
  return x > 0 ? 1 / (1 + half / x) : 0;
}

/// The importance of an item of `importance` after a window.
/// @param surprise  1 - cosine to what was nearest; counts up to 1.
[[nodiscard]] inline double importance_after(double importance, double surprise, const Modulators& modulators,
                                             const WindowStatistics& statistics, const TakeParameters& p) {
  const double gain =
      p.surprise_gain * std::clamp(surprise, 0.0, 1.0) +
      p.dopamine_gain * saturating(modulators.dopamine - p.dopamine_neutral, p.dopamine_half) +
      p.change_gain * saturating(statistics.weight_change, p.change_half);
  return std::clamp(importance + (1 - importance) * gain, 0.0, 1.0);
}

/// Whether importance is halved at the end of `cycle`: after each `half_life` cycles without use.
[[nodiscard]] inline bool is_halved(std::uint64_t cycle, std::uint64_t last_used_cycle,
                                    std::uint64_t half_life) {
  return cycle > last_used_cycle && (cycle - last_used_cycle) % half_life == 0;
}

}  // namespace sharpwave::memory
