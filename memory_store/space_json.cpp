#include "memory_store/space_json.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/dot_product.hpp"
#include "memory_store/space_report.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostCompared = 64;

Json phases_json(const SpaceStatus& status) {
  Json phases = Json::array();
  for (const auto& [name, phase] : status.phases)
    phases.push_back({{"name", name},
                      {"runs", phase.runs},
                      {"when_us", phase.when_us},
                      {"seconds", phase.seconds},
                      {"looked_at", phase.counts.looked_at},
                      {"changed", phase.counts.changed},
                      {"made", phase.counts.made},
                      {"removed", phase.counts.removed},
                      {"edges", phase.counts.edges}});
  return phases;
}

/// Of the items of the highest κ, of equal ones the smaller ids.
Json similarity_json(const Space& space) {
  std::vector<std::pair<ItemId, Summary>> items = space.summaries();
  std::stable_sort(items.begin(), items.end(),
                   [](const auto& a, const auto& b) { return a.second.kappa > b.second.kappa; });
  items.resize(std::min(items.size(), kMostCompared));
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json json = {{"ids", Json::array()}, {"kappa", Json::array()}, {"cosines", Json::array()}};
  std::vector<std::vector<float>> vectors;
  for (const auto& [id, summary] : items) {
    std::vector<float> vector = space.vector_of(id);
    if (vector.empty()) continue;  // it has gone meanwhile
    json["ids"].push_back(id);
    json["kappa"].push_back(summary.kappa);
    vectors.push_back(std::move(vector));
  }
  for (const std::vector<float>& a : vectors) {
    Json row = Json::array();
    for (const std::vector<float>& b : vectors)
      row.push_back(std::round(1000 * std::clamp(double{dot_product(a.data(), b.data(), space.dimension())},
                                                 -1.0, 1.0)) /
                    1000);
    json["cosines"].push_back(std::move(row));
  }
  return json;
}

Json storage_json(const Space& space, std::optional<SyncMode> mode) {
  const std::uint64_t bytes = space.backend().bytes();
  const std::optional<std::uint64_t> synced = space.synced();
  const IndexReport index = space.index();
  const auto n_items = static_cast<double>(space.size());
  return {{"bytes", bytes},
          {"bytes_per_item",
           n_items > 0 ? Json(std::round(static_cast<double>(bytes) / n_items)) : Json(nullptr)},
          {"sync", mode ? Json(name_of(*mode)) : Json(nullptr)},
          {"sequence", space.sequence()},
          {"synced_sequence", mode && synced ? Json(*synced) : Json(nullptr)},
          {"index", name_of(index.state)},
          {"index_vectors", index.n_vectors},
          {"index_tombstones", index.n_tombstones},
          {"index_waiting", index.n_waiting},
          {"index_note", index.note}};
}

}  // namespace

const char* name_of(SyncMode mode) {
  switch (mode) {
    case SyncMode::always:
      return "always";
    case SyncMode::interval:
      return "interval";
    case SyncMode::none:
      return "none";
  }
  return "";
}

const char* name_of(Start start) {
  switch (start) {
    case Start::cold:
      return "cold";
    case Start::warm:
      return "warm";
    case Start::fallback:
      return "fallback";
  }
  return "";
}

Json space_json(std::string_view name, const Space& space, std::optional<SyncMode> mode) {
  const SpaceStatus status = status_of(space);
  const bool has_items = status.n_items > 0;
  Json json = {{"name", name}, {"dimension", space.dimension()}, {"items", status.n_items}};
  for (const ItemType type : {ItemType::episodic, ItemType::semantic, ItemType::procedural})
    json["by_type"][name_of(type)] = status.by_type.at(static_cast<std::size_t>(type));
  json["by_band"] = bands_json(status);
  json["kappa"] = {{"mean", has_items ? Json(status.mean_kappa) : Json(nullptr)},
                   {"sd", has_items ? Json(status.sd_kappa) : Json(nullptr)},
                   {"histogram", status.kappa}};
  json["cycle"] = status.cycle;
  json["changes_since_cycle"] = status.changes_since_cycle;
  json["phases"] = phases_json(status);
  json["gated"] = status.gated;
  json["rejected"] = Json::object();
  for (const auto& [reason, n] : status.rejected) json["rejected"][reason] = n;
  json["similarity"] = similarity_json(space);
  json["storage"] = storage_json(space, mode);
  return json;
}

Json bands_json(const SpaceStatus& status) {
  Json bands;
  for (const Band band : {Band::episodic, Band::replayed, Band::transitional, Band::semantic})
    bands[name_of(band)] = status.by_band.at(static_cast<std::size_t>(band));
  return bands;
}

Json recovery_json(const RecoveryReport& report) {
  return {{"start", name_of(report.start)}, {"sequence", report.sequence}, {"replayed", report.replayed},
          {"damaged", report.damaged},      {"seconds", report.seconds},   {"notes", report.notes}};
}

std::string space_report(std::string_view name, const Space& space, std::optional<SyncMode> mode,
                         const RecoveryReport& recovery) {
  Json json = space_json(name, space, mode);
  // Who only reads it has it read-only anyway.
  json["read_only"] = cannot_be_changed(recovery) || (mode && space.is_read_only());
  json["recovery"] = recovery_json(recovery);
  json["damage"] = Json::array();
  for (const Damage& damage : space.damage())
    json["damage"].push_back({{"where", damage.where}, {"what", damage.what}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace sharpwave::memory
