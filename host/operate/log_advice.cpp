// What is recommended for what a log shows, and the JSON of an analysis.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "host/operate/log_analysis.hpp"
#include "host/operate/message_pattern.hpp"

namespace sharpwave::operate {
namespace {

constexpr std::size_t kLongestPath = 4096;

/// A recommendation, and the findings that are reasons for it: names of signs, and families as "family:NAME".
struct Advice {
  const char* anchor;
  std::vector<const char*> reasons;
  const char* action;
};

/// Most urgent first.
const std::vector<Advice>& advice() {
  static const std::vector<Advice> all{
      {"data-corruption",
       {"damaged_data", "salvage", "fallback_start", "data_loss"},
       "run `sharpwave memory verify --store DIR/store`, and compare with a backup before anything is "
       "repaired"},
      {"nan-or-inf",
       {"non_finite", "runaway"},
       "read watchdog.json of the run: it names population, neuron, variable and step"},
      {"will-not-start",
       {"start_failed", "fatal", "crash"},
       "read the last error before the process ended; `sharpwave diagnose --data-dir DIR` says what stands "
       "in the way"},
      {"memory-growth",
       {"out_of_memory", "disk_full"},
       "compare process_resident_memory_bytes and sharpwave_disk_free_bytes with the limits, and make room"},
      {"device-or-tls-failure",
       {"device_or_tls"},
       "check the driver with `nvidia-smi`, and the certificate's dates and names with `openssl x509 -text`"},
      {"wal-lag",
       {"wal_lag"},
       "compare sharpwave_memory_sequence with sharpwave_memory_synced_sequence, and look at the disk's "
       "latency"},
      {"index-corruption",
       {"index_failed", "index_rebuild", "family:index"},
       "look at sharpwave_memory_index_state; `sharpwave memory rebuild-index` makes the index anew"},
      {"consolidation-stuck",
       {"consolidation_failed", "family:consolidation"},
       "read why the last cycle failed at `GET /consolidation/status`"},
      {"space-isolation",
       {"family:space"},
       "check which space the requests name, by X-Memory-Space or ?space=, and which there are"},
      {"high-latency",
       {"slow_operation", "timeout", "real_time_factor", "backpressure", "deadlock"},
       "look at `GET /observability/latency` and at sharpwave_http_waiting_requests"},
  };
  return all;
}

std::uint64_t count_of(const LogSummary& summary, std::string_view reason) {
  constexpr std::string_view kFamily = "family:";
  if (reason.starts_with(kFamily)) {
    for (const LogSummary::OfFamily& family : summary.families)
      if (family.name == reason.substr(kFamily.size())) return family.count;
    return 0;
  }
  for (const auto* list : {&summary.performance, &summary.recovery, &summary.critical})
    for (const FoundInLog& found : *list)
      if (found.name == reason) return found.count;
  return 0;
}

Json time_or_null(const std::optional<std::int64_t>& time_ms) {
  return time_ms ? Json(time_text(*time_ms)) : Json();
}

Json counts_json(const LevelCounts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) json[name_of(kLevels[i])] = counts[i];
  return json;
}

Json found_json(const std::vector<FoundInLog>& list) {
  Json json = Json::array();
  for (const FoundInLog& found : list)
    json.push_back({{"name", found.name},
                    {"count", found.count},
                    {"last", time_or_null(found.last_ms)},
                    {"example", found.example}});
  return json;
}

Json lines_json(const LogSummary& summary) {
  Json examples = Json::array();
  for (const LogSummary::Malformed& one : summary.malformed)
    examples.push_back({{"file", one_line(one.file, kLongestPath)},
                        {"line", one.line},
                        {"fault", one.fault},
                        {"excerpt", one.excerpt}});
  return {{"read", summary.n_lines},          {"counted", summary.n_counted},
          {"outside", summary.n_outside},     {"without_time", summary.n_without_time},
          {"malformed", summary.n_malformed}, {"too_long", summary.n_too_long},
          {"examples", std::move(examples)}};
}

Json patterns_json(const LogSummary& summary) {
  Json json = Json::array();
  for (const LogSummary::Pattern& one : summary.patterns)
    json.push_back({{"pattern", one.pattern},
                    {"count", one.count},
                    {"module", one.module},
                    {"level", name_of(one.level)},
                    {"first", time_or_null(one.first_ms)},
                    {"last", time_or_null(one.last_ms)},
                    {"example", one.example}});
  return json;
}

Json timeline_json(const LogSummary& summary) {
  if (summary.timeline.empty()) return nullptr;
  Json bins = Json::array();
  for (const LevelCounts& counts : summary.timeline) bins.push_back(counts_json(counts));
  return {{"begin", time_text(summary.timeline_begin_ms)},
          {"bin_s", static_cast<double>(summary.bin_ms) / 1000},
          {"bins", std::move(bins)}};
}

}  // namespace

std::string common_issue(std::string_view anchor) {
  return fmt::format("docs/operations/common_issues.md#{}", anchor);
}

std::vector<LogSummary::Recommendation> recommendations_for(const LogSummary& summary) {
  std::vector<LogSummary::Recommendation> found;
  for (const Advice& one : advice()) {
    std::string because;
    for (const char* reason : one.reasons)
      if (const std::uint64_t count = count_of(summary, reason); count > 0)
        because += fmt::format("{}{}: {}", because.empty() ? "" : ", ", reason, count);
    if (!because.empty()) found.push_back({one.anchor, because, one.action});
  }
  return found;
}

Json analysis_json(const LogSummary& summary) {
  Json json;
  json["format"] = 1;
  json["files"] = Json::array();
  for (const LogSummary::File& file : summary.files)
    json["files"].push_back(
        {{"path", one_line(file.path, kLongestPath)},
         {"bytes", file.bytes},
         {"lines", file.lines},
         {"error", file.error.empty() ? Json() : Json(one_line(file.error, kLongestPath))}});
  json["lines"] = lines_json(summary);
  json["first"] = time_or_null(summary.first_ms);
  json["last"] = time_or_null(summary.last_ms);
  json["levels"] = counts_json(summary.by_level);
  json["modules"] = Json::object();
  for (const LogSummary::OfModule& module : summary.modules)
    json["modules"][module.name] = counts_json(module.counts);
  json["patterns"] = patterns_json(summary);
  json["forgotten"] = summary.n_forgotten;
  json["families"] = Json::object();
  for (const LogSummary::OfFamily& family : summary.families)
    json["families"][family.name] = {{"count", family.count},
                                     {"said", family.said},
                                     {"last", time_or_null(family.last_ms)},
                                     {"example", family.count > 0 ? Json(family.example) : Json()}};
  json["performance"] = found_json(summary.performance);
  json["recovery"] = found_json(summary.recovery);
  json["critical"] = found_json(summary.critical);
  json["timeline"] = timeline_json(summary);
  json["recommendations"] = Json::array();
  for (const LogSummary::Recommendation& one : summary.recommendations)
    json["recommendations"].push_back(
        {{"see", common_issue(one.anchor)}, {"because", one.because}, {"action", one.action}});
  return json;
}

}  // namespace sharpwave::operate
