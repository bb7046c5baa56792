#include "kernels/fixed_point.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace sharpwave {
namespace {

TEST(FixedPoint, FindsTheFinestGrid) {
  // 87.81 pA: 87.81 * 2^8 = 22479 fits 32767, * 2^9 does not.
  EXPECT_EQ(finest_exponent(87.81, 16), 8);
  EXPECT_EQ(finest_exponent(1.0, 16), 14);
  EXPECT_EQ(finest_exponent(32767.0, 16), 0);
  EXPECT_EQ(finest_exponent(32767.4, 16), 0);
  EXPECT_EQ(finest_exponent(32767.5, 16), -1);  // a tie: rounds to 32768
  EXPECT_EQ(finest_exponent(0.1, 64), 66);
  static_assert(finest_exponent(1.0, 32) == 30);
}

// The definition itself, for random magnitudes: it fits, and the next finer grid does not.
TEST(FixedPoint, FindsTheFinestGridByItsDefinition) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> log2_magnitude(-25, 40);
  for (int k = 0; k < 20000; ++k) {
    const double magnitude = std::exp2(log2_magnitude(random));
    for (const int bits : {16, 32, 64}) {
      const int e = finest_exponent(magnitude, bits);
      const double largest = std::ldexp(1.0, bits - 1);  // one above the largest integer
      EXPECT_LT(std::nearbyint(std::ldexp(magnitude, e)), largest);
      EXPECT_GE(std::nearbyint(std::ldexp(magnitude, e + 1)), largest);
    }
  }
}

TEST(FixedPoint, StaysWithinItsRangeOfExponents) {
  EXPECT_EQ(finest_exponent(0.0, 16), kCoarsestGridExponent);  // asks for no grid
  EXPECT_EQ(finest_exponent(std::numeric_limits<double>::denorm_min(), 16), kFinestGridExponent);
  EXPECT_EQ(finest_exponent(1e-300, 64), kFinestGridExponent);
  EXPECT_EQ(finest_exponent(1e300, 16), kCoarsestGridExponent);
  EXPECT_FALSE(fits_grid(1e300, kCoarsestGridExponent, 16));
  EXPECT_TRUE(fits_grid(-32767.0, 0, 16));
  EXPECT_FALSE(fits_grid(-32768.0, 0, 16));
  EXPECT_FALSE(fits_grid(std::numeric_limits<double>::quiet_NaN(), 0, 16));
  EXPECT_FALSE(fits_grid(std::numeric_limits<double>::infinity(), 0, 64));
}

TEST(FixedPoint, RoundsToNearestEven) {
  EXPECT_EQ(to_grid(0.5, 0), 0);
  EXPECT_EQ(to_grid(1.5, 0), 2);
  EXPECT_EQ(to_grid(2.5, 0), 2);
  EXPECT_EQ(to_grid(-2.5, 0), -2);
  EXPECT_EQ(to_grid(-3.5, 0), -4);
  EXPECT_EQ(to_grid(0.4999999999999999, 0), 0);
  EXPECT_EQ(to_grid(4503599627370497.5, 0), 4503599627370498);  // 2^52 + 1.5
  EXPECT_EQ(to_grid(87.81, 8), 22479);
  EXPECT_EQ(to_grid(-351.24, 6), -22479);
  EXPECT_EQ(to_grid(9007199254740993.0 * 512, 0), 4611686018427387904);
}

TEST(FixedPoint, ConvertsBackCorrectlyRounded) {
  std::mt19937_64 random(2);
  for (int k = 0; k < 100000; ++k) {
    const auto value = static_cast<std::int64_t>(random()) >> (k % 64);
    ASSERT_EQ(grid_to_double(value), static_cast<double>(value)) << value;
  }
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{0},
        std::int64_t{-1}})
    EXPECT_EQ(grid_to_double(value), static_cast<double>(value));
}

TEST(FixedPoint, HasExactPowersOfTwo) {
  for (int e = -1022; e <= 1023; ++e) ASSERT_EQ(power_of_two(e), std::ldexp(1.0, e));
}

}  // namespace
}  // namespace sharpwave
