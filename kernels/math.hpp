// exp, expm1, log, pow, the sine and the inverse normal, our own: the C library's differ from one processor
// to the next (it chooses variants at run time) and from the GPU's. Only +, -, *, /, sqrt and explicit fma
// are used, which IEEE 754 fixes to the bit, without branches on the data, so that loops vectorise.
//
// Error bounds (tested against 113-bit arithmetic; an ulp is that of the exact result):
//   exp 1 ulp (2 where the result is subnormal; float 1.5), expm1 1.5 ulp, log 1 ulp,
//   pow 1.5 + |y log x| / 32 ulp, sin_of_turns 1 ulp, inverse_normal 2e-15 relative.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/portability.hpp"

namespace sharpwave::math {

namespace detail {

// ln 2 in two parts. The first has 41 bits, so that n times it is exact for every exponent n.
inline constexpr double kLn2High = 0x1.62e42fefa3p-1;
inline constexpr double kLn2Low = 0x1.3de6af278ece6p-42;
inline constexpr double kLog2E = 0x1.71547652b82fep+0;
// 1.5 * 2^52: adding it rounds to an integer, which then stands in the lowest bits.
inline constexpr double kRoundMagic = 0x1.8p52;
// 2^52: or-ing an integer below 2^52 into its bits adds that integer.
inline constexpr std::uint64_t kTwo52Bits = 0x4330000000000000U;
inline constexpr double kTwo52 = 0x1p52;

SHARPWAVE_HD std::uint64_t to_bits(double x) {
  return __builtin_bit_cast(std::uint64_t, x);
}
SHARPWAVE_HD double to_double(std::uint64_t bits) {
  return __builtin_bit_cast(double, bits);
}

/// 2^n for an integer-valued n in [-1022, 1024]; 1024 gives infinity.
SHARPWAVE_HD double exp2_integer(double n) {
  return to_double((to_bits(n + kRoundMagic) + 1023) << 52);
}

/// x = n ln 2 + r + low, with n an integer, |r| <= ln(2)/2 and low below the last bit of r.
struct ExpReduction {
  double n, r, low;
};

SHARPWAVE_HD ExpReduction reduce_exp(double x) {
  const double n = std::fma(x, kLog2E, kRoundMagic) - kRoundMagic;
  const double high = std::fma(-n, kLn2High, x);
  const double r = std::fma(-n, kLn2Low, high);
  return {n, r, std::fma(-n, kLn2Low, high - r)};
}

/// e^r - 1 - r for |r| <= ln(2)/2: the Taylor series; the first omitted term is below 2^-57.
SHARPWAVE_HD double expm1_minus_r(double r) {
  double sum = 1.0 / 6227020800.0;  // 1/13!
  sum = std::fma(sum, r, 1.0 / 479001600.0);
  sum = std::fma(sum, r, 1.0 / 39916800.0);
  sum = std::fma(sum, r, 1.0 / 3628800.0);
  sum = std::fma(sum, r, 1.0 / 362880.0);
  sum = std::fma(sum, r, 1.0 / 40320.0);
  sum = std::fma(sum, r, 1.0 / 5040.0);
  sum = std::fma(sum, r, 1.0 / 720.0);
  sum = std::fma(sum, r, 1.0 / 120.0);
  sum = std::fma(sum, r, 1.0 / 24.0);
  sum = std::fma(sum, r, 1.0 / 6.0);
  sum = std::fma(sum, r, 0.5);
  return sum * (r * r);
}

inline constexpr float kRoundMagicFloat = 0x1.8p23f;

/// 2^n for an integer-valued n in [-126, 128]; 128 gives infinity.
SHARPWAVE_HD float exp2_integer(float n) {
  const auto bits = __builtin_bit_cast(std::uint32_t, n + kRoundMagicFloat);
  return __builtin_bit_cast(float, (bits + 127) << 23);
}

/// e^(x + x_low) for |x_low| far below |x|. Scaled in two factors, so that subnormal results are rounded once
/// more and nothing overflows early.
SHARPWAVE_HD double exp_sum(double x, double x_low) {
  // Beyond these the result is infinite or zero. NaN passes both comparisons.
  double clamped = x > 710.0 ? 710.0 : x;
  clamped = clamped < -746.0 ? -746.0 : clamped;
  const ExpReduction e = reduce_exp(clamped);
  const double tail = expm1_minus_r(e.r);
  const double low = e.low + x_low;
  const double mantissa = 1.0 + (e.r + (tail + std::fma(low, e.r + tail, low)));
  const double n_half = std::fma(e.n, 0.5, kRoundMagic) - kRoundMagic;
  return mantissa * exp2_integer(n_half) * exp2_integer(e.n - n_half);
}

/// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), for x > 0 and finite; subnormals included.
struct LogReduction {
  double k, f;
};

SHARPWAVE_HD LogReduction reduce_log(double x) {
  constexpr std::uint64_t kSqrtHalfBits = 0x3FE6A09E667F3BCDU;
  constexpr std::uint64_t kOneBits = 0x3FF0000000000000U;
  constexpr std::uint64_t kMantissaMask = 0x000FFFFFFFFFFFFFU;
  const bool subnormal = x < std::numeric_limits<double>::min();
  const double normal = subnormal ? x * 0x1p54 : x;
  const std::uint64_t shifted = to_bits(normal) + (kOneBits - kSqrtHalfBits);
  const double k = to_double((shifted >> 52) | kTwo52Bits) - (kTwo52 + 1023.0);
  const double m = to_double((shifted & kMantissaMask) + kSqrtHalfBits);
  return {subnormal ? k - 54.0 : k, m - 1.0};
}

/// 2 (atanh(s)/s - 1) by its series in z = s^2, for |s| <= (sqrt(2)-1)/(sqrt(2)+1) = 0.172; the first omitted
/// term is below 2^-58.
SHARPWAVE_HD double atanh_series(double z) {
  double sum = 2.0 / 21.0;
  sum = std::fma(sum, z, 2.0 / 19.0);
  sum = std::fma(sum, z, 2.0 / 17.0);
  sum = std::fma(sum, z, 2.0 / 15.0);
  sum = std::fma(sum, z, 2.0 / 13.0);
  sum = std::fma(sum, z, 2.0 / 11.0);
  sum = std::fma(sum, z, 2.0 / 9.0);
  sum = std::fma(sum, z, 2.0 / 7.0);
  sum = std::fma(sum, z, 2.0 / 5.0);
  sum = std::fma(sum, z, 2.0 / 3.0);
  return sum * z;
}

/// log x for x > 0 and finite. log(1+f) = 2 atanh(s) with s = f/(2+f), written so that f, which is exact,
/// carries the leading digits.
SHARPWAVE_HD double log_positive(double x) {
  const LogReduction l = reduce_log(x);
  const double s = l.f / (2.0 + l.f);
  const double half_square = 0.5 * l.f * l.f;
  const double series = atanh_series(s * s);
  const double correction = half_square - std::fma(s, half_square + series, l.k * kLn2Low);
  return std::fma(l.k, kLn2High, l.f - correction);
}

/// log x as a sum of two doubles, relative error below 2^-57.
struct DoubleSum {
  double high, low;
};

SHARPWAVE_HD DoubleSum log_sum(double x) {
  const LogReduction l = reduce_log(x);
  const double denominator = 2.0 + l.f;
  const double denominator_low = l.f - (denominator - 2.0);
  const double s = l.f / denominator;
  const double s_low = std::fma(-s, denominator_low, std::fma(-s, denominator, l.f)) / denominator;
  const double base = l.k * kLn2High;  // exact, and larger than 2s or zero
  const double sum = base + 2.0 * s;
  const double rest =
      (2.0 * s - (sum - base)) + std::fma(s, atanh_series(s * s), std::fma(2.0, s_low, l.k * kLn2Low));
  const double high = sum + rest;
  return {high, rest - (high - sum)};
}

inline constexpr double kTwoPiHigh = 0x1.921fb54442d18p+2;
inline constexpr double kTwoPiLow = 0x1.1a62633145c07p-52;

/// sin(x + low) for |x| <= pi/4 and low below the last bit of x: the Taylor series, whose first omitted term
/// is below 2^-62.
SHARPWAVE_HD double sin_near_zero(double x, double low) {
  const double z = x * x;
  double sum = 1.0 / 355687428096000.0;  // 1/17!
  sum = std::fma(sum, z, -1.0 / 1307674368000.0);
  sum = std::fma(sum, z, 1.0 / 6227020800.0);
  sum = std::fma(sum, z, -1.0 / 39916800.0);
  sum = std::fma(sum, z, 1.0 / 362880.0);
  sum = std::fma(sum, z, -1.0 / 5040.0);
  sum = std::fma(sum, z, 1.0 / 120.0);
  sum = std::fma(sum, z, -1.0 / 6.0);
  return x + std::fma(sum * z, x, std::fma(-0.5 * z, low, low));
}

/// cos(x + low) in the same range. 1 - x^2/2 is taken apart, so that what its rounding loses is added.
SHARPWAVE_HD double cos_near_zero(double x, double low) {
  const double z = x * x;
  double sum = 1.0 / 20922789888000.0;  // 1/16!
  sum = std::fma(sum, z, -1.0 / 87178291200.0);
  sum = std::fma(sum, z, 1.0 / 479001600.0);
  sum = std::fma(sum, z, -1.0 / 3628800.0);
  sum = std::fma(sum, z, 1.0 / 40320.0);
  sum = std::fma(sum, z, -1.0 / 720.0);
  sum = std::fma(sum, z, 1.0 / 24.0);
  const double half = 0.5 * z;
  const double leading = 1.0 - half;
  return leading + (((1.0 - leading) - half) + std::fma(sum * z, z, -x * low));
}

// Wichura 1988, algorithm AS 241 (PPND16), doi:10.2307/2347330: rational approximations of the inverse
// normal, about 1e-16 relative, in the middle, in the tail, and beyond e^-25.
SHARPWAVE_HD double normal_middle_numerator(double r) {
  double sum = 2.5090809287301226727e+3;
  sum = std::fma(sum, r, 3.3430575583588128105e+4);
  sum = std::fma(sum, r, 6.7265770927008700853e+4);
  sum = std::fma(sum, r, 4.5921953931549871457e+4);
  sum = std::fma(sum, r, 1.3731693765509461125e+4);
  sum = std::fma(sum, r, 1.9715909503065514427e+3);
  sum = std::fma(sum, r, 1.3314166789178437745e+2);
  return std::fma(sum, r, 3.3871328727963666080e+0);
}

SHARPWAVE_HD double normal_middle_denominator(double r) {
  double sum = 5.2264952788528545610e+3;
  sum = std::fma(sum, r, 2.8729085735721942674e+4);
  sum = std::fma(sum, r, 3.9307895800092710610e+4);
  sum = std::fma(sum, r, 2.1213794301586595867e+4);
  sum = std::fma(sum, r, 5.3941960214247511077e+3);
  sum = std::fma(sum, r, 6.8718700749205790830e+2);
  sum = std::fma(sum, r, 4.2313330701600911252e+1);
  return std::fma(sum, r, 1.0);
}

SHARPWAVE_HD double normal_tail_numerator(double r) {
  double sum = 7.74545014278341407640e-4;
  sum = std::fma(sum, r, 2.27238449892691845833e-2);
  sum = std::fma(sum, r, 2.41780725177450611770e-1);
  sum = std::fma(sum, r, 1.27045825245236838258e+0);
  sum = std::fma(sum, r, 3.64784832476320460504e+0);
  sum = std::fma(sum, r, 5.76949722146069140550e+0);
  sum = std::fma(sum, r, 4.63033784615654529590e+0);
  return std::fma(sum, r, 1.42343711074968357734e+0);
}

SHARPWAVE_HD double normal_tail_denominator(double r) {
  double sum = 1.05075007164441684324e-9;
  sum = std::fma(sum, r, 5.47593808499534494600e-4);
  sum = std::fma(sum, r, 1.51986665636164571966e-2);
  sum = std::fma(sum, r, 1.48103976427480074590e-1);
  sum = std::fma(sum, r, 6.89767334985100004550e-1);
  sum = std::fma(sum, r, 1.67638483018380384940e+0);
  sum = std::fma(sum, r, 2.05319162663775882187e+0);
  return std::fma(sum, r, 1.0);
}

SHARPWAVE_HD double normal_far_tail(double r) {
  double numerator = 2.01033439929228813265e-7;
  numerator = std::fma(numerator, r, 2.71155556874348757815e-5);
  numerator = std::fma(numerator, r, 1.24266094738807843860e-3);
  numerator = std::fma(numerator, r, 2.65321895265761230930e-2);
  numerator = std::fma(numerator, r, 2.96560571828504891230e-1);
  numerator = std::fma(numerator, r, 1.78482653991729133580e+0);
  numerator = std::fma(numerator, r, 5.46378491116411436990e+0);
  numerator = std::fma(numerator, r, 6.65790464350110377720e+0);
  double denominator = 2.04426310338993978564e-15;
  denominator = std::fma(denominator, r, 1.42151175831644588870e-7);
  denominator = std::fma(denominator, r, 1.84631831751005468180e-5);
  denominator = std::fma(denominator, r, 7.86869131145613259100e-4);
  denominator = std::fma(denominator, r, 1.48753612908506148525e-2);
  denominator = std::fma(denominator, r, 1.36929880922735805310e-1);
  denominator = std::fma(denominator, r, 5.99832206555887937690e-1);
  denominator = std::fma(denominator, r, 1.0);
  return numerator / denominator;
}

inline constexpr double kNormalMiddle = 0.425;  // |p - 1/2| up to which the middle one holds
inline constexpr double kNormalMiddleSquared = 0.180625;
inline constexpr double kNormalTailOrigin = 1.6;
inline constexpr double kNormalFarTail = 5.0;  // in sqrt(-log p)

/// The inverse normal where |p - 1/2| <= kNormalMiddle.
SHARPWAVE_HD double inverse_normal_middle(double p) {
  const double q = p - 0.5;
  const double r = std::fma(-q, q, kNormalMiddleSquared);
  return q * normal_middle_numerator(r) / normal_middle_denominator(r);
}

/// The inverse normal elsewhere in (e^-25, 1 - e^-25).
SHARPWAVE_HD double inverse_normal_tail(double p) {
  const double nearer_end = p < 0.5 ? p : 1.0 - p;
  const double r = std::sqrt(-log_positive(nearer_end)) - kNormalTailOrigin;
  return std::copysign(normal_tail_numerator(r) / normal_tail_denominator(r), p - 0.5);
}

/// Both, without branches.
SHARPWAVE_HD double inverse_normal_near(double p) {
  const double middle = inverse_normal_middle(p);
  const double tail = inverse_normal_tail(p);
  return std::fabs(p - 0.5) <= kNormalMiddle ? middle : tail;
}

}  // namespace detail

/// e^x. Exact at 0 and at +-infinity.
SHARPWAVE_HD double exp(double x) {
  return detail::exp_sum(x, 0.0);
}

/// The same in float. Above 88.73 it is infinite, below -103.98 it is 0.
SHARPWAVE_HD float exp(float x) {
  float clamped = x > 89.0f ? 89.0f : x;
  clamped = clamped < -104.0f ? -104.0f : clamped;
  const float n = std::fma(clamped, 0x1.715476p+0f, detail::kRoundMagicFloat) - detail::kRoundMagicFloat;
  const float high = std::fma(-n, 0x1.62e4p-1f, clamped);  // 15 bits of ln 2: n times it is exact
  const float r = std::fma(-n, 0x1.7f7d1cp-20f, high);
  float sum = 1.0f / 5040;
  sum = std::fma(sum, r, 1.0f / 720);
  sum = std::fma(sum, r, 1.0f / 120);
  sum = std::fma(sum, r, 1.0f / 24);
  sum = std::fma(sum, r, 1.0f / 6);
  sum = std::fma(sum, r, 0.5f);
  const float mantissa = 1.0f + std::fma(sum, r * r, r);
  const float n_half = std::fma(n, 0.5f, detail::kRoundMagicFloat) - detail::kRoundMagicFloat;
  return mantissa * detail::exp2_integer(n_half) * detail::exp2_integer(n - n_half);
}

/// e^x - 1, accurate near 0.
SHARPWAVE_HD double expm1(double x) {
  // Below -40 the result is -1 to the last bit; above 710, infinite.
  double clamped = x > 710.0 ? 710.0 : x;
  clamped = clamped < -40.0 ? -40.0 : clamped;
  const detail::ExpReduction e = detail::reduce_exp(clamped);
  const double tail = detail::expm1_minus_r(e.r);
  const double small = tail + std::fma(e.low, e.r + tail, e.low);
  // 2^n (1 + r + small) - 1, at half size so that 2^1024 does not appear.
  const double half_scale = detail::exp2_integer(e.n - 1.0);
  const double half = std::fma(half_scale, small, std::fma(half_scale, e.r, half_scale - 0.5));
  // Halving would cost a subnormal its last bit, and -0 its sign.
  return std::fabs(x) < 0x1p-54 ? x : 2.0 * half;
}

/// Natural logarithm. -infinity at 0, NaN below.
SHARPWAVE_HD double log(double x) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double finite = detail::log_positive(x);
  const double upper = x < kInfinity ? finite : x;  // infinity and NaN are their own logarithms
  const double lower = x < 0 ? std::numeric_limits<double>::quiet_NaN() : -kInfinity;
  return x <= 0 ? lower : upper;
}

