// Embeddings as they come from outside, brought to length 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sharpwave::memory {

/// The largest dimension of embeddings.
inline constexpr std::uint32_t kMaxDimension = 4096;

/// `values` divided by their Euclidean length, which is computed in double precision: it neither overflows
/// nor vanishes, whatever finite values they are.
///
/// @param dimension  how many there have to be; 0: any number from 1 to kMaxDimension.
/// @throws Error(usage) where they are of another number, where one is not finite, naming the first, or where
/// all are 0.
[[nodiscard]] std::vector<float> unit_vector(std::span<const float> values, std::uint32_t dimension);

}  // namespace sharpwave::memory
