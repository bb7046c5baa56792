// Values of a distribution from uniform random words, and the integers that they become.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/math.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

enum class DrawKind { constant, normal, lognormal, uniform };

/// Distribution with its bounds resolved into the range of the uniform variable; see
/// host/network/distribution.hpp.
struct DrawParameters {
  DrawKind kind = DrawKind::constant;
  double a = 0;  ///< as in Distribution
  double b = 0;
  double u_low = 0;  ///< a uniform u in (0,1) becomes u_low + u_width * u
  double u_width = 1;
  double clip_low = 0;
  double clip_high = 0;
};

/// Normal draws stay within +-6.65 standard deviations, where the vectorised quantile is accurate.
inline constexpr double kLeastUniform = 0x1p-36;

/// Two words to a uniform in (0, 1) of 53 bits.
SHARPWAVE_HD constexpr double uniform_of(std::uint32_t low, std::uint32_t high) {
  const std::uint64_t bits = ((std::uint64_t{high} << 32) | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

SHARPWAVE_HD double clamped(double x, double low, double high) {
  const double floored = x < low ? low : x;
  return floored > high ? high : floored;
}

/// The value at a uniform u in (0, 1). The CPU's vectors do the same in CpuKernels::draw_values.
SHARPWAVE_HD double draw(const DrawParameters& p, double u) {
  double v = std::fma(p.u_width, u, p.u_low);
  if (p.kind == DrawKind::normal || p.kind == DrawKind::lognormal)
    v = clamped(v, kLeastUniform, 1 - kLeastUniform);
  double x = p.a;
  switch (p.kind) {
    case DrawKind::constant:
      break;
    case DrawKind::uniform:
      x = std::fma(p.b - p.a, v, p.a);
      break;
    case DrawKind::normal:
      x = std::fma(p.b, math::inverse_normal(v), p.a);
      break;
    case DrawKind::lognormal:
      x = math::exp(std::fma(p.b, math::inverse_normal(v), p.a));
      break;
  }
  return clamped(x, p.clip_low, p.clip_high);
}

/// The integer nearest to value * scale, ties to even, within [low, high], which are below 2^31.
SHARPWAVE_HD std::int32_t nearest_within(double value, double scale, double low, double high) {
  // Adding and subtracting 1.5 * 2^52 rounds to nearest even for |x| < 2^51.
  constexpr double kRounder = 6755399441055744.0;
  return static_cast<std::int32_t>((clamped(value * scale, low, high) + kRounder) - kRounder);
}

}  // namespace sharpwave
