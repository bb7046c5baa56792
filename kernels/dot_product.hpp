// The similarity of two embeddings.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/portability.hpp"

namespace sharpwave {

/// The sum of a[i] b[i]; of vectors of length 1 their cosine.
/// @param a, b  [n]; not aligned in any way.
/// Sixteen sums run beside each other and are added up pairwise, so that the result does not depend on who
/// computes it and with what instructions.
SHARPWAVE_HD float dot_product(const float* a, const float* b, std::uint32_t n) {
  constexpr std::uint32_t kLanes = 16;
  float sums[kLanes] = {};
  std::uint32_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
      sums[lane] = std::fma(a[i + lane], b[i + lane], sums[lane]);
  for (std::uint32_t lane = 0; i < n; ++i, ++lane) sums[lane] = std::fma(a[i], b[i], sums[lane]);
  for (std::uint32_t half = kLanes / 2; half > 0; half /= 2)
    for (std::uint32_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return sums[0];
}

}  // namespace sharpwave
