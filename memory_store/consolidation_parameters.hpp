// The numbers of consolidation: docs/decisions/0021_how_kappa_rises.md says why they are these.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "memory_store/item.hpp"

namespace sharpwave::memory {

/// What a signal becomes.
struct TakeParameters {
  double similarity = .8;  ///< cosine to the nearest item from which on a signal is a replay of it
  /// A modulator below its floor closes the gate: nothing is formed or replayed. So it is always open.
  Modulators gate_floor{.dopamine = -std::numeric_limits<double>::infinity(),
                        .serotonin = -std::numeric_limits<double>::infinity(),
                        .noradrenaline = -std::numeric_limits<double>::infinity(),
                        .acetylcholine = -std::numeric_limits<double>::infinity()};
  double importance = .5;  ///< of a new item, before the gain
  /// Shares of what is missing to 1 by which importance rises, of 1 together at most: surprise, dopamine
  /// above its neutral level and Δw, the latter two as x / (x + half).
  double surprise_gain = .4;
  double dopamine_gain = .3;
  double change_gain = .3;
  double dopamine_neutral = .5;  ///< level that a run tells which has no neuromodulators
  double dopamine_half = 1;      ///< level above it
  double change_half = 1;        ///< sum of |Δw|, in the unit of the weights
  double replay_kappa = .01;
};

struct NremParameters {
  double most_kappa = .3;
  double least_importance = .3;
  std::uint64_t most_items = 100;
  std::uint64_t passes = 3;
  double kappa = .05;           ///< a pass
  std::uint64_t together = 10;  ///< items that are replayed with each other, neighbours in time
  double edge_start = .1;
  double edge = .01;  ///< a pass
};

struct ReinjectionParameters {
  double least_kappa = .15;
  double below_kappa = .85;
  std::uint64_t most_items = 20;
  double kappa = .03;
};

struct RemParameters {
  double least_kappa = .3;
  double most_kappa = .7;
  double similarity = .7;
  std::uint64_t least_members = 3;
  std::uint64_t most_members = 100;  ///< of which a prototype is made; more are linked to it
  std::uint64_t most_leaders = 500;  ///< that look for their like in a phase
  double kappa = .85;                ///< of a prototype
  double edge = .8;
  double more_kappa = .01;  ///< of a prototype, for each item that is linked to it later
};

struct PruneParameters {
  double most_kappa = .05;
  double below_importance = .1;
};

struct CycleParameters {
  std::uint64_t rounds = 4;             ///< of NREM, reinjection and REM
  std::uint64_t half_life = 20;         ///< of importance: cycles without access or replay
  double apart_s = 300;                 ///< from one's begin to the next's, at least
  double every_s = 3600;                ///< where anything has changed since the last
  double write_buffer = .7;             ///< share in use above which one is due
  double inserts_per_minute = 10;       ///< above which one is due
  double simulated_every_ms = 300'000;  ///< of simulated time, where the memory is coupled to a run
};

struct ConsolidationParameters {
  TakeParameters take;
  NremParameters nrem;
  ReinjectionParameters reinjection;
  RemParameters rem;
  PruneParameters prune;
  CycleParameters cycle;
};

/// All that is wrong with `parameters`, a line for each: name, value, what is expected.
[[nodiscard]] std::vector<std::string> check(const ConsolidationParameters& parameters);

}  // namespace sharpwave::memory
