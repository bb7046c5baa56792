#include "host/service/target.hpp"

#include <algorithm>

namespace sharpwave::service {
namespace {

constexpr std::size_t kMostKeys = 32;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// None where an escape is malformed, or stands for a control character.
std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(16 * high + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
    result += c;
  }
  return result;
}

bool is_plain(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.find('\\') != std::string_view::npos) return false;
  if (path.size() == 1) return true;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool add_key(std::string_view text, std::map<std::string, std::string>& query) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const auto key = decoded(text.substr(0, equals), true);
  const auto value = decoded(text.substr(std::min(equals + 1, text.size())), true);
  return key && value && !key->empty() && query.size() < kMostKeys && query.emplace(*key, *value).second;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  const auto path = decoded(target.substr(0, question), false);
  if (!path || !is_plain(*path)) return std::nullopt;
  Target result{.path = *path, .query = {}};
  std::string_view rest = target.substr(std::min(question + 1, target.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    if (end > 0 && !add_key(rest.substr(0, end), result.query)) return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return result;
}

}  // namespace sharpwave::service
