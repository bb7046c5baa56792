#include "host/engine/device_presented.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "host/engine/construction.hpp"
#include "kernels/poisson.hpp"

namespace sharpwave {
namespace {

using device::kNone;

/// Of a population: zeros where nothing is presented to it.
struct Room {
  std::uint32_t n_tables = 0;
  std::uint32_t n_thresholds = 0;
  std::uint64_t n_spikes = 0;
};

void append_table(double rate_Hz, double dt_ms, std::vector<std::uint32_t>& thresholds) {
  std::array<std::uint32_t, kPoissonTableCapacity> table{};
  const int n = poisson_table(rate_Hz * dt_ms * 1e-3, table);
  thresholds.insert(thresholds.end(), table.begin(), table.begin() + n);
}

Room room_of(const ModelSpec& spec, std::uint32_t population) {
  Room room;
  if (spec.protocol == nullptr) return room;
  for (const StimulusSpec& stimulus : spec.protocol->stimuli) {
    if (stimulus.population != population) continue;
    if (!stimulus.is_of_spikes())
      room.n_tables = std::max(room.n_tables, static_cast<std::uint32_t>(std::min<std::size_t>(
                                                  stimulus.size, stimulus.level_rates_Hz.size())));
    for (std::uint32_t i = 0; stimulus.is_of_spikes() && i < stimulus.n_items; ++i)
      room.n_spikes = std::max(room.n_spikes, stimulus.spike_begin[i + 1] - stimulus.spike_begin[i]);
  }
  if (room.n_tables == 0) return room;
  // Tables of higher rates are longer.
  const auto& source = std::get<PoissonSourceSpec>(spec.populations[population].kind);
  std::vector<std::uint32_t> longest;
  append_table(source.presented_up_to_Hz.value_or(0), spec.simulation.dt_ms, longest);
  room.n_thresholds = room.n_tables * static_cast<std::uint32_t>(longest.size());
  return room;
}

device::RatesInForce rates_in_force(const Presented& presented, const ModelSpec& spec, const Network& net) {
  device::RatesInForce rates{.after = presented.step};
  if (presented.stimulus == Presented::kNothing) return rates;
  const StimulusSpec& stimulus = spec.protocol->stimuli[presented.stimulus];
  if (stimulus.is_of_spikes() || !is_heard(spec, net, stimulus.population)) return rates;
  rates.population = stimulus.population;
  rates.table_begin.push_back(0);
  std::vector<std::uint32_t> table_of_level(stimulus.level_rates_Hz.size(), kNone);
  const std::uint16_t* levels = stimulus.levels.data() + std::size_t{presented.item} * stimulus.size;
  for (std::uint32_t i = 0; i < stimulus.size; ++i) {
    std::uint32_t& table = table_of_level[levels[i]];
    if (table == kNone) {
      table = static_cast<std::uint32_t>(rates.table_begin.size() - 1);
      append_table(stimulus.level_rates_Hz[levels[i]] * presented.gain, spec.simulation.dt_ms,
                   rates.thresholds);
      rates.table_begin.push_back(rates.thresholds.size());
    }
    rates.table.push_back(table);
  }
  return rates;
}

/// @param last  step in which it is presented.
void append_spikes(const Presented& presented, std::uint64_t first, std::uint64_t last, const ModelSpec& spec,
                   const Network& net, std::vector<device::FileSpike>& spikes) {
  if (presented.stimulus == Presented::kNothing) return;
  const StimulusSpec& stimulus = spec.protocol->stimuli[presented.stimulus];
  if (!stimulus.is_of_spikes() || !is_heard(spec, net, stimulus.population)) return;
  const int source_class = net.class_of_population[stimulus.population];
  for (std::uint64_t k = stimulus.spike_begin[presented.item]; k < stimulus.spike_begin[presented.item + 1];
       ++k) {
    const std::uint64_t step = presented.step + stimulus.spike_steps[k];
    if (step < first || step > last) continue;
    spikes.push_back({.step = step,
                      .source = net.places[stimulus.population].first_source + stimulus.spike_sources[k],
                      .source_class = source_class < 0 ? kNone : static_cast<std::uint32_t>(source_class)});
  }
}

}  // namespace

void add_room_for_presented(const ModelSpec& spec, const Network& net, device::InstanceModel& model) {
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    if (!is_heard(spec, net, i)) continue;
    const Room room = room_of(spec, i);
    model.populations[i].most_presented_tables = room.n_tables;
    model.populations[i].most_presented_thresholds = room.n_thresholds;
    model.most_presented_spikes = std::max(model.most_presented_spikes, room.n_spikes);
    const auto* source = std::get_if<SpikeSourceSpec>(&spec.populations[i].kind);
    model.hears_presented |= source != nullptr && source->presented;
  }
}

device::PresentedModel presented_model(const ModelSpec& spec, const Network& net,
                                       const std::vector<Presented>& presented, std::uint64_t first_step) {
  device::PresentedModel model{.rates = {}, .spikes = {}, .learning = is_learning(presented)};
  for (std::size_t k = 0; k < presented.size(); ++k) {
    const bool is_last = k + 1 == presented.size();
    const std::uint64_t last = is_last ? std::numeric_limits<std::uint64_t>::max() : presented[k + 1].step;
    if (last < first_step) continue;
    model.rates.push_back(rates_in_force(presented[k], spec, net));
    append_spikes(presented[k], first_step, last, spec, net, model.spikes);
  }
  return model;
}

std::uint64_t plan_device_presented(const ModelSpec& spec) {
  std::uint64_t bytes = 0;
  std::uint64_t most_spikes = 0;
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    const Room room = room_of(spec, i);
    most_spikes = std::max(most_spikes, room.n_spikes);
    if (room.n_tables > 0)
      bytes += sizeof(std::uint32_t) * (spec.populations[i].size + std::uint64_t{room.n_thresholds}) +
               sizeof(std::uint64_t) * (std::uint64_t{room.n_tables} + 1);
    // Zeros in place of parameters of theta.
    if (spec.protocol != nullptr && spec.populations[i].neurons() != nullptr)
      bytes += 2 * sizeof(double) * std::uint64_t{spec.populations[i].size};
  }
  return bytes + sizeof(device::FileSpike) * most_spikes;
}

}  // namespace sharpwave
