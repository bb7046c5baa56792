// The table of routes: what is answered, who may ask, and how it is described.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"
#include "host/service/http.hpp"

namespace sharpwave::service {

class Service;

/// A key of a query, or of the JSON object of a body.
struct Key {
  const char* name;
  const char* type;  ///< "integer", "number", "boolean", "string", or "array of string", "array of number"
  const char* what;
  bool is_required = false;
};

struct Route {
  Method method;
  const char* pattern;  ///< "/episodes/{id}"
  Access access;
  bool is_quick;  ///< waits for nothing: no disk, no lock that is held while something waits
  const char* summary;
  const char* schema;  ///< of the answer, one of the description's components; null: it is no JSON
  std::vector<Key> query;
  std::vector<Key> body;
  Response (*answer)(Service& service, const Request& request);
};

/// All of them.
[[nodiscard]] std::span<const Route> routes();

struct Found {
  const Route* route = nullptr;
  std::map<std::string, std::string> parts;  ///< what the {names} stand for
  bool is_known_path = false;                ///< though not by this method, where there is no route
};
[[nodiscard]] Found find_route(const std::string& method, const std::string& path);

/// OpenAPI 3.1, of the table.
[[nodiscard]] Json openapi();

}  // namespace sharpwave::service
