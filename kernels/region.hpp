// The neuromodulators of a region, step by step: what drives them, and how their levels move. Every executor
// calls advance() once in a step; what it works on lies wherever the executor has it.
#pragma once

#include <cstdint>

#include "kernels/event_list.hpp"
#include "kernels/math.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/philox.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

/// In a step the phasic part rises by `value`, or this is the tonic one's target from then on.
struct ScheduledLevel {
  std::uint64_t step = 1;  ///< > 0
  Modulator modulator = Modulator::dopamine;
  double value = 0;
};

struct ScheduledReward {
  std::uint64_t step = 1;  ///< > 0
  double reward = 0;
};

/// Every spike of some sources releases, after a delay.
struct RegionVolume {
  std::uint32_t first = 0;  ///< ids of the sources
  std::uint32_t stop = 0;
  std::uint32_t stride = 1;
  Modulator modulator = Modulator::dopamine;
  std::uint64_t delay_steps = 1;  ///< > 0
  double per_spike = 0;

  SHARPWAVE_HD bool hears(std::uint32_t id) const {
    return id >= first && id < stop && (id - first) % stride == 0;
  }
};

/// A spike of the target soon after one of the source releases after a delay that is drawn.
struct RegionTrigger {
  PhiloxKey key{};
  std::uint32_t source = 0;  ///< ids
  std::uint32_t target = 0;
  std::uint64_t window_steps = 1;
  std::uint64_t least_delay_steps = 1;  ///< > 0
  std::uint64_t most_delay_steps = 1;
  Modulator modulator = Modulator::dopamine;
  double amount = 0;
};

struct TriggerMemory {
  std::uint64_t last = 0;  ///< when its source fired last, if it ever has
  std::uint64_t n_draws = 0;
  bool has_fired = false;
  bool source_fired = false;  ///< in the step that the levels are of
  bool target_fired = false;
};

/// What a region gets from outside of the simulation, in the next step.
struct GivenToRegion {
  bool has_reward = false;
  double reward = 0;         ///< the sum of all
  double noradrenaline = 0;  ///< likewise, by which its phasic part rises
  bool operator==(const GivenToRegion&) const = default;
};

/// What moves, of the modulators that a region has.
struct MovingLevels {
  double target[kModulators] = {};
  double tonic[kModulators] = {};
  double phasic[kModulators] = {};
  double prediction_error = 0;
  double expected_reward = 0;
};

/// Of a region, in one step.
struct LevelsOfStep {
  ModulatorLevels begin;  ///< after all that was released in it
  ModulatorLevels end;    ///< at its end, before what is released in the next one
  GateFactors factors;    ///< at its beginning
  double end_rate = 1;    ///< GateFactors::learning_rate at its end
};

/// Plain data: whoever made it owns what it points to.
struct Region {
  bool has[kModulators] = {};
  bool crosstalk = true;
  double min[kModulators] = {};
  double max[kModulators] = {};
  double keeps_tonic[kModulators] = {};  ///< of the distance from the target, per step
  double keeps_phasic[kModulators] = {};
  double reward_learning_rate = 0;
  double release = 0;
  double surprise = 0;
  RegionGates gates;
  EventList<ScheduledLevel> pulses;
  EventList<ScheduledLevel> targets;
  EventList<ScheduledReward> rewards;
  const RegionVolume* volumes = nullptr;
  std::uint32_t n_volumes = 0;
  const RegionTrigger* triggers = nullptr;
  std::uint32_t n_triggers = 0;
  std::uint64_t ring_steps = 1;  ///< more than the longest delay of volumes and triggers

  MovingLevels* moving = nullptr;
  LevelsOfStep* levels = nullptr;
  double* releases[kModulators] = {};  ///< [step mod ring_steps] to come; null: nothing releases it
  std::int64_t* n_spikes = nullptr;    ///< [n_volumes] in the step that the levels are of
  TriggerMemory* memories = nullptr;   ///< [n_triggers]
  GivenToRegion* given = nullptr;
};

