#include "host/service/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "host/service/api_error.hpp"

namespace sharpwave::service {
namespace {

constexpr int kMostNesting = 32;

[[noreturn]] void refuse(const std::string& message, const std::string& expected) {
  throw ApiError(
      {.status = 400, .kind = "invalid", .family = Family::range, .message = message, .expected = expected});
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return fmt::format("'{}{}'", text.substr(0, kMost), text.size() > kMost ? "..." : "");
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const std::string* find(const Request& request, const char* name) {
  const auto at = request.query.find(name);
  return at == request.query.end() ? nullptr : &at->second;
}

}  // namespace

double checked(std::string_view name, double value, double least, double most) {
  if (value >= least && value <= most) return value;
  refuse(fmt::format("{}: {}", name, value), fmt::format("{} to {}", least, most));
}

std::optional<std::uint64_t> whole_number(const Request& request, const char* name, std::uint64_t least,
                                          std::uint64_t most) {
  const std::string* const text = find(request, name);
  if (text == nullptr) return std::nullopt;
  const auto value = parsed<std::uint64_t>(*text);
  if (!value || *value < least || *value > most)
    refuse(fmt::format("{}: {}", name, shown(*text)), fmt::format("a whole number, {} to {}", least, most));
  return value;
}

std::optional<double> number(const Request& request, const char* name, double least, double most) {
  const std::string* const text = find(request, name);
  if (text == nullptr) return std::nullopt;
  const auto value = parsed<double>(*text);
  if (!value || !(*value >= least && *value <= most))
    refuse(fmt::format("{}: {}", name, shown(*text)), fmt::format("a number, {} to {}", least, most));
  return value;
}

bool flag(const Request& request, const char* name) {
  const std::string* const text = find(request, name);
  if (text == nullptr || *text == "false") return false;
  if (*text != "true") refuse(fmt::format("{}: {}", name, shown(*text)), "true or false");
  return true;
}

std::vector<float> numbers(std::string_view name, const std::string& text, std::size_t most) {
  std::vector<float> result;
  std::string_view rest = text;
  for (;;) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const auto value = parsed<float>(rest.substr(0, end));
    if (!value || !std::isfinite(*value) || result.size() == most)
      refuse(fmt::format("{}: {}", name, shown(rest.substr(0, end))),
             fmt::format("1 to {} finite numbers with commas between them", most));
    result.push_back(*value);
    if (end == rest.size()) return result;
    rest.remove_prefix(end + 1);
  }
}

Body::Body(const Request& request) {
  if (request.body.empty()) {
    json_ = Json::object();
    return;
  }
  bool is_deep = false;
  const auto look = [&](int nesting, Json::parse_event_t, Json&) {
    is_deep |= nesting > kMostNesting;
    return nesting <= kMostNesting;  // what is deeper is not kept
  };
  json_ = Json::parse(request.body, look, false);
  if (!json_.is_object() || is_deep)
    refuse("the body", fmt::format("a JSON object, nested at most {} deep", kMostNesting));
}

const Json* Body::find(const char* key) {
  read_.emplace_back(key);
  const auto at = json_.find(key);
  return at == json_.end() || at->is_null() ? nullptr : &*at;
}

std::string Body::text(const char* key, const std::string& otherwise, std::size_t most) {
  const Json* const value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string() || value->get_ref<const std::string&>().size() > most)
    refuse(key, fmt::format("a text of at most {} bytes", most));
  return value->get<std::string>();
}

double Body::number(const char* key, double otherwise, double least, double most) {
  const Json* const value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) refuse(key, fmt::format("a number, {} to {}", least, most));
  return checked(key, value->get<double>(), least, most);
}

std::uint64_t Body::whole_number(const char* key, std::uint64_t otherwise, std::uint64_t least,
                                 std::uint64_t most) {
  const Json* const value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() < least ||
      value->get<std::uint64_t>() > most)
    refuse(key, fmt::format("a whole number, {} to {}", least, most));
  return value->get<std::uint64_t>();
}

bool Body::flag(const char* key, bool otherwise) {
  const Json* const value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) refuse(key, "true or false");
  return value->get<bool>();
}

std::vector<float> Body::numbers(const char* key, std::size_t most) {
  const Json* const value = find(key);
  const std::string expected = fmt::format("an array of 1 to {} finite numbers", most);
  if (value == nullptr || !value->is_array() || value->empty() || value->size() > most) refuse(key, expected);
  std::vector<float> result;
  for (const Json& element : *value) {
    if (!element.is_number()) refuse(key, expected);
    result.push_back(static_cast<float>(element.get<double>()));
    if (!std::isfinite(result.back())) refuse(key, expected);
  }
  return result;
}

std::vector<std::string> Body::texts(const char* key, std::size_t most) {
  const Json* const value = find(key);
  if (value == nullptr) return {};
  std::vector<std::string> result;
  const bool is_list = value->is_array() && value->size() <= most;
  if (!is_list || !std::ranges::all_of(*value, [](const Json& element) { return element.is_string(); }))
    refuse(key, fmt::format("an array of at most {} texts", most));
  for (const Json& element : *value) result.push_back(element.get<std::string>());
  return result;
}

void Body::expect_all_read() const {
  for (const auto& [key, value] : json_.items())
    if (std::ranges::find(read_, key) == read_.end())
      refuse(fmt::format("the key {} of the body", shown(key)),
             fmt::format("one of: {}", fmt::join(read_, ", ")));
}

}  // namespace sharpwave::service
