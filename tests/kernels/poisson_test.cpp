#include "kernels/poisson.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/math.hpp"
#include "kernels/philox.hpp"

namespace sharpwave {
namespace {

struct Table {
  explicit Table(double mean) : length(poisson_table(mean, thresholds)) {}
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  int length;
  /// P(count = k) of what is drawn.
  [[nodiscard]] long double probability(int k) const {
    const auto cumulative = [&](int j) {
      if (j < 0) return 0.0L;
      return j < length ? static_cast<long double>(thresholds[static_cast<std::size_t>(j)]) : 0x1p32L;
    };
    return (cumulative(k) - cumulative(k - 1)) * 0x1p-32L;
  }
};

constexpr double kMeans[] = {1e-6, 0.001, 0.1, 1.0, 1.28, 2.32, 7.5, 12.0, 31.9, 100.0, 256.5, 511.99, 512.0};

long double exact_probability(double mean, int k) {
  const auto m = static_cast<long double>(mean);
  return std::exp(static_cast<long double>(k) * std::log(m) - m -
                  std::lgamma(static_cast<long double>(k) + 1));
}

TEST(PoissonTable, HoldsTheExactProbabilities) {
  for (const double mean : kMeans) {
    const Table table(mean);
    long double total = 0;
    for (int k = 0; k <= table.length; ++k) {
      // Two roundings of half a unit each; the last entry also holds what is beyond, below one unit more.
      const long double allowed = (k < table.length ? 1.01L : 2.01L) * 0x1p-32L;
      EXPECT_NEAR(static_cast<double>(table.probability(k) - exact_probability(mean, k)), 0,
                  static_cast<double>(allowed))
          << "mean " << mean << ", count " << k;
      total += table.probability(k);
    }
    EXPECT_EQ(total, 1.0L);
  }
}

TEST(PoissonTable, EndsWhereTheRestIsBelowItsResolution) {
  for (const double mean : kMeans) {
    const Table table(mean);
    long double beyond = 0;
    for (int k = table.length + 200; k > table.length; --k) beyond += exact_probability(mean, k);
    EXPECT_LT(beyond, 0x1p-32L) << mean;
    EXPECT_GE(beyond + exact_probability(mean, table.length), 0x1p-32L * 0.999999L) << mean;
    for (int k = 1; k < table.length; ++k)
      EXPECT_LE(table.thresholds[static_cast<std::size_t>(k) - 1],
                table.thresholds[static_cast<std::size_t>(k)]);
  }
}

TEST(PoissonTable, FitsItsBuffer) {
  EXPECT_EQ(Table(kPoissonMaxMean).length, 659);
  static_assert(659 < kPoissonTableCapacity);
}

TEST(PoissonTable, IsEmptyWhereNothingFires) {
  EXPECT_EQ(Table(0.0).length, 0);
  EXPECT_EQ(Table(1e-10).length, 0);  // below 2^-32
  EXPECT_EQ(Table(2.4e-10).length, 1);
}

TEST(PoissonCount, IsTheNumberOfThresholdsReached) {
  for (const double mean : {0.0, 1e-6, 0.1, 1.28, 31.9, 512.0}) {
    const Table table(mean);
    const auto check = [&](std::uint32_t u) {
      const auto reached = std::count_if(table.thresholds.begin(), table.thresholds.begin() + table.length,
                                         [u](std::uint32_t threshold) { return threshold <= u; });
      ASSERT_EQ(poisson_count(u, table.thresholds.data(), table.length), reached)
          << "mean " << mean << ", word " << u;
    };
    for (std::uint32_t k = 0; k < 5000; ++k) check(philox4x32_10({1, 2}, k, 3).w0);
    check(0);
    check(0xffffffff);
    for (int k = 0; k < table.length; ++k) {
      check(table.thresholds[static_cast<std::size_t>(k)]);
      check(table.thresholds[static_cast<std::size_t>(k)] - 1);
    }
    EXPECT_EQ(poisson_count(0xffffffff, table.thresholds.data(), table.length), table.length);
  }
}

// Over n draws the sample mean has standard error sqrt(m/n), the sample variance sqrt((m + 2m^2)/n) (fourth
// central moment of Poisson: m + 3m^2). Ten means and two statistics are looked at: the level of each test is
// 0.001/20, two-sided.
TEST(PoissonCount, HasTheMeanAndVarianceOfTheory) {
  constexpr int kDraws = 400000;
  constexpr double kTested[] = {0.001, 0.01, 0.128, 0.5, 1.28, 4.0, 16.0, 64.0, 200.0, 512.0};
  const double limit = -math::inverse_normal(0.001 / 20 / 2);
  std::uint32_t stream = 0;
  for (const double mean : kTested) {
    const Table table(mean);
    ++stream;
    double sum = 0, squares = 0;
    for (std::uint32_t k = 0; k < kDraws / 4; ++k) {
      const PhiloxBlock block = philox4x32_10({stream, 77}, k, 0);
      for (const std::uint32_t word : {block.w0, block.w1, block.w2, block.w3}) {
        const double deviation = poisson_count(word, table.thresholds.data(), table.length) - mean;
        sum += deviation;
        squares += deviation * deviation;
      }
    }
    const double mean_z = sum / kDraws / std::sqrt(mean / kDraws);
    const double variance_z = (squares / kDraws - mean) / std::sqrt((mean + 2 * mean * mean) / kDraws);
    EXPECT_LT(std::fabs(mean_z), limit) << "mean " << mean;
    EXPECT_LT(std::fabs(variance_z), limit) << "mean " << mean;
  }
}

}  // namespace
}  // namespace sharpwave
