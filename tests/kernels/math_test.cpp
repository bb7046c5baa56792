#include "kernels/math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace sharpwave {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Error in units of the last place of the exact result. The reference is long double (64-bit mantissa, the C
// library's functions within 1 of its ulps), so it is itself uncertain by less than 0.001.
double error_ulp(double computed, long double exact) {
  if (static_cast<long double>(computed) == exact) return 0;
  int exponent = 0;
  std::frexp(exact, &exponent);
  const int ulp_exponent = std::max(exponent - 53, -1074);
  return static_cast<double>(
      std::fabs(std::ldexp(static_cast<long double>(computed) - exact, -ulp_exponent)));
}

template <class Function, class Exact>
double largest_error_ulp(double low, double high, Function function, Exact exact) {
  double largest = 0;
  constexpr int kGrid = 200000;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(low, high);
  for (int k = 0; k <= kGrid; ++k) {
    const double dense = low + (high - low) * k / kGrid;
    for (const double x : {dense, uniform(random)})
      largest = std::max(largest, error_ulp(function(x), exact(static_cast<long double>(x))));
  }
  return largest;
}

const auto exact_exp = [](long double x) { return std::exp(x); };
const auto exact_expm1 = [](long double x) { return std::expm1(x); };
const auto exact_log = [](long double x) { return std::log(x); };
const auto our_exp = [](double x) { return math::exp(x); };
const auto our_expm1 = [](double x) { return math::expm1(x); };
const auto our_log = [](double x) { return math::log(x); };

TEST(Math, ExpKeepsItsErrorBound) {
  EXPECT_LT(largest_error_ulp(-708, 709.78, our_exp, exact_exp), 1.0);
  EXPECT_LT(largest_error_ulp(-1, 1, our_exp, exact_exp), 1.0);
  EXPECT_LT(largest_error_ulp(-745.2, -708, our_exp, exact_exp), 2.0);  // subnormal results
}

// Every 97th float between the bounds.
TEST(Exp, OfFloatIsWithinItsErrorBound) {
  double largest = 0;
  for (std::uint32_t bits = 0; bits < 0x42b17217; bits += 97)  // up to 88.722
    for (const std::uint32_t sign : {0U, 0x80000000U}) {
      const float x = std::bit_cast<float>(bits | sign);
      if (x < -87.33f) continue;
      const double exact = std::exp(static_cast<double>(x));
      int exponent = 0;
      std::frexp(exact, &exponent);
      largest =
          std::max(largest, std::fabs(std::ldexp(static_cast<double>(math::exp(x)) - exact, 24 - exponent)));
    }
  EXPECT_LT(largest, 1.5);
  EXPECT_GT(largest, 0.4);
  EXPECT_EQ(math::exp(0.0f), 1.0f);
  EXPECT_EQ(math::exp(89.0f), std::numeric_limits<float>::infinity());
  EXPECT_EQ(math::exp(1e30f), std::numeric_limits<float>::infinity());
  EXPECT_EQ(math::exp(-104.0f), 0.0f);
  EXPECT_EQ(math::exp(-1e30f), 0.0f);
  EXPECT_EQ(math::exp(-103.0f), std::numeric_limits<float>::denorm_min());  // 1.4 e-45: rounds to the least
  EXPECT_TRUE(std::isnan(math::exp(std::nanf(""))));
}

TEST(Math, Expm1KeepsItsErrorBound) {
  for (const double scale : {709.7, 40.0, 2.0, 1.0, 0.1, 1e-5, 1e-10, 1e-17, 1e-300})
    EXPECT_LT(largest_error_ulp(-scale, scale, our_expm1, exact_expm1), 1.5) << scale;
}

TEST(Math, LogKeepsItsErrorBound) {
  EXPECT_LT(largest_error_ulp(0.5, 2, our_log, exact_log), 1.0);
  EXPECT_LT(largest_error_ulp(1 - 1e-7, 1 + 1e-7, our_log, exact_log), 1.0);
  EXPECT_LT(largest_error_ulp(1e-310, 1e-307, our_log, exact_log), 1.0);
  const auto log_of_exp2 = [](double x) { return math::log(std::exp2(x)); };
  const auto exact = [](long double x) {
    return std::log(static_cast<long double>(std::exp2(static_cast<double>(x))));
  };
  EXPECT_LT(largest_error_ulp(-1074, 1023.99, log_of_exp2, exact), 1.0);
}

