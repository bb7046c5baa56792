// The statistics against their textbook definitions, computed as plainly as possible on matrices of counts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <optional>
#include <ostream>

#include "host/analysis/spike_statistics.hpp"
#include "tests/host/analysis/some_trains.hpp"

namespace sharpwave::analysis {
namespace {

using Numbers = std::vector<double>;

// Sums of some thousand products of small integers, divided and rooted: a few roundings, of 1e-16 each.
constexpr double kRounding = 1e-12;

double mean(const Numbers& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean product of deviations from the mean.
double covariance(const Numbers& a, const Numbers& b) {
  const double mean_a = mean(a);
  const double mean_b = mean(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum / static_cast<double>(a.size());
}

/// Spikes of `id` in each full bin of some steps; of all neurons where none is given.
Numbers binned(const std::vector<test::Spike>& spikes, const test::Recorded& recorded,
               std::uint64_t bin_steps, std::optional<std::uint32_t> id) {
  Numbers counts(recorded.n_steps / bin_steps, 0.0);
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    const std::uint64_t before = recorded.first_step + bin * bin_steps;
    for (const test::Spike& spike : spikes) {
      const bool here = spike.step > before && spike.step <= before + bin_steps;
      if (here && (!id || *id == spike.id)) ++counts[bin];
    }
  }
  return counts;
}

/// Welch's estimate by the definition of the transform, for the rate of counts in bins of some seconds.
Numbers welch(const Numbers& counts, std::size_t length, double bin_s, double n_neurons) {
  Numbers density(length / 2, 0.0);
  const auto n = static_cast<double>(length);
  std::size_t segments = 0;
  for (std::size_t first = 0; first + length <= counts.size(); first += length / 2, ++segments) {
    const Numbers segment(counts.begin() + static_cast<std::ptrdiff_t>(first),
                          counts.begin() + static_cast<std::ptrdiff_t>(first + length));
    const double of_segment = mean(segment);
    double window_power = 0;
    for (std::size_t k = 1; k <= length / 2; ++k) {
      std::complex<double> sum = 0;
      window_power = 0;
      for (std::size_t t = 0; t < length; ++t) {
        // The argument is reduced in integers, to be exact.
        const auto angle = [&](std::size_t turns) {
          return 2 * std::numbers::pi * static_cast<double>(turns % length) / n;
        };
        const double window = std::pow(std::sin(angle(t) / 2), 2);
        const double rate_Hz = (segment[t] - of_segment) / (n_neurons * bin_s);
        sum += window * rate_Hz * std::polar(1.0, -angle(k * t));
        window_power += window * window;
      }
      density[k - 1] += std::norm(sum) * bin_s / window_power * (k == length / 2 ? 1 : 2);
    }
  }
  for (double& value : density) value /= static_cast<double>(segments);
  return density;
}

TEST(BruteForce, Correlations) {
  const test::Recorded recorded{.n_neurons = 23, .n_steps = 4003, .dt_ms = 0.5, .first_step = 77};
  const std::vector<test::Spike> spikes = test::random_spikes(recorded, 1);
  const test::SomeTrains trains(spikes, recorded);
  for (const std::uint64_t most : {250U, 9U}) {
    const Correlations correlations = pairwise_correlations(trains, 2, most);
    ASSERT_EQ(correlations.neurons.size(), std::min<std::uint64_t>(most, 23));
    std::vector<Numbers> counts;
    for (const std::uint32_t neuron : correlations.neurons) {
      counts.push_back(binned(spikes, recorded, 4, trains.ids()[neuron]));
    }
    std::size_t pair = 0;
    for (std::size_t a = 0; a < counts.size(); ++a) {
      for (std::size_t b = a + 1; b < counts.size(); ++b, ++pair) {
        const double expected =
            covariance(counts[a], counts[b]) /
            std::sqrt(covariance(counts[a], counts[a]) * covariance(counts[b], counts[b]));
        EXPECT_NEAR(correlations.coefficients.at(pair), expected, kRounding);
      }
    }
    EXPECT_EQ(pair, correlations.coefficients.size());
    EXPECT_GT(mean(correlations.coefficients), 0.05);  // those that fire together do show
  }
}

TEST(BruteForce, CvsOfIntervals) {
  const test::Recorded recorded{.n_neurons = 40, .n_steps = 5000, .dt_ms = 0.1, .first_step = 3};
  const std::vector<test::Spike> spikes = test::random_spikes(recorded, 2);
  Numbers expected;
  for (std::uint32_t id = 0; id < recorded.n_neurons; ++id) {
    Numbers intervals;
    double last = -1;
    for (const test::Spike& spike : spikes) {
      if (spike.id != id) continue;
      if (last >= 0) intervals.push_back(static_cast<double>(spike.step) - last);
      last = static_cast<double>(spike.step);
    }
    if (intervals.size() < 2) continue;
    const auto n = static_cast<double>(intervals.size());
    expected.push_back(std::sqrt(covariance(intervals, intervals) * n / (n - 1)) / mean(intervals));
  }
  const Numbers cvs = isi_cvs(test::SomeTrains(spikes, recorded));
  ASSERT_EQ(cvs.size(), expected.size());
  for (std::size_t i = 0; i < cvs.size(); ++i) EXPECT_NEAR(cvs[i], expected[i], kRounding);
}

TEST(BruteForce, RateOverTime) {
  const test::Recorded recorded{.n_neurons = 6, .n_steps = 1009, .dt_ms = 0.25, .first_step = 40};
  const std::vector<test::Spike> spikes = test::random_spikes(recorded, 3);
  const RateOverTime rate = rate_over_time(test::SomeTrains(spikes, recorded), 100);
  EXPECT_EQ(rate.bin_steps, 11U);
  const Numbers expected = binned(spikes, recorded, 11, {});
  ASSERT_EQ(rate.Hz.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(rate.Hz[i], expected[i] / (6 * 11 * 0.25e-3), kRounding * expected[i] * 100);
  }
}

struct SpectrumCase {
  test::Recorded recorded;
  std::uint64_t bin_steps;
  std::size_t length;
};
void PrintTo(const SpectrumCase& c, std::ostream* out) {
  *out << c.bin_steps << " steps a bin, " << c.length << " bins";
}

class BruteForceSpectrum : public testing::TestWithParam<SpectrumCase> {};

TEST_P(BruteForceSpectrum, EqualsTheDefinition) {
  const auto& [recorded, bin_steps, length] = GetParam();
  std::vector<test::Spike> spikes = test::random_spikes(recorded, 4);
  // Silence in the middle, longer than a segment where there are several.
  std::erase_if(spikes, [&, n = recorded.n_steps, first = recorded.first_step](const test::Spike& spike) {
    return spike.step > first + n / 4 && spike.step < first + 3 * n / 4;
  });
  const PowerSpectrum spectrum = power_spectrum(test::SomeTrains(spikes, recorded), 1, 128).value();
  EXPECT_EQ(spectrum.bin_steps, bin_steps);
  EXPECT_EQ(spectrum.segment_bins, length);
  const Numbers expected =
      welch(binned(spikes, recorded, bin_steps, {}), length,
            static_cast<double>(bin_steps) * recorded.dt_ms / 1000, static_cast<double>(recorded.n_neurons));
  ASSERT_EQ(spectrum.Hz2_per_Hz.size(), expected.size());
  const double scale = *std::max_element(expected.begin(), expected.end());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(spectrum.Hz2_per_Hz[k], expected[k], kRounding * scale) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, BruteForceSpectrum,
                         testing::Values(SpectrumCase{{30, 1000, 1.0, 9}, 1, 128},
                                         SpectrumCase{{30, 3000, 0.3, 0}, 3, 128},
                                         SpectrumCase{{10, 90, 4.0, 5}, 1, 64}));

}  // namespace
}  // namespace sharpwave::analysis
