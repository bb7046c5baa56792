#include "host/cli/memory/cue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "host/base/error.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kMostNumbers = 4096;
constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::size_t kMostShown = 40;
constexpr std::string_view kBetween = " \t\r\n,;[]";

[[noreturn]] void fail(const std::string& where, std::string_view text, std::size_t at,
                       const std::string& what) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Error(ExitCode::usage, fmt::format("{}:{}: {}", where, line, what));
}

/// Of the next number; the text's size where there is none.
std::size_t next_number(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '#' || kBetween.find(text[at]) != std::string_view::npos))
    at = text[at] == '#' ? std::min(text.find('\n', at), text.size()) : at + 1;
  return at;
}

/// As programs print them: with a sign of either kind, and 0 where it is too small for a float.
std::optional<float> number_of(std::string_view word) {
  if (word.starts_with('+') && !word.starts_with("+-")) word.remove_prefix(1);
  double number = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (stop != word.data() + word.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const bool is_tiny =
        word.find("e-") != std::string_view::npos || word.find("E-") != std::string_view::npos;
    return is_tiny ? std::optional(0.0F) : std::nullopt;
  }
  if (std::isfinite(number) && std::abs(number) > double{std::numeric_limits<float>::max()})
    return std::nullopt;
  return static_cast<float>(number);
}

}  // namespace

std::vector<float> numbers_of(const std::string& text, const std::string& where) {
  std::vector<float> numbers;
  for (std::size_t at = next_number(text, 0); at < text.size(); at = next_number(text, at)) {
    const std::size_t end = std::min(text.find_first_of(std::string(kBetween) + "#", at), text.size());
    const std::string_view word = std::string_view(text).substr(at, end - at);
    const std::optional<float> number = number_of(word);
    if (!number)
      fail(where, text, at,
           fmt::format("read '{}', expected a number of single precision", word.substr(0, kMostShown)));
    if (numbers.size() == kMostNumbers)
      fail(where, text, at, "more than 4,096 numbers, which is the most that an embedding has");
    numbers.push_back(*number);
    at = end;
  }
  if (numbers.empty()) throw Error(ExitCode::usage, where + ": expected numbers, there is none");
  return numbers;
}

std::vector<float> numbers_in(const std::filesystem::path& file) {
  std::string text;
  try {
    text = read_text_file(file, kMostBytes);
  } catch (const Error& error) {
    if (error.code() != ExitCode::damaged_data) throw;
    throw Error(ExitCode::usage, fmt::format("{}; an embedding has at most 4,096 numbers", error.what()));
  }
  return numbers_of(text, file.string());
}

}  // namespace sharpwave::cli
