#include "host/service/router.hpp"

#include <algorithm>

namespace sharpwave::service {
namespace {

/// Parts of a path between its slashes.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

bool is_name(std::string_view part) {
  return part.starts_with('{');
}

/// How many parts are as they stand there; none where the pattern is of other paths.
std::optional<std::size_t> match(std::string_view pattern, std::string_view path,
                                 std::map<std::string, std::string>& named) {
  const auto expected = parts_of(pattern);
  const auto given = parts_of(path);
  if (expected.size() != given.size()) return std::nullopt;
  std::size_t n = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (is_name(expected[i]))
      named[std::string(expected[i].substr(1, expected[i].size() - 2))] = given[i];
    else if (expected[i] == given[i])
      ++n;
    else
      return std::nullopt;
  }
  return n;
}

}  // namespace

const char* name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::erase:
      return "DELETE";
  }
  return "";
}

// "/episodes/list" is also an "/episodes/{id}": the one with fewer names has it.
Found find_route(const std::string& method, const std::string& path) {
  Found found;
  std::size_t most = 0;
  for (const Route& route : routes()) {
    std::map<std::string, std::string> named;
    const std::optional<std::size_t> n = match(route.pattern, path, named);
    if (!n) continue;
    found.is_known_path = true;
    if (method != name_of(route.method) || (found.route != nullptr && *n <= most)) continue;
    most = *n;
    found.route = &route;
    found.parts = std::move(named);
  }
  return found;
}

}  // namespace sharpwave::service
