// Neuromodulators: in each region up to four signals, what drives them, and how they move (models, section
// 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/network/slice.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave {

/// A level is the sum of a tonic part, which follows its target, and a phasic one, which fades, within
/// bounds.
struct ModulatorSpec {
  double baseline = 0.5;  ///< the tonic part at first, and its target until another is set
  double min = 0.05;
  double max = 1;
  double tau_tonic_ms = 949;
  double tau_phasic_ms = 200;
  bool operator==(const ModulatorSpec&) const = default;
};

/// The phasic part rises by an amount in a step, or the tonic one gets a target.
struct ModulatorEvent {
  Modulator modulator = Modulator::dopamine;
  std::uint64_t step = 1;  ///< > 0
  double value = 0;
  bool operator==(const ModulatorEvent&) const = default;
};

struct RewardEvent {
  std::uint64_t step = 1;  ///< > 0
  double reward = 0;
  bool operator==(const RewardEvent&) const = default;
};

/// Volume transmission: each spike of a population raises a phasic part.
struct VolumeSpec {
  Modulator modulator = Modulator::dopamine;
  Slice source;
  double per_spike = 0;
  std::uint64_t delay_steps = 1;  ///< > 0
  bool operator==(const VolumeSpec&) const = default;
};

/// A spike of one neuron soon after one of another is rewarded after a while, each time after one that is
/// drawn anew.
struct TriggerSpec {
  Slice source;  ///< one neuron each
  Slice target;
  std::uint64_t window_steps = 1;       ///< at most so long after the last spike of the source, at least 1
  std::uint64_t least_delay_steps = 1;  ///< > 0
  std::uint64_t most_delay_steps = 1;   ///< uniform, both ends included
  Modulator modulator = Modulator::dopamine;
  double amount = 0;  ///< by which its phasic part rises
  bool operator==(const TriggerSpec&) const = default;
};

struct RegionSpec {
  std::string name;
  std::array<std::optional<ModulatorSpec>, kModulators> modulators;  ///< those it has, by Modulator
  bool crosstalk = true;
  double expected_reward = 0.5;       ///< at first
  double reward_learning_rate = 0.1;  ///< by which the expectation follows, of the error
  double release = 0.5;               ///< of dopamine, per unit of the error of prediction
  double surprise = 0.05;             ///< errors that are no larger release nothing
  RegionGates gates;
  std::vector<ModulatorEvent> pulses;   ///< by step
  std::vector<ModulatorEvent> targets;  ///< likewise
  std::vector<RewardEvent> rewards;     ///< likewise
  std::vector<VolumeSpec> volumes;
  std::vector<TriggerSpec> triggers;
  [[nodiscard]] bool has(Modulator modulator) const {
    return modulators[static_cast<std::size_t>(modulator)].has_value();
  }
  bool operator==(const RegionSpec&) const = default;
};

}  // namespace sharpwave
