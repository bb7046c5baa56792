#include "host/io/json_place.hpp"

#include <array>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

constexpr ExitCode kDamaged = ExitCode::damaged_data;
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMostKeys = 1000;
constexpr std::size_t kMostShown = 60;

}  // namespace

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "...";
  return text;
}

Json parse_json(const std::string& text, const std::string& where) {
  std::array<std::size_t, kDeepest + 2> n_keys{};  // by depth, of the object that is open there
  const auto limit = [&](int depth, Json::parse_event_t event, const Json&) {
    const auto level = static_cast<std::size_t>(depth);
    if (level > kDeepest) throw Error(kDamaged, where + ": nested too deep; expected what sharpwave writes");
    if (event == Json::parse_event_t::object_start) n_keys.at(level + 1) = 0;
    if (event == Json::parse_event_t::key && ++n_keys.at(level) > kMostKeys) {
      throw Error(kDamaged, where + ": an object of more than " + std::to_string(kMostKeys) +
                                " keys; expected what sharpwave writes");
    }
    return true;
  };
  try {
    return Json::parse(text, limit);
  } catch (const Json::exception& error) {
    throw Error(kDamaged,
                where + ": is not JSON, or not all of it; expected the whole file that sharpwave writes (" +
                    error.what() + ")");
  }
}

void JsonPlace::fail(const std::string& expected) const {
  throw Error(kDamaged, where() + ": read " + shown(value) + "; expected " + expected);
}

JsonPlace JsonPlace::operator[](const std::string& key) const {
  if (!value.is_object()) fail("an object");
  const auto member = value.find(key);
  if (member == value.end()) throw Error(kDamaged, where() + ": expected a key '" + key + "'");
  return {*member, file, path.empty() ? key : path + "." + key};
}

JsonPlace JsonPlace::operator[](std::size_t index) const {
  return {value.at(index), file, path + "[" + std::to_string(index) + "]"};
}

std::size_t JsonPlace::size() const {
  if (!value.is_array()) fail("an array");
  return value.size();
}

std::uint64_t JsonPlace::unsigned_up_to(std::uint64_t most) const {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
    fail("an integer from 0 to " + std::to_string(most));
  return value.get<std::uint64_t>();
}

double JsonPlace::number() const {
  if (!value.is_number()) fail("a number");
  return value.get<double>();
}

std::string JsonPlace::text() const {
  if (!value.is_string()) fail("text");
  return value.get<std::string>();
}

bool JsonPlace::boolean() const {
  if (!value.is_boolean()) fail("true or false");
  return value.get<bool>();
}

}  // namespace sharpwave
