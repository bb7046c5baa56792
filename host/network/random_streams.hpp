// Keys of random streams. Every draw is philox(key, index, draw) with a key made from (purpose, seed, name of
// the object), so editing one object leaves the draws of the others alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "host/base/stream_key.hpp"

namespace sharpwave {

/// Hands out keys and refuses two objects that would draw the same numbers.
class StreamRegistry {
 public:
  /// @throws Error(invalid_config) naming both objects where their keys are equal.
  PhiloxKey key(RandomPurpose purpose, std::uint64_t seed, std::string_view name);

 private:
  std::map<std::uint64_t, std::string> owners_;
};

}  // namespace sharpwave
