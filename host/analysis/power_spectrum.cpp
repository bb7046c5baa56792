// Welch's estimate of the spectrum of a population's rate. The one file that includes Eigen.
#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <unsupported/Eigen/FFT>

#include "host/analysis/spike_statistics.hpp"
#include "host/base/error.hpp"

namespace sharpwave::analysis {
namespace {

class Periodograms {
 public:
  explicit Periodograms(std::uint64_t n) : window_(n), transformed_(n / 2 + 1), sums_(n / 2, 0.0) {
    transform_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
    for (std::uint64_t i = 0; i < n; ++i) {
      window_[i] =
          0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n));
    }
  }

  /// Adds |X_k|^2 of the windowed values without their mean.
  void add(std::vector<double> values) {
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = (values[i] - mean) * window_[i];
    transform_.fwd(transformed_.data(), values.data(), static_cast<Eigen::Index>(values.size()));
    for (std::size_t k = 0; k < sums_.size(); ++k) sums_[k] += std::norm(transformed_[k + 1]);
  }
  [[nodiscard]] double window_power() const {
    return std::inner_product(window_.begin(), window_.end(), window_.begin(), 0.0);
  }
  [[nodiscard]] const std::vector<double>& sums() const { return sums_; }

 private:
  std::vector<double> window_;
  std::vector<std::complex<double>> transformed_;
  std::vector<double> sums_;  // k = 1, 2, ...
  Eigen::FFT<double> transform_;
};

}  // namespace

std::optional<PowerSpectrum> power_spectrum(const SpikeTrains& trains, double bin_ms,
                                            std::uint64_t most_segment_bins, std::uint64_t least_bins) {
  SHARPWAVE_ASSERT(least_bins >= 2 && most_segment_bins >= 2 && std::has_single_bit(most_segment_bins));
  PowerSpectrum result;
  result.bin_steps = steps_of_bin(bin_ms, trains.dt_ms);
  const std::uint64_t n_bins = trains.n_steps / result.bin_steps;
  if (n_bins < least_bins || trains.n_recorded == 0) return std::nullopt;
  const std::uint64_t length = std::min(std::bit_floor(n_bins), most_segment_bins);
  const std::uint64_t hop = length / 2;
  result.segment_bins = length;
  result.segments = (n_bins - length) / hop + 1;

  Periodograms periodograms(length);
  auto spike = trains.steps.begin();
  const auto bin_of = [&](std::uint64_t step) { return (step - trains.first_step - 1) / result.bin_steps; };
  for (std::uint64_t segment = 0; segment < result.segments; ++segment) {
    const std::uint64_t begin = segment * hop;
    spike = std::lower_bound(spike, trains.steps.end(), trains.first_step + 1 + begin * result.bin_steps);
    if (spike == trains.steps.end()) break;
    // Segments without spikes add nothing, and a hostile file may have very many: on to the next with some.
    if (const std::uint64_t bin = bin_of(*spike); bin >= begin + length) {
      segment = bin / hop - 2;  // + 1 by the loop: the first that reaches `bin`
      continue;
    }
    std::vector<double> counts(length, 0.0);
    BinsInOrder bins(trains, result.bin_steps);
    for (auto in_segment = spike; in_segment != trains.steps.end(); ++in_segment) {
      const std::uint64_t bin = bins.of(*in_segment) - begin;
      if (bin >= length) break;
      ++counts[bin];
    }
    periodograms.add(std::move(counts));
  }

  const double bin_s = static_cast<double>(result.bin_steps) * trains.dt_ms / 1000;
  const double Hz_per_count = 1 / (static_cast<double>(trains.n_recorded) * bin_s);
  const double density = 2 * bin_s * Hz_per_count * Hz_per_count /
                         (periodograms.window_power() * static_cast<double>(result.segments));
  for (const double sum : periodograms.sums()) result.Hz2_per_Hz.push_back(sum * density);
  result.Hz2_per_Hz.back() /= 2;  // half the sampling rate is its own mirror image
  return result;
}

}  // namespace sharpwave::analysis
