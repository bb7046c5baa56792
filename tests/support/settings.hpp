// Numbers that the environment sets, for tests that can be made longer.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace sharpwave::test {

inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace sharpwave::test
