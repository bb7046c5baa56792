// Figures as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sharpwave::cli {

/// 77169 -> "77,169".
[[nodiscard]] std::string grouped(std::uint64_t value);
/// 1610612736 -> "1.5 GiB".
[[nodiscard]] std::string bytes(std::uint64_t value);
/// 3.24 -> "3.24 s", 0.012 -> "12 ms", 0.00007 -> "70 µs", 75 -> "1:15 min", 4000 -> "1:06:40 h".
[[nodiscard]] std::string duration(double seconds);
/// About four significant digits without an exponent: 7.569, 12.3, 1,234.
[[nodiscard]] std::string figure(double value);

/// 1500 -> "1,500 ms", 0.25 -> "0.25 ms"; to a thousandth.
[[nodiscard]] std::string milliseconds(double value);

/// Columns that a UTF-8 text takes on a terminal, counting one per code point.
[[nodiscard]] std::size_t columns(std::string_view text);
/// Fills up with spaces to `width` columns; a longer text is cut and ends in an ellipsis.
[[nodiscard]] std::string left(std::string_view text, std::size_t width);
[[nodiscard]] std::string right(std::string_view text, std::size_t width);
/// The text of others, on one line of a terminal: spaces for control characters, which would act on it, and
/// for what is no UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
/// At most so many characters of it.
[[nodiscard]] std::string first_characters(std::string_view text, std::size_t most);
/// A line of a list: what it is, in 16 columns, and the value.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view value);

}  // namespace sharpwave::cli
