// Everything that the next step of a network depends on, and that construction does not give: what a
// checkpoint holds of an engine. It knows nothing of threads, parts or devices: neurons are ordered by
// population and index, spikes by id.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "host/engine/neuromodulation_state.hpp"
#include "host/engine/plastic_state.hpp"
#include "host/engine/presented.hpp"
#include "host/engine/replay.hpp"

namespace sharpwave {

/// Values in the precision of the run.
using Reals = std::variant<std::vector<float>, std::vector<double>>;

/// State of the neurons of one population, in order of their index.
struct PopulationState {
  struct Variable {
    std::string name;  ///< as recorded ("V_m", "I_syn_ex"), or of what is internal to the model
    Reals values;      ///< [size], raw: V relative to E_L, as the kernels hold it
    bool operator==(const Variable&) const = default;
  };
  std::string name;                            ///< of the population
  std::vector<Variable> variables;             ///< all of the model's, in its order
  std::vector<std::int32_t> refractory_steps;  ///< [size] left
  bool operator==(const PopulationState&) const = default;
};

/// Spikes that may still have targets to reach: those of the last steps, as many as the longest delay, or all
/// since the start. Row k of n is of step `EngineState::step` - n + 1 + k.
struct SpikesUnderWay {
  std::vector<std::uint64_t> offsets{0};  ///< [n + 1] into ids
  std::vector<std::uint32_t> ids;         ///< as in Block: ascending, a parrot's repeated; no virtual sources
  bool operator==(const SpikesUnderWay&) const = default;
};

struct EngineState {
  std::uint64_t step = 0;                    ///< the last one done; 0: none
  std::vector<PopulationState> populations;  ///< those of neurons, in the order of the spec
  SpikesUnderWay under_way;
  std::vector<PlasticState> plastic;  ///< in the order of the projections
  std::vector<RegionState> regions;   ///< of neuromodulators, in the order of the spec
  /// The oldest first: what is in force after `step`, and in the steps whose spikes are under way.
  std::vector<Presented> presented;
  Replay replay;
  bool operator==(const EngineState&) const = default;
};

}  // namespace sharpwave
