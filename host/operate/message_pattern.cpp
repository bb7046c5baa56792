#include "host/operate/message_pattern.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "host/operate/log_line.hpp"
#include "host/operate/secrets.hpp"

namespace sharpwave::operate {
namespace {

constexpr std::size_t kLookedAt = 2 << 10;
constexpr std::size_t kLongestPattern = 240;
/// What is behind would not be shown, and a word may be split at each of its characters.
constexpr std::size_t kLongestWord = 240;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Bytes of the UTF-8 character at the front, and its code point; 0 bytes where it is none.
std::pair<std::size_t, std::uint32_t> front_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const auto n = static_cast<std::size_t>(std::countl_one(first));
  if (n == 0) return {1, first};
  if (n < 2 || n > 4 || text.size() < n) return {0, 0};
  std::uint32_t point = first & (0x7fU >> n);
  for (const char c : text.substr(1, n - 1)) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) return {0, 0};
    point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  }
  constexpr std::uint32_t kLeast[]{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
  return point >= kLeast[n] && point <= 0x10ffff && !is_surrogate ? std::pair{n, point}
                                                                  : std::pair<std::size_t, std::uint32_t>{};
}

bool is_moment(std::string_view word) {
  return word.size() >= 10 && parse_time(word).has_value();
}

bool is_identifier(std::string_view word) {
  constexpr std::size_t kShortest = 8;
  const auto is_part = [](char c) { return is_hex(c) || c == '-'; };
  return word.size() >= kShortest && std::all_of(word.begin(), word.end(), is_part) &&
         std::any_of(word.begin(), word.end(), is_digit) && std::any_of(word.begin(), word.end(), is_letter);
}

bool is_hexadecimal(std::string_view word) {
  return word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X') &&
         std::all_of(word.begin() + 2, word.end(), is_hex);
}

bool is_file_path(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos || word.size() < 2) return false;
  if (slash == 0 || word.starts_with("./") || word.starts_with("../") || word.starts_with("~/")) return true;
  // "MB/s" and "and/or" are none.
  const std::size_t last = word.rfind('/');
  return last != slash || word.find('.', last) != std::string_view::npos;
}

/// "127.0.0.1:8080", "127.0.0.1".
bool is_address(std::string_view word) {
  const std::string_view host = word.substr(0, word.find(':'));
  const auto is_part = [](char c) { return is_digit(c) || c == '.'; };
  return std::count(host.begin(), host.end(), '.') == 3 && std::all_of(host.begin(), host.end(), is_part);
}

/// Numbers within a word: "L4E_17" is "L4E_<n>" too, so that numbered things are one.
std::string without_numbers(std::string_view word) {
  std::string kept;
  for (std::size_t at = 0; at < word.size();) {
    const bool is_signed =
        at == 0 && (word[0] == '-' || word[0] == '+') && word.size() > 1 && is_digit(word[1]);
    if (!is_digit(word[at]) && !is_signed) {
      kept += word[at++];
      continue;
    }
    std::size_t end = at + (is_signed ? 1 : 0);
    while (end < word.size() && (is_digit(word[end]) || ((word[end] == '.' || word[end] == ',') &&
                                                         end + 1 < word.size() && is_digit(word[end + 1]))))
      ++end;
    // An exponent: "1e-05".
    if (end < word.size() && (word[end] == 'e' || word[end] == 'E')) {
      std::size_t digits = end + 1;
      if (digits < word.size() && (word[digits] == '-' || word[digits] == '+')) ++digits;
      const std::size_t begin = digits;
      while (digits < word.size() && is_digit(word[digits])) ++digits;
      if (digits > begin) end = digits;
    }
    kept += "<n>";
    at = end;
  }
  return kept;
}

std::string core_pattern(std::string_view word) {
  if (word.empty()) return {};
  if (is_moment(word)) return "<time>";
  if (is_hexadecimal(word)) return "<hex>";
  if (is_identifier(word)) return "<id>";
  if (word.find("://") == std::string_view::npos && is_file_path(word)) return "<path>";
  if (is_address(word)) return "<address>";
  for (const char sign : {'=', ':'}) {
    const std::size_t at = word.find(sign);
    if (at == std::string_view::npos || at + 1 == word.size()) continue;
    return core_pattern(word.substr(0, at)) + sign + core_pattern(word.substr(at + 1));
  }
  return without_numbers(word);
}

std::string word_pattern(std::string_view word) {
  word = word.substr(0, kLongestWord);
  constexpr std::string_view kBefore = "([{'\"`<";
  constexpr std::string_view kBehind = ")]}'\"`>.,;:!?";
  const std::size_t begin = std::min(word.find_first_not_of(kBefore), word.size());
  const std::string_view rest = word.substr(begin);
  const std::size_t last = rest.find_last_not_of(kBehind);
  const std::size_t end = last == std::string_view::npos ? 0 : last + 1;
  std::string pattern(word.substr(0, begin));
  pattern += core_pattern(rest.substr(0, end));
  return pattern.append(rest.substr(end));
}

}  // namespace

std::string one_line(std::string_view text, std::size_t most_bytes) {
  std::string line;
  while (!text.empty()) {
    const auto [size, point] = front_character(text);
    if (line.size() + std::max<std::size_t>(size, 1) > most_bytes) return line + "…";
    const bool is_shown = size > 0 && point >= ' ' && (point < 0x7f || point >= 0xa0);
    line += is_shown ? text.substr(0, size) : " ";
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return line;
}

std::string message_pattern(std::string_view message) {
  const std::string line = one_line(mask_secrets(message.substr(0, kLookedAt)), kLookedAt);
  std::string pattern;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = std::min(line.find_first_not_of(' ', at), line.size());
    if (begin == line.size()) break;
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    if (!pattern.empty()) pattern += ' ';
    const std::string_view word = std::string_view(line).substr(begin, end - begin);
    pattern += word == kMasked ? std::string(word) : word_pattern(word);
    at = end;
  }
  return one_line(pattern, kLongestPattern);
}

}  // namespace sharpwave::operate
