// Numbers as text in files that are read again.
#pragma once

#include <array>
#include <charconv>
#include <string>

namespace sharpwave {

/// The shortest text that is read as the same number.
[[nodiscard]] inline std::string number_text(double value) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

}  // namespace sharpwave
