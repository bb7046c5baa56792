// Everything that the next step of a network depends on, and that construction does not give: what a
// checkpoint holds of an engine. It knows nothing of threads, parts or devices: neurons are ordered by
// population and index, spikes by id.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

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

/// State of a plastic projection, raw: as the last spikes that have reached its synapses left them. Ages are
/// in steps before EngineState::step.
struct PlasticState {
  static constexpr std::int64_t kNever = -1;
  /// A source of the projection, by its position in the slice; a spike finds the same of it.
  struct Source {
    std::int64_t last_age = kNever;  ///< of its last spike that has left
    std::int64_t before_last_age = kNever;
    float trace_at_last = 0;  ///< what that found of the source's trace
    float n_at_last = 1;      ///< spikes in that step
    bool operator==(const Source&) const = default;
  };
  /// A spike that has not reached all targets yet, and what it found.
  struct Flight {
    std::uint32_t source = 0;
    std::int64_t age = 0;
    Source found;
    bool operator==(const Flight&) const = default;
  };
  /// A spike of a target that synapses may not have taken notice of yet.
  struct Post {
    std::uint32_t neuron = 0;  ///< index within the population
    std::int64_t age = 0;
    float trace = 0;
    bool operator==(const Post&) const = default;
  };
  std::string projection;
  std::vector<float>
      weights;  ///< magnitudes, by source, target, delay, and the order in which they were drawn
  std::vector<float> traces;  ///< likewise, of the presynaptic pairing
  std::vector<Source> sources;
  std::vector<Flight> flights;  ///< the oldest first, then by source
  std::vector<Post> posts;      ///< the oldest first, then by neuron
  bool operator==(const PlasticState&) const = default;
};

struct EngineState {
  std::uint64_t step = 0;                    ///< the last one done; 0: none
  std::vector<PopulationState> populations;  ///< those of neurons, in the order of the spec
  SpikesUnderWay under_way;
  std::vector<PlasticState> plastic;  ///< in the order of the projections
  bool operator==(const EngineState&) const = default;
};

}  // namespace sharpwave
