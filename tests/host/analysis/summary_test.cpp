#include "host/analysis/summary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace sharpwave::analysis {
namespace {

using Numbers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

TEST(Summary, OfFourNumbers) {
  const Summary summary = summarize(Numbers{1, 2, 3, 6});
  EXPECT_EQ(summary.n, 4U);
  EXPECT_DOUBLE_EQ(summary.mean.value(), 3.0);
  EXPECT_DOUBLE_EQ(summary.sd.value(), std::sqrt((4.0 + 1 + 0 + 9) / 3));
  const Histogram histogram = summary.histogram.value();  // of sqrt(4) bins: [1, 3.5), [3.5, 6]
  EXPECT_EQ(histogram.start, 1.0);
  EXPECT_EQ(histogram.width, 2.5);
  EXPECT_EQ(histogram.counts, (Counts{3, 1}));
}

TEST(Summary, OfNothingOfOneAndOfEqualNumbers) {
  const Summary nothing = summarize({});
  EXPECT_EQ(nothing.n, 0U);
  EXPECT_FALSE(nothing.mean || nothing.sd || nothing.histogram);

  const Summary one = summarize(Numbers{0.1});
  EXPECT_EQ(one.mean, 0.1);
  EXPECT_FALSE(one.sd);
  EXPECT_EQ(one.histogram.value().counts, Counts{1});

  // 0.1 is no binary fraction: sums of it are rounded.
  const Summary equal = summarize(Numbers(1000, 0.1));
  EXPECT_EQ(equal.mean, 0.1);
  EXPECT_EQ(equal.sd, 0.0);
  EXPECT_EQ(equal.histogram.value().start, 0.1);
  EXPECT_EQ(equal.histogram.value().width, 0.0);
  EXPECT_EQ(equal.histogram.value().counts, Counts{1000});
}

TEST(Summary, CountsOfFiveNeurons) {
  const Summary summary = summarize_counts(Counts{4, 1, 1}, 2, 0.5);  // 4, 1, 1, 0, 0
  EXPECT_EQ(summary.n, 5U);
  EXPECT_DOUBLE_EQ(summary.mean.value(), 6.0 / 5 * 0.5);
  EXPECT_DOUBLE_EQ(summary.sd.value(), 0.5 * std::sqrt((18 - 36.0 / 5) / 4));
  const Histogram histogram = summary.histogram.value();  // 3 bins for 5 values: 0 and 1; 2 and 3; 4 and 5
  EXPECT_EQ(histogram.start, 0.0);
  EXPECT_EQ(histogram.width, 1.0);
  EXPECT_EQ(histogram.counts, (Counts{4, 0, 1}));
}

TEST(Summary, CountsThatAreAllTheSame) {
  EXPECT_FALSE(summarize_counts({}, 0, 1).mean);
  const Summary silent = summarize_counts({}, 7, 0.5);
  EXPECT_EQ(silent.mean, 0.0);
  EXPECT_EQ(silent.sd, 0.0);
  EXPECT_EQ(silent.histogram.value().width, 0.0);
  EXPECT_EQ(silent.histogram.value().counts, Counts{7});
  const Summary equal = summarize_counts(Counts{3, 3}, 0, 0.1);
  EXPECT_EQ(equal.sd, 0.0);
  EXPECT_EQ(equal.histogram.value().counts, Counts{2});
}

// n times the sum of squares has 100 bits here; in double it would be rounded away from the square of the
// sum.
TEST(Summary, LargeCountsDoNotLoseTheirSpread) {
  const std::uint64_t large = std::uint64_t{1} << 38;
  EXPECT_NEAR(summarize_counts(Counts{large, large + 2}, 0, 1).sd.value(), std::sqrt(2.0), 1e-15);
}

TEST(Summary, HistogramsAreWhatTheyAreDefinedToBe) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Numbers values(1 + random() % 300);
    // Multiples of a tenth, so that many lie on an edge but for rounding.
    for (double& value : values) value = static_cast<double>(random() % 40) * 0.1 - 1;
    const Histogram histogram = summarize(values).histogram.value();
    if (histogram.width == 0) continue;
    const std::size_t bins = histogram.counts.size();
    EXPECT_EQ(bins, std::min(200.0, std::ceil(std::sqrt(static_cast<double>(values.size())))));
    Counts expected(bins, 0);
    for (const double value : values) {
      for (std::size_t k = 0; k < bins; ++k) {
        const double lower = histogram.start + static_cast<double>(k) * histogram.width;
        const double upper = histogram.start + static_cast<double>(k + 1) * histogram.width;
        if (value >= lower && (value < upper || k + 1 == bins)) ++expected[k];
      }
    }
    EXPECT_EQ(histogram.counts, expected);
  }
}

TEST(Summary, HistogramsOfCountsAreWhatTheyAreDefinedToBe) {
  std::mt19937 random(6);
  for (int round = 0; round < 200; ++round) {
    Counts counts(1 + random() % 3000);
    const std::uint64_t range = 1 + random() % 200;
    for (std::uint64_t& count : counts) count = 1 + random() % range;
    const std::uint64_t n_zeros = random() % 3;
    const Histogram histogram = summarize_counts(counts, n_zeros, 1).histogram.value();
    if (histogram.width == 0) continue;
    counts.insert(counts.end(), n_zeros, 0);
    EXPECT_LE(histogram.counts.size(), 200U);
    EXPECT_GT(histogram.counts.back(), 0U);
    Counts expected(histogram.counts.size(), 0);
    for (const std::uint64_t count : counts) {
      ++expected.at(
          static_cast<std::size_t>((static_cast<double>(count) - histogram.start) / histogram.width));
    }
    EXPECT_EQ(histogram.counts, expected);
  }
}

// Numbers so close that all edges are the same but for rounding.
TEST(Summary, HistogramsOfNeighbouringNumbersCountAll) {
  const double next = std::nextafter(1.0, 2.0);
  const Histogram histogram = summarize(Numbers{1.0, next, next, 1.0, next}).histogram.value();
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0}), 5U);
}

}  // namespace
}  // namespace sharpwave::analysis
