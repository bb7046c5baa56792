// What each route answers; router.cpp's table names them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "host/service/router.hpp"
#include "memory_store/memory_store.hpp"

namespace sharpwave::service {

/// The space that a request means.
[[nodiscard]] inline std::string space_name(const Request& request) {
  return request.space.empty() ? std::string(memory::kDefaultSpace) : request.space;
}
/// What is not finite has no JSON.
[[nodiscard]] inline Json finite_json(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

[[nodiscard]] std::vector<Route> life_routes();
[[nodiscard]] std::vector<Route> memory_routes();
[[nodiscard]] std::vector<Route> storage_routes();
[[nodiscard]] std::vector<Route> spiking_routes();
[[nodiscard]] std::vector<Route> observability_routes();
[[nodiscard]] std::vector<Route> run_routes();

}  // namespace sharpwave::service
