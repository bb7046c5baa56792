#include "memory_store/plugin/recall.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "kernels/dot_product.hpp"

namespace sharpwave::memory {

namespace {

constexpr double kAlways = -1;  ///< when an item of another run was formed

std::optional<std::uint32_t> number_in(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number_unsigned()) return std::nullopt;
  const auto number = at->get<std::uint64_t>();
  if (number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

}  // namespace

std::string metadata_of(const PresentedItem& presented) {
  Json json = {{"item", presented.item}};
  if (presented.label) json["label"] = *presented.label;
  return json.dump();
}

std::optional<PresentedItem> presented_in(const std::string& metadata) {
  const Json json = Json::parse(metadata, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const std::optional<std::uint32_t> item = number_in(json, "item");
  if (!item) return std::nullopt;
  return PresentedItem{.item = *item, .label = number_in(json, "label")};
}

void Recall::note(const ConsolidationSignal& signal) {
  if (signal.is_ripple) return;
  const std::optional<PresentedItem> presented = presented_in(signal.metadata);
  if (!presented || !presented->label) return;
  if (presentations_.size() == kMostPresentations) presentations_.pop_front();
  presentations_.push_back({.run = signal.provenance.run,
                            .begin_ms = signal.provenance.begin_ms,
                            .item = presented->item,
                            .label = *presented->label,
                            .embedding = signal.embedding,
                            .nearest = {}});
}

void Recall::learn_items(const Space& space) {
  for (const auto& [id, summary] : space.summaries()) {
    if (known_.contains(id)) continue;
    const std::optional<Item> item = space.find(id);
    if (!item) continue;  // it has gone meanwhile
    const std::optional<PresentedItem> presented = presented_in(item->metadata);
    known_.emplace(id, Known{.run = item->provenance.run,
                             .begin_ms = item->provenance.begin_ms,
                             .label = presented ? presented->label : std::nullopt});
  }
}

void Recall::look_up(const Space& space) {
  std::vector<Presentation*> waiting;
  for (Presentation& presentation : presentations_)
    if (presentation.embedding.size() == space.dimension()) waiting.push_back(&presentation);
  if (waiting.empty()) return;
  learn_items(space);
  const std::string& run = waiting.front()->run;
  std::vector<std::tuple<double, ItemId, std::uint32_t>> items;
  for (const auto& [id, known] : known_)
    if (known.label) items.emplace_back(known.run == run ? known.begin_ms : kAlways, id, *known.label);
  std::sort(items.begin(), items.end());
  for (const auto& [begin_ms, id, label] : items) {
    const std::vector<float> vector = space.vector_of(id);
    if (vector.empty()) continue;  // it was pruned
    for (Presentation* const presentation : waiting) {
      if (begin_ms >= presentation->begin_ms) continue;
      const double cosine = std::clamp(
          double{dot_product(vector.data(), presentation->embedding.data(), space.dimension())}, -1.0, 1.0);
      std::vector<Nearer>& nearest = presentation->nearest;
      if (!nearest.empty() && cosine <= nearest.back().cosine) continue;
      nearest.push_back({.id = id, .label = label, .begin_ms = begin_ms, .cosine = cosine});
      if (nearest.size() > kMostNearer) nearest.erase(nearest.begin());
    }
  }
  for (Presentation* const presentation : waiting) presentation->embedding = {};
}

Json Recall::json() const {
  Json json = Json::array();
  for (const Presentation& presentation : presentations_) {
    Json nearest = Json::array();
    for (const Nearer& nearer : presentation.nearest)
      nearest.push_back({{"id", nearer.id},
                         {"label", nearer.label},
                         {"begin_ms", nearer.begin_ms},
                         {"cosine", nearer.cosine}});
    json.push_back({{"begin_ms", presentation.begin_ms},
                    {"item", presentation.item},
                    {"label", presentation.label},
                    {"nearest", std::move(nearest)}});
  }
  return json;
}

}  // namespace sharpwave::memory
