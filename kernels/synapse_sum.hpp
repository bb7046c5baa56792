// Sums of it tell one set of synapses from another, in whatever order they are added up.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

struct SynapseSum {
  SHARPWAVE_HD void add(std::uint32_t target, std::int32_t delay, std::int64_t weight_units) {
    const std::uint64_t place = std::uint64_t{target} << 32 | static_cast<std::uint32_t>(delay);
    const std::uint64_t mixed =
        (place * 0x9e3779b97f4a7c15u) ^ (static_cast<std::uint64_t>(weight_units) * 0xd6e8feb86659fd93u);
    sum += mixed ^ (mixed >> 29);
  }
  // Of what leaves one source through one projection, whose weights are multiples of 2^-exponent.
  [[nodiscard]] SHARPWAVE_HD std::uint64_t of(std::uint32_t source,
                                              const std::array<int, 2>& exponent) const {
    const auto grid = static_cast<std::uint32_t>(exponent[0] * 4096 + exponent[1]);
    const std::uint64_t mixed = sum * (2 * (std::uint64_t{source} << 32 | grid) + 1);
    return (mixed ^ (mixed >> 32)) * 0xa0761d6478bd642fu;
  }

  std::uint64_t sum = 0;
};

}  // namespace sharpwave
