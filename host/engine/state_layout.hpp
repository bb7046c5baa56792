// How the state of a network is handed out and taken back, whichever executor holds it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/construction.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/engine_state.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// What an EngineState of one network looks like.
class StateLayout {
 public:
  struct Population {
    std::string name;
    std::uint32_t first_id = 0;
    std::uint32_t size = 0;
    std::uint32_t multiplicity = 1;      ///< spikes of one element in one step, at most
    std::vector<std::string> variables;  ///< in the order of the kernels' state; parrots have none
  };

  struct Plastic {
    std::string projection;
    std::uint32_t n_sources = 0;
    std::uint32_t n_targets = 0;  ///< neurons of the target population
    std::uint64_t n_synapses = 0;
    std::uint64_t longest_delay = 1;
    bool has_traces = false;
    bool has_triplets = false;
    bool is_modulated = false;
    std::size_t gate_size = 0;         ///< of eligibilities
    std::uint64_t covered_steps = 0;   ///< likewise, by the gate
    std::uint64_t interval_steps = 0;  ///< of a homeostasis of rates
    float w_min = 0;
    float w_max = 0;
  };

  struct Region {
    std::string name;
    std::size_t n_modulators = 0;
    std::size_t n_triggers = 0;
    std::array<std::uint64_t, kModulators> longest_release{};  ///< steps; 0: nothing releases it
  };

  /// @param spec  must outlive this.
  StateLayout(const ModelSpec& spec, const Network& net, const EvaluatedModel& given);

  /// All that are not virtual, ascending by id.
  [[nodiscard]] const std::vector<Population>& populations() const { return populations_; }
  [[nodiscard]] std::uint64_t longest_delay() const { return longest_delay_; }  ///< steps

  /// A state of the right names and sizes.
  [[nodiscard]] EngineState blank() const;

  /// @throws Error(damaged_data) naming the first thing in which `state` is not one of this network.
  void check(const EngineState& state) const;

  /// Adds the spikes of a block that follows, and lets go of what is older than the longest delay.
  void remember(const Block& block, SpikesUnderWay& under_way) const;
  /// Lets go of what is older than the longest delay.
  void forget(SpikesUnderWay& under_way) const;

 private:
  void check_population(const Population& population, const PopulationState& state) const;
  void check_under_way(const SpikesUnderWay& under_way) const;
  static void check_plastic(const Plastic& plastic, const PlasticState& state);
  void check_replay(const EngineState& state) const;
  static void check_region(const Region& region, const RegionState& state);

  const ModelSpec& spec_;
  std::vector<Population> populations_;
  std::vector<Plastic> plastic_;
  std::vector<Region> regions_;
  bool is_double_ = false;
  std::uint64_t longest_delay_ = 1;  // steps
};

}  // namespace sharpwave
