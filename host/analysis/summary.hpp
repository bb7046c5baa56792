// Mean, spread and histogram of a set of numbers, as docs/formats/statistics.md defines them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "host/base/histogram.hpp"

namespace sharpwave::analysis {

/// There are as many bins as the square root of the number of values, rounded up, but not more than these.
inline constexpr std::uint64_t kMostBins = 200;

struct Summary {
  std::uint64_t n = 0;
  std::optional<double> mean;          ///< of at least one value
  std::optional<double> sd;            ///< over n - 1; of at least two
  std::optional<Histogram> histogram;  ///< of at least one
};

/// @param values  [n] finite, in any order, of which the sums' last bits depend.
[[nodiscard]] Summary summarize(std::span<const double> values);

/// The same of whole numbers times `unit`, without rounding before the last operation. The histogram's bins
/// are a whole number of units wide: else some would hold more of the whole numbers than others.
/// @param counts   in any order; their sum below 2^40.
/// @param n_zeros  so many further values are 0; with them, fewer than 2^40.
[[nodiscard]] Summary summarize_counts(std::span<const std::uint64_t> counts, std::uint64_t n_zeros,
                                       double unit);

}  // namespace sharpwave::analysis
