#include "host/engine/neuromodulation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "host/network/random_streams.hpp"
#include "kernels/math.hpp"

namespace sharpwave {
namespace {

/// Those of `events`, by step, that are due; they are then behind `next`.
template <class Event>
std::span<const Event> due(const std::vector<Event>& events, std::size_t& next, std::uint64_t step) {
  const std::size_t first = next;
  while (next < events.size() && events[next].step <= step) ++next;
  return {events.data() + first, next - first};
}

template <class Event>
std::size_t n_until(const std::vector<Event>& events, std::uint64_t step) {
  const auto end = std::ranges::upper_bound(events, step, {}, &Event::step);
  return static_cast<std::size_t>(end - events.begin());
}

}  // namespace

Neuromodulation::Neuromodulation(const ModelSpec& spec, const Network& net) {
  const double dt_ms = spec.simulation.dt_ms;
  const auto id_of = [&](const Slice& slice) {
    return net.places[slice.population].first_source + slice.start;
  };
  for (const RegionSpec& given : spec.regions) {
    Region region{.spec = given, .expected_reward = given.expected_reward};
    for (std::size_t m = 0; m < kModulators; ++m) {
      if (!given.modulators[m]) continue;
      const ModulatorSpec& modulator = *given.modulators[m];
      region.has[m] = true;
      region.keeps_tonic[m] = math::exp(-dt_ms / modulator.tau_tonic_ms);
      region.keeps_phasic[m] = math::exp(-dt_ms / modulator.tau_phasic_ms);
      region.state.target[m] = region.state.tonic[m] = modulator.baseline;
    }
    for (const VolumeSpec& volume : given.volumes)
      region.volumes.push_back(
          {.spec = volume, .first_id = net.places[volume.source.population].first_source});
    for (std::size_t k = 0; k < given.triggers.size(); ++k) {
      const TriggerSpec& trigger = given.triggers[k];
      region.triggers.push_back({.spec = trigger,
                                 .key = stream_key(RandomPurpose::trigger, spec.simulation.seed,
                                                   given.name + "." + std::to_string(k)),
                                 .source = id_of(trigger.source),
                                 .target = id_of(trigger.target)});
    }
    set_levels(region);
    regions_.push_back(std::move(region));
  }
}

void Neuromodulation::fire(std::uint32_t id) {
  for (Region& region : regions_) {
    for (Volume& volume : region.volumes) {
      const Slice& slice = volume.spec.source;
      const std::uint32_t index = id - volume.first_id;  // of what is below it, too large
      if (index >= slice.start && index < slice.stop && (index - slice.start) % slice.stride == 0)
        ++volume.n_spikes;
    }
    for (Trigger& trigger : region.triggers) {
      trigger.source_fired |= id == trigger.source;
      trigger.target_fired |= id == trigger.target;
    }
  }
}

void Neuromodulation::add_release(Region& region, const Release& release) {
  const auto place = std::ranges::upper_bound(region.releases, release.step, {}, &Release::step);
  region.releases.insert(place, release);
}

// What the spikes of `step` will release.
void Neuromodulation::take_spikes(Region& region, std::uint64_t step) {
  for (Volume& volume : region.volumes) {
    if (volume.n_spikes > 0)
      add_release(region, {step + volume.spec.delay_steps, volume.spec.modulator,
                           static_cast<double>(volume.n_spikes) * volume.spec.per_spike});
    volume.n_spikes = 0;
  }
  for (Trigger& trigger : region.triggers) {
    if (trigger.target_fired && trigger.has_fired && step - trigger.last <= trigger.spec.window_steps) {
      const PhiloxBlock words = philox4x32_10(trigger.key, 0, trigger.n_draws++);
      const std::uint64_t n = trigger.spec.most_delay_steps - trigger.spec.least_delay_steps + 1;
      const double uniform = (static_cast<double>(words.w0) + 0.5) * 0x1p-32;
      const auto later = static_cast<std::uint64_t>(uniform * static_cast<double>(n));
      add_release(region, {step + trigger.spec.least_delay_steps + later, trigger.spec.modulator,
                           trigger.spec.amount});
    }
    if (trigger.source_fired) {
      trigger.has_fired = true;
      trigger.last = step;
    }
    trigger.source_fired = trigger.target_fired = false;
  }
}

// What is due in `step`.
void Neuromodulation::act(Region& region, std::uint64_t step) {
  State& state = region.state;
  const auto phasic = [&](Modulator modulator) -> double& {
    return state.phasic[static_cast<std::size_t>(modulator)];
  };
  for (const ModulatorEvent& event : due(region.spec.targets, region.next_target, step))
    state.target[static_cast<std::size_t>(event.modulator)] = event.value;
  for (const ModulatorEvent& event : due(region.spec.pulses, region.next_pulse, step))
    phasic(event.modulator) += event.value;
  std::size_t n_due = 0;
  for (const Release& release : due(region.releases, n_due, step))
    phasic(release.modulator) += release.amount;
  region.releases.erase(region.releases.begin(),
                        region.releases.begin() + static_cast<std::ptrdiff_t>(n_due));
  for (const RewardEvent& event : due(region.spec.rewards, region.next_reward, step)) {
    const double error = std::clamp(event.reward - region.expected_reward, -1.0, 1.0);
    region.expected_reward += region.spec.reward_learning_rate * error;
    state.prediction_error = std::clamp(state.prediction_error + error, -1.0, 1.0);
    if (std::fabs(error) > region.spec.surprise) phasic(Modulator::dopamine) += region.spec.release * error;
  }
}

// An error of prediction fades as the dopamine that it released.
Neuromodulation::State Neuromodulation::faded(const Region& region) {
  State state = region.state;
  for (int m = 0; m < kModulators; ++m) {
    state.tonic[m] = state.target[m] + (state.tonic[m] - state.target[m]) * region.keeps_tonic[m];
    state.phasic[m] *= region.keeps_phasic[m];
  }
  state.prediction_error *= region.keeps_phasic[static_cast<int>(Modulator::dopamine)];
  return state;
}

ModulatorLevels Neuromodulation::levels_of(const Region& region, const State& state) {
  ModulatorLevels levels;
  const auto bound = [&](const auto& level) {
    for (std::size_t m = 0; m < kModulators; ++m)
      if (region.has[m])
        level_of(levels, static_cast<Modulator>(m)) =
            std::clamp(level(m), region.spec.modulators[m]->min, region.spec.modulators[m]->max);
  };
  bound([&](std::size_t m) { return state.tonic[m] + state.phasic[m]; });
  levels.prediction_error = state.prediction_error;
  if (!region.spec.crosstalk) return levels;
  levels = with_crosstalk(levels, region.has);
  bound([&](std::size_t m) { return level_of(levels, static_cast<Modulator>(m)); });
  return levels;
}

void Neuromodulation::set_levels(Region& region) {
  region.levels = levels_of(region, region.state);
  region.levels_at_end = levels_of(region, faded(region));
}

void Neuromodulation::advance(std::uint64_t step) {
  for (Region& region : regions_) {
    take_spikes(region, step - 1);
    region.state = faded(region);
    act(region, step);
    set_levels(region);
  }
}

std::vector<RegionState> Neuromodulation::save(std::uint64_t step) const {
  std::vector<RegionState> states;
  for (const Region& region : regions_) {
    RegionState state{.region = region.spec.name,
                      .reward = {region.expected_reward, region.state.prediction_error}};
    for (int m = 0; m < kModulators; ++m) {
      if (!region.has[m]) continue;
      state.level_target.push_back(region.state.target[m]);
      state.level_tonic.push_back(region.state.tonic[m]);
      state.level_phasic.push_back(region.state.phasic[m]);
    }
    for (const Release& release : region.releases) {
      state.release_in.push_back(release.step - step);
      state.release_modulator.push_back(static_cast<std::uint32_t>(release.modulator));
      state.release_amount.push_back(release.amount);
    }
    for (const Trigger& trigger : region.triggers) {
      state.trigger_source_age.push_back(trigger.has_fired ? step - trigger.last : RegionState::kNever);
      state.trigger_draws.push_back(trigger.n_draws);
    }
    states.push_back(std::move(state));
  }
  return states;
}

void Neuromodulation::restore(std::uint64_t step, const std::vector<RegionState>& states) {
  for (std::size_t r = 0; r < regions_.size(); ++r) {
    Region& region = regions_[r];
    const RegionState& from = states[r];
    std::size_t k = 0;
    for (int m = 0; m < kModulators; ++m) {
      if (!region.has[m]) continue;
      region.state.target[m] = from.level_target[k];
      region.state.tonic[m] = from.level_tonic[k];
      region.state.phasic[m] = from.level_phasic[k];
      ++k;
    }
    region.expected_reward = from.reward[0];
    region.state.prediction_error = from.reward[1];
    // What was due in the step itself has been done.
    region.next_pulse = n_until(region.spec.pulses, step);
    region.next_target = n_until(region.spec.targets, step);
    region.next_reward = n_until(region.spec.rewards, step);
    region.releases.clear();
    for (std::size_t i = 0; i < from.release_in.size(); ++i)
      region.releases.push_back({step + from.release_in[i], static_cast<Modulator>(from.release_modulator[i]),
                                 from.release_amount[i]});
    for (std::size_t i = 0; i < region.triggers.size(); ++i) {
      Trigger& trigger = region.triggers[i];
      const std::uint64_t age = from.trigger_source_age[i];
      trigger.has_fired = age != RegionState::kNever;
      trigger.last = step - (trigger.has_fired ? age : 0);
      trigger.n_draws = from.trigger_draws[i];
      trigger.source_fired = trigger.target_fired = false;
    }
    for (Volume& volume : region.volumes) volume.n_spikes = 0;
    set_levels(region);
  }
}

}  // namespace sharpwave
