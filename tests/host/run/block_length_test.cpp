#include "host/run/block_length.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

constexpr std::uint64_t kMany = 1'000'000'000;

TEST(BlockLength, StartsShortAndNeverExceedsWhatRemains) {
  const BlockLength length;
  EXPECT_EQ(length.next(kMany), BlockLength::kShortest);
  EXPECT_EQ(length.next(3), 3U);
}

TEST(BlockLength, ComesToATenthOfASecond) {
  BlockLength length;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t n = length.next(kMany);
    length.finished(n, static_cast<double>(n) * 1e-4, 0);
  }
  EXPECT_EQ(length.next(kMany), 1000U);
}

TEST(BlockLength, GrowsAtMostFourfoldAndToItsLimit) {
  BlockLength length;
  length.finished(10, 0.0, 0);
  EXPECT_EQ(length.next(kMany), 40U);
  for (int i = 0; i < 20; ++i) length.finished(length.next(kMany), 0.0, 0);
  EXPECT_EQ(length.next(kMany), BlockLength::kLongest);
}

TEST(BlockLength, ShrinksWhereStepsAreSlow) {
  BlockLength length;
  for (int i = 0; i < 20; ++i) length.finished(length.next(kMany), 0.0, 0);
  length.finished(10'000, 1000.0, 0);
  EXPECT_EQ(length.next(kMany), BlockLength::kShortest);
}

TEST(BlockLength, IsBoundByTheMemoryOfItsSpikes) {
  BlockLength length;
  for (int i = 0; i < 20; ++i) length.finished(length.next(kMany), 0.0, 0);
  length.finished(10'000, 0.0, 1'000'000 * std::uint64_t{10'000});  // 1 MB a step
  EXPECT_EQ(length.next(kMany), 67U);                               // 64 MiB
}

}  // namespace
}  // namespace sharpwave
