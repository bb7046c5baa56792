// Mean and standard deviation of numbers that come one by one, and what a number is in their terms: the same
// bits wherever it is computed, as each operation is one of IEEE 754, in this order.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// Welford 1962, doi:10.1080/00401706.1962.10490022: no difference of large sums.
struct Moments {
  double mean = 0;
  double squares = 0;  ///< sum of the squared distances from the mean

  /// @param n  numbers with this one, > 0.
  SHARPWAVE_HD void add(double x, std::uint64_t n) {
    const double before = x - mean;
    mean += before / static_cast<double>(n);
    squares += before * (x - mean);
  }
  /// Distance from the mean in standard deviations (of a sample of `n`); 0 where all numbers were equal, as
  /// one alone is.
  SHARPWAVE_HD double score(double x, std::uint64_t n) const {
    const double deviation = std::sqrt(squares / static_cast<double>(n - 1));
    return squares > 0 ? (x - mean) / deviation : 0;
  }
};

}  // namespace sharpwave
