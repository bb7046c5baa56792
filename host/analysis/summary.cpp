#include "host/analysis/summary.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::analysis {
namespace {

std::uint64_t wanted_bins(std::uint64_t n) {
  std::uint64_t bins = 1;
  while (bins < kMostBins && bins * bins < n) ++bins;
  return bins;
}

Histogram histogram_of(std::span<const double> values) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const std::uint64_t bins = wanted_bins(values.size());
  const double start = *least;
  const double width = (*greatest - start) / static_cast<double>(bins);
  if (!(width > 0)) return equal_values(start, values.size());
  Histogram histogram{start, width, std::vector<std::uint64_t>(bins, 0)};
  const auto edge = [&](std::uint64_t k) { return start + static_cast<double>(k) * width; };
  for (const double value : values) {
    auto bin = std::min(static_cast<std::uint64_t>((value - start) / width), bins - 1);
    // The quotient is rounded; the definition compares with the edges.
    while (bin > 0 && value < edge(bin)) --bin;
    while (bin + 1 < bins && value >= edge(bin + 1)) ++bin;
    ++histogram.counts[bin];
  }
  return histogram;
}

Histogram histogram_of_counts(std::span<const std::uint64_t> counts, std::uint64_t n_zeros, double unit) {
  const auto [least, greatest] = std::minmax_element(counts.begin(), counts.end());
  const std::uint64_t start = n_zeros > 0 || counts.empty() ? 0 : *least;
  const std::uint64_t last = counts.empty() ? 0 : *greatest;
  const std::uint64_t n = counts.size() + n_zeros;
  if (start == last) return equal_values(static_cast<double>(start) * unit, n);
  const std::uint64_t n_numbers = last - start + 1;
  const std::uint64_t width = (n_numbers - 1) / wanted_bins(n) + 1;
  Histogram histogram{static_cast<double>(start) * unit, static_cast<double>(width) * unit,
                      std::vector<std::uint64_t>((n_numbers - 1) / width + 1, 0)};
  if (n_zeros > 0) histogram.counts[0] = n_zeros;
  for (const std::uint64_t count : counts) ++histogram.counts[(count - start) / width];
  return histogram;
}

}  // namespace

Summary summarize(std::span<const double> values) {
  Summary summary{.n = values.size(), .mean = {}, .sd = {}, .histogram = {}};
  if (values.empty()) return summary;
  const auto n = static_cast<double>(values.size());
  // Differences from the first value: of equal values the mean is that value, and the deviation 0.
  double sum = 0;
  for (const double value : values) sum += value - values[0];
  const double mean = values[0] + sum / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  summary.mean = mean;
  if (values.size() > 1) summary.sd = std::sqrt(squares / (n - 1));
  summary.histogram = histogram_of(values);
  return summary;
}

Summary summarize_counts(std::span<const std::uint64_t> counts, std::uint64_t n_zeros, double unit) {
  const std::uint64_t n = counts.size() + n_zeros;
  Summary summary{.n = n, .mean = {}, .sd = {}, .histogram = {}};
  if (n == 0) return summary;
  unsigned __int128 sum = 0;
  unsigned __int128 squares = 0;
  for (const std::uint64_t count : counts) {
    sum += count;
    squares += static_cast<unsigned __int128>(count) * count;
  }
  summary.mean = static_cast<double>(sum) / static_cast<double>(n) * unit;
  if (n > 1) {
    // n times the sum of squared deviations; not negative, by Cauchy and Schwarz.
    const auto deviations = static_cast<double>(squares * n - sum * sum);
    summary.sd = std::sqrt(deviations / static_cast<double>(n) / static_cast<double>(n - 1)) * unit;
  }
  summary.histogram = histogram_of_counts(counts, n_zeros, unit);
  return summary;
}

}  // namespace sharpwave::analysis
