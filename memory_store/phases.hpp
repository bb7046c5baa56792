// The phases of consolidation: what a space does with its items between signals.
//
// One cycle at a time; takes, searches and changes by hand may happen meanwhile. A phase chooses from what it
// sees when it begins, and changes items in small changes, each of which looks at them again: an item that
// has gone is passed over. So nobody waits for a phase, only for one of its changes.
//
// Killed in the middle, or stopped, a phase has done some of its changes; each item or group has had all of
// its passes or none. Its record and the number of cycles are written at the end only, so it does not count,
// and the next one begins anew: an item may get the passes of two, which costs it nothing but that it rises
// sooner.
//
// What is chosen does not depend on threads or on the time of day; ties go to the smaller id.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "memory_store/consolidation_parameters.hpp"
#include "memory_store/records.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

/// Replays the most important items that are not far from new: κ rises, and edges between those that are
/// replayed together. Returns at the next change where `stop` asks for it, like all phases.
/// @throws as Space::commit(), like all phases.
PhaseCounts nrem(Space& space, const NremParameters& parameters, const std::stop_token& stop = {});

struct Reinjected {
  PhaseCounts counts;
  std::vector<ItemId> items;  ///< the most important first
};
/// Chooses what is replayed into the network next, of the items that NREM has raised and that are not
/// semantic yet: their κ rises.
Reinjected reinject(Space& space, const ReinjectionParameters& parameters, const std::stop_token& stop = {});

/// Makes prototypes of items that are alike, each once: see rem.cpp. O(leaders * items * dimension).
PhaseCounts rem(Space& space, const RemParameters& parameters, const std::stop_token& stop = {});

/// Halves the importance of what was not used for a multiple of `half_life` cycles, once in a cycle.
PhaseCounts decay(Space& space, std::uint64_t half_life, const std::stop_token& stop = {});

/// Removes what was hardly replayed and has become unimportant.
PhaseCounts prune(Space& space, const PruneParameters& parameters, const std::stop_token& stop = {});

struct CycleResult {
  bool is_complete = false;     ///< false: it was stopped, and does not count
  std::vector<ItemId> replays;  ///< what was reinjected, each once, as it was chosen first
};
/// Under it stands when a cycle began last, also one that was broken off: us since 1970, UTC.
inline constexpr const char* kCycleBeganKey = "cycle_began";

/// Rounds of NREM, reinjection and REM, then decay and prune; then the space is a cycle older.
CycleResult run_cycle(Space& space, const ConsolidationParameters& parameters,
                      const std::stop_token& stop = {});

/// Changes that were made since a cycle came to its end; of all where none has. Does not grow while nothing
/// happens.
[[nodiscard]] std::uint64_t changes_since_cycle(const Space& space);

}  // namespace sharpwave::memory