namespace detail {

/// What comes to one step of one modulator adds up: volumes first, then triggers, in their order.
SHARPWAVE_HD void release_in(const Region& region, Modulator modulator, std::uint64_t step, double amount) {
  region.releases[static_cast<int>(modulator)][step % region.ring_steps] += amount;
}

/// What the spikes of `step` will release.
SHARPWAVE_HD void take_spikes(const Region& region, std::uint64_t step) {
  for (std::uint32_t k = 0; k < region.n_volumes; ++k) {
    const RegionVolume& volume = region.volumes[k];
    if (region.n_spikes[k] > 0)
      release_in(region, volume.modulator, step + volume.delay_steps,
                 static_cast<double>(region.n_spikes[k]) * volume.per_spike);
    region.n_spikes[k] = 0;
  }
  for (std::uint32_t k = 0; k < region.n_triggers; ++k) {
    const RegionTrigger& trigger = region.triggers[k];
    TriggerMemory& memory = region.memories[k];
    if (memory.target_fired && memory.has_fired && step - memory.last <= trigger.window_steps) {
      const PhiloxBlock words = philox4x32_10(trigger.key, 0, memory.n_draws++);
      const std::uint64_t n = trigger.most_delay_steps - trigger.least_delay_steps + 1;
      const double uniform = (static_cast<double>(words.w0) + 0.5) * 0x1p-32;
      const auto later = static_cast<std::uint64_t>(uniform * static_cast<double>(n));
      release_in(region, trigger.modulator, step + trigger.least_delay_steps + later, trigger.amount);
    }
    if (memory.source_fired) {
      memory.has_fired = true;
      memory.last = step;
    }
    memory.source_fired = memory.target_fired = false;
  }
}

SHARPWAVE_HD void take_reward(const Region& region, double reward) {
  MovingLevels& moving = *region.moving;
  const double error = clamped(reward - moving.expected_reward, -1, 1);
  moving.expected_reward += region.reward_learning_rate * error;
  moving.prediction_error = clamped(moving.prediction_error + error, -1, 1);
  if ((error < 0 ? -error : error) > region.surprise)
    moving.phasic[static_cast<int>(Modulator::dopamine)] += region.release * error;
}

/// What is due in `step`: what is scheduled, released by spikes, and given from outside, in this order.
SHARPWAVE_HD void act(const Region& region, std::uint64_t step) {
  MovingLevels& moving = *region.moving;
  region.targets.for_each_in(step, [&](const ScheduledLevel& event) {
    moving.target[static_cast<int>(event.modulator)] = event.value;
  });
  region.pulses.for_each_in(step, [&](const ScheduledLevel& event) {
    moving.phasic[static_cast<int>(event.modulator)] += event.value;
  });
  for (int m = 0; m < kModulators; ++m) {
    if (region.releases[m] == nullptr) continue;
    double& released = region.releases[m][step % region.ring_steps];
    moving.phasic[m] += released;
    released = 0;
  }
  region.rewards.for_each_in(step, [&](const ScheduledReward& event) { take_reward(region, event.reward); });
  if (region.given->has_reward) take_reward(region, region.given->reward);
  moving.phasic[static_cast<int>(Modulator::noradrenaline)] += region.given->noradrenaline;
  *region.given = {};
}

/// An error of prediction fades as the dopamine that it released.
SHARPWAVE_HD MovingLevels faded(const Region& region, MovingLevels moving) {
  for (int m = 0; m < kModulators; ++m) {
    moving.tonic[m] = moving.target[m] + (moving.tonic[m] - moving.target[m]) * region.keeps_tonic[m];
    moving.phasic[m] *= region.keeps_phasic[m];
  }
  moving.prediction_error *= region.keeps_phasic[static_cast<int>(Modulator::dopamine)];
  return moving;
}

SHARPWAVE_HD ModulatorLevels levels_of(const Region& region, const MovingLevels& moving) {
  ModulatorLevels levels;
  for (int m = 0; m < kModulators; ++m)
    if (region.has[m])
      level_of(levels, static_cast<Modulator>(m)) =
          clamped(moving.tonic[m] + moving.phasic[m], region.min[m], region.max[m]);
  levels.prediction_error = moving.prediction_error;
  if (!region.crosstalk) return levels;
  levels = with_crosstalk(levels, region.has);
  for (int m = 0; m < kModulators; ++m)
    if (region.has[m]) {
      double& level = level_of(levels, static_cast<Modulator>(m));
      level = clamped(level, region.min[m], region.max[m]);
    }
  return levels;
}

}  // namespace detail

/// From what moves.
SHARPWAVE_HD void set_levels(const Region& region) {
  region.levels->begin = detail::levels_of(region, *region.moving);
  region.levels->end = detail::levels_of(region, detail::faded(region, *region.moving));
  region.levels->factors = factors_of(region.gates, region.levels->begin);
  region.levels->end_rate = learning_rate_of(region.gates, region.levels->end);
}

/// To the levels in `step`, the one after those so far, of which all spikes are known.
SHARPWAVE_HD void advance(const Region& region, std::uint64_t step) {
  detail::take_spikes(region, step - 1);
  *region.moving = detail::faded(region, *region.moving);
  detail::act(region, step);
  set_levels(region);
}

}  // namespace sharpwave
