// Messages that differ in figures and names alone, made the same.
#pragma once

#include <string>
#include <string_view>

namespace sharpwave::operate {

/// `message` with what changes from one time to the next replaced: numbers by <n>, identifiers of 8
/// hexadecimal digits or more by <id>, 0x... by <hex>, moments by <time>, paths by <path>, addresses by
/// <address>. Secrets are masked, control characters and what is no UTF-8 are spaces.
/// @return at most 240 bytes and an ellipsis; one line, UTF-8.
/// Safe from several threads. O(size) of the first 2 KiB: the rest is not looked at.
[[nodiscard]] std::string message_pattern(std::string_view message);

/// One line of UTF-8, at most `most_bytes` and an ellipsis: spaces for control characters and for what is no
/// UTF-8.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most_bytes);

}  // namespace sharpwave::operate
