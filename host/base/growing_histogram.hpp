// A histogram of numbers whose range is not known beforehand.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "host/base/histogram.hpp"

namespace sharpwave {

/// Counts integers in units of a power of two. Bins are a power of two of units wide and begin at multiples
/// of their width; where a number does not fit, neighbours become one. So numbers are read once, and the
/// result depends neither on their order nor on how they were split among several histograms: it has the
/// finest bins, of the largest unit at least, of which kBins hold all numbers.
class GrowingHistogram {
 public:
  static constexpr std::int64_t kBins = 64;

  /// @param exponent  of the unit, 2^exponent.
  explicit GrowingHistogram(int exponent = 0) : exponent_(exponent) {}

  /// Cheap where the bins reach that far.
  void add(std::int64_t units) {
    const std::int64_t bin = (units >> shift_) - first_;
    if (bin >= 0 && bin < n_bins_)
      ++counts_[static_cast<std::size_t>(bin)];
    else
      count(exponent_, units, 1);
  }

  /// Adds what another one has counted, in whatever unit; an empty one becomes the other. Only add() of other
  /// histograms may follow.
  void add(const GrowingHistogram& other);

  [[nodiscard]] bool is_empty() const { return n_bins_ == 0; }
  [[nodiscard]] std::uint64_t n() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }
  /// From the first bin that holds something to the last one.
  [[nodiscard]] Histogram finished() const;

 private:
  /// n numbers of the bin that is 2^exponent wide and begins at `bin` times that.
  void count(int exponent, std::int64_t bin, std::uint64_t n);
  void join_neighbours();

  int exponent_;
  int shift_ = 0;            ///< a bin is 2^shift_ units wide
  std::int64_t first_ = 0;   ///< the first bin begins at first_ times its width
  std::int64_t n_bins_ = 0;  ///< from the first to the last that holds something
  std::array<std::uint64_t, kBins> counts_{};
};

}  // namespace sharpwave
