#include "memory_store/phases.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "memory_store/consolidation_rules.hpp"
#include "memory_store/cycle_number.hpp"
#include "memory_store/phase_run.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostItemsInAChange = 128;
constexpr const char* kDecayNextKey = "decay_next";
constexpr const char* kCycleSequenceKey = "cycle_sequence";

using Entry = std::pair<ItemId, Summary>;

/// Those of a space that `is_meant` takes, by id.
template <class IsMeantByPhase>
std::vector<Entry> choose(const Space& space, const IsMeantByPhase& is_meant) {
  std::vector<Entry> chosen = space.summaries();
  std::erase_if(chosen, [&](const Entry& entry) { return !is_meant(entry.second); });
  return chosen;
}

void keep_most_important(std::vector<Entry>& entries, std::uint64_t most) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.second.importance > b.second.importance; });
  if (entries.size() > most) entries.resize(most);
}

std::vector<ItemId> ids_of(std::span<const Entry> entries) {
  std::vector<ItemId> ids;
  for (const auto& [id, summary] : entries) ids.push_back(id);
  return ids;
}

/// Calls change(transaction, ids) for so many ids after the other, each in a change of its own.
template <class Change>
void in_chunks(Space& space, std::span<const ItemId> ids, std::size_t most, const std::stop_token& stop,
               const Change& change) {
  for (std::size_t first = 0; first < ids.size() && !stop.stop_requested(); first += most) {
    const auto chunk = ids.subspan(first, std::min(most, ids.size() - first));
    space.commit([&](Transaction& transaction) { change(transaction, chunk); });
  }
}

/// Those that are still there.
std::vector<Item> find_all(const Transaction& change, std::span<const ItemId> ids) {
  std::vector<Item> items;
  for (const ItemId id : ids)
    if (std::optional<Item> item = change.find(id)) items.push_back(std::move(*item));
  return items;
}

void raise_edge(Transaction& change, ItemId from, ItemId to, const NremParameters& p) {
  Edge edge{.from = std::min(from, to), .to = std::max(from, to), .type = EdgeType::co_replayed, .weight = 0};
  const std::optional<Edge> before = change.find(edge);
  double weight = before ? before->weight : p.edge_start;
  // The first pass makes an edge, each later one raises it.
  for (std::uint64_t pass = before ? 0 : 1; pass < p.passes; ++pass) weight = raised(weight, p.edge);
  edge.weight = weight;
  change.put(edge);
}

void replay_together(Transaction& change, std::span<const ItemId> ids, const NremParameters& p,
                     PhaseCounts& counts) {
  const std::uint64_t cycle = cycle_number(change);
  const std::vector<Item> items = find_all(change, ids);
  for (Item item : items) {
    for (std::uint64_t pass = 0; pass < p.passes; ++pass) item.kappa = raised(item.kappa, p.kappa);
    item.replays += p.passes;
    item.last_used_cycle = cycle;
    change.update(std::move(item));
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    for (std::size_t k = i + 1; k < items.size(); ++k) raise_edge(change, items[i].id, items[k].id, p);
  counts.changed += items.size();
  counts.edges += items.size() * (items.size() - 1) / 2;
}

}  // namespace

PhaseCounts nrem(Space& space, const NremParameters& p, const std::stop_token& stop) {
  PhaseRun run(space, "nrem", stop);
  std::vector<Entry> chosen = choose(
      space, [&](const Summary& s) { return s.kappa <= p.most_kappa && s.importance >= p.least_importance; });
  keep_most_important(chosen, p.most_items);
  run.counts.looked_at = chosen.size();
  std::stable_sort(chosen.begin(), chosen.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.second.event_ms, a.first) < std::pair(b.second.event_ms, b.first);
  });
  in_chunks(space, ids_of(chosen), p.together, stop, [&](Transaction& change, std::span<const ItemId> ids) {
    replay_together(change, ids, p, run.counts);
  });
  return run.finish();
}

