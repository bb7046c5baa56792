// Poisson counts by inversion of a cumulative table of 32-bit thresholds: the same count everywhere from the
// same random word, and a largest count that is known before the run (the overflow proof of the accumulators
// needs it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/bisection.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

/// Largest mean per step that a table is made for; the caller refuses more.
inline constexpr double kPoissonMaxMean = 512.0;
/// Room for the table of the largest mean (its length is 659).
inline constexpr int kPoissonTableCapacity = 672;

/// Fills `thresholds` for counts of the given mean (0 to kPoissonMaxMean; the caller has checked it) and
/// returns the table's length, which is also the largest count that is ever drawn.
///
/// Threshold k is P(count <= k) in units of 2^-32, rounded. The table ends where the probability beyond is
/// below 2^-32; a mean below 2^-32 therefore never fires. No probability is off by more than 2^-32.
inline int poisson_table(double mean, std::span<std::uint32_t, kPoissonTableCapacity> thresholds) {
  if (!(mean > 0)) return 0;
  // Probabilities relative to the mode's, by recursion (no logarithm, no factorial, no underflow), from the
  // first one that matters. 2^-80: their sum is then complete to far below the resolution of the table.
  constexpr double kNegligible = 0x1p-80;
  const int mode = static_cast<int>(mean);
  int first = mode;
  double first_weight = 1.0;
  while (first > 0 && first_weight > kNegligible) {
    first_weight *= first / mean;
    --first;
  }
  double total = 0;
  double weight = first_weight;
  for (int k = first; k <= mode || weight > kNegligible; ++k) {
    total += weight;
    weight *= mean / (k + 1);
  }
  int length = 0;
  for (; length < first; ++length) thresholds[static_cast<std::size_t>(length)] = 0;
  double cumulative = first_weight;
  weight = first_weight;
  while (total - cumulative >= total * 0x1p-32 && length < kPoissonTableCapacity) {
    thresholds[static_cast<std::size_t>(length)] =
        static_cast<std::uint32_t>(cumulative / total * 0x1p32 + 0.5);
    ++length;
    weight *= mean / length;
    cumulative += weight;
  }
  return length;
}

/// The count that belongs to the uniform word `u`: the number of thresholds <= u.
SHARPWAVE_HD std::int32_t poisson_count(std::uint32_t u, const std::uint32_t* thresholds,
                                        std::int32_t length) {
  return count_up_to(thresholds, length, u);
}

}  // namespace sharpwave
