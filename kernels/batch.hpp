// The same functions over arrays, to the bit, where a plain loop over the scalar form costs much more: used
// where hundreds of millions of synapses are drawn.
//
// Everything here depends on the instruction set that it is compiled for, so all of it is inlined: a copy of
// one instruction set that the linker shares with a file of another would end in an illegal instruction.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/math.hpp"
#include "kernels/philox.hpp"
#include "kernels/portability.hpp"

#if defined(__AVX2__) && !defined(__CUDACC__)
#include <immintrin.h>
#endif

namespace sharpwave {

namespace detail {

#if defined(__AVX2__) && !defined(__CUDACC__)
#if defined(__AVX512F__)
using PhiloxLanes = std::uint64_t __attribute__((vector_size(64)));
SHARPWAVE_HD PhiloxLanes multiply_low_halves(PhiloxLanes a, PhiloxLanes b) {
  // The zeroing form with a full mask: g++ 12 warns inside its own header about the plain one (GCC PR
  // 105593).
  return reinterpret_cast<PhiloxLanes>(
      _mm512_maskz_mul_epu32(0xFF, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#else
using PhiloxLanes = std::uint64_t __attribute__((vector_size(32)));
SHARPWAVE_HD PhiloxLanes multiply_low_halves(PhiloxLanes a, PhiloxLanes b) {
  return reinterpret_cast<PhiloxLanes>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
#endif
constexpr int kPhiloxLanes = static_cast<int>(sizeof(PhiloxLanes) / sizeof(std::uint64_t));

constexpr int kPhiloxVectors = 2;  // two chains at once hide the multiplier's latency
constexpr int kPhiloxGroup = kPhiloxVectors * kPhiloxLanes;

SHARPWAVE_HD void store_philox(PhiloxLanes low, PhiloxLanes high, std::uint32_t* words) {
#if defined(__AVX512F__)
  const PhiloxLanes first = __builtin_shufflevector(low, high, 0, 8, 1, 9, 2, 10, 3, 11);
  const PhiloxLanes second = __builtin_shufflevector(low, high, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  const PhiloxLanes first = __builtin_shufflevector(low, high, 0, 4, 1, 5);
  const PhiloxLanes second = __builtin_shufflevector(low, high, 2, 6, 3, 7);
#endif
  std::memcpy(words, &first, sizeof first);
  std::memcpy(words + 2 * kPhiloxLanes, &second, sizeof second);
}

/// kPhiloxGroup blocks at once, one in each 64-bit lane. The upper halves of c0 and c2 are never read and
/// those of c1 and c3 only reach them, so nothing is masked until the end.
SHARPWAVE_HD void philox_group(PhiloxKey key, std::uint64_t first_index, std::uint64_t draw,
                               std::uint32_t* words) {
  PhiloxLanes c0[kPhiloxVectors], c1[kPhiloxVectors], c2[kPhiloxVectors], c3[kPhiloxVectors];
  const PhiloxLanes zero{};
  const PhiloxLanes multiplier0 = zero + 0xD2511F53U, multiplier1 = zero + 0xCD9E8D57U;
  constexpr std::uint64_t kLaneNumbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
  PhiloxLanes lane_numbers;
  std::memcpy(&lane_numbers, kLaneNumbers, sizeof lane_numbers);
  for (int v = 0; v < kPhiloxVectors; ++v) {
    c0[v] = lane_numbers + (first_index + static_cast<std::uint64_t>(v * kPhiloxLanes));
    c1[v] = c0[v] >> 32;
    c2[v] = zero + draw;
    c3[v] = c2[v] >> 32;
  }
  for (int round = 0; round < 10; ++round) {
    for (int v = 0; v < kPhiloxVectors; ++v) {
      const PhiloxLanes p0 = multiply_low_halves(c0[v], multiplier0);
      const PhiloxLanes p1 = multiply_low_halves(c2[v], multiplier1);
      c0[v] = (p1 >> 32) ^ c1[v] ^ std::uint64_t{key.k0};
      c1[v] = p1;
      c2[v] = (p0 >> 32) ^ c3[v] ^ std::uint64_t{key.k1};
      c3[v] = p0;
    }
    key.k0 += 0x9E3779B9;
    key.k1 += 0xBB67AE85;
  }
  for (int v = 0; v < kPhiloxVectors; ++v)
    store_philox((c0[v] & 0xFFFFFFFFU) | (c1[v] << 32), (c2[v] & 0xFFFFFFFFU) | (c3[v] << 32),
                 words + v * 4 * kPhiloxLanes);
}
#endif

}  // namespace detail

/// words[4*i .. 4*i+3] = the block of index first_index + i, for i in [0, n_blocks).
SHARPWAVE_HD void philox_blocks(PhiloxKey key, std::uint64_t first_index, std::uint64_t draw,
                                std::int64_t n_blocks, std::uint32_t* __restrict words) {
  std::int64_t i = 0;
#if defined(__AVX2__) && !defined(__CUDACC__)
  for (; i + detail::kPhiloxGroup <= n_blocks; i += detail::kPhiloxGroup)
    detail::philox_group(key, first_index + static_cast<std::uint64_t>(i), draw, words + 4 * i);
#endif
  for (; i < n_blocks; ++i) {
    const PhiloxBlock block = philox4x32_10(key, first_index + static_cast<std::uint64_t>(i), draw);
    std::memcpy(words + 4 * i, &block, sizeof block);
  }
}

/// out[i] = math::standard_normal(words[i]). Only the 15 % outside the middle region pay for the logarithm.
template <class Real>
SHARPWAVE_HD void standard_normals(const std::uint32_t* __restrict words, std::int64_t n,
                                   Real* __restrict out) {
  constexpr std::int64_t kChunk = 512;
  std::uint32_t tail_words[kChunk];
  std::int32_t tail_at[kChunk];
  Real tail_values[kChunk];
  for (std::int64_t begin = 0; begin < n; begin += kChunk) {
    const std::int64_t length = n - begin < kChunk ? n - begin : kChunk;
    const std::uint32_t* chunk = words + begin;
    Real* values = out + begin;
    for (std::int64_t i = 0; i < length; ++i)
      values[i] = static_cast<Real>(math::detail::inverse_normal_middle(math::uniform(chunk[i])));
    std::int64_t n_tail = 0;
    for (std::int64_t i = 0; i < length; ++i) {
      tail_words[n_tail] = chunk[i];
      tail_at[n_tail] = static_cast<std::int32_t>(i);
      n_tail += math::in_normal_tail(chunk[i]) ? 1 : 0;
    }
    for (std::int64_t t = 0; t < n_tail; ++t)
      tail_values[t] = static_cast<Real>(math::detail::inverse_normal_tail(math::uniform(tail_words[t])));
    for (std::int64_t t = 0; t < n_tail; ++t) values[tail_at[t]] = tail_values[t];
  }
}

}  // namespace sharpwave
