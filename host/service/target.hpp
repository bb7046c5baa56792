// The target of a request: a path and a query.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sharpwave::service {

struct Target {
  std::string path;  ///< decoded; begins with '/', and has no empty part, none of dots, and no NUL
  std::map<std::string, std::string> query;
};

/// @return none where it is malformed, ambiguous (a key twice), or means a place outside.
[[nodiscard]] std::optional<Target> parse_target(std::string_view target);

}  // namespace sharpwave::service
