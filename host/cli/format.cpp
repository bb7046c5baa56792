#include "host/cli/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace sharpwave::cli {
namespace {

/// Bytes of the character that `text` begins with, and its code point; one byte, and a space, where it is no
/// UTF-8.
std::pair<std::size_t, std::uint32_t> first_character(std::string_view text) {
  constexpr std::pair<std::size_t, std::uint32_t> kNone{1, ' '};
  const auto first = static_cast<unsigned char>(text.front());
  const int ones = std::countl_one(first);
  if (ones == 0) return {1, first};
  const auto n = static_cast<std::size_t>(ones);
  if (n < 2 || n > 4 || text.size() < n) return kNone;
  std::uint32_t point = first & (0x7fU >> n);
  for (const char c : text.substr(1, n - 1)) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) return kNone;
    point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  return point >= kLeast.at(n) && point <= 0x10ffff ? std::pair{n, point} : kNone;
}

}  // namespace

std::string grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string bytes(std::uint64_t value) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto scaled = static_cast<double>(value);
  std::size_t unit = 0;
  for (; scaled >= 1000 && unit + 1 < kUnits.size(); ++unit) scaled /= 1024;
  return fmt::format("{:.{}f} {}", scaled,
                     unit == 0 || scaled >= 100 ? 0
                     : scaled >= 10             ? 1
                                                : 2,
                     kUnits[unit]);
}

std::string duration(double seconds) {
  if (!(seconds >= 0)) return "-";
  if (seconds > 0 && seconds < 0.0009995) return fmt::format("{:.0f} µs", seconds * 1e6);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 59.95) return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 2 : 1);
  const auto whole = static_cast<std::uint64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02} h", grouped(whole / 3600), whole / 60 % 60, whole % 60);
}

std::string figure(double value) {
  if (!std::isfinite(value)) return "-";
  const double magnitude = std::abs(value);
  if (magnitude >= 1000 && magnitude < 1e18) {
    return fmt::format("{}{}", value < 0 ? "-" : "",
                       grouped(static_cast<std::uint64_t>(std::llround(magnitude))));
  }
  return fmt::format("{:.{}f}", value, magnitude < 10 ? 3 : magnitude < 100 ? 2 : 1);
}

std::string milliseconds(double value) {
  const double whole = std::floor(value + 0.0005);
  std::string fraction = fmt::format("{:.3f}", std::max(0.0, value - whole)).substr(1);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return grouped(static_cast<std::uint64_t>(whole)) + (fraction == "." ? "" : fraction) + " ms";
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string left(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  if (used <= width) return std::string(text) + std::string(width - used, ' ');
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if ((text[end] & 0xC0) != 0x80 && ++seen == width) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(width > used ? width - used : 0, ' ') + std::string(text);
}

std::string printable(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const auto [size, point] = first_character(text);
    const bool is_shown = point > ' ' && (point < 0x7f || point >= 0xa0);
    line += is_shown ? text.substr(0, size) : " ";
    text.remove_prefix(size);
  }
  return line;
}

std::string first_characters(std::string_view text, std::size_t most) {
  std::string cut;
  for (std::size_t n = 0; n < most && !text.empty(); ++n) {
    const std::size_t size = first_character(text).first;
    cut += text.substr(0, size);
    text.remove_prefix(size);
  }
  return cut;
}

std::string labelled(std::string_view label, std::string_view value) {
  return left(label, 16) + std::string(value) + "\n";
}

}  // namespace sharpwave::cli
