// JSON with places, for messages.
#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"
#include "host/io/json_place.hpp"
#include "host/io/sonata_config.hpp"
#include "host/io/text_file.hpp"

namespace sharpwave::sonata {
namespace {

// Configs have kilobytes; node sets that list every cell have megabytes.
constexpr std::uint64_t kMostJsonBytes = std::uint64_t{256} << 20;
// Values are copied and printed recursively; no file of SONATA's nests deeper than five.
constexpr int kDeepestNesting = 64;

std::string line_and_column(const std::string& text, std::size_t byte) {
  const std::size_t end = std::min(byte == 0 ? 0 : byte - 1, text.size());
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const std::size_t start = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  const std::size_t column = start == std::string::npos ? end + 1 : end - start;
  return std::to_string(line) + ":" + std::to_string(column);
}

/// The bracket that opens one level too many, counted from 1 as in parse errors.
std::optional<std::size_t> byte_too_deep(const std::string& text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++depth > kDeepestNesting) return i + 1;
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<JsonPlace> JsonPlace::find(const std::string& key) const {
  if (!value_->is_object()) return std::nullopt;
  const auto member = value_->find(key);
  if (member == value_->end() || member->is_null()) return std::nullopt;
  return JsonPlace(*member, place_ + (place_.ends_with(": ") ? "" : ".") + key);
}

std::optional<JsonPlace> JsonPlace::require(const std::string& key, Problems& problems) const {
  std::optional<JsonPlace> member = find(key);
  if (!member) problems.add(place_ + (place_.ends_with(": ") ? "" : ": ") + "expected a key '" + key + "'");
  return member;
}

std::vector<std::pair<std::string, JsonPlace>> JsonPlace::members(Problems& problems) const {
  std::vector<std::pair<std::string, JsonPlace>> result;
  if (!value_->is_object()) {
    wrong_type("an object", problems);
    return result;
  }
  for (const auto& [key, value] : value_->items()) {
    result.emplace_back(key, JsonPlace(value, place_ + (place_.ends_with(": ") ? "" : ".") + key));
  }
  return result;
}

std::vector<JsonPlace> JsonPlace::elements(Problems& problems) const {
  std::vector<JsonPlace> result;
  if (!value_->is_array()) {
    wrong_type("an array", problems);
    return result;
  }
  for (std::size_t i = 0; i < value_->size(); ++i) {
    result.emplace_back((*value_)[i], place_ + "[" + std::to_string(i) + "]");
  }
  return result;
}

std::optional<double> JsonPlace::number(Problems& problems) const {
  if (value_->is_number() && std::isfinite(value_->get<double>())) return value_->get<double>();
  wrong_type("a number", problems);
  return std::nullopt;
}

std::optional<bool> JsonPlace::boolean(Problems& problems) const {
  if (value_->is_boolean()) return value_->get<bool>();
  wrong_type("true or false", problems);
  return std::nullopt;
}

std::optional<std::string> JsonPlace::text(Problems& problems) const {
  if (value_->is_string()) return value_->get<std::string>();
  wrong_type("text", problems);
  return std::nullopt;
}

void JsonPlace::wrong_type(const std::string& expected, Problems& problems) const {
  problems.add(place_ + (place_.ends_with(": ") ? "" : ": ") + "read " + shown(*value_) + "; expected " +
               expected);
}

Json read_json(const std::filesystem::path& file) {
  const std::string text = read_text_file(file, kMostJsonBytes);
  if (const auto byte = byte_too_deep(text)) {
    throw Error(ExitCode::invalid_config, file.string() + ":" + line_and_column(text, *byte) +
                                              ": more than " + std::to_string(kDeepestNesting) +
                                              " nested levels; expected fewer");
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error(ExitCode::invalid_config, file.string() + ":" + line_and_column(text, error.byte) +
                                              ": this is not JSON; expected it to be complete and without "
                                              "comments (" +
                                              error.what() + ")");
  } catch (const Json::exception& error) {
    throw Error(ExitCode::invalid_config,
                file.string() + ": a number or text that JSON cannot hold (" + error.what() + ")");
  }
}

}  // namespace sharpwave::sonata
