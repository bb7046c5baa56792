#include "host/cli/memory/cue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>

#include "host/base/error.hpp"
#include "host/config/diagnostic.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::size_t kMostShown = 40;
constexpr std::string_view kSpace = " \t\r\n[]";
constexpr std::string_view kSeparators = ",;";

[[noreturn]] void fail(const std::string& where, std::string_view text, std::size_t at,
                       const std::string& what) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  throw Error(ExitCode::usage, fmt::format("{}:{}: {}", where, line, what));
}

/// Of the next that is neither space nor comment; the text's size where there is none.
std::size_t next_word(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '#' || kSpace.find(text[at]) != std::string_view::npos))
    at = text[at] == '#' ? std::min(text.find('\n', at), text.size()) : at + 1;
  return at;
}

bool is_separator(char c) {
  return kSeparators.find(c) != std::string_view::npos;
}

/// As programs print them: with a sign of either kind, 0 where it is too small for a float, and infinite
/// where it is too large.
std::optional<float> number_of(std::string_view word) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  if (word.starts_with('+') && !word.starts_with("+-")) word.remove_prefix(1);
  double number = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (stop != word.data() + word.size() || error == std::errc::invalid_argument) return std::nullopt;
  const float infinite = word.starts_with('-') ? -kInfinite : kInfinite;
  if (error == std::errc::result_out_of_range) {
    const bool is_tiny = std::abs(std::strtod(std::string(word).c_str(), nullptr)) < 1;
    return is_tiny ? 0 : infinite;
  }
  return std::abs(number) > double{std::numeric_limits<float>::max()} ? infinite : static_cast<float>(number);
}

}  // namespace

std::vector<float> numbers_of(const std::string& text, const std::string& where) {
  const std::string ends = std::string(kSpace) + std::string(kSeparators) + "#";
  std::vector<float> numbers;
  std::size_t at = next_word(text, 0);
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(ends, at), text.size());
    const std::string word = text.substr(at, std::min(end - at, kMostShown));
    const std::optional<float> number = number_of(std::string_view(text).substr(at, end - at));
    if (!number)
      fail(where, text, at, fmt::format("read {}, expected a number of single precision", in_quotes(word)));
    numbers.push_back(*number);
    at = next_word(text, end);
    if (at == text.size() || !is_separator(text[at])) continue;
    at = next_word(text, at + 1);
    if (at == text.size()) fail(where, text, end, "expected a number behind the last separator");
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
    throw Error(ExitCode::usage, fmt::format("{}; an embedding is shorter", error.what()));
  }
  return numbers_of(text, file.string());
}

}  // namespace sharpwave::cli
