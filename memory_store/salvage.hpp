// Takes what is whole out of a space's database, and puts the rest into quarantine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "memory_store/storage_backend.hpp"

namespace sharpwave::memory {

struct Salvage {
  std::uint64_t items = 0;  ///< whole, with their vectors
  std::uint64_t edges = 0;  ///< between them
  /// How many values are not taken over, by why; all but edges without a weight go into quarantine:
  /// `checksum`, `not_valid` (not finite, or nothing that was ever written so), `incomplete` (an item without
  /// a vector, a vector without an item, an edge without both or without a weight).
  std::map<std::string, std::uint64_t> quarantined;
  std::vector<std::string>
      notes;                   ///< each of those, the first hundred; and all that could not be read at all
  std::uint64_t sequence = 0;  ///< of the change that this is
  [[nodiscard]] bool has_found_something() const { return !quarantined.empty() || !notes.empty(); }
};

/// Reads all of `from`, around damaged blocks, and writes it into `into`, as one change more, with what is
/// not whole under `quarantine/` of its meta data, the newest kMostQuarantined of it, each cut at
/// kMostQuarantinedBytes: nothing is repaired, nothing replaced by zeros. Counters
/// that cannot be read are put above all that can.
/// @param into    empty; null: nothing is written.
/// @param now_us  since 1970, for the quarantine.
/// @throws Error(io), Error(no_room).
Salvage salvage(const StorageBackend& from, StorageBackend* into, std::int64_t now_us);

}  // namespace sharpwave::memory
