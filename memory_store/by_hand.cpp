#include "memory_store/by_hand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "memory_store/cycle_number.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

namespace {

constexpr std::size_t kMostCountsInAChange = 256;

std::optional<Refusal> find_fault_in_fields(const NewItem& item) {
  for (const auto& [what, value] : {std::pair{"kappa", item.kappa}, std::pair{"importance", item.importance}})
    if (!(value >= 0 && value <= 1))
      return Refusal{Reason::out_of_range, fmt::format("{}: {}, expected 0 to 1", what, value)};
  if (!(item.event_ms >= 0 && item.event_ms <= kLatestMs))
    return Refusal{Reason::out_of_range,
                   fmt::format("event time: {} ms, expected 0 to {}", item.event_ms, kLatestMs)};
  if (item.type > ItemType::procedural)
    return Refusal{Reason::out_of_range,
                   fmt::format("type {}, expected 0 to 2", static_cast<int>(item.type))};
  if (item.valid_from_us >= item.valid_until_us)
    return Refusal{Reason::out_of_range, fmt::format("valid from {} until {}, expected a later end",
                                                     item.valid_from_us, item.valid_until_us)};
  return find_metadata_fault(item.metadata);
}

}  // namespace

Added add(Space& space, const NewItem& item, std::span<const float> embedding) {
  Added added;
  space.commit([&](Transaction& change) {
    std::vector<float> unit;
    added.refusal = find_fault_in_fields(item);
    if (!added.refusal) added.refusal = find_fault(embedding, change.dimension(), unit);
    if (!added.refusal && (added.id = change.identical(unit)) != kNoItem)
      added.refusal = Refusal{Reason::duplicate, "there is an item with the same embedding"};
    if (added.refusal) {
      put_into_quarantine(change, *added.refusal, "by hand", bytes_of(embedding));
      return;
    }
    Item made;
    made.type = item.type;
    made.kappa = item.kappa;
    made.importance = item.importance;
    made.event_ms = item.event_ms;
    made.recorded_us = now_us();
    made.valid_from_us = item.valid_from_us;
    made.valid_until_us = item.valid_until_us;
    made.last_used_cycle = cycle_number(change);
    made.metadata = item.metadata;
    added.id = change.insert(std::move(made), unit);
  });
  return added;
}

bool remove(Space& space, ItemId id) {
  bool was_there = false;
  space.commit([&](Transaction& change) { was_there = change.erase(id); });
  return was_there;
}

void AccessCounts::note(std::span<const ItemId> ids) {
  const std::lock_guard lock(mutex_);
  for (const ItemId id : ids) ++waiting_[id];
}

void AccessCounts::write(Space& space) {
  std::map<ItemId, std::uint64_t> counts;
  {
    const std::lock_guard lock(mutex_);
    counts.swap(waiting_);
  }
  if (space.is_read_only()) return;
  try {
    while (!counts.empty()) {
      const auto n = static_cast<std::ptrdiff_t>(std::min(counts.size(), kMostCountsInAChange));
      const auto end = std::next(counts.begin(), n);
      space.commit([&](Transaction& change) {
        const std::uint64_t cycle = cycle_number(change);
        for (auto at = counts.begin(); at != end; ++at) {
          std::optional<Item> item = change.find(at->first);
          if (!item) continue;
          item->accesses += at->second;
          item->last_used_cycle = cycle;
          change.update(std::move(*item));
        }
      });
      counts.erase(counts.begin(), end);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, n] : counts) waiting_[id] += n;
    throw;
  }
}

}  // namespace sharpwave::memory
