// Characters to draw with: braille, whose dots are pixels, and eighths of a block.
#pragma once

#include <cstddef>
#include <string>

namespace sharpwave {

inline constexpr unsigned kBraille = 0x2800;      ///< without a dot; dots are bits to add
inline constexpr unsigned kLowestBlock = 0x2581;  ///< U+2581 to U+2588: one to eight eighths
inline constexpr std::size_t kDotsAcross = 2;     ///< of a braille character
inline constexpr std::size_t kDotsDown = 4;
/// Bits of the dots of a braille character.
inline constexpr unsigned kDotBits[kDotsDown][kDotsAcross] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

/// As UTF-8; a code point from U+0800 to U+FFFF.
inline void append_character(std::string& text, unsigned code_point) {
  text += static_cast<char>(0xE0 | (code_point >> 12));
  text += static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
  text += static_cast<char>(0x80 | (code_point & 0x3F));
}

}  // namespace sharpwave
