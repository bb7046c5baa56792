#include "host/protocol/labels.hpp"

#include <gtest/gtest.h>

#include "host/network/protocol_spec.hpp"

namespace sharpwave {
namespace {

// Responses of three neurons to two trials of class 0, four of class 1, none of class 2.
constexpr std::uint64_t kTrials[] = {2, 4, 0};

TEST(Labels, AreOfTheHighestMeanAndNotOfTheHighestSum) {
  const std::uint64_t responses[] = {6, 2, 0,   // means 3, 1, 0
                                     8, 8, 0,   // means 2, 2, 0
                                     9, 9, 9};  // of no trial: none
  const std::vector<std::uint32_t> classes = classes_of_neurons(responses, kTrials, 3);
  EXPECT_EQ(classes, (std::vector<std::uint32_t>{0, 1, kNoClass}));
}

TEST(Labels, OfEqualMeansTheLowerClassWins) {
  const std::uint64_t responses[] = {1, 2, 0};
  EXPECT_EQ(classes_of_neurons(responses, kTrials, 1).front(), 0U);
}

TEST(Labels, MeansAreComparedExactly) {
  // 2^30 against 2^30 and a part in 2^60: a double does not tell them apart.
  const std::uint64_t responses[] = {std::uint64_t{1} << 60, (std::uint64_t{1} << 60) + (1 << 30) + 1};
  const std::uint64_t trials[] = {std::uint64_t{1} << 30, (std::uint64_t{1} << 30) + 1};
  EXPECT_EQ(classes_of_neurons(responses, trials, 1).front(), 1U);
}

TEST(Labels, TheClassIsToldWhoseNeuronsRespondMostInTheMean) {
  const std::uint32_t classes[] = {0, 0, 0, 1, kNoClass};
  const auto told = [&](std::vector<std::uint32_t> counts) { return told_class(counts, classes, 3); };
  EXPECT_EQ(told({2, 2, 2, 3, 0}), 1U);
  EXPECT_EQ(told({4, 4, 2, 3, 0}), 0U);
  EXPECT_EQ(told({3, 3, 3, 3, 0}), 0U) << "of equal means the lower class";
  EXPECT_EQ(told({0, 0, 0, 0, 9}), kNoClass) << "what stands for nothing tells nothing";
}

}  // namespace
}  // namespace sharpwave
