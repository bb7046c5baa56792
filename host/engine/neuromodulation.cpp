#include "host/engine/neuromodulation.hpp"

#include <algorithm>
#include <cmath>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/network/random_streams.hpp"
#include "host/network/region_sources.hpp"
#include "kernels/math.hpp"

namespace sharpwave {
namespace {

// Of what is new and of what is uncertain, in what noradrenaline rises by (models, section 5).
constexpr double kPerNovelty = 0.7;
constexpr double kPerUncertainty = 0.3;

std::vector<ScheduledLevel> scheduled(const std::vector<ModulatorEvent>& events) {
  std::vector<ScheduledLevel> list;
  for (const ModulatorEvent& event : events) list.push_back({event.step, event.modulator, event.value});
  return list;
}

template <class Event>
EventList<Event> list_of(const std::vector<Event>& events) {
  return {events.data(), events.size()};
}

[[noreturn]] void refuse(const std::string& region, const std::string& what) {
  throw Error(ExitCode::invalid_config, "region '" + region + "': " + what);
}

}  // namespace

Neuromodulation::Neuromodulation(const ModelSpec& spec, const Network& net)
    : memories_(spec.regions.size()), regions_(spec.regions.size()) {
  for (std::size_t r = 0; r < spec.regions.size(); ++r) {
    names_.push_back(spec.regions[r].name);
    describe(spec, net, spec.regions[r], memories_[r], regions_[r]);
    set_levels(regions_[r]);
  }
}

void Neuromodulation::describe(const ModelSpec& spec, const Network& net, const RegionSpec& given,
                               Memory& memory, Region& region) {
  const double dt_ms = spec.simulation.dt_ms;
  const auto id_of = [&](const Slice& slice) {
    return net.places[slice.population].first_source + slice.start;
  };
  memory.pulses = scheduled(given.pulses);
  memory.targets = scheduled(given.targets);
  for (const RewardEvent& event : given.rewards) memory.rewards.push_back({event.step, event.reward});
  for (const VolumeSpec& volume : given.volumes)
    memory.volumes.push_back({.first = id_of(volume.source),
                              .stop = id_of(volume.source) + volume.source.stop - volume.source.start,
                              .stride = volume.source.stride,
                              .modulator = volume.modulator,
                              .delay_steps = volume.delay_steps,
                              .per_spike = volume.per_spike});
  for (const TriggerSpec& trigger : given.triggers)
    memory.triggers.push_back({.key = stream_key(RandomPurpose::trigger, spec.simulation.seed,
                                                 given.name + "." + std::to_string(memory.triggers.size())),
                               .source = id_of(trigger.source),
                               .target = id_of(trigger.target),
                               .window_steps = trigger.window_steps,
                               .least_delay_steps = trigger.least_delay_steps,
                               .most_delay_steps = trigger.most_delay_steps,
                               .modulator = trigger.modulator,
                               .amount = trigger.amount});
  memory.n_spikes.resize(memory.volumes.size());
  memory.triggered.resize(memory.triggers.size());
  memory.moving.expected_reward = given.expected_reward;
  region = {.crosstalk = given.crosstalk,
            .reward_learning_rate = given.reward_learning_rate,
            .release = given.release,
            .surprise = given.surprise,
            .gates = given.gates,
            .pulses = list_of(memory.pulses),
            .targets = list_of(memory.targets),
            .rewards = list_of(memory.rewards),
            .volumes = memory.volumes.data(),
            .n_volumes = static_cast<std::uint32_t>(memory.volumes.size()),
            .triggers = memory.triggers.data(),
            .n_triggers = static_cast<std::uint32_t>(memory.triggers.size()),
            .moving = &memory.moving,
            .levels = &memory.levels,
            .n_spikes = memory.n_spikes.data(),
            .memories = memory.triggered.data(),
            .given = &memory.given};
  for (std::size_t m = 0; m < kModulators; ++m)
    region.ring_steps = std::max(region.ring_steps, longest_release(given, static_cast<Modulator>(m)) + 1);
  for (std::size_t m = 0; m < kModulators; ++m) {
    if (longest_release(given, static_cast<Modulator>(m)) > 0) {
      memory.releases[m].resize(region.ring_steps);
      region.releases[m] = memory.releases[m].data();
    }
    if (!given.modulators[m]) continue;
    const ModulatorSpec& modulator = *given.modulators[m];
    region.has[m] = true;
    region.min[m] = modulator.min;
    region.max[m] = modulator.max;
    region.keeps_tonic[m] = math::exp(-dt_ms / modulator.tau_tonic_ms);
    region.keeps_phasic[m] = math::exp(-dt_ms / modulator.tau_phasic_ms);
    memory.moving.target[m] = memory.moving.tonic[m] = modulator.baseline;
  }
}

void Neuromodulation::fire(std::uint32_t id) {
  for (const Region& region : regions_) {
    for (std::uint32_t k = 0; k < region.n_volumes; ++k)
      if (region.volumes[k].hears(id)) ++region.n_spikes[k];
    for (std::uint32_t k = 0; k < region.n_triggers; ++k) {
      region.memories[k].source_fired |= id == region.triggers[k].source;
      region.memories[k].target_fired |= id == region.triggers[k].target;
    }
  }
}

void Neuromodulation::advance(std::uint64_t step) {
  for (const Region& region : regions_) sharpwave::advance(region, step);
}

void Neuromodulation::give_reward(std::uint32_t region, double reward) {
  const std::string& name = names_[region];
  if (!regions_[region].has[static_cast<int>(Modulator::dopamine)])
    refuse(name, "a reward was given, which tells by dopamine; it has none");
  if (!std::isfinite(reward))
    refuse(name, "a reward of " + number_text(reward) + " was given; expected a number");
  GivenToRegion& given = memories_[region].given;
  given.has_reward = true;
  given.reward += reward;
}

void Neuromodulation::give_novelty(std::uint32_t region, double novelty, double uncertainty) {
  const std::string& name = names_[region];
  if (!regions_[region].has[static_cast<int>(Modulator::noradrenaline)])
    refuse(name, "novelty was given, which tells by noradrenaline; it has none");
  for (const double x : {novelty, uncertainty})
    if (!(x >= 0 && x <= 1))
      refuse(name, "novelty or uncertainty of " + number_text(x) + " was given; expected from 0 to 1");
  memories_[region].given.noradrenaline += kPerNovelty * novelty + kPerUncertainty * uncertainty;
}

bool Neuromodulation::has_given() const {
  return std::ranges::any_of(memories_, [](const Memory& memory) { return memory.given != GivenToRegion{}; });
}

void Neuromodulation::clear_given() {
  for (Memory& memory : memories_) memory.given = {};
}

std::vector<ModulatorLevels> Neuromodulation::levels() const {
  std::vector<ModulatorLevels> levels;
  for (const Memory& memory : memories_) levels.push_back(memory.levels.begin);
  return levels;
}

std::vector<RegionState> Neuromodulation::save(std::uint64_t step) const {
  std::vector<RegionState> states;
  for (std::size_t r = 0; r < regions_.size(); ++r) {
    const Region& region = regions_[r];
    const Memory& memory = memories_[r];
    RegionState state{
        .region = names_[r],
        .reward = {memory.moving.expected_reward, memory.moving.prediction_error},
        .given = {memory.given.has_reward ? 1.0 : 0.0, memory.given.reward, memory.given.noradrenaline}};
    for (int m = 0; m < kModulators; ++m) {
      if (!region.has[m]) continue;
      state.level_target.push_back(memory.moving.target[m]);
      state.level_tonic.push_back(memory.moving.tonic[m]);
      state.level_phasic.push_back(memory.moving.phasic[m]);
    }
    for (std::uint64_t later = 1; later < region.ring_steps; ++later)
      for (std::uint32_t m = 0; m < kModulators; ++m) {
        if (memory.releases[m].empty()) continue;
        const double amount = memory.releases[m][(step + later) % region.ring_steps];
        if (amount == 0) continue;
        state.release_in.push_back(later);
        state.release_modulator.push_back(m);
        state.release_amount.push_back(amount);
      }
    for (const TriggerMemory& trigger : memory.triggered) {
      state.trigger_source_age.push_back(trigger.has_fired ? step - trigger.last : RegionState::kNever);
      state.trigger_draws.push_back(trigger.n_draws);
    }
    states.push_back(std::move(state));
  }
  return states;
}

void Neuromodulation::restore(std::uint64_t step, const std::vector<RegionState>& states) {
  for (std::size_t r = 0; r < regions_.size(); ++r) {
    const Region& region = regions_[r];
    Memory& memory = memories_[r];
    const RegionState& from = states[r];
    std::size_t k = 0;
    for (int m = 0; m < kModulators; ++m) {
      if (!region.has[m]) continue;
      memory.moving.target[m] = from.level_target[k];
      memory.moving.tonic[m] = from.level_tonic[k];
      memory.moving.phasic[m] = from.level_phasic[k];
      ++k;
    }
    memory.moving.expected_reward = from.reward[0];
    memory.moving.prediction_error = from.reward[1];
    memory.given = {
        .has_reward = from.given[0] != 0, .reward = from.given[1], .noradrenaline = from.given[2]};
    for (std::vector<double>& releases : memory.releases) std::ranges::fill(releases, 0.0);
    for (std::size_t i = 0; i < from.release_in.size(); ++i)
      memory.releases[from.release_modulator[i]][(step + from.release_in[i]) % region.ring_steps] +=
          from.release_amount[i];
    for (std::size_t i = 0; i < memory.triggered.size(); ++i) {
      const std::uint64_t age = from.trigger_source_age[i];
      const bool has_fired = age != RegionState::kNever;
      memory.triggered[i] = {
          .last = step - (has_fired ? age : 0), .n_draws = from.trigger_draws[i], .has_fired = has_fired};
    }
    std::ranges::fill(memory.n_spikes, 0);
    set_levels(region);
  }
}

}  // namespace sharpwave
