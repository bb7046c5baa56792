// Signals of a run become items of a space, or replays of those that it has.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "memory_store/consolidation_parameters.hpp"
#include "memory_store/refusal.hpp"
#include "memory_store/signal.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

/// Counts signals that came while the gate was closed.
inline constexpr const char* kGatedKey = "gated";

enum class Outcome : std::uint8_t {
  formed,    ///< a new item
  replayed,  ///< one that was there is like it
  gated,     ///< the gate was closed
  known,     ///< its number, or a later one, was taken before: nothing happens
  rejected   ///< counted and kept in quarantine
};

[[nodiscard]] const char* name_of(Outcome outcome);

struct Taken {
  Outcome outcome = Outcome::known;
  ItemId item = kNoItem;  ///< formed or replayed
  /// 1 - the cosine to the nearest item before this signal, in [0, 2]; 1 where there was none; 0 where it was
  /// known or rejected.
  double novelty = 0;
  std::optional<Refusal> refusal;
};

/// Takes `signals`, one after the other, each seeing what those before it did. What becomes of a signal and
/// that it was taken are one change, so that after a crash one may begin again with any earlier signal.
///
/// A rejected signal counts as taken, unless it is wrong in whence it is: then there is nothing to remember
/// it by.
///
/// @param parameters  check() finds nothing in them.
/// @return [signals.size()].
/// @throws Error as Space::commit(): the signals of the changes before are taken then.
/// Safe from several threads: of two that are alike, whoever is second is a replay. O(items * dimension) for
/// each signal. Signals given together share writes to the disk, up to 256 of them.
std::vector<Taken> take(Space& space, const TakeParameters& parameters,
                        std::span<const ConsolidationSignal> signals);

}  // namespace sharpwave::memory
