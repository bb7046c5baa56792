// What connection rules make of random words.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/distribution.hpp"
#include "kernels/math.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

inline constexpr std::uint32_t kNowhere = 0xffffffffu;

/// Up to so many choices 32 random bits serve, with a bias below 2.5e-4 of a probability; beyond, 64.
inline constexpr std::uint32_t kMostNarrowChoices = 1u << 20;

/// A number below n from random bits: the high part of the product.
SHARPWAVE_HD std::uint32_t number_below(std::uint32_t n, std::uint32_t low, std::uint32_t high) {
  if (n <= kMostNarrowChoices) return static_cast<std::uint32_t>((std::uint64_t{low} * n) >> 32);
  const std::uint64_t bits = (std::uint64_t{low} << 32) | high;
  return static_cast<std::uint32_t>((static_cast<unsigned __int128>(bits) * n) >> 64);
}

/// Where an element of one slice stands in another one of the same population.
struct SelfPosition {
  bool excluded = false;  ///< else it is nowhere
  std::uint32_t from_start = 0, from_stride = 1;
  std::uint32_t to_start = 0, to_stop = 0, to_stride = 1;

  [[nodiscard]] SHARPWAVE_HD std::uint32_t of(std::uint32_t position) const {
    if (!excluded) return kNowhere;
    const std::uint32_t index = from_start + position * from_stride;
    if (index < to_start || index >= to_stop || (index - to_start) % to_stride != 0) return kNowhere;
    return (index - to_start) / to_stride;
  }
};

/// Choice k of those that leave out `self`.
SHARPWAVE_HD std::uint32_t leaving_out(std::uint32_t self, std::uint32_t k) {
  return k + (k >= self ? 1 : 0);
}

/// How many targets are passed over before the next of a row whose pairs are connected with probability p.
/// @param inverse_log  1 / log(1 - p), or 0 where every pair is connected.
SHARPWAVE_HD double geometric_gap(double inverse_log, std::uint32_t low, std::uint32_t high) {
  return inverse_log != 0 ? std::floor(math::log(uniform_of(low, high)) * inverse_log) : 0;
}

}  // namespace sharpwave
