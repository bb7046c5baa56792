// The key of a random stream: from what it is drawn for, a seed and a name, so that editing one object leaves
// the draws of the others alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/philox.hpp"

namespace sharpwave {

/// The first 64 bits of SHA-256(purpose 0x00 seed u64 little-endian, name).
[[nodiscard]] PhiloxKey stream_key(RandomPurpose purpose, std::uint64_t seed, std::string_view name);

}  // namespace sharpwave
