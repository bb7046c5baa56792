#include "host/base/growing_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave {

void GrowingHistogram::join_neighbours() {
  ++shift_;
  std::array<std::uint64_t, kBins> joined{};
  const std::int64_t first = first_ >> 1;
  std::int64_t last = first;
  for (std::int64_t k = 0; k < n_bins_; ++k) {
    last = (first_ + k) >> 1;
    joined[static_cast<std::size_t>(last - first)] += counts_[static_cast<std::size_t>(k)];
  }
  first_ = first;
  if (n_bins_ > 0) n_bins_ = last - first + 1;
  counts_ = joined;
}

void GrowingHistogram::count(int exponent, std::int64_t bin, std::uint64_t n) {
  while (exponent_ + shift_ < exponent) join_neighbours();
  bin >>= std::min(63, exponent_ + shift_ - exponent);
  if (n_bins_ == 0) {
    first_ = bin;
    n_bins_ = 1;
  }
  while (std::max(first_ + n_bins_ - 1, bin) - std::min(first_, bin) >= kBins) {
    join_neighbours();
    bin >>= 1;
  }
  if (bin < first_) {
    const auto distance = static_cast<std::size_t>(first_ - bin);
    std::shift_right(counts_.begin(), counts_.end(), static_cast<std::ptrdiff_t>(distance));
    std::fill_n(counts_.begin(), distance, 0);
    n_bins_ += first_ - bin;
    first_ = bin;
  }
  n_bins_ = std::max(n_bins_, bin - first_ + 1);
  counts_[static_cast<std::size_t>(bin - first_)] += n;
}

void GrowingHistogram::add(const GrowingHistogram& other) {
  if (is_empty()) {
    *this = other;
    return;
  }
  for (std::int64_t k = 0; k < other.n_bins_; ++k)
    if (const std::uint64_t n = other.counts_[static_cast<std::size_t>(k)]; n > 0)
      count(other.exponent_ + other.shift_, other.first_ + k, n);
}

Histogram GrowingHistogram::finished() const {
  const double width = std::ldexp(1.0, exponent_ + shift_);
  return {.start = static_cast<double>(first_) * width,
          .width = width,
          .counts = {counts_.begin(), counts_.begin() + n_bins_}};
}

}  // namespace sharpwave
