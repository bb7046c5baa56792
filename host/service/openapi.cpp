#include <algorithm>
#include <string_view>
#include <utility>

#include "host/run/version.hpp"
#include "host/service/router.hpp"

namespace sharpwave::service {
namespace {

/// An answer's object: its keys with their types; `?` behind one that may be null.
struct Schema {
  const char* name;
  const char* keys;
};

constexpr Schema kSchemas[] = {
    {"Health", "status:string"},
    {"Ready", "ready:boolean reasons:array"},
    {"Status",
     "version:string uptime_s:number state:string not_ready:array recovery:object breaker:string run:object? "
     "signals:object http:object alerts:array"},
    {"Description", "openapi:string info:object security:array paths:object components:object"},
    {"Checkpoint", "run:string? run_saved:boolean sequences:object"},
    {"LogLevel", "module:string? level:string"},
    {"Breaker",
     "breaker:string failures_in_a_row:integer failures:integer opened:integer retry_after_s:number"},
    {"NewId", "id:integer"},
    {"ItemList", "items:array matching:integer next_after:integer?"},
    {"SearchAnswer",
     "plan:string index_state:string looked_at:integer matching:integer? seconds:number items:array"},
    {"WholeItem",
     "id:integer type:string kappa:number band:string importance:number event_ms:number recorded:string "
     "valid_from:string? valid_until:string? accesses:integer replays:integer last_used_cycle:integer "
     "statistics:object modulators:object provenance:object? metadata:string sequence:integer edges:array "
     "embedding:array"},
    {"Deleted", "deleted:integer"},
    {"SpaceStatus",
     "name:string dimension:integer items:integer by_type:object by_band:object kappa:object cycle:integer "
     "changes_since_cycle:integer phases:array gated:integer rejected:object similarity:object "
     "storage:object "
     "read_only:boolean recovery:object damage:array run_options:object?"},
    {"Spaces", "spaces:array"},
    {"SpaceName", "name:string"},
    {"Reset", "reset:string"},
    {"Consolidation",
     "space:string in_cycle:boolean cycles_here:integer last_trigger:string inserts_last_minute:integer "
     "last_error:string? cycle:integer changes_since_cycle:integer gated:integer rejected:object "
     "phases:array"},
    {"KappaDistribution", "items:integer by_band:object mean:number? sd:number? histogram:array"},
    {"StorageStatus",
     "sync:string breaker:string disk_free_bytes:integer? disk_size_bytes:integer? segments:array"},
    {"Segments", "segments:array"},
    {"WalStatus",
     "space:string sync:string sequence:integer synced_sequence:integer lag:integer write_buffer_fill:number "
     "recovery:object"},
    {"IndexStatus",
     "space:string state:string vectors:integer tombstones:integer waiting:integer inserted:integer "
     "bytes:integer"},
    {"SegmentCheck", "id:string sequence:integer items:integer values:integer whole:boolean damaged:integer"},
    {"IndexBuilt", "space:string vectors:integer seconds:number"},
    {"IndexesBuilt", "rebuilt:array"},
    {"SpikingStats",
     "run:string? running:boolean time_ms:number spikes_of_this_process:integer rates:array findings:object"},
    {"Neuromodulators", "time_ms:number regions:array"},
    {"Traced", "traced:integer"},
    {"MembraneTrace", "population:string index:integer begin_ms:number step_ms:number V_mV:array"},
    {"Injected", "region:string reward:number"},
    {"StdpMetrics", "projections:array"},
    {"Latency", "window_seconds:number operations:array"},
    {"OpsCount", "operations:object"},
    {"CacheStats", "block_cache_bytes:integer write_buffer_bytes:integer spaces:array"},
    {"QueryProfile", "chosen:object exact:object"},
    {"KernelTiming", "run:string? phases:array?"},
    {"Runs", "runs:array"},
    {"NewRun", "id:string"},
    {"Run",
     "id:string name:string submitted:string state:string position:integer? progress:object? "
     "checkpoint_age_s:number? resumes:integer error:object? result:object? findings:array"},
    {"Cancelled", "cancelled:string"},
    {"Error", "error:object"},
};

Json json_of(const Schema& schema) {
  Json properties = Json::object();
  Json required = Json::array();
  std::string_view rest = schema.keys;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::size_t colon = one.find(':');
    const std::string key(one.substr(0, colon));
    std::string type(one.substr(colon + 1));
    const bool may_be_null = type.back() == '?';
    if (may_be_null) type.pop_back();
    properties[key] = {{"type", may_be_null ? Json{type, "null"} : Json(type)}};
    required.push_back(key);
  }
  return {{"type", "object"}, {"required", std::move(required)}, {"properties", std::move(properties)}};
}

Json type_of(const Key& key) {
  constexpr std::string_view kArray = "array of ";
  const std::string_view type = key.type;
  if (!type.starts_with(kArray)) return {{"type", type}};
  return {{"type", "array"}, {"items", {{"type", type.substr(kArray.size())}}}};
}

Json answer_json(const char* description, const char* schema) {
  return {{"description", description},
          {"content",
           {{"application/json", {{"schema", {{"$ref", std::string("#/components/schemas/") + schema}}}}}}}};
}

Json parameters_json(const Route& route) {
  Json parameters = Json::array();
  std::string_view pattern = route.pattern;
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{')) {
    const std::size_t end = pattern.find('}');
    parameters.push_back({{"name", pattern.substr(at + 1, end - at - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
    pattern.remove_prefix(end + 1);
  }
  for (const Key& key : route.query)
    parameters.push_back({{"name", key.name},
                          {"in", "query"},
                          {"required", key.is_required},
                          {"description", key.what},
                          {"schema", type_of(key)}});
  return parameters;
}

Json body_json(const Route& route) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Key& key : route.body) {
    properties[key.name] = type_of(key);
    properties[key.name]["description"] = key.what;
    if (key.is_required) required.push_back(key.name);
  }
  return {{"required", !required.empty()},
          {"content",
           {{"application/json",
             {{"schema",
               {{"type", "object"},
                {"additionalProperties", false},
                {"required", std::move(required)},
                {"properties", std::move(properties)}}}}}}}};
}

Json operation_json(const Route& route) {
  Json operation = {{"summary", route.summary}, {"parameters", parameters_json(route)}};
  if (!route.body.empty()) operation["requestBody"] = body_json(route);
  if (route.access == Access::anyone)
    operation["security"] = Json::array();
  else
    operation["x-access"] = route.access == Access::admin ? "admin" : "reader";
  operation["responses"] = {
      {"2XX", route.schema != nullptr ? answer_json("done", route.schema) : Json{{"description", "no JSON"}}},
      {"default", answer_json("why it is not", "Error")}};
  return operation;
}

}  // namespace

Json openapi() {
  Json paths = Json::object();
  for (const Route& route : routes()) {
    std::string method = name_of(route.method);
    std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c + ('a' - 'A')); });
    paths[route.pattern][method] = operation_json(route);
  }
  Json schemas = Json::object();
  for (const Schema& schema : kSchemas) schemas[schema.name] = json_of(schema);
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "Sharpwave"}, {"version", version()}}},
          {"security", {{{"token", Json::array()}}}},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas", std::move(schemas)}}}};
}

}  // namespace sharpwave::service
