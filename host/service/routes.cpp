#include "host/service/routes.hpp"

namespace sharpwave::service {

std::span<const Route> routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> routes;
    for (const auto& part : {life_routes(), memory_routes(), storage_routes(), spiking_routes(),
                             observability_routes(), run_routes()})
      routes.insert(routes.end(), part.begin(), part.end());
    return routes;
  }();
  return all;
}

}  // namespace sharpwave::service