Reinjected reinject(Space& space, const ReinjectionParameters& p, const std::stop_token& stop) {
  PhaseRun run(space, "reinjection", stop);
  std::vector<Entry> chosen =
      choose(space, [&](const Summary& s) { return s.kappa >= p.least_kappa && s.kappa < p.below_kappa; });
  keep_most_important(chosen, p.most_items);
  run.counts.looked_at = chosen.size();
  Reinjected reinjected;
  in_chunks(space, ids_of(chosen), kMostItemsInAChange, stop,
            [&](Transaction& change, std::span<const ItemId> ids) {
              const std::uint64_t cycle = cycle_number(change);
              for (Item& item : find_all(change, ids)) {
                item.kappa = raised(item.kappa, p.kappa);
                ++item.replays;
                item.last_used_cycle = cycle;
                reinjected.items.push_back(item.id);
                change.update(std::move(item));
                ++run.counts.changed;
              }
            });
  reinjected.counts = run.finish();
  return reinjected;
}

// How far it has come stands in the same changes: killed and begun again, nothing is halved twice in a cycle.
PhaseCounts decay(Space& space, std::uint64_t half_life, const std::stop_token& stop) {
  PhaseRun run(space, "decay", stop);
  const std::uint64_t cycle = space.number(kCycleKey);
  const ItemId next = space.number(kDecayNextKey);
  std::vector<Entry> chosen =
      choose(space, [&](const Summary& s) { return is_halved(cycle, s.last_used_cycle, half_life); });
  std::erase_if(chosen, [&](const Entry& entry) { return entry.first < next; });
  run.counts.looked_at = chosen.size();
  in_chunks(space, ids_of(chosen), kMostItemsInAChange, stop,
            [&](Transaction& change, std::span<const ItemId> ids) {
              for (Item& item : find_all(change, ids)) {
                if (!is_halved(cycle, item.last_used_cycle, half_life)) continue;  // used since it was chosen
                item.importance /= 2;
                change.update(std::move(item));
                ++run.counts.changed;
              }
              change.set_number(kDecayNextKey, ids.back() + 1);
            });
  return run.finish();
}

PhaseCounts prune(Space& space, const PruneParameters& p, const std::stop_token& stop) {
  PhaseRun run(space, "prune", stop);
  const auto is_to_go = [&](const auto& item) {
    return item.kappa <= p.most_kappa && item.importance < p.below_importance;
  };
  const std::vector<ItemId> chosen = ids_of(choose(space, is_to_go));
  run.counts.looked_at = chosen.size();
  in_chunks(space, chosen, kMostItemsInAChange, stop, [&](Transaction& change, std::span<const ItemId> ids) {
    for (const Item& item : find_all(change, ids))
      if (is_to_go(item) && change.erase(item.id)) ++run.counts.removed;
  });
  return run.finish();
}

CycleResult run_cycle(Space& space, const ConsolidationParameters& p, const std::stop_token& stop) {
  CycleResult result;
  if (stop.stop_requested()) return result;
  PhaseRun run(space, "cycle", stop);
  space.commit([&](Transaction& change) {
    change.set_number(kCycleBeganKey, static_cast<std::uint64_t>(run.began_us()));
  });
  for (std::uint64_t round = 0; round < p.cycle.rounds; ++round) {
    if (stop.stop_requested()) return result;
    run.counts += nrem(space, p.nrem, stop);
    const Reinjected reinjected = reinject(space, p.reinjection, stop);
    run.counts += reinjected.counts;
    for (const ItemId id : reinjected.items)
      if (std::ranges::find(result.replays, id) == result.replays.end()) result.replays.push_back(id);
    run.counts += rem(space, p.rem, stop);
  }
  if (stop.stop_requested()) return result;
  run.counts += decay(space, p.cycle.half_life, stop);
  if (stop.stop_requested()) return result;
  run.counts += prune(space, p.prune, stop);
  if (stop.stop_requested()) return result;
  run.finish([](Transaction& change) {
    change.set_number(kCycleKey, cycle_number(change) + 1);
    change.set_number(kDecayNextKey, 0);
    change.set_number(kCycleSequenceKey, change.sequence());
  });
  result.is_complete = true;
  return result;
}

std::uint64_t changes_since_cycle(const Space& space) {
  // In this order, and still: a cycle that ends meanwhile is in the database before the space counts it.
  const std::uint64_t at_cycle = space.number(kCycleSequenceKey);
  const std::uint64_t now = space.sequence();
  return now - std::min(now, at_cycle);
}

}  // namespace sharpwave::memory
