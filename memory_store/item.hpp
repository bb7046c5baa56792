// What a memory store holds.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sharpwave::memory {

/// Of one space, from 1; given again only where the changes that gave it were given up.
using ItemId = std::uint64_t;
inline constexpr ItemId kNoItem = 0;

enum class ItemType : std::uint8_t { episodic, semantic, procedural };
[[nodiscard]] const char* name_of(ItemType type);

/// How far an item has been consolidated, by its κ: below .15, .4, .85, and from there on.
enum class Band : std::uint8_t { episodic, replayed, transitional, semantic };
[[nodiscard]] Band band_of(double kappa);
[[nodiscard]] const char* name_of(Band band);

/// What the neurons of a window did.
struct WindowStatistics {
  double n_spikes = 0;
  double mean_rate_Hz = 0;
  double synchrony = 0;       ///< share of the neurons that fire in the best 5 ms
  double burst_strength = 0;  ///< peak of the population's rate over its threshold; 0 outside of ripples
  double weight_change = 0;   ///< sum of |Δw| over the projections named
  double eligibility = 0;     ///< sum of the absolute traces
};

/// Levels at the end of a window.
struct Modulators {
  double dopamine = 0;
  double serotonin = 0;
  double noradrenaline = 0;
  double acetylcholine = 0;
};

/// Whence an item is: a window of a run. All empty for what was added by hand.
struct Provenance {
  std::string run;            ///< its id
  std::string config_digest;  ///< as in run.json
  std::string population;
  std::uint32_t instance = 0;
  std::uint32_t branch = 0;  ///< how often the run had gone back to an earlier step
  double begin_ms = 0;
  double end_ms = 0;
  std::uint64_t signal = 0;  ///< its number among those of this instance and population, from 1
};

inline constexpr std::int64_t kForGood = std::numeric_limits<std::int64_t>::max();

struct Item {
  ItemId id = kNoItem;
  ItemType type = ItemType::episodic;
  double kappa = 0;              ///< in [0, 1]
  double importance = .5;        ///< in [0, 1]
  double event_ms = 0;           ///< simulated time
  std::int64_t recorded_us = 0;  ///< since 1970, UTC
  std::int64_t valid_from_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t valid_until_us = kForGood;
  std::uint64_t accesses = 0;
  std::uint64_t replays = 0;
  std::uint64_t last_used_cycle = 0;  ///< in which it was made, read or replayed last
  WindowStatistics statistics;
  Modulators modulators;
  Provenance provenance;
  std::string metadata;        ///< free text, at most 64 KiB
  std::uint64_t sequence = 0;  ///< of the change that wrote it last
};

enum class EdgeType : std::uint8_t { co_replayed, abstracts };

struct Edge {
  ItemId from = kNoItem;
  ItemId to = kNoItem;
  EdgeType type = EdgeType::co_replayed;
  double weight = .1;  ///< in [0, 1]
};

}  // namespace sharpwave::memory
