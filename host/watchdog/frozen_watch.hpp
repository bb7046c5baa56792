// Looks at whether what should learn does: weights and neuromodulators that stand still.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/watchdog/finding.hpp"
#include "host/watchdog/watch_state.hpp"

namespace sharpwave {

/// Windows follow each other from step 1 on; one that was seen from its middle on only is not judged. What
/// is frozen is told once, until it has moved.
///
/// Weights are frozen after a window in which the projection learned throughout, spikes of its source
/// arrived, a target fired, its gate (of three-factor rules) was not shut, and no weight changed, though not
/// all lie at a bound. A modulator is after one in which its level stood still though something drove it:
/// spikes of a population that releases it, pulses, rewards. Triggers wait for what may be rare, and count
/// for nothing. A protocol switches learning as it goes: with one, weights are not looked at.
class FrozenWatch {
 public:
  explicit FrozenWatch(const ModelSpec& spec);

  /// Goes on from there; where it is empty, begins at the engine's step.
  /// @throws Error(damaged_data) where it is of another network.
  void begin(const Engine& engine, const FrozenState& state);
  [[nodiscard]] const FrozenState& state() const { return state_; }

  /// Until it has to look: no block may go beyond.
  [[nodiscard]] std::uint64_t steps_left(std::uint64_t step) const;

  /// Takes the next block, with the engine at its end; appends what it shows.
  void take(const Block& block, const Engine& engine, std::vector<Finding>& findings);

 private:
  struct Projection {
    std::uint32_t index = 0;  ///< in the spec
    std::string name;
    std::string target;
    StdpSpec rule;
    std::uint32_t first_id = 0;  ///< of the target's population
    Slice slice;                 ///< the targets
  };

  /// Of a population that is not virtual.
  struct Source {
    std::size_t at = 0;  ///< in FrozenState::modulator_events
    VolumeSpec volume;
    std::uint32_t first_id = 0;
  };

  void note_drives(const Block& block);
  [[nodiscard]] bool may_be_shut(const StdpSpec& rule) const;
  [[nodiscard]] bool may_learn(const StdpSpec& rule, std::uint64_t step) const;
  [[nodiscard]] bool is_driven_by_times(const RegionSpec& region, Modulator modulator,
                                        std::uint64_t step) const;
  void look_at_levels(const std::vector<ModulatorLevels>& levels);
  void begin_window(std::uint64_t step, const std::vector<PlasticityReading>& readings);
  void judge_weights(std::uint64_t step, const std::vector<PlasticityReading>& readings,
                     std::vector<Finding>& findings);
  void judge_modulators(std::uint64_t step, std::vector<Finding>& findings);

  std::uint64_t window_steps_;
  std::uint64_t level_steps_ = 0;  // levels are looked at in its multiples, too
  std::uint64_t last_step_;        // of the run
  bool judges_modulators_;
  std::vector<Projection> projections_;
  std::vector<RegionSpec> regions_;
  std::vector<Source> sources_;  // of volume transmission in these
  FrozenState state_;
};

}  // namespace sharpwave
