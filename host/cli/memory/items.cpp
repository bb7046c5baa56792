#include "host/cli/memory/items.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <limits>

#include "host/cli/format.hpp"

namespace sharpwave::cli {
namespace {

constexpr std::size_t kIdColumns = 10;
constexpr std::size_t kTypeColumns = 12;
constexpr std::size_t kBandColumns = 14;
constexpr std::size_t kFigureColumns = 9;
constexpr std::size_t kTimeColumns = 14;
constexpr std::size_t kMostMetadata = 40;

Json moment_or_null(std::int64_t us) {
  const bool is_bounded = us != std::numeric_limits<std::int64_t>::min() && us != memory::kForGood;
  return is_bounded ? Json(moment(us)) : Json(nullptr);
}

std::string provenance_text(const memory::Provenance& p) {
  if (p.run.empty()) return "by hand";
  return printable(fmt::format("{}, instance {}, {} to {} of run {} (signal {}, config {}{})", p.population,
                               p.instance, milliseconds(p.begin_ms), milliseconds(p.end_ms), p.run, p.signal,
                               p.config_digest.substr(0, 12),
                               p.branch > 0 ? fmt::format(", branch {}", p.branch) : ""));
}

}  // namespace

std::string moment(std::int64_t us) {
  const std::chrono::sys_seconds seconds = std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(us)));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Json item_json(const memory::Item& item) {
  Json json = {{"id", item.id},
               {"type", name_of(item.type)},
               {"kappa", item.kappa},
               {"band", name_of(memory::band_of(item.kappa))},
               {"importance", item.importance},
               {"event_ms", item.event_ms},
               {"recorded", moment(item.recorded_us)},
               {"valid_from", moment_or_null(item.valid_from_us)},
               {"valid_until", moment_or_null(item.valid_until_us)},
               {"accesses", item.accesses},
               {"replays", item.replays},
               {"last_used_cycle", item.last_used_cycle}};
  const memory::WindowStatistics& s = item.statistics;
  json["statistics"] = {{"spikes", s.n_spikes},
                        {"mean_rate_Hz", s.mean_rate_Hz},
                        {"synchrony", s.synchrony},
                        {"burst_strength", s.burst_strength},
                        {"weight_change", s.weight_change},
                        {"eligibility", s.eligibility}};
  const memory::Modulators& m = item.modulators;
  json["modulators"] = {{"dopamine", m.dopamine},
                        {"serotonin", m.serotonin},
                        {"noradrenaline", m.noradrenaline},
                        {"acetylcholine", m.acetylcholine}};
  const memory::Provenance& p = item.provenance;
  json["provenance"] = p.run.empty() ? Json(nullptr)
                                     : Json{{"run", p.run},
                                            {"config_digest", p.config_digest},
                                            {"population", p.population},
                                            {"instance", p.instance},
                                            {"branch", p.branch},
                                            {"begin_ms", p.begin_ms},
                                            {"end_ms", p.end_ms},
                                            {"signal", p.signal}};
  json["metadata"] = item.metadata;
  json["sequence"] = item.sequence;
  return json;
}

Json edge_json(const memory::Edge& edge) {
  return {{"from", edge.from},
          {"to", edge.to},
          {"type", edge.type == memory::EdgeType::abstracts ? "abstracts" : "co_replayed"},
          {"weight", edge.weight}};
}

std::string item_head() {
  return right("id", kIdColumns) + "  " + left("type", kTypeColumns) + left("band", kBandColumns) +
         right("κ", kFigureColumns) + right("importance", kFigureColumns + 2) + right("event", kTimeColumns) +
         right("replays", kFigureColumns) + right("accesses", kFigureColumns) + "  whence\n";
}

std::string item_row(const memory::Item& item) {
  const memory::Provenance& p = item.provenance;
  const std::string whence =
      p.run.empty() ? first_characters(item.metadata, kMostMetadata)
                    : fmt::format("{}[{}] {}", p.population, p.instance, first_characters(p.run, 12));
  return right(std::to_string(item.id), kIdColumns) + "  " + left(name_of(item.type), kTypeColumns) +
         left(name_of(memory::band_of(item.kappa)), kBandColumns) +
         right(figure(item.kappa), kFigureColumns) + right(figure(item.importance), kFigureColumns + 2) +
         right(milliseconds(item.event_ms), kTimeColumns) + right(grouped(item.replays), kFigureColumns) +
         right(grouped(item.accesses), kFigureColumns) + "  " + printable(whence) + "\n";
}

std::string item_text(const memory::Item& item, const std::vector<memory::Edge>& edges) {
  const memory::WindowStatistics& s = item.statistics;
  const memory::Modulators& m = item.modulators;
  std::string text = labelled("item", fmt::format("{}, {}", item.id, name_of(item.type)));
  text += labelled("κ", fmt::format("{} ({})", figure(item.kappa), name_of(memory::band_of(item.kappa))));
  text += labelled("importance", figure(item.importance));
  text += labelled("event", milliseconds(item.event_ms) + " of simulated time");
  text += labelled("recorded", moment(item.recorded_us));
  text += labelled("replays", grouped(item.replays));
  text += labelled("accesses",
                   fmt::format("{}, last used in cycle {}", grouped(item.accesses), item.last_used_cycle));
  text += labelled("whence", provenance_text(item.provenance));
  text += labelled("window",
                   fmt::format("{} spikes, {} Hz, synchrony {}, burst {}, sum of |Δw| {}, eligibility {}",
                               figure(s.n_spikes), figure(s.mean_rate_Hz), figure(s.synchrony),
                               figure(s.burst_strength), figure(s.weight_change), figure(s.eligibility)));
  text += labelled("modulators",
                   fmt::format("DA {}, 5-HT {}, NE {}, ACh {}", figure(m.dopamine), figure(m.serotonin),
                               figure(m.noradrenaline), figure(m.acetylcholine)));
  if (!item.metadata.empty()) text += labelled("metadata", printable(item.metadata));
  for (const memory::Edge& edge : edges)
    text +=
        labelled("edge", fmt::format("{} -> {}, {}, {}", edge.from, edge.to,
                                     edge.type == memory::EdgeType::abstracts ? "abstracts" : "co-replayed",
                                     figure(edge.weight)));
  return text;
}

}  // namespace sharpwave::cli
