// Numbers in text: little-endian bytes in base64 (RFC 4648), as the page unpacks them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace sharpwave::report {

/// @throws std::bad_alloc.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

template <class Number>
[[nodiscard]] std::string packed(std::span<const Number> numbers) {
  static_assert(std::endian::native == std::endian::little);
  return base64(std::as_bytes(numbers));
}

}  // namespace sharpwave::report
