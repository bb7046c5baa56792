#include <algorithm>
#include <cmath>

#include "host/trace/show.hpp"

namespace sharpwave::trace {

void Extremes::add(double value) {
  if (!std::isfinite(value)) return;
  low = any ? std::min(low, value) : value;
  high = any ? std::max(high, value) : value;
  any = true;
}

void Extremes::add(const Extremes& other) {
  if (!other.any) return;
  add(other.low);
  add(other.high);
}

ColumnSamples column_samples(std::uint64_t n_samples, std::size_t n, std::size_t k) {
  const std::uint64_t begin = k * n_samples / n;
  return {begin, std::max(begin + 1, (k + 1) * n_samples / n)};
}

std::vector<Extremes> extremes_in_columns(const float* values, std::uint64_t n_values, std::size_t n) {
  std::vector<Extremes> columns(n);
  for (std::size_t k = 0; k < n; ++k) {
    const ColumnSamples samples = column_samples(n_values, n, k);
    for (std::uint64_t i = samples.begin; i < samples.end; ++i)
      columns[k].add(static_cast<double>(values[i]));
  }
  return columns;
}

}  // namespace sharpwave::trace
