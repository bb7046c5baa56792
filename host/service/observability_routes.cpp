#include <algorithm>

#include "host/service/api_error.hpp"
#include "host/service/parameters.hpp"
#include "host/service/routes.hpp"
#include "host/service/service.hpp"
#include "memory_store/memory_store.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::service {
namespace {

Response latency(Service& service, const Request& request) {
  const double window_s = number(request, "window_seconds", 1, 86'400).value_or(60);
  Json operations = Json::array();
  for (const OperationLog::Latency& l :
       service.memory().operations().latency(std::chrono::duration<double>(window_s)))
    operations.push_back({{"operation", name_of(l.operation)},
                          {"n", l.n},
                          {"p50_ms", 1000 * l.p50_s},
                          {"p95_ms", 1000 * l.p95_s},
                          {"p99_ms", 1000 * l.p99_s},
                          {"max_ms", 1000 * l.most_s}});
  return response_of(Json{{"window_seconds", window_s}, {"operations", std::move(operations)}});
}

Response ops_count(Service& service, const Request&) {
  const auto counts = service.memory().operations().counts();
  Json json = Json::object();
  for (const Operation operation : kOperations) {
    const auto& of_one = counts.at(static_cast<std::size_t>(operation));
    for (const Outcome outcome : kOutcomes)
      json[name_of(operation)][name_of(outcome)] = of_one.by_outcome.at(static_cast<std::size_t>(outcome));
  }
  return response_of(Json{{"operations", std::move(json)}});
}

Response cache_stats(Service& service, const Request&) {
  const memory::RocksLimits& limits = service.options().store.limits;
  Json spaces = Json::array();
  for (const std::string& name : service.memory().store().open_spaces()) {
    const std::shared_ptr<memory::Space> space = service.memory().store().space(name);
    spaces.push_back({{"space", name},
                      {"embedding_bytes", std::uint64_t{space->size()} * space->dimension() * sizeof(float)},
                      {"index_bytes", space->index().bytes},
                      {"write_buffer_fill", space->backend().write_buffer_fill()}});
  }
  return response_of(Json{{"block_cache_bytes", limits.block_cache_bytes},
                          {"write_buffer_bytes", limits.write_buffer_bytes},
                          {"spaces", std::move(spaces)}});
}

/// How a search would be answered, and what that takes.
Response query_profile(Service& service, const Request& request) {
  Body body(request);
  const std::vector<float> cue = body.numbers("embedding", memory::kMaxDimension);
  memory::Query query{.k = body.whole_number("k", 10, 1, memory::kMostNeighbours)};
  body.expect_all_read();
  const std::string name = space_name(request);
  return service.memory().run(Operation::search, [&] {
    const std::shared_ptr<memory::Space> space = service.memory().space(name);
    const auto profile = [&](bool exact) {
      query.exact = exact;
      const memory::Answer answer = space->search(cue, query);
      return Json{{"plan", name_of(answer.plan)},
                  {"index_state", name_of(answer.index_state)},
                  {"looked_at", answer.n_looked_at},
                  {"seconds", answer.seconds}};
    };
    return response_of(Json{{"chosen", profile(false)}, {"exact", profile(true)}});
  });
}

Response kernel_timing(Service& service, const Request&) {
  const std::string id = service.live().id();
  const Json run = id.empty() ? Json(nullptr) : service.runs().json(id, true);
  const bool has_result = run.is_object() && run.contains("result") && run["result"].is_object();
  return response_of(Json{
      {"run", id.empty() ? Json(nullptr) : Json(id)},
      {"phases", has_result && run["result"].contains("phases") ? run["result"]["phases"] : Json(nullptr)}});
}

Response metrics(Service& service, const Request&) {
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = service.metrics()};
}

}  // namespace

std::vector<Route> observability_routes() {
  const auto get = [](const char* pattern, const char* summary, const char* schema, std::vector<Key> query,
                      Response (*answer)(Service&, const Request&)) {
    return Route{Method::get, pattern, Access::reader, false, summary, schema, std::move(query), {}, answer};
  };
  return {
      get("/observability/latency", "how long operations took", "Latency",
          {{"window_seconds", "number", "1 to 86400"}}, latency),
      get("/observability/ops-count", "operations by outcome, since the beginning", "OpsCount", {},
          ops_count),
      get("/observability/cache-stats", "what memory is for", "CacheStats", {}, cache_stats),
      {Method::post,
       "/observability/query-profile",
       Access::reader,
       false,
       "how a search is answered, and how long a scan of all would take",
       "QueryProfile",
       {},
       {{"embedding", "array of number", "the cue", true}, {"k", "integer", "1 to 1024"}},
       query_profile},
      get("/observability/kernel-timing", "where the time of the last run went", "KernelTiming", {},
          kernel_timing),
      get("/metrics", "docs/formats/metrics.md", nullptr, {}, metrics),
  };
}

}  // namespace sharpwave::service
