// Arithmetic that can be done by hand, and relations; comparisons with other computations are in
// brute_force_test.cpp and reference_test.py.
#include "host/analysis/spike_statistics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "tests/host/analysis/some_trains.hpp"

namespace sharpwave::analysis {
namespace {

using test::Recorded;
using test::SomeTrains;
using Ids = std::vector<std::uint32_t>;
using Counts = std::vector<std::uint64_t>;
using Numbers = std::vector<double>;

/// Spikes of one neuron.
std::vector<test::Spike> train(std::uint32_t id, const Counts& steps) {
  std::vector<test::Spike> spikes;
  for (const std::uint64_t step : steps) spikes.push_back({step, id});
  return spikes;
}

std::vector<test::Spike> operator+(std::vector<test::Spike> a, const std::vector<test::Spike>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(NumberThoseThatFired, InTheOrderOfTheirIds) {
  Ids ids{7, 3, 7, 4000000000};
  EXPECT_EQ(number_those_that_fired(ids), (Ids{3, 7, 4000000000}));  // by sorting
  EXPECT_EQ(ids, (Ids{1, 0, 1, 2}));
  ids = {7, 3, 7, 0};
  EXPECT_EQ(number_those_that_fired(ids), (Ids{0, 3, 7}));  // by a table
  EXPECT_EQ(ids, (Ids{2, 1, 2, 0}));
  ids = {};
  EXPECT_EQ(number_those_that_fired(ids), Ids{});
}

TEST(NumberThoseThatFired, BothWaysAgree) {
  std::mt19937 random(1);
  Ids by_table(5000);
  for (std::uint32_t& id : by_table) id = static_cast<std::uint32_t>(random() % 3000);
  Ids by_sorting = by_table;
  by_sorting.push_back(0xffffffff);
  Ids fired = number_those_that_fired(by_table);
  fired.push_back(0xffffffff);
  EXPECT_EQ(number_those_that_fired(by_sorting), fired);
  by_sorting.pop_back();
  EXPECT_EQ(by_sorting, by_table);
}

TEST(StepsOfBin, AreTheNearestNumberAndAtLeastOne) {
  EXPECT_EQ(steps_of_bin(1, 0.1), 10U);
  EXPECT_EQ(steps_of_bin(2, 0.1), 20U);
  EXPECT_EQ(steps_of_bin(1, 0.3), 3U);  // 0.9 ms
  EXPECT_EQ(steps_of_bin(1, 5), 1U);
  EXPECT_EQ(steps_of_bin(1, 1e-300), kMostSteps);
}

TEST(IsiCv, OfThreeSpikes) {  // intervals 2 and 4: mean 3, deviation sqrt(2)
  const SomeTrains trains(train(0, {1, 3, 7}), {});
  ASSERT_EQ(isi_cvs(trains).size(), 1U);
  EXPECT_DOUBLE_EQ(isi_cvs(trains)[0], std::sqrt(2.0) / 3);
}

TEST(IsiCv, OfARegularTrainIsNothingExactly) {
  const SomeTrains trains(train(0, {10, 17, 24, 31}), {});
  EXPECT_EQ(isi_cvs(trains), Numbers{0});
}

TEST(IsiCv, NeedsThreeSpikesNotAllInOneStep) {
  const SomeTrains trains(train(0, {5, 9}) + train(1, {6}) + train(2, {4, 4, 4, 4}) + train(3, {8, 8, 9}),
                          {});
  EXPECT_EQ(isi_cvs(trains), Numbers{std::sqrt(2.0)});  // intervals 0 and 1
}

TEST(RateOverTime, LeavesOutTheBinThatTheRunDidNotFill) {  // 5 steps in at most 2 bins: of 3 steps, one full
  const Recorded recorded{.n_neurons = 4, .n_steps = 5, .dt_ms = 1, .first_step = 10};
  const SomeTrains trains(train(0, {11, 13, 14}) + train(1, {15}), recorded);
  const RateOverTime rate = rate_over_time(trains, 2);
  EXPECT_EQ(rate.bin_steps, 3U);
  ASSERT_EQ(rate.Hz.size(), 1U);
  EXPECT_DOUBLE_EQ(rate.Hz[0], 2 / (4 * 0.003));
}

TEST(RateOverTime, HasAtMostSoManyBins) {
  for (const std::uint64_t n_steps : {0U, 1U, 999U, 1000U, 1001U, 2000U, 123457U}) {
    const SomeTrains trains({}, {.n_neurons = 1, .n_steps = n_steps});
    const RateOverTime rate = rate_over_time(trains);
    EXPECT_LE(rate.Hz.size(), 1000U);
    EXPECT_EQ(rate.Hz.size(), n_steps / rate.bin_steps);
    EXPECT_TRUE(rate.bin_steps == 1 || n_steps > (rate.bin_steps - 1) * 1000) << "not as short as possible";
  }
}

// Bins of 2 steps. Counts of 0: 1 0 1 0, of 1: 1 0 0 1, of 2: 0 2 0 2, of 3: 1 1 1 1, of 4: as of 0.
TEST(Correlations, OfFourBins) {
  const SomeTrains trains(train(0, {1, 6}) + train(1, {2, 8}) + train(2, {3, 4, 7, 7}) +
                              train(3, {2, 3, 6, 7}) + train(4, {2, 5}),
                          {.n_neurons = 9, .n_steps = 9});
  const Correlations correlations = pairwise_correlations(trains);
  EXPECT_EQ(correlations.bin_steps, 2U);
  EXPECT_EQ(correlations.neurons, (Ids{0, 1, 2, 4}));  // 3's counts do not vary
  EXPECT_EQ(correlations.coefficients, (Numbers{0, -1, 1, 0, 0, -1}));
}

TEST(Correlations, DoNotExistForFewerThanTwoNeuronsThatVary) {
  const Recorded recorded{.n_neurons = 3, .n_steps = 10};
  EXPECT_TRUE(pairwise_correlations(SomeTrains({}, recorded)).neurons.empty());
  const SomeTrains one(train(2, {3, 9}), recorded);
  EXPECT_EQ(pairwise_correlations(one).neurons.size(), 1U);
  EXPECT_TRUE(pairwise_correlations(one).coefficients.empty());
  // One bin only, in which nothing can vary; and spikes behind the last full bin.
  EXPECT_TRUE(
      pairwise_correlations(SomeTrains(train(0, {1, 3}) + train(1, {3}), {.n_neurons = 2, .n_steps = 3}))
          .neurons.empty());
}

TEST(Correlations, ChooseNeuronsEvenly) {
  std::vector<test::Spike> spikes;
  for (std::uint32_t id = 0; id < 10; ++id) spikes.push_back({1 + 2 * id, id});
  const SomeTrains trains(spikes, {.n_neurons = 10, .n_steps = 30});
  EXPECT_EQ(pairwise_correlations(trains, 2, 4).neurons, (Ids{0, 2, 5, 7}));
  EXPECT_EQ(pairwise_correlations(trains, 2, 10).neurons.size(), 10U);
}

// 64 bins of one neuron that fires 2, 1, 0, 1 times: 1 + cos(2 pi t / 4). A tone of amplitude A in the middle
// of a frequency bin has A^2 n / (3 fs) there under a Hann window, a quarter of it beside, and nothing
// elsewhere.
TEST(PowerSpectrum, OfATone) {
  std::vector<test::Spike> spikes;
  for (std::uint64_t bin = 0; bin < 64; ++bin) {
    for (std::uint64_t i = 0; i < std::array<std::uint64_t, 4>{2, 1, 0, 1}[bin % 4]; ++i)
      spikes.push_back({501 + bin, 0});
  }
  const SomeTrains trains(spikes, {.n_neurons = 2, .n_steps = 64, .dt_ms = 1, .first_step = 500});
  const PowerSpectrum spectrum = power_spectrum(trains).value();
  EXPECT_EQ(spectrum.bin_steps, 1U);
  EXPECT_EQ(spectrum.segment_bins, 64U);
  EXPECT_EQ(spectrum.segments, 1U);
  ASSERT_EQ(spectrum.Hz2_per_Hz.size(), 32U);
  const double peak = 500.0 * 500 * 64 / (3 * 1000);  // a spike in 1 ms of one of two neurons is 500 Hz
  for (std::size_t k = 1; k <= 32; ++k) {
    const double expected = k == 16 ? peak : (k == 15 || k == 17 ? peak / 4 : 0);
    EXPECT_NEAR(spectrum.Hz2_per_Hz[k - 1], expected, 1e-12 * peak) << k;
  }
}

TEST(PowerSpectrum, TakesTheLargestSegmentThatFits) {
  const auto spectrum = [](std::uint64_t n_steps) {
    return power_spectrum(SomeTrains(train(0, {3}), {.n_neurons = 1, .n_steps = n_steps, .dt_ms = 1}));
  };
  EXPECT_FALSE(spectrum(63));
  EXPECT_EQ(spectrum(64)->segment_bins, 64U);
  EXPECT_EQ(spectrum(127)->segment_bins, 64U);
  EXPECT_EQ(spectrum(127)->segments, 2U);
  EXPECT_EQ(spectrum(1023)->segment_bins, 512U);
  EXPECT_EQ(spectrum(1024)->segments, 1U);
  EXPECT_EQ(spectrum(10240)->segment_bins, 1024U);
  EXPECT_EQ(spectrum(10240)->segments, 19U);
}

TEST(PowerSpectrum, DoesNotExistWhereNothingIsRecordedAndIsNothingWhereNothingFires) {
  EXPECT_FALSE(power_spectrum(SomeTrains({}, {.n_neurons = 0, .n_steps = 5000})));
  EXPECT_EQ(power_spectrum(SomeTrains({}, {.n_neurons = 3, .n_steps = 5000}))->Hz2_per_Hz, Numbers(512, 0.0));
}

// A file may claim any time: it must not take any time.
TEST(PowerSpectrum, PassesOverSilence) {
  const std::uint64_t n_steps = kMostSteps;
  const SomeTrains trains(train(0, {1, n_steps - 700, n_steps}), {.n_neurons = 1, .n_steps = n_steps});
  const PowerSpectrum spectrum = power_spectrum(trains).value();
  EXPECT_EQ(spectrum.segments, n_steps / 512 - 1);
  EXPECT_GT(spectrum.Hz2_per_Hz[0], 0);
}

TEST(SpikeStatistics, DoNotDependOnWhenTheRunBeganNorOnTheNamesOfNeurons) {
  const Recorded recorded{.n_neurons = 20, .n_steps = 3000, .dt_ms = 0.5};
  const std::vector<test::Spike> spikes = test::random_spikes(recorded, 11);
  std::vector<test::Spike> moved;
  for (const test::Spike& spike : spikes) moved.push_back({spike.step + 12345, 100000000 + 1000 * spike.id});
  Recorded later = recorded;
  later.first_step = 12345;
  const SomeTrains a(spikes, recorded);
  const SomeTrains b(moved, later);
  EXPECT_EQ(spike_counts(a), spike_counts(b));
  EXPECT_EQ(isi_cvs(a), isi_cvs(b));
  EXPECT_EQ(rate_over_time(a).Hz, rate_over_time(b).Hz);
  EXPECT_EQ(pairwise_correlations(a).coefficients, pairwise_correlations(b).coefficients);
  EXPECT_EQ(power_spectrum(a)->Hz2_per_Hz, power_spectrum(b)->Hz2_per_Hz);
}

TEST(SpikeStatistics, OfTwiceAsManyNeuronsOfWhichHalfAreSilent) {
  Recorded recorded{.n_neurons = 8, .n_steps = 2000, .dt_ms = 1};
  const std::vector<test::Spike> spikes = test::random_spikes(recorded, 12);
  const SomeTrains a(spikes, recorded);
  recorded.n_neurons = 16;
  const SomeTrains b(spikes, recorded);
  const RateOverTime rate_a = rate_over_time(a);
  const RateOverTime rate_b = rate_over_time(b);
  for (std::size_t i = 0; i < rate_a.Hz.size(); ++i) EXPECT_DOUBLE_EQ(rate_a.Hz[i], 2 * rate_b.Hz[i]);
  const Numbers power_a = power_spectrum(a)->Hz2_per_Hz;
  const Numbers power_b = power_spectrum(b)->Hz2_per_Hz;
  for (std::size_t i = 0; i < power_a.size(); ++i) EXPECT_DOUBLE_EQ(power_a[i], 4 * power_b[i]);
  EXPECT_EQ(isi_cvs(a), isi_cvs(b));
}

}  // namespace
}  // namespace sharpwave::analysis
