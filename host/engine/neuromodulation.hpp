// The neuromodulators of all regions, step by step. Each thread keeps them for itself: they follow from
// spikes that all threads see.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/neuromodulation_state.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/philox.hpp"

namespace sharpwave {

class Neuromodulation {
 public:
  /// As they are in step 0.
  Neuromodulation(const ModelSpec& spec, const Network& net);

  [[nodiscard]] bool empty() const { return regions_.empty(); }
  /// A neuron, parrot or source has fired in the step that the levels are of. Once for each of its spikes.
  void fire(std::uint32_t id);
  /// To the levels in `step`, the one after those so far.
  void advance(std::uint64_t step);

  /// In the step, after all that was released in it.
  [[nodiscard]] const ModulatorLevels& levels(std::uint32_t region) const { return regions_[region].levels; }
  /// At its end, before what is released in the next one.
  [[nodiscard]] const ModulatorLevels& levels_at_end(std::uint32_t region) const {
    return regions_[region].levels_at_end;
  }
  [[nodiscard]] double expected_reward(std::uint32_t region) const {
    return regions_[region].expected_reward;
  }

  /// @param step  that the levels are of.
  [[nodiscard]] std::vector<RegionState> save(std::uint64_t step) const;
  void restore(std::uint64_t step, const std::vector<RegionState>& states);

 private:
  /// What moves, of the modulators that a region has.
  struct State {
    double target[kModulators] = {};
    double tonic[kModulators] = {};
    double phasic[kModulators] = {};
    double prediction_error = 0;
  };
  struct Release {
    std::uint64_t step = 0;
    Modulator modulator = Modulator::dopamine;
    double amount = 0;
  };
  struct Volume {
    VolumeSpec spec;
    std::uint32_t first_id = 0;
    std::uint64_t n_spikes = 0;  ///< in the step that the levels are of
  };
  struct Trigger {
    TriggerSpec spec;
    PhiloxKey key{};
    std::uint32_t source = 0;  ///< ids
    std::uint32_t target = 0;
    bool source_fired = false;
    bool target_fired = false;
    bool has_fired = false;  ///< has the source ever
    std::uint64_t last = 0;  ///< and when last
    std::uint64_t n_draws = 0;
  };
  struct Region {
    RegionSpec spec;
    bool has[kModulators] = {};
    double keeps_tonic[kModulators] = {};  ///< of the distance from the target, per step
    double keeps_phasic[kModulators] = {};
    State state{};
    double expected_reward = 0;
    std::size_t next_pulse = 0;  ///< in the spec
    std::size_t next_target = 0;
    std::size_t next_reward = 0;
    std::vector<Release> releases{};  ///< to come, by step
    std::vector<Volume> volumes{};
    std::vector<Trigger> triggers{};
    ModulatorLevels levels{};
    ModulatorLevels levels_at_end{};
  };

  static void take_spikes(Region& region, std::uint64_t step);
  static void add_release(Region& region, const Release& release);
  static void act(Region& region, std::uint64_t step);
  static void set_levels(Region& region);
  [[nodiscard]] static State faded(const Region& region);
  [[nodiscard]] static ModulatorLevels levels_of(const Region& region, const State& state);

  std::vector<Region> regions_;
};

}  // namespace sharpwave