TEST(Math, PowKeepsItsErrorBound) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> log2_base(-40, 40), exponent(-17, 17), near_one(0.9, 1.1);
  for (int k = 0; k < 300000; ++k) {
    const double x = k % 3 == 0 ? near_one(random) : std::exp2(log2_base(random));
    const double y = exponent(random) * (k % 3 == 0 ? 300 : 1);
    const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    const double bound = 1.5 + std::fabs(y * std::log(x)) / 32;
    ASSERT_LT(error_ulp(math::pow(x, y), exact), bound) << x << " ^ " << y;
  }
}

// Reduced to an eighth of a turn, which is exact, before the C library's function of radians is taken.
long double exact_sin_of_turns(long double x) {
  const long double in_turn = x - std::rint(x);
  const long double quarter = std::rint(4 * in_turn);
  const long double angle = 2 * std::acos(-1.0L) * (in_turn - quarter / 4);
  const long double value = std::fabs(quarter) == 1 ? std::cos(angle) : std::sin(angle);
  return quarter == -1 || std::fabs(quarter) == 2 ? -value : value;
}

TEST(Math, SinOfTurnsKeepsItsErrorBound) {
  const auto ours = [](double x) { return math::sin_of_turns(x); };
  for (const double scale : {0.125, 0.5, 1.0, 1e3, 1e9, 1e-3, 1e-9, 1e-300})
    EXPECT_LT(largest_error_ulp(-scale, scale, ours, exact_sin_of_turns), 1.0) << scale;
  for (const double zero : {0.5, -0.5, 1.0, 7.5})
    EXPECT_LT(largest_error_ulp(zero - 1e-7, zero + 1e-7, ours, exact_sin_of_turns), 1.0) << zero;
}

TEST(Math, SinOfTurnsIsExactAtQuarterTurns) {
  for (const double whole : {0.0, 1.0, -3.0, 1e6, 0x1p49}) {
    EXPECT_EQ(math::sin_of_turns(whole), 0.0) << whole;
    EXPECT_EQ(math::sin_of_turns(whole + 0.25), 1.0) << whole;
    EXPECT_EQ(math::sin_of_turns(whole + 0.5), 0.0) << whole;
    EXPECT_EQ(math::sin_of_turns(whole - 0.25), -1.0) << whole;
  }
  EXPECT_TRUE(std::isnan(math::sin_of_turns(kNaN)));
}

TEST(Math, SpecialValuesAreThoseOfTheStandard) {
  EXPECT_EQ(math::exp(0.0), 1.0);
  EXPECT_EQ(math::exp(-kInfinity), 0.0);
  EXPECT_EQ(math::exp(kInfinity), kInfinity);
  EXPECT_EQ(math::exp(709.79), kInfinity);
  EXPECT_EQ(math::exp(-746.0), 0.0);
  EXPECT_EQ(math::exp(-745.13), std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(std::isnan(math::exp(kNaN)));

  EXPECT_EQ(math::expm1(0.0), 0.0);
  EXPECT_TRUE(std::signbit(math::expm1(-0.0)));
  EXPECT_EQ(math::expm1(-kInfinity), -1.0);
  EXPECT_EQ(math::expm1(kInfinity), kInfinity);
  EXPECT_EQ(math::expm1(5e-324), 5e-324);
  EXPECT_TRUE(std::isnan(math::expm1(kNaN)));

  EXPECT_EQ(math::log(1.0), 0.0);
  EXPECT_EQ(math::log(0.0), -kInfinity);
  EXPECT_EQ(math::log(-0.0), -kInfinity);
  EXPECT_EQ(math::log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(math::log(-1.0)));
  EXPECT_TRUE(std::isnan(math::log(kNaN)));

  EXPECT_EQ(math::pow(0.0, 0.0), 1.0);
  EXPECT_EQ(math::pow(0.0, 0.5), 0.0);
  EXPECT_EQ(math::pow(0.0, -0.5), kInfinity);
  EXPECT_EQ(math::pow(7.5, 0.0), 1.0);
  EXPECT_EQ(math::pow(1.0, 1e300), 1.0);
  EXPECT_EQ(math::pow(2.0, 10.0), 1024.0);
  EXPECT_EQ(math::pow(2.0, 1e300), kInfinity);
  EXPECT_EQ(math::pow(0.5, 1e300), 0.0);
  EXPECT_EQ(math::pow(kInfinity, 2.0), kInfinity);
  EXPECT_EQ(math::pow(kInfinity, -2.0), 0.0);
  EXPECT_TRUE(std::isnan(math::pow(-1.0, 0.5)));
  EXPECT_TRUE(std::isnan(math::pow(kNaN, 0.5)));

  EXPECT_EQ(math::inverse_normal(0.5), 0.0);
  EXPECT_EQ(math::inverse_normal(0.0), -kInfinity);
  EXPECT_EQ(math::inverse_normal(1.0), kInfinity);
  for (const double outside : {-1e-300, 1.0000000000000002, kNaN})
    EXPECT_TRUE(std::isnan(math::inverse_normal(outside))) << outside;
}

// One Newton step of the exact distribution function from the computed quantile gives its error. Near the
// middle the function is taken as an odd one of p - 1/2, in the tails as small probability, so that nothing
// cancels.
double inverse_normal_relative_error(double p) {
  const double z = math::inverse_normal(p);
  const auto x = static_cast<long double>(z);
  const long double sqrt_half = std::sqrt(0.5L);
  const long double density = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0L));
  long double miss;
  if (std::fabs(p - 0.5) < 0.25) {
    miss = std::erf(x * sqrt_half) / 2 - static_cast<long double>(p - 0.5);
  } else if (p < 0.5) {
    miss = std::erfc(-x * sqrt_half) / 2 - static_cast<long double>(p);
  } else {
    miss = static_cast<long double>(1 - p) - std::erfc(x * sqrt_half) / 2;
  }
  return static_cast<double>(std::fabs(miss / density / x));
}

