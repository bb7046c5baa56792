// Synaptic input is summed in integers: a value is an integer ("grid value") times 2^-exponent. The sum then
// does not depend on the order of delivery, and its range is known before the run.
#pragma once

#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// Exponents that a grid may have. 2^-96 is the last power of two above 1e-30, below which currents are set
/// to zero in the step; 2^64 is far beyond any current or potential.
inline constexpr int kCoarsestGridExponent = -64;
inline constexpr int kFinestGridExponent = 96;

/// 2^exponent, exact. `exponent` within the normal doubles, [-1022, 1023].
SHARPWAVE_HD constexpr double power_of_two(int exponent) {
  return __builtin_bit_cast(double, static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// Nearest integer, ties to even, in the default rounding mode; any finite value.
SHARPWAVE_HD constexpr double round_to_even(double x) {
  constexpr double kTwo52 = 4503599627370496.0;  // doubles from here on are integers
  const double magnitude = x < 0 ? -x : x;
  const double rounded = (magnitude + kTwo52) - kTwo52;
  return magnitude < kTwo52 ? (x < 0 ? -rounded : rounded) : x;
}

/// True if `value`, rounded to the grid, is at most 2^(bits-1) - 1 in magnitude. False for NaN.
constexpr bool fits_grid(double value, int exponent, int bits) {
  const double scaled = round_to_even((value < 0 ? -value : value) * power_of_two(exponent));
  return scaled < power_of_two(bits - 1);  // the same as <= 2^(bits-1) - 1, which no double is for 64 bits
}

/// The finest grid on which `largest_magnitude` (>= 0, finite) fits a signed integer of `bits` (2 to 64)
/// bits: the largest e with round_to_even(largest_magnitude * 2^e) <= 2^(bits-1) - 1.
///
/// Limited to [kCoarsestGridExponent, kFinestGridExponent]. Zero fits every grid and asks for none: it gives
/// the coarsest, so that it never decides when the finest of several grids is taken. A magnitude that does
/// not even fit the coarsest gives the coarsest too; ask fits_grid().
constexpr int finest_exponent(double largest_magnitude, int bits) {
  if (!(largest_magnitude > 0)) return kCoarsestGridExponent;
  const auto biased = static_cast<int>((__builtin_bit_cast(std::uint64_t, largest_magnitude) >> 52) & 0x7FF);
  // With 2^x <= magnitude < 2^(x+1), the scaled value is in [2^(bits-2), 2^(bits-1)); rounding may reach the
  // upper end. A subnormal (biased == 0) is beyond the finest grid in any case.
  int exponent = (bits - 2) - (biased - 1023);
  if (exponent > kFinestGridExponent) exponent = kFinestGridExponent;
  if (exponent < kCoarsestGridExponent) return kCoarsestGridExponent;
  if (!fits_grid(largest_magnitude, exponent, bits)) --exponent;
  return exponent < kCoarsestGridExponent ? kCoarsestGridExponent : exponent;
}

/// The grid value nearest to `value`, ties to even. |value| * 2^exponent must be below 2^63.
SHARPWAVE_HD constexpr std::int64_t to_grid(double value, int exponent) {
  return static_cast<std::int64_t>(round_to_even(value * power_of_two(exponent)));
}

/// static_cast<double>(value), correctly rounded, made of operations that AVX2 has.
SHARPWAVE_HD constexpr double grid_to_double(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  // As doubles: 2^84 + 2^63 + (high half, signed) * 2^32, and 2^52 + (low half). Subtracting the offsets is
  // exact; the last addition rounds, once.
  const double high = __builtin_bit_cast(double, (bits >> 32) ^ 0x4530000080000000U);
  const double low = __builtin_bit_cast(double, (bits & 0xFFFFFFFFU) | 0x4330000000000000U);
  constexpr double kOffsets = 0x1.00000801p84;  // 2^84 + 2^63 + 2^52
  return (high - kOffsets) + low;
}

}  // namespace sharpwave
