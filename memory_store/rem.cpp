// Prototypes. Each phase, a number of items are leaders, one after the other by id, going on where the last
// phase stopped and beginning again at the end. A leader that is near a semantic item is linked to that,
// which grows stronger by it. Otherwise it and the nearest of its like, all within the similarity asked to
// the leader, become a prototype where they are enough. So every member is like its leader, which chains of
// members that are alike by pairs would not ensure, and the answer depends on nothing but the items and where
// it began.
//
// Items that a prototype abstracts already are neither leaders nor members: what was abstracted once makes no
// second prototype.
#include <algorithm>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "memory_store/consolidation_rules.hpp"
#include "memory_store/cycle_number.hpp"
#include "memory_store/phase_run.hpp"
#include "memory_store/phases.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory {

namespace {

constexpr const char* kNextLeaderKey = "rem_next";
constexpr std::size_t kMostLinksInAChange = 64;

bool is_source(const RemParameters& p, const Summary& item) {
  return item.type != ItemType::semantic && item.kappa >= p.least_kappa && item.kappa <= p.most_kappa;
}

class Rem {
 public:
  Rem(Space& space, const RemParameters& parameters, PhaseRun& run)
      : space_(space), parameters_(parameters), run_(run) {
    std::unordered_set<ItemId> abstracted;
    const auto all = space.summaries();
    for (const auto& [id, summary] : all)
      if (summary.type == ItemType::semantic)
        for (const Edge& edge : space.edges_from(id, EdgeType::abstracts)) abstracted.insert(edge.to);
    for (const auto& [id, summary] : all)
      if (is_source(parameters, summary) && !abstracted.contains(id)) order_.push_back(id);
    free_ = {order_.begin(), order_.end()};
  }

  /// The next leader, from `first` on; kNoItem where there is none behind.
  [[nodiscard]] ItemId leader_from(ItemId first) const {
    auto at = std::lower_bound(order_.begin(), order_.end(), first);
    while (at != order_.end() && !free_.contains(*at)) ++at;
    return at == order_.end() ? kNoItem : *at;
  }

  void lead(ItemId leader) {
    ++run_.counts.looked_at;
    const std::vector<float> vector = space_.vector_of(leader);
    if (vector.empty()) return;  // removed just now
    const auto prototypes = space_.nearest(
        vector, 1, [](ItemId, const Summary& summary) { return summary.type == ItemType::semantic; });
    if (!prototypes.empty() && is_alike(prototypes[0])) {
      links_.emplace_back(prototypes[0].id, leader);
      free_.erase(leader);
    } else {
      make_prototype(members_of(vector));
    }
  }

  /// Writes the links of leaders to what was there before.
  void link() {
    for (std::size_t first = 0; first < links_.size(); first += kMostLinksInAChange) {
      const auto chunk =
          std::span(links_).subspan(first, std::min(kMostLinksInAChange, links_.size() - first));
      space_.commit([&](Transaction& change) {
        for (const auto& [prototype, source] : chunk) link(change, prototype, source);
      });
    }
  }

 private:
  [[nodiscard]] bool is_alike(const Neighbour& neighbour) const {
    return static_cast<double>(neighbour.similarity) >= parameters_.similarity;
  }
  /// The nearest first, the leader among them.
  [[nodiscard]] std::vector<ItemId> members_of(std::span<const float> leader) const {
    std::vector<ItemId> members;
    for (const Neighbour& neighbour : space_.nearest(
             leader, parameters_.most_members, [&](ItemId id, const Summary&) { return free_.contains(id); }))
      if (is_alike(neighbour)) members.push_back(neighbour.id);
    return members;
  }

  void link(Transaction& change, ItemId prototype, ItemId source) {
    std::optional<Item> item = change.find(prototype);
    if (!item || !change.find(source)) return;
    item->kappa = raised(item->kappa, parameters_.more_kappa);
    ++item->replays;
    item->last_used_cycle = cycle_number(change);
    change.update(std::move(*item));
    change.put({.from = prototype, .to = source, .type = EdgeType::abstracts, .weight = parameters_.edge});
    ++run_.counts.changed;
    ++run_.counts.edges;
  }