TEST(InverseNormal, KeepsItsErrorBound) {
  constexpr double kBound = 2e-15;
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(0, 1), decades(-300, -1);
  for (int k = 0; k < 200000; ++k) {
    ASSERT_LT(inverse_normal_relative_error(uniform(random)), kBound);
    const double tail = std::pow(10.0, decades(random));
    ASSERT_LT(inverse_normal_relative_error(tail), kBound) << tail;
    ASSERT_LT(inverse_normal_relative_error(0.5 + std::max(tail, 1e-15)), kBound) << "1/2 + " << tail;
  }
  // Either side of where one approximation hands over to the next: 0.075, 0.925, e^-25.
  for (const double edge : {0.075, 0.925, 1.3887943864964021e-11})
    for (const double p : {std::nextafter(edge, 0.0), edge, std::nextafter(edge, 1.0)})
      EXPECT_LT(inverse_normal_relative_error(p), kBound) << p;
}

// scipy.stats.norm.ppf, 1.10
TEST(InverseNormal, GivesKnownQuantiles) {
  EXPECT_NEAR(math::inverse_normal(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(math::inverse_normal(0.001), -3.090232306167813, 2e-15);
}

TEST(StandardNormal, IsTheQuantileOfTheWordAndAntisymmetric) {
  std::mt19937 random(6);
  for (int k = 0; k < 300000; ++k) {
    const auto word = static_cast<std::uint32_t>(random());
    const double z = math::standard_normal(word);
    ASSERT_EQ(z, math::inverse_normal((word + 0.5) * 0x1p-32)) << word;
    ASSERT_EQ(z, -math::standard_normal(~word)) << word;
  }
  EXPECT_NEAR(math::standard_normal(0), -6.337957754553790, 1e-14);  // of 2^-33
}

TEST(StandardNormal, NeverDecreases) {
  const auto expect_ascending = [](std::uint32_t first, std::uint32_t count, std::uint32_t stride) {
    double before = math::standard_normal(first);
    for (std::uint32_t k = 1; k < count; ++k) {
      const double z = math::standard_normal(first + k * stride);
      ASSERT_LT(before, z) << first + k * stride;
      before = z;
    }
  };
  expect_ascending(0, 100000, 1);
  expect_ascending(0x80000000U - 50000, 100000, 1);  // the middle
  expect_ascending(322122546U - 50000, 100000, 1);   // where the tail ends
  expect_ascending(3972844749U - 50000, 100000, 1);
  expect_ascending(0xffffffffU - 99999, 100000, 1);
  expect_ascending(0, 429496, 10000);
}

}  // namespace
}  // namespace sharpwave
