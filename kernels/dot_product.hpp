// The similarity of two embeddings.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/portability.hpp"

#if defined(__FMA__) && !defined(__CUDACC__)
#include <immintrin.h>
#endif

namespace sharpwave {

/// The sum of a[i] b[i]; of vectors of length 1 their cosine.
/// @param a, b  [n]; not aligned in any way.
/// Sixteen sums run beside each other and are added up pairwise, so that the result does not depend on who
/// computes it and with what instructions.
SHARPWAVE_HD float dot_product(const float* a, const float* b, std::uint32_t n) {
  constexpr std::uint32_t kLanes = 16;
  float sums[kLanes] = {};
  std::uint32_t i = 0;
#if defined(__FMA__) && !defined(__CUDACC__)
  // The loop below, which g++ 12 leaves scalar.
  __m256 low = _mm256_setzero_ps();
  __m256 high = _mm256_setzero_ps();
  for (; i + kLanes <= n; i += kLanes) {
    low = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), low);
    high = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), high);
  }
  _mm256_storeu_ps(sums, low);
  _mm256_storeu_ps(sums + 8, high);
#else
  for (; i + kLanes <= n; i += kLanes)
    for (std::uint32_t lane = 0; lane < kLanes; ++lane)
      sums[lane] = std::fma(a[i + lane], b[i + lane], sums[lane]);
#endif
  for (std::uint32_t lane = 0; i < n; ++i, ++lane) sums[lane] = std::fma(a[i], b[i], sums[lane]);
  for (std::uint32_t half = kLanes / 2; half > 0; half /= 2)
    for (std::uint32_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return sums[0];
}

}  // namespace sharpwave
