// The instruments of the stochastic tests, against published values.
#include "tests/support/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sharpwave::test {
namespace {

TEST(Statistics, NormalQuantiles) {
  EXPECT_NEAR(normal_two_sided_p(1.959963984540054), 0.05, 1e-12);
  EXPECT_NEAR(normal_two_sided_p(-3.290526731491926), 0.001, 1e-12);
  EXPECT_NEAR(normal_cdf(1.2815515655446004), 0.9, 1e-12);
}

TEST(Statistics, ChiSquareWithOneDegreeIsASquaredNormal) {
  for (const double z : {0.01, 0.5, 1.0, 2.0, 5.0})
    EXPECT_NEAR(chi_square_p(z * z, 1) / normal_two_sided_p(z), 1, 1e-11) << z;
}

TEST(Statistics, ChiSquareWithTwoDegreesIsExponential) {
  for (const double x : {0.1, 2.0, 7.0, 60.0})
    EXPECT_NEAR(chi_square_p(x, 2) / std::exp(-x / 2), 1, 1e-11) << x;
}

// Abramowitz & Stegun, table 26.8.
TEST(Statistics, ChiSquareTable) {
  EXPECT_NEAR(chi_square_p(18.307, 10), 0.05, 1e-5);
  EXPECT_NEAR(chi_square_p(124.342, 100), 0.05, 1e-5);
  EXPECT_NEAR(chi_square_p(70.0648, 100), 0.99, 1e-5);
}

// Smirnov (1948): the limit distribution has its 5 % point at 1.3581 and its 1 % point at 1.6276.
TEST(Statistics, KolmogorovSmirnovLimit) {
  const std::size_t n = 100'000'000;
  EXPECT_NEAR(kolmogorov_smirnov_p(1.3581 / 1e4, n), 0.05, 1e-4);
  EXPECT_NEAR(kolmogorov_smirnov_p(1.6276 / 1e4, n), 0.01, 1e-4);
}

TEST(Statistics, WhatDoesNotFitIsFound) {
  std::vector<double> samples;
  for (int i = 0; i < 2000; ++i) samples.push_back((i + 0.5) / 2000);
  EXPECT_GT(kolmogorov_smirnov_p(samples, [](double x) { return x; }), 0.99);
  EXPECT_LT(kolmogorov_smirnov_p(samples, [](double x) { return x * x; }), 1e-10);
  const std::vector<std::uint64_t> counts{100, 100, 100, 100};
  EXPECT_EQ(chi_square_fit_p(counts, std::vector<double>{100, 100, 100, 100}), 1);
  EXPECT_LT(chi_square_fit_p(counts, std::vector<double>{50, 150, 50, 150}), 1e-10);
}

TEST(Statistics, BinomialProbabilitiesSumToOne) {
  double sum = 0;
  for (std::uint32_t k = 0; k <= 40; ++k) sum += binomial_pmf(k, 40, 0.3);
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(binomial_pmf(2, 4, 0.5), 6.0 / 16, 1e-14);
}

}  // namespace
}  // namespace sharpwave::test
