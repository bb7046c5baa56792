#include "memory_store/operator_json.hpp"

#include <limits>
#include <utility>

#include "memory_store/plugin_options.hpp"
#include "memory_store/space_report.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {
namespace {

Json moment_or_null(std::int64_t us) {
  const bool is_bounded = us != std::numeric_limits<std::int64_t>::min() && us != memory::kForGood;
  return is_bounded ? Json(moment(us)) : Json(nullptr);
}

}  // namespace

Json item_json(const Item& item) {
  Json json = {{"id", item.id},
               {"type", name_of(item.type)},
               {"kappa", item.kappa},
               {"band", name_of(band_of(item.kappa))},
               {"importance", item.importance},
               {"event_ms", item.event_ms},
               {"recorded", moment(item.recorded_us)},
               {"valid_from", moment_or_null(item.valid_from_us)},
               {"valid_until", moment_or_null(item.valid_until_us)},
               {"accesses", item.accesses},
               {"replays", item.replays},
               {"last_used_cycle", item.last_used_cycle}};
  const WindowStatistics& s = item.statistics;
  json["statistics"] = {{"spikes", s.n_spikes},
                        {"mean_rate_Hz", s.mean_rate_Hz},
                        {"synchrony", s.synchrony},
                        {"burst_strength", s.burst_strength},
                        {"weight_change", s.weight_change},
                        {"eligibility", s.eligibility}};
  const Modulators& m = item.modulators;
  json["modulators"] = {{"dopamine", m.dopamine},
                        {"serotonin", m.serotonin},
                        {"noradrenaline", m.noradrenaline},
                        {"acetylcholine", m.acetylcholine}};
  const Provenance& p = item.provenance;
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

Json whole_item_json(const Space& space, const Item& item) {
  Json json = item_json(item);
  json["edges"] = Json::array();
  for (const Edge& edge : space.edges_of(item.id)) json["edges"].push_back(edge_json(edge));
  json["embedding"] = space.vector_of(item.id);
  return json;
}

Json edge_json(const Edge& edge) {
  return {{"from", edge.from},
          {"to", edge.to},
          {"type", edge.type == EdgeType::abstracts ? "abstracts" : "co_replayed"},
          {"weight", edge.weight}};
}

Json refused_json(const Quarantined& refused) {
  return {{"number", refused.number},
          {"when_us", refused.when_us},
          {"reason", refused.reason},
          {"from", refused.from},
          {"bytes", refused.bytes.size()}};
}

Json answer_json(const Answer& answer, const Space& space) {
  Json json = {{"plan", name_of(answer.plan)},
               {"index_state", name_of(answer.index_state)},
               {"looked_at", answer.n_looked_at},
               {"matching", answer.n_matching ? Json(*answer.n_matching) : Json(nullptr)},
               {"seconds", answer.seconds},
               {"items", Json::array()}};
  for (const Neighbour& neighbour : answer.neighbours) {
    const std::optional<Item> item = space.find(neighbour.id);
    if (!item) continue;  // it has gone meanwhile
    Json found = item_json(*item);
    found["cosine"] = neighbour.similarity;
    json["items"].push_back(std::move(found));
  }
  return json;
}

Json contents_json(const Contents& contents) {
  return {{"sequence", contents.sequence}, {"items", contents.items}, {"values", contents.values}};
}

Json backup_json(const BackupManifest& backup) {
  std::uint64_t size = 0;
  for (const BackupFile& file : backup.files) size += file.bytes;
  Json json = {{"backup", backup.id}, {"space", backup.space}};
  json.update(contents_json(backup.contents));
  json["files"] = backup.files.size();
  json["bytes"] = size;
  return json;
}

Json status_json(const Store& store, std::string_view name, const Space& space,
                 std::optional<SyncMode> mode) {
  Json json = Json::parse(space_report(name, space, mode, store.report(name)));
  json["storage"]["sync"] = name_of(store.sync_mode());
  const std::optional<std::string> options = run_options_of(space);
  json["run_options"] = options ? Json::parse(*options) : Json(nullptr);
  return json;
}

std::optional<ItemType> item_type_named(std::string_view name) {
  for (const ItemType type : {ItemType::episodic, ItemType::semantic, ItemType::procedural})
    if (name == name_of(type)) return type;
  return std::nullopt;
}

}  // namespace sharpwave::memory
