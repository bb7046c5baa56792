#include "memory_store/unit_vector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

std::string refusal(const std::vector<float>& values, std::uint32_t dimension = 0) {
  return test::refusal_of(ExitCode::usage, [&] { static_cast<void>(unit_vector(values, dimension)); });
}

TEST(UnitVector, HasTheDirectionOfItsValuesAndLengthOne) {
  EXPECT_EQ(unit_vector(std::vector<float>{3, -4}, 2), (std::vector<float>{.6F, -.8F}));
  EXPECT_EQ(unit_vector(std::vector<float>{-7}, 0), std::vector<float>{-1});
  EXPECT_EQ(unit_vector(std::vector<float>(kMaxDimension, 2), 0),
            std::vector<float>(kMaxDimension, 1.F / 64));
}

// The squares of both are beyond what a float can be.
TEST(UnitVector, OfTheLargestAndTheSmallestValuesIsOneAsWell) {
  const auto root = static_cast<float>(std::sqrt(.5));
  EXPECT_EQ(unit_vector(std::vector<float>{kLargest, -kLargest}, 2), (std::vector<float>{root, -root}));
  EXPECT_EQ(unit_vector(std::vector<float>{kSmallest, kSmallest}, 2), (std::vector<float>{root, root}));
  EXPECT_EQ(unit_vector(std::vector<float>{kLargest, kSmallest}, 2), (std::vector<float>{1, 0}));
}

TEST(UnitVector, RefusesWhatHasNoDirectionAndSaysWhy) {
  EXPECT_EQ(refusal({1, 0, std::nanf("")}), "value 2 of an embedding is nan, expected a finite one");
  EXPECT_EQ(refusal({1, -kInfinity, kInfinity}), "value 1 of an embedding is -inf, expected a finite one");
  EXPECT_EQ(refusal({0, -0.F}), "all 2 values of an embedding are 0: it has no direction");
  EXPECT_EQ(refusal({1, 0}, 3), "an embedding has 2 values, expected 3");
  EXPECT_EQ(refusal({}), "an embedding has 0 values, expected 1 to 4096");
  EXPECT_EQ(refusal(std::vector<float>(kMaxDimension + 1, 1)),
            "an embedding has 4097 values, expected 1 to 4096");
}

}  // namespace
}  // namespace sharpwave::memory