/// x^y for x >= 0 and finite y; NaN for x < 0. 0^0 = 1.
SHARPWAVE_HD double pow(double x, double y) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const detail::DoubleSum l = detail::log_sum(x);
  const double product = y * l.high;
  const double product_low = std::fma(y, l.low, std::fma(y, l.high, -product));
  // Where the product itself overflows its low part is not a number, and irrelevant.
  const double finite = detail::exp_sum(product, std::fabs(product) < 1000.0 ? product_low : 0.0);
  const double at_zero = y > 0 ? 0.0 : kInfinity;
  const double at_infinity = y > 0 ? kInfinity : 0.0;
  double result = x < kInfinity ? finite : at_infinity;
  result = x > 0 ? result : at_zero;
  result = x >= 0 ? result : std::numeric_limits<double>::quiet_NaN();
  return y == 0 ? 1.0 : result;
}

/// sin(2 pi x), x in turns, |x| <= 2^50. Exact at every quarter turn: nothing of the argument is lost,
/// however many turns it has.
SHARPWAVE_HD double sin_of_turns(double x) {
  const double in_turn = x - ((x + detail::kRoundMagic) - detail::kRoundMagic);  // [-1/2, 1/2], exact
  const double quarter = std::fma(4.0, in_turn, detail::kRoundMagic) - detail::kRoundMagic;
  const double rest = std::fma(-0.25, quarter, in_turn);  // [-1/8, 1/8], exact
  const double angle = rest * detail::kTwoPiHigh;
  const double low = std::fma(rest, detail::kTwoPiLow, std::fma(rest, detail::kTwoPiHigh, -angle));
  const double sine = detail::sin_near_zero(angle, low);
  const double cosine = detail::cos_near_zero(angle, low);
  const double magnitude = std::fabs(quarter);
  const double value = magnitude == 1.0 ? cosine : sine;
  const bool negative = (quarter == -1.0) | (magnitude == 2.0);
  return negative ? -value : value;
}

