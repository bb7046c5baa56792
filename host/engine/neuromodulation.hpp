// The neuromodulators of all regions on the host: what kernels/region.hpp works on. On the CPU each thread
// keeps them for itself: they follow from spikes that all threads see.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/engine/neuromodulation_state.hpp"
#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/region.hpp"

namespace sharpwave {

class Neuromodulation {
 public:
  /// As they are in step 0.
  Neuromodulation(const ModelSpec& spec, const Network& net);
  Neuromodulation(Neuromodulation&&) = default;
  Neuromodulation(const Neuromodulation&) = delete;
  Neuromodulation& operator=(const Neuromodulation&) = delete;

  [[nodiscard]] bool empty() const { return regions_.empty(); }
  /// A neuron, parrot or source has fired in the step that the levels are of. Once for each of its spikes.
  void fire(std::uint32_t id);
  /// To the levels in `step`, the one after those so far.
  void advance(std::uint64_t step);

  /// As Engine::give_reward() and give_novelty() say.
  void give_reward(std::uint32_t region, double reward);
  void give_novelty(std::uint32_t region, double novelty, double uncertainty);
  /// Is there something that has not acted yet?
  [[nodiscard]] bool has_given() const;
  /// All of it has been handed on.
  void clear_given();

  /// In the step, after all that was released in it.
  [[nodiscard]] const ModulatorLevels& levels(std::uint32_t region) const {
    return memories_[region].levels.begin;
  }
  [[nodiscard]] const GateFactors& factors(std::uint32_t region) const {
    return memories_[region].levels.factors;
  }
  [[nodiscard]] const LevelsOfStep& levels_of_step(std::uint32_t region) const {
    return memories_[region].levels;
  }
  /// Of each region.
  [[nodiscard]] std::vector<ModulatorLevels> levels() const;
  [[nodiscard]] double expected_reward(std::uint32_t region) const {
    return memories_[region].moving.expected_reward;
  }

  /// They point into this, wherever it is moved to.
  [[nodiscard]] std::span<const Region> regions() const { return regions_; }

  /// @param step  that the levels are of.
  [[nodiscard]] std::vector<RegionState> save(std::uint64_t step) const;
  void restore(std::uint64_t step, const std::vector<RegionState>& states);

 private:
  /// What a Region points to.
  struct Memory {
    std::vector<ScheduledLevel> pulses;
    std::vector<ScheduledLevel> targets;
    std::vector<ScheduledReward> rewards;
    std::vector<RegionVolume> volumes;
    std::vector<RegionTrigger> triggers;
    MovingLevels moving;
    LevelsOfStep levels;
    std::vector<double> releases[kModulators];
    std::vector<std::int64_t> n_spikes;
    std::vector<TriggerMemory> triggered;
    GivenToRegion given;
  };

  void describe(const ModelSpec& spec, const Network& net, const RegionSpec& given, Memory& memory,
                Region& region);

  std::vector<std::string> names_;
  std::vector<Memory> memories_;
  std::vector<Region> regions_;
};

}  // namespace sharpwave
