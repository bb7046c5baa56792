// What a space should be after takes, changes by hand and phases, computed the plain way: maps, whole numbers
// of millionths for κ and weights, and a look at every item for everything. Only cosines are the kernel's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernels/dot_product.hpp"
#include "memory_store/consolidation_parameters.hpp"
#include "memory_store/item.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/take.hpp"
#include "memory_store/unit_vector.hpp"

namespace sharpwave::memory::testing {

class LifeOracle {
 public:
  struct Known {
    std::vector<float> vector;
    std::int64_t kappa = 0;  ///< in millionths, like weights
    double importance = 0;
    double event_ms = 0;
    std::uint64_t accesses = 0;
    std::uint64_t replays = 0;
    std::uint64_t used = 0;
    ItemType type = ItemType::episodic;
  };
  using Edges = std::map<std::pair<ItemId, ItemId>, std::int64_t>;

  explicit LifeOracle(const ConsolidationParameters& parameters) : p_(parameters) {}

  std::map<ItemId, Known> items;
  Edges replayed_together;
  Edges abstracts;
  std::map<std::string, std::uint64_t> rejected;
  std::uint64_t gated = 0;
  std::uint64_t cycle = 0;

  /// @param why  the reason for which the signal is to be refused; null: it is fine.
  Outcome take(const ConsolidationSignal& s, const char* why) {
    std::uint64_t& last = last_signal_[s.provenance.instance];
    if (s.provenance.signal <= last) return Outcome::known;
    last = s.provenance.signal;
    if (why != nullptr) return refuse(why);
    const std::vector<float> unit = unit_vector(s.embedding, 0);
    ItemId nearest = kNoItem;
    float best = -2;
    for (const auto& [id, item] : items)
      if (const float cosine = cosine_of(unit, item.vector); cosine > best) best = cosine, nearest = id;
    const double surprise = nearest == kNoItem ? 1 : std::min(1.0, 1 - static_cast<double>(best));
    if (s.modulators.dopamine < p_.take.gate_floor.dopamine) {
      ++gated;
      return Outcome::gated;
    }
    const double da = std::max(0.0, s.modulators.dopamine - .5);
    const double change = s.statistics.weight_change;
    const double gain = .4 * std::max(0.0, surprise) + .3 * da / (da + 1) + .3 * change / (change + 1);
    if (nearest != kNoItem && static_cast<double>(best) >= .8) {
      Known& item = items.at(nearest);
      raise(item, 10'000, 1);
      item.importance += (1 - item.importance) * gain;
      return Outcome::replayed;
    }
    items[next_id_++] = {.vector = unit,
                         .kappa = 0,
                         .importance = .5 + .5 * gain,
                         .event_ms = s.provenance.end_ms,
                         .used = cycle};
    return Outcome::formed;
  }
  Outcome refuse(const char* why) {
    ++rejected[why];
    return Outcome::rejected;
  }

  /// kNoItem where there is one already.
  ItemId add(const std::vector<float>& embedding, double kappa, double importance, double event_ms) {
    const std::vector<float> unit = unit_vector(embedding, 0);
    for (const auto& [id, item] : items)
      if (item.vector == unit) {
        refuse("duplicate");
        return kNoItem;
      }
    items[next_id_] = {.vector = unit,
                       .kappa = std::llround(kappa * 1e6),
                       .importance = importance,
                       .event_ms = event_ms,
                       .used = cycle};
    return next_id_++;
  }
  void remove(ItemId gone) {
    items.erase(gone);
    for (Edges* edges : {&replayed_together, &abstracts})
      std::erase_if(*edges, [&](const auto& e) { return e.first.first == gone || e.first.second == gone; });
  }
  void access(ItemId id) {
    ++items.at(id).accesses;
    items.at(id).used = cycle;
  }

  void nrem() {
    std::vector<ItemId> chosen = most_important(
        [](const Known& item) { return item.kappa <= 300'000 && item.importance >= .3; }, p_.nrem.most_items);
    std::sort(chosen.begin(), chosen.end());
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](ItemId a, ItemId b) { return items.at(a).event_ms < items.at(b).event_ms; });
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      raise(items.at(chosen[i]), 150'000, 3);
      for (std::size_t k = 0; k < i; ++k)
        if (i / 10 == k / 10) {
          const auto edge = std::minmax(chosen[i], chosen[k]);
          const auto [at, is_new] = replayed_together.try_emplace(edge, 120'000);
          if (!is_new) at->second = std::min<std::int64_t>(1'000'000, at->second + 30'000);
        }
    }
  }
  std::vector<ItemId> reinject() {
    const std::vector<ItemId> chosen =
        most_important([](const Known& item) { return item.kappa >= 150'000 && item.kappa < 850'000; }, 20);
    for (const ItemId id : chosen) raise(items.at(id), 30'000, 1);
    return chosen;
  }
  void rem() {
    std::set<ItemId> free;
    for (const auto& [id, item] : items)
      if (item.type != ItemType::semantic && item.kappa >= 300'000 && item.kappa <= 700'000) free.insert(id);
    for (const auto& [edge, weight] : abstracts) free.erase(edge.second);
    std::vector<ItemId> leaders(free.lower_bound(next_leader_), free.end());
    leaders.insert(leaders.end(), free.begin(), free.lower_bound(next_leader_));
    std::size_t n_led = 0;
    for (const ItemId leader : leaders) {
      if (!free.contains(leader)) continue;
      if (n_led++ == p_.rem.most_leaders) break;
      next_leader_ = leader + 1;
      lead(leader, free);
    }
  }
  void decay_and_prune() {
    for (auto& [id, item] : items)
      if (cycle > item.used && (cycle - item.used) % p_.cycle.half_life == 0) item.importance /= 2;
    prune();
    ++cycle;
  }
  void prune() {
    std::vector<ItemId> gone;
    for (const auto& [id, item] : items)
      if (item.kappa <= 50'000 && item.importance < .1) gone.push_back(id);
    for (const ItemId id : gone) remove(id);
  }

 private:
  static float cosine_of(const std::vector<float>& a, const std::vector<float>& b) {
    return dot_product(a.data(), b.data(), static_cast<std::uint32_t>(a.size()));
  }
  void raise(Known& item, std::int64_t by, std::uint64_t replays) {
    item.kappa = std::min<std::int64_t>(1'000'000, item.kappa + by);
    item.replays += replays;
    item.used = cycle;
  }
  [[nodiscard]] std::vector<ItemId> most_important(const auto& is_meant, std::size_t most) const {
    std::vector<ItemId> chosen;
    for (const auto& [id, item] : items)
      if (is_meant(item)) chosen.push_back(id);
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](ItemId a, ItemId b) { return items.at(a).importance > items.at(b).importance; });
    if (chosen.size() > most) chosen.resize(most);
    return chosen;
  }
  void lead(ItemId leader, std::set<ItemId>& free) {
    const std::vector<float>& vector = items.at(leader).vector;
    std::vector<std::pair<float, ItemId>> semantic;
    std::vector<std::pair<float, ItemId>> alike;
    for (const auto& [id, item] : items) {
      const float cosine = cosine_of(vector, item.vector);
      if (static_cast<double>(cosine) < .7) continue;
      if (item.type == ItemType::semantic) semantic.emplace_back(-cosine, id);
      if (free.contains(id)) alike.emplace_back(-cosine, id);
    }
    std::sort(semantic.begin(), semantic.end());
    std::sort(alike.begin(), alike.end());
    if (!semantic.empty()) {
      raise(items.at(semantic[0].second), 10'000, 1);
      abstracts[{semantic[0].second, leader}] = 800'000;
      free.erase(leader);
    } else if (alike.size() >= 3) {
      if (alike.size() > p_.rem.most_members) alike.resize(p_.rem.most_members);
      make_prototype(alike, free);
    }
  }
  void make_prototype(const std::vector<std::pair<float, ItemId>>& members, std::set<ItemId>& free) {
    Known prototype{.kappa = 850'000, .used = cycle, .type = ItemType::semantic};
    std::vector<ItemId> ids;
    for (const auto& [minus_cosine, id] : members) ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    std::vector<double> sum(items.at(ids[0]).vector.size(), 0.0);
    for (const ItemId id : ids) {
      const Known& item = items.at(id);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(item.vector[i]);
      prototype.importance = std::max(prototype.importance, item.importance);
      prototype.event_ms = std::max(prototype.event_ms, item.event_ms);
      abstracts[{next_id_, id}] = 800'000;
      free.erase(id);
    }
    std::vector<float> mean;
    for (const double x : sum) mean.push_back(static_cast<float>(x / static_cast<double>(ids.size())));
    prototype.vector = unit_vector(mean, 0);
    items[next_id_++] = prototype;
  }

  const ConsolidationParameters& p_;
  ItemId next_id_ = 1;
  ItemId next_leader_ = 0;
  std::map<std::uint32_t, std::uint64_t> last_signal_;  ///< by instance
};

}  // namespace sharpwave::memory::testing
