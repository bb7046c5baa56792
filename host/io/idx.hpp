// Arrays of bytes in the IDX format of the MNIST database (Y. LeCun, C. Cortes & C. J. C. Burges,
// yann.lecun.com/exdb/mnist), plain or compressed by gzip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave {

struct IdxArray {
  std::vector<std::uint32_t> shape;  ///< 1 to 4 sizes, none of them 0
  std::vector<std::uint8_t> values;  ///< the last index is the fastest
};

/// An array of more bytes is refused, also where few are behind it.
inline constexpr std::uint64_t kLargestIdxBytes = std::uint64_t{1} << 28;

/// @param file  its content.
/// @param name  for messages.
/// @throws Error(damaged_data) naming the file, where it is not whole, or holds something else than bytes.
[[nodiscard]] IdxArray read_idx(std::string_view file, const std::string& name);

}  // namespace sharpwave
