#include "host/network/distribution.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "host/base/error.hpp"
#include "kernels/math.hpp"

namespace sharpwave {
namespace {

// The standard normal cumulative distribution as the inverse of our inverse_normal, by bisection over the
// bit patterns of p: exact to the last bit of its inverse, and the same on every machine.
double normal_cdf(double z) {
  if (z == 0) return 0.5;
  if (z > 0) return 1.0 - normal_cdf(-z);
  std::uint64_t low = std::bit_cast<std::uint64_t>(0x1p-1000);
  std::uint64_t high = std::bit_cast<std::uint64_t>(0.5);
  if (!(math::inverse_normal(std::bit_cast<double>(low)) < z)) return 0;
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (math::inverse_normal(std::bit_cast<double>(middle)) < z)
      low = middle;
    else
      high = middle;
  }
  return std::bit_cast<double>(high);
}

DrawKind kind_of(Distribution::Kind kind) {
  switch (kind) {
    case Distribution::Kind::constant:
      return DrawKind::constant;
    case Distribution::Kind::normal:
      return DrawKind::normal;
    case Distribution::Kind::lognormal:
      return DrawKind::lognormal;
    case Distribution::Kind::uniform:
      return DrawKind::uniform;
  }
  return DrawKind::constant;
}

// Probability below x.
double cumulative(const Distribution& d, double x) {
  switch (d.kind) {
    case Distribution::Kind::constant:
      return x < d.a ? 0 : 1;
    case Distribution::Kind::uniform:
      return std::clamp((x - d.a) / (d.b - d.a), 0.0, 1.0);
    case Distribution::Kind::normal:
      break;
    case Distribution::Kind::lognormal:
      if (!(x > 0)) return 0;
      x = std::isinf(x) ? x : math::log(x);
      break;
  }
  if (std::isinf(x)) return x < 0 ? 0 : 1;
  return d.b > 0 ? normal_cdf((x - d.a) / d.b) : (x < d.a ? 0 : 1);
}

}  // namespace

double mass_within_bounds(const Distribution& d) {
  if (d.kind == Distribution::Kind::constant) return d.a >= d.low && d.a <= d.high ? 1 : 0;
  return std::max(0.0, cumulative(d, d.high) - cumulative(d, d.low));
}

DrawParameters draw_parameters(const Distribution& distribution) {
  DrawParameters p{.kind = kind_of(distribution.kind),
                   .a = distribution.a,
                   .b = distribution.b,
                   .u_low = 0,
                   .u_width = 1,
                   .clip_low = distribution.low,
                   .clip_high = distribution.high};
  const bool degenerate = distribution.kind == Distribution::Kind::constant ||
                          (distribution.kind != Distribution::Kind::uniform && !(distribution.b > 0));
  if (distribution.bounds == Distribution::Bounds::none) {
    p.clip_low = -std::numeric_limits<double>::infinity();
    p.clip_high = std::numeric_limits<double>::infinity();
  } else if (distribution.bounds == Distribution::Bounds::redraw && !degenerate) {
    p.u_low = cumulative(distribution, distribution.low);
    p.u_width = cumulative(distribution, distribution.high) - p.u_low;
    if (!(p.u_width > 1e-9))
      throw Error(ExitCode::invalid_config, "a distribution's bounds [" + std::to_string(distribution.low) +
                                                ", " + std::to_string(distribution.high) +
                                                "] hold almost none of its probability");
  }
  return p;
}

Range range_of(const Distribution& distribution) {
  const DrawParameters p = draw_parameters(distribution);
  const double first = draw(p, math::uniform(0u));
  const double last = draw(p, math::uniform(0xffffffffu));
  return {std::min(first, last), std::max(first, last)};
}

Range range_of(const Values& values) {
  if (const auto* distribution = std::get_if<Distribution>(&values)) return range_of(*distribution);
  const auto& list = std::get<std::vector<double>>(values);
  if (list.empty()) return {};
  const auto [low, high] = std::minmax_element(list.begin(), list.end());
  return {*low, *high};
}

std::vector<double> element_values(const Values& values, std::uint32_t size, const std::string& name,
                                   RandomPurpose purpose, std::uint64_t seed, StreamRegistry& streams) {
  if (const auto* list = std::get_if<std::vector<double>>(&values)) return *list;
  const auto& distribution = std::get<Distribution>(values);
  if (distribution.kind == Distribution::Kind::constant) return {distribution.a};
  const PhiloxKey key = streams.key(purpose, seed, name);
  const DrawParameters parameters = draw_parameters(distribution);
  std::vector<double> result(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const PhiloxBlock block = philox4x32_10(key, i, 0);
    result[i] = draw(parameters, uniform_of(block.w0, block.w1));
  }
  return result;
}

}  // namespace sharpwave