  void make_prototype(const std::vector<ItemId>& members) {
    if (members.size() < parameters_.least_members) return;
    const std::vector<float> mean = mean_of(members);
    if (mean.empty()) return;
    bool is_made = false;
    space_.commit([&](Transaction& change) {
      std::vector<Item> sources;
      for (const ItemId id : members)
        if (std::optional<Item> item = change.find(id)) sources.push_back(std::move(*item));
      if (sources.size() < members.size()) return;  // one was removed just now: they are looked at again
      const ItemId prototype = change.insert(prototype_of(sources, cycle_number(change)), mean);
      for (const ItemId id : members)
        change.put({.from = prototype, .to = id, .type = EdgeType::abstracts, .weight = parameters_.edge});
      is_made = true;
    });
    if (!is_made) return;
    ++run_.counts.made;
    run_.counts.edges += members.size();
    for (const ItemId id : members) free_.erase(id);
  }

  /// Of length 1; summed up in double precision, by id. Empty where one was removed just now.
  [[nodiscard]] std::vector<float> mean_of(std::vector<ItemId> members) const {
    std::sort(members.begin(), members.end());
    std::vector<double> sum(space_.dimension(), 0.0);
    for (const ItemId id : members) {
      const std::vector<float> vector = space_.vector_of(id);
      if (vector.empty()) return {};
      for (std::size_t i = 0; i < vector.size(); ++i) sum[i] += static_cast<double>(vector[i]);
    }
    std::vector<float> mean;
    for (const double x : sum) mean.push_back(static_cast<float>(x / static_cast<double>(members.size())));
    return unit_vector(mean, space_.dimension());
  }

  /// With the time and provenance of the newest of its sources, and the importance of the most important. No
  /// window of its own: no statistics, and no signal.
  [[nodiscard]] Item prototype_of(const std::vector<Item>& sources, std::uint64_t cycle) const {
    const auto is_older = [](const Item& a, const Item& b) {
      return std::pair(a.event_ms, a.id) < std::pair(b.event_ms, b.id);
    };
    const Item& newest = *std::max_element(sources.begin(), sources.end(), is_older);
    Item item;
    item.type = ItemType::semantic;
    item.kappa = parameters_.kappa;
    item.importance = std::max_element(sources.begin(), sources.end(), [](const Item& a, const Item& b) {
                        return a.importance < b.importance;
                      })->importance;
    item.event_ms = newest.event_ms;
    item.recorded_us = run_.began_us();
    item.last_used_cycle = cycle;
    item.provenance = newest.provenance;
    item.provenance.signal = 0;
    return item;
  }

  Space& space_;
  const RemParameters& parameters_;
  PhaseRun& run_;
  std::vector<ItemId> order_;                     ///< what may be a leader or member, by id
  std::unordered_set<ItemId> free_;               ///< of these, what no prototype has yet
  std::vector<std::pair<ItemId, ItemId>> links_;  ///< prototype and source
};

}  // namespace

PhaseCounts rem(Space& space, const RemParameters& p, const std::stop_token& stop) {
  PhaseRun run(space, "rem", stop);
  Rem phase(space, p, run);
  const ItemId begin = space.number(kNextLeaderKey);
  ItemId next = begin;
  bool is_around = false;
  for (std::uint64_t i = 0; i < p.most_leaders && !stop.stop_requested(); ++i) {
    ItemId leader = phase.leader_from(next);
    if (leader == kNoItem && !is_around) {
      is_around = true;
      leader = phase.leader_from(kNoItem);
    }
    if (leader == kNoItem || (is_around && leader >= begin)) break;
    phase.lead(leader);
    next = leader + 1;
  }
  phase.link();
  return run.finish([next](Transaction& change) { change.set_number(kNextLeaderKey, next); });
}

}  // namespace sharpwave::memory
