#include "host/io/network_json.hpp"

#include <algorithm>

#include "host/base/json.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/histogram_json.hpp"

namespace sharpwave {
namespace {

constexpr std::size_t kMostConnections = 400;

Json spread_json(const Spread& spread) {
  return {{"mean", spread.mean},
          {"sd", spread.sd},
          {"min", spread.min},
          {"max", spread.max},
          {"histogram", histogram_json(spread.histogram)}};
}

Json connection_json(const ConnectionStatistics& connection) {
  Json weight = spread_json(connection.weight);
  weight["unit"] = connection.weight_unit;
  return {{"source", connection.source},
          {"target", connection.target},
          {"synapses", connection.n_synapses},
          {"out_degree", spread_json(connection.out_degree)},
          {"in_degree", spread_json(connection.in_degree)},
          {"weight", std::move(weight)},
          {"delay_ms", spread_json(connection.delay_ms)}};
}

/// The most numerous ones, in their order.
void keep_largest(std::vector<ConnectionStatistics>& connections) {
  if (connections.size() <= kMostConnections) return;
  std::vector<std::uint64_t> sizes;
  for (const ConnectionStatistics& connection : connections) sizes.push_back(connection.n_synapses);
  const auto last = sizes.begin() + kMostConnections - 1;
  std::nth_element(sizes.begin(), last, sizes.end(), std::greater<>());
  const std::uint64_t least = *last;
  std::erase_if(connections, [&](const ConnectionStatistics& c) { return c.n_synapses < least; });
  if (connections.size() > kMostConnections) connections.resize(kMostConnections);
}

}  // namespace

void write_network_json(const std::filesystem::path& path, std::vector<ConnectionStatistics> connections) {
  const std::size_t n_all = connections.size();
  keep_largest(connections);
  Json json;
  json["omitted"] = n_all - connections.size();
  Json& list = json["connections"] = Json::array();
  for (const ConnectionStatistics& connection : connections) list.push_back(connection_json(connection));
  write_file_atomically(path, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace sharpwave
