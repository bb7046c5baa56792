// Histograms with bins of equal width.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sharpwave {

/// Bin k counts what lies in [start + k * width, start + (k + 1) * width), the last one also its upper end.
/// One bin of width 0 holds equal values; no bin, no value.
struct Histogram {
  double start = 0;
  double width = 0;
  std::vector<std::uint64_t> counts;

  /// @param value  within the bins, but for rounding.
  void add(double value, std::uint64_t n = 1) {
    const double place = width > 0 ? (value - start) / width : 0;
    const auto last = static_cast<double>(counts.size() - 1);
    counts[static_cast<std::size_t>(std::clamp(place, 0.0, last))] += n;
  }
};

inline constexpr std::size_t kMostBins = 64;

[[nodiscard]] inline Histogram equal_values(double value, std::uint64_t n) {
  return {.start = value, .width = 0, .counts = {n}};
}

/// Without counts yet, for multiples of `step` from low to high: bins are whole numbers of steps wide, around
/// the values that they count.
[[nodiscard]] inline Histogram empty_histogram_of_steps(std::uint64_t low, std::uint64_t high, double step) {
  if (low == high) return equal_values(static_cast<double>(low) * step, 0);
  const std::uint64_t wide = (high - low) / kMostBins + 1;
  return {.start = (static_cast<double>(low) - 0.5) * step,
          .width = static_cast<double>(wide) * step,
          .counts = std::vector<std::uint64_t>((high - low) / wide + 1)};
}

}  // namespace sharpwave
