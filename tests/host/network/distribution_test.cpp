// Drawn values against the exact distributions, and their ranges.
#include "host/network/distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <ostream>

#include "host/base/error.hpp"
#include "host/network/network.hpp"
#include "tests/support/spec_builder.hpp"
#include "tests/support/statistics.hpp"

namespace sharpwave::test {
namespace {

using Bounds = Distribution::Bounds;

constexpr std::uint32_t kDraws = 40'000;

std::vector<std::uint32_t> words() {
  std::vector<std::uint32_t> w0(kDraws), w1(kDraws), w2(kDraws), w3(kDraws);
  select_cpu_kernels().philox_words({.k0 = 20, .k1 = 21}, 0, 0, kDraws, w0.data(), w1.data(), w2.data(),
                                    w3.data());
  return w1;
}

std::vector<double> draws(const Distribution& d) {
  std::vector<double> values(kDraws);
  select_cpu_kernels().draw_values(draw_parameters(d), words().data(), kDraws, values.data());
  return values;
}

TEST(Distribution, Constant) {
  for (const double x : draws(Distribution::constant(-3.25))) ASSERT_EQ(x, -3.25);
}

TEST(Distribution, Normal) {
  EXPECT_GT(kolmogorov_smirnov_p(draws(normal(87.81, 8.781)),
                                 [](double x) { return normal_cdf((x - 87.81) / 8.781); }),
            kLevel);
}

TEST(Distribution, Lognormal) {
  EXPECT_GT(kolmogorov_smirnov_p(draws(lognormal(0.5, 0.75)),
                                 [](double x) { return normal_cdf((std::log(x) - 0.5) / 0.75); }),
            kLevel);
}

TEST(Distribution, Uniform) {
  EXPECT_GT(kolmogorov_smirnov_p(draws(uniform(-60, -50)), [](double x) { return (x + 60) / 10; }), kLevel);
}

TEST(Distribution, RedrawingGivesTheTruncatedDistribution) {
  const double f_low = normal_cdf(-1.0);
  const double f_high = normal_cdf(0.5);
  EXPECT_GT(
      kolmogorov_smirnov_p(draws(bounded(normal(10, 2), Bounds::redraw, 8, 11)),
                           [&](double x) { return (normal_cdf((x - 10) / 2) - f_low) / (f_high - f_low); }),
      kLevel);
  const double g = normal_cdf(std::log(2.0));
  EXPECT_GT(kolmogorov_smirnov_p(draws(bounded(lognormal(0, 1), Bounds::redraw, 0, 2)),
                                 [&](double x) { return normal_cdf(std::log(x)) / g; }),
            kLevel);
}

TEST(Distribution, ClippingPutsTheTailsOntoTheBounds) {
  const double f_low = normal_cdf(-1.0);
  const double f_high = normal_cdf(0.5);
  double n_low = 0;
  double n_high = 0;
  std::vector<double> inside;
  for (const double x : draws(bounded(normal(10, 2), Bounds::clip, 8, 11))) {
    n_low += x == 8 ? 1 : 0;
    n_high += x == 11 ? 1 : 0;
    if (x > 8 && x < 11) inside.push_back(x);
  }
  EXPECT_EQ(n_low + n_high + static_cast<double>(inside.size()), kDraws);
  EXPECT_GT(binomial_p(n_low, kDraws, f_low), kLevel);
  EXPECT_GT(binomial_p(n_high, kDraws, 1 - f_high), kLevel);
  EXPECT_GT(kolmogorov_smirnov_p(
                inside, [&](double x) { return (normal_cdf((x - 10) / 2) - f_low) / (f_high - f_low); }),
            kLevel);
}

TEST(Distribution, OneByOneIsTheSameAsInBatches) {
  for (const Distribution& d :
       {Distribution::constant(2), normal(1, 3), lognormal(-1, 0.5), uniform(3, 4),
        bounded(normal(1, 3), Bounds::clip, 0, 2), bounded(lognormal(0, 1), Bounds::redraw, 0.5, 3)}) {
    const auto w = words();
    const auto values = draws(d);
    const DrawParameters p = draw_parameters(d);
    for (std::uint32_t i = 0; i < kDraws; ++i) ASSERT_EQ(values[i], draw(p, math::uniform(w[i])));
  }
}

TEST(Distribution, NothingIsDrawnOutsideTheRange) {
  for (const Distribution& d :
       {normal(1, 3), lognormal(-1, 0.5), uniform(3, 4), bounded(normal(1, 3), Bounds::redraw, 0, 2)}) {
    const Range range = range_of(d);
    for (const double x : draws(d)) {
      ASSERT_GE(x, range.low);
      ASSERT_LE(x, range.high);
    }
  }
  const Range standard = range_of(normal(0, 1));
  EXPECT_EQ(standard.low, -standard.high);
  EXPECT_NEAR(standard.high, 6.34, 0.01);  // the quantile of 1 - 2^-33
  const Range list = range_of(Values(std::vector<double>{3, -2, 5}));
  EXPECT_EQ(list.low, -2);
  EXPECT_EQ(list.high, 5);
}

TEST(Distribution, WithoutSpreadItIsAConstant) {
  for (const Bounds bounds : {Bounds::none, Bounds::clip, Bounds::redraw})
    for (const double x : draws(bounded(normal(1.5, 0), bounds, 1, 2))) ASSERT_EQ(x, 1.5);
}

TEST(Distribution, BoundsWithoutProbabilityAreRefused) {
  EXPECT_THROW((void)draw_parameters(bounded(normal(0, 1), Bounds::redraw, 8, 9)), Error);
  EXPECT_THROW((void)draw_parameters(bounded(uniform(0, 1), Bounds::redraw, 2, 3)), Error);
}

// --- delays on the grid -----------------------------------------------------------------------------------

// Probability of every step below n_steps, of a normal delay bounded below by 0.1 ms at dt 0.1 ms.
std::vector<double> delay_probabilities(double mean_ms, double sd_ms, Bounds bounds, std::size_t n_steps) {
  const auto cdf = [&](double ms) { return normal_cdf((ms - mean_ms) / sd_ms); };
  const double below = cdf(0.1);
  const double kept = bounds == Bounds::redraw ? 1 - below : 1;
  std::vector<double> p{0};
  for (std::size_t k = 1; k < n_steps; ++k) {
    const auto step = static_cast<double>(k);
    const double from = k > 1 ? cdf((step - 0.5) * 0.1) : (bounds == Bounds::redraw ? below : 0);
    p.push_back((cdf((step + 0.5) * 0.1) - from) / kept);
  }
  return p;
}

struct DelayCase {
  double mean_ms, sd_ms;
  Bounds bounds;
  double in_first_step;  // models: PD14
};
void PrintTo(const DelayCase& c, std::ostream* out) {
  *out << c.mean_ms << " ms, sd " << c.sd_ms << (c.bounds == Bounds::redraw ? ", redrawn" : ", clipped");
}

class Delays : public ::testing::TestWithParam<DelayCase> {};

TEST_P(Delays, OnTheGridFollowTheirDistribution) {
  const DelayCase& c = GetParam();
  const Distribution d =
      bounded(normal(c.mean_ms, c.sd_ms), c.bounds, 0.1, std::numeric_limits<double>::infinity());
  constexpr std::size_t kSteps = 100;  // beyond 10 ms there is less than 1e-25
  const auto p = delay_probabilities(c.mean_ms, c.sd_ms, c.bounds, kSteps);
  EXPECT_NEAR(p[1], c.in_first_step, 0.0005);
  std::vector<std::uint64_t> observed(kSteps);
  for (const double delay : draws(d)) ++observed.at(delay_steps(delay, 0.1));
  std::vector<double> expected;
  for (const double x : p) expected.push_back(x * kDraws);
  EXPECT_GT(chi_square_fit_p(observed, expected), kLevel);
}

INSTANTIATE_TEST_SUITE_P(Microcircuit, Delays,
                         ::testing::Values(DelayCase{1.5, 0.75, Bounds::redraw, 0.005},
                                           DelayCase{0.75, 0.375, Bounds::redraw, 0.014},
                                           DelayCase{1.5, 0.75, Bounds::clip, 0.036},
                                           DelayCase{0.75, 0.375, Bounds::clip, 0.055}));

TEST(Delays, AreTheNearestStepAndAtLeastOne) {
  EXPECT_EQ(delay_steps(1.5, 0.1), 15u);
  EXPECT_EQ(delay_steps(0.14, 0.1), 1u);
  EXPECT_EQ(delay_steps(0.16, 0.1), 2u);
  EXPECT_EQ(delay_steps(0.01, 0.1), 1u);
  EXPECT_EQ(delay_steps(-3, 0.1), 1u);
  EXPECT_THROW((void)delay_steps(1e9, 0.1), Error);
  EXPECT_THROW((void)delay_steps(std::numeric_limits<double>::quiet_NaN(), 0.1), Error);
}

// The step of a delay must not depend on whether it is a constant, in a list, or drawn: 0.35 / 0.1 is below
// 3.5 and 0.35 * 10 is not.
TEST(Delays, RoundAlikeHoweverTheyAreGiven) {
  const double dt = 0.1;
  for (int k = 1; k < 4000; ++k) {
    const double delay = k * 0.05;
    std::int32_t drawn = 0;
    select_cpu_kernels().to_int32(&delay, 1, 1.0 / dt, 1, 1e6, &drawn);
    ASSERT_EQ(delay_steps(delay, dt), static_cast<std::uint32_t>(drawn)) << delay;
  }
}

}  // namespace
}  // namespace sharpwave::test
