#include "host/base/growing_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace sharpwave {
namespace {

using Numbers = std::vector<std::int64_t>;

/// What the definition says, from all numbers (in units of 2^exponent) at once; bins are 2^shift units wide
/// or wider.
Histogram expected(const Numbers& numbers, int exponent, int shift = 0) {
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  while ((*high >> shift) - (*low >> shift) >= GrowingHistogram::kBins) ++shift;
  const double width = std::ldexp(1.0, exponent + shift);
  Histogram histogram{
      .start = static_cast<double>(*low >> shift) * width,
      .width = width,
      .counts = std::vector<std::uint64_t>(static_cast<std::size_t>((*high >> shift) - (*low >> shift) + 1))};
  for (const std::int64_t number : numbers)
    ++histogram.counts[static_cast<std::size_t>((number >> shift) - (*low >> shift))];
  return histogram;
}

void expect_equal(const Histogram& found, const Histogram& wanted) {
  EXPECT_EQ(found.start, wanted.start);
  EXPECT_EQ(found.width, wanted.width);
  EXPECT_EQ(found.counts, wanted.counts);
}

GrowingHistogram counted(const Numbers& numbers, int exponent = 0) {
  GrowingHistogram histogram(exponent);
  for (const std::int64_t number : numbers) histogram.add(number);
  return histogram;
}

TEST(GrowingHistogram, IsVisibleArithmetic) {
  // 70 numbers do not fit 64 bins: two and two become one, and the first pair lost its lower half.
  Numbers numbers(70);
  std::iota(numbers.begin(), numbers.end(), 1);
  const Histogram histogram = counted(numbers, -2).finished();
  EXPECT_EQ(histogram.start, 0.0);
  EXPECT_EQ(histogram.width, 0.5);
  ASSERT_EQ(histogram.counts.size(), 36U);
  EXPECT_EQ(histogram.counts.front(), 1U);
  EXPECT_EQ(histogram.counts[1], 2U);
  EXPECT_EQ(histogram.counts.back(), 1U);
}

TEST(GrowingHistogram, IsWhatItIsDefinedToBeInAnyOrderAndDivision) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 300; ++trial) {
    const int bits = 1 + trial % 62;
    const std::int64_t offset = trial % 3 == 0 ? 0 : static_cast<std::int64_t>(random() >> 2) >> (62 - bits);
    Numbers numbers(1 + random() % 400);
    for (std::int64_t& number : numbers)
      number = (static_cast<std::int64_t>(random()) >> (63 - bits)) + offset / (trial % 2 == 0 ? 1 : -1);
    const Histogram wanted = expected(numbers, 5);
    expect_equal(counted(numbers, 5).finished(), wanted);
    std::sort(numbers.begin(), numbers.end(), std::greater<>());
    expect_equal(counted(numbers, 5).finished(), wanted);
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(random() % (numbers.size() + 1));
    GrowingHistogram sum(5);
    sum.add(counted({numbers.begin(), middle}, 5));
    sum.add(counted({middle, numbers.end()}, 5));
    expect_equal(sum.finished(), wanted);
  }
}

TEST(GrowingHistogram, OfDifferentUnitsHasBinsOfTheLargestAtLeast) {
  Numbers fine(500);
  std::iota(fine.begin(), fine.end(), -250);
  const Numbers coarse{-3, 0, 7};
  GrowingHistogram sum;
  sum.add(counted(fine, -6));
  sum.add(counted(coarse, -1));
  Numbers all = fine;
  for (const std::int64_t number : coarse) all.push_back(number * 32);
  expect_equal(sum.finished(), expected(all, -6, 5));
}

TEST(GrowingHistogram, HoldsTheLargestNumbers) {
  const Numbers numbers{std::numeric_limits<std::int64_t>::min() / 2, 0,
                        std::numeric_limits<std::int64_t>::max() / 2};
  expect_equal(counted(numbers).finished(), expected(numbers, 0));
}

}  // namespace
}  // namespace sharpwave