/// The standard normal quantile of p: -infinity at 0, +infinity at 1, NaN outside [0, 1].
SHARPWAVE_HD double inverse_normal(double p) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (std::fabs(p - 0.5) <= detail::kNormalMiddle) return detail::inverse_normal_middle(p);
  const double nearer_end = p < 0.5 ? p : 1.0 - p;
  if (nearer_end == 0) return p < 0.5 ? -kInfinity : kInfinity;
  const double r = std::sqrt(-detail::log_positive(nearer_end));
  if (r <= detail::kNormalFarTail) return detail::inverse_normal_tail(p);
  return std::copysign(detail::normal_far_tail(r - detail::kNormalFarTail), p - 0.5);
}

/// (word + 1/2) 2^-32, exact: uniform in (0, 1) from a uniform word.
SHARPWAVE_HD double uniform(std::uint32_t word) {
  return (detail::to_double(detail::kTwo52Bits | word) - (detail::kTwo52 - 0.5)) * 0x1p-32;
}

/// A standard normal number from a uniform word: inverse_normal(uniform(word)), the same bits, without
/// branches. Antisymmetric: standard_normal(~word) == -standard_normal(word). Within +-6.34.
SHARPWAVE_HD double standard_normal(std::uint32_t word) {
  return detail::inverse_normal_near(uniform(word));
}

}  // namespace sharpwave::math
