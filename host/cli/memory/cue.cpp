#include "host/cli/memory/cue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
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

}  // namespace

std::vector<float> numbers_of(const std::string& text, const std::string& where) {
  std::vector<float> numbers;
  for (std::size_t at = next_number(text, 0); at < text.size(); at = next_number(text, at)) {
    const std::size_t end = std::min(text.find_first_of(std::string(kBetween) + "#", at), text.size());
    const std::string_view word = std::string_view(text).substr(at, end - at);
    float number = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || stop != word.data() + word.size())
      fail(where, text, at,
           fmt::format("read '{}', expected a number of single precision", word.substr(0, kMostShown)));
    if (numbers.size() == kMostNumbers)
      fail(where, text, at, fmt::format("more than {} numbers", kMostNumbers));
    numbers.push_back(number);
    at = end;
  }
  if (numbers.empty()) throw Error(ExitCode::usage, where + ": expected numbers, there is none");
  return numbers;
}

std::vector<float> numbers_in(const std::filesystem::path& file) {
  return numbers_of(read_text_file(file, kMostBytes), file.string());
}

}  // namespace sharpwave::cli
