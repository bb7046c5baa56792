// A random projection of many numbers to few: each source adds to one of the dimensions of each of eight
// blocks, with a sign. Lengths and angles are kept about as well as by a dense matrix of signs, in eight
// additions a source (Kane & Nelson 2014, doi:10.1145/2559902, the block construction).
#pragma once

#include <array>
#include <cstdint>

#include "kernels/philox.hpp"

namespace sharpwave {

inline constexpr std::uint32_t kProjectionBlocks = 8;

/// Where a source adds to, and with which sign.
struct ProjectionEntry {
  std::uint32_t dimension = 0;
  bool is_negative = false;
};

/// Block b of n dimensions has those from b n / 8 to (b + 1) n / 8, rounded down.
/// @param key        of RandomPurpose::projection_of_counts.
/// @param dimension  of the result, at least 8.
constexpr std::array<ProjectionEntry, kProjectionBlocks> projection_of(PhiloxKey key, std::uint64_t source,
                                                                       std::uint32_t dimension) {
  std::array<ProjectionEntry, kProjectionBlocks> entries{};
  for (std::uint32_t half = 0; half < 2; ++half) {
    const PhiloxBlock words = philox4x32_10(key, source, half);
    const std::uint32_t of_half[4] = {words.w0, words.w1, words.w2, words.w3};
    for (std::uint32_t k = 0; k < 4; ++k) {
      const std::uint64_t block = half * 4 + k;
      const auto begin = static_cast<std::uint32_t>(block * dimension / kProjectionBlocks);
      const auto end = static_cast<std::uint32_t>((block + 1) * dimension / kProjectionBlocks);
      // The lowest bit is the sign; what is above it, a number in [0, 1), the place.
      const std::uint64_t place = std::uint64_t{of_half[k] >> 1} * (end - begin) >> 31;
      entries[block] = {begin + static_cast<std::uint32_t>(place), (of_half[k] & 1) != 0};
    }
  }
  return entries;
}

}  // namespace sharpwave
