// Items that somebody puts in, takes out or looks at, rather than a run.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "memory_store/refusal.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

struct NewItem {
  ItemType type = ItemType::episodic;
  double kappa = 0;        ///< in [0, 1]
  double importance = .5;  ///< in [0, 1]
  double event_ms = 0;     ///< from 0 to kLatestMs
  std::int64_t valid_from_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t valid_until_us = kForGood;
  std::string metadata;  ///< UTF-8, at most kMostMetadataBytes
};

struct Added {
  ItemId id = kNoItem;             ///< the new one; of a duplicate, the one that is there
  std::optional<Refusal> refusal;  ///< then nothing was added; it is counted and kept in quarantine
};

/// @param embedding  brought to length 1; of the space's dimension, any up to kMaxDimension where it has
/// none.
///                   One that equals that of an item is a duplicate.
/// @throws as Space::commit(). O(items * dimension).
[[nodiscard]] Added add(Space& space, const NewItem& item, std::span<const float> embedding);

/// With its edges. False where there is none. @throws as Space::commit().
bool remove(Space& space, ItemId id);

/// Counts how often items are looked at. Counts wait in memory until they are written, so that a search does
/// not wait for the disk; a crash loses those that were not. Safe from several threads.
class AccessCounts {
 public:
  /// Also several times the same.
  void note(std::span<const ItemId> ids);
  /// Writes what waits, in changes of a few hundred items; items that are gone are passed over. A read-only
  /// space counts nothing. @throws as Space::commit(); what was not written waits on then.
  void write(Space& space);

 private:
  std::mutex mutex_;
  std::map<ItemId, std::uint64_t> waiting_;
};

}  // namespace sharpwave::memory
