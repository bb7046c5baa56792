#include "memory_store/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

constexpr std::uint32_t kWindowDimension = 64;

/// Centred counts: values of mean 0, each window with a direction of its own.
std::vector<float> unrelated_windows(std::size_t n, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> windows(n * kWindowDimension);
  for (float& x : windows) x = normal(random);
  return windows;
}

// The cosine of unrelated directions in d dimensions is about normal, of standard deviation 1/sqrt(d); the
// largest of n of them stays below 1/sqrt(d) times sqrt(2 ln n) and a little.
TEST(Calibration, UnrelatedWindowsLeaveTheThresholdWhereItWasAskedFor) {
  const Calibration c = calibrate(unrelated_windows(1000, 1), kWindowDimension, .8, 7, "E");
  EXPECT_EQ(c.n_windows, 1000U);
  const double expected = std::sqrt(2 * std::log(1000.)) / std::sqrt(kWindowDimension);
  EXPECT_NEAR(c.median, expected, .12);
  EXPECT_LE(c.median, c.q90);
  EXPECT_LE(c.q90, c.q99);
  EXPECT_LE(c.q99, c.q999);
  EXPECT_LE(c.q999, c.largest);
  EXPECT_LT(c.largest, .8);
  EXPECT_EQ(c.threshold, .8);
  EXPECT_EQ(c.share_alike, 0);
}

// Counts that were not centred: all windows have the same direction in common, which shuffling does not take.
TEST(Calibration, WindowsThatLookAlikeByThemselvesRaiseIt) {
  std::vector<float> windows = unrelated_windows(300, 2);
  for (float& x : windows) x = 5 + x;
  const Calibration c = calibrate(windows, kWindowDimension, .8, 7, "E");
  EXPECT_GT(c.q999, .95);
  EXPECT_EQ(c.threshold, c.q999);
}

// Each pattern comes twice: shuffled, nothing is left of that.
TEST(Calibration, PatternsThatComeAgainDoNotCountAsChance) {
  std::vector<float> windows = unrelated_windows(100, 3);
  const std::vector<float> once = windows;
  windows.insert(windows.end(), once.begin(), once.end());
  const Calibration c = calibrate(windows, kWindowDimension, .8, 7, "E");
  EXPECT_LT(c.largest, .8);
  EXPECT_EQ(c.share_alike, 1);
}

TEST(Calibration, DependsOnSeedAndNameAlone) {
  const std::vector<float> windows = unrelated_windows(50, 4);
  const double first = calibrate(windows, kWindowDimension, .8, 7, "E").largest;
  EXPECT_EQ(calibrate(windows, kWindowDimension, .8, 7, "E").largest, first);
  EXPECT_NE(calibrate(windows, kWindowDimension, .8, 8, "E").largest, first);
  EXPECT_NE(calibrate(windows, kWindowDimension, .8, 7, "I").largest, first);
}

// Two windows have one cosine, so all quantiles are it. Their values are few enough to try all orders: the
// cosine is that of one of them.
TEST(Calibration, TheCosineIsThatOfReorderedWindows) {
  const std::vector<float> a{.6F, .8F, 0};
  std::set<float> possible;
  std::vector<int> order{0, 1, 2};
  do {
    float sum = 0;
    for (std::size_t i = 0; i < 3; ++i) sum += a[i] * a[static_cast<std::size_t>(order[i])];
    possible.insert(std::round(sum * 1000));
  } while (std::next_permutation(order.begin(), order.end()));
  std::set<float> found;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Calibration c = calibrate(std::vector<float>{.6F, .8F, 0, .6F, .8F, 0}, 3, -.5, seed, "E");
    EXPECT_EQ(c.median, c.largest);
    found.insert(static_cast<float>(std::round(c.largest * 1000)));
  }
  EXPECT_EQ(found, possible) << "each order comes up";
}

TEST(Calibration, WhatIsNoSetOfWindowsIsRefused) {
  const auto refuse = [](const std::vector<float>& windows, std::uint32_t dimension) {
    return test::refusal_of(ExitCode::usage,
                            [&] { static_cast<void>(calibrate(windows, dimension, .8, 1, "E")); });
  };
  EXPECT_NE(refuse({1, 0}, 2).find("expected 2 to 10000 windows"), std::string::npos);
  EXPECT_NE(refuse({1, 0, 1}, 2).find("3 values"), std::string::npos);
  EXPECT_NE(refuse({}, 0).find("0 values"), std::string::npos);
  EXPECT_NE(refuse(std::vector<float>(10'001, 1), 1).find("expected 2"), std::string::npos);
  EXPECT_EQ(refuse({1, 0, std::numeric_limits<float>::infinity(), 0}, 2).substr(0, 14), "window 1 of 2:");
  EXPECT_EQ(refuse({0, 0, 1, 0}, 2).substr(0, 14), "window 0 of 2:");
}

}  // namespace
}  // namespace sharpwave::memory
