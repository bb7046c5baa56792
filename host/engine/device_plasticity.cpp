#include "host/engine/device_plasticity.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "host/network/plastic_order.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/network/region_sources.hpp"

namespace sharpwave {

DevicePlasticity::DevicePlasticity(const ModelSpec& spec, const Network& net, const PlasticRows& rows,
                                   const Neuromodulation& modulation)
    : rows_(rows),
      n_parts_(net.shape.n_parts()),
      first_target_(net.places[spec.projections[rows.projection].target.population].first_source),
      tables_(*spec.projections[rows.projection].plasticity, spec.simulation.dt_ms),
      rule_(*spec.projections[rows.projection].plasticity),
      has_triplets_(rule_.has_triplets()),
      keeps_rates_(rule_.rate_region || spec.protocol != nullptr) {
  if (!rule_.eligibility) return;
  gate_.emplace(*rule_.eligibility, spec.simulation.dt_ms, rows.longest_delay());
  gate_->advance(0, modulation.levels_of_step(rule_.eligibility->region),
                 tables_.constants().learning.includes(0));
}

device::PlasticModel DevicePlasticity::model() {
  const std::int64_t longest_delay = rows_.longest_delay();
  device::PlasticModel model{.constants = tables_.constants(),
                             .silent_steps = tables_.memory_steps() + 2 * longest_delay + 1,
                             .pre_memory_steps = tables_.memory_steps(),
                             .has_traces = has_synapse_traces(rule_),
                             .modulating_region = rule_.rate_region.value_or(device::kNone)};
  if (gate_) {
    model.silent_steps = patience_of(*gate_, longest_delay);
    model.pre_memory_steps += gate_->memory_steps();
    model.gating_region = rule_.eligibility->region;
    model.gate = gate_->gate();
  }
  model.post_memory_steps = std::max(tables_.memory_steps(), model.silent_steps);
  for (const PlasticRows::OfPart& part : rows_.parts)
    model.weights.emplace_back(part.weights.data(), part.weights.size());
  return model;
}

template <class Visit>
void DevicePlasticity::for_each_synapse(const Visit& visit) const {
  std::vector<std::size_t> part_begin;
  std::size_t n = 0;
  for (const PlasticRows::OfPart& part : rows_.parts) {
    part_begin.push_back(n);
    n += part.elements.size();
  }
  for_each_in_order(rows_, n_parts_,
                    [&](const PlasticSynapsePlace& place) { visit(part_begin[place.part] + place.index); });
}

void DevicePlasticity::save_sources(std::int64_t step, const device::PlasticValues& values,
                                    PlasticState& state) const {
  const PlasticEntries entries = entries_of(step);
  for (const PlasticSource& source : values.sources) entries.add_source(source, state);
}

void DevicePlasticity::save_flights(std::int64_t step, const device::PlasticValues& values,
                                    PlasticState& state) const {
  std::vector<device::PlasticFlight> flights = values.flights;
  std::ranges::sort(flights, {}, [](const device::PlasticFlight& flight) {
    return std::tuple(flight.spike.origin, flight.source);
  });
  const PlasticEntries entries = entries_of(step);
  for (const device::PlasticFlight& flight : flights)
    for (std::uint32_t k = 0; k < flight.count; ++k)
      entries.add_flight(flight.source, k == 0 ? flight.spike : repeated(flight.spike), state);
}

void DevicePlasticity::save_posts(std::int64_t step, const device::PlasticValues& values,
                                  PlasticState& state) const {
  std::vector<std::size_t> order(values.posts.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {},
                    [&](std::size_t i) { return std::tuple(values.posts[i].step, values.post_neurons[i]); });
  const PlasticEntries entries = entries_of(step);
  entries.reserve_posts(order.size(), state);
  for (const std::size_t i : order) entries.add_post(values.post_neurons[i], values.posts[i], state);
}

void DevicePlasticity::save(std::int64_t step, const device::PlasticValues& values,
                            PlasticState& state) const {
  state.weights.reserve(values.weights.size());
  state.traces.reserve(values.traces.size());
  for_each_synapse([&](std::size_t at) {
    state.weights.push_back(values.weights[at]);
    if (!values.traces.empty()) state.traces.push_back(values.traces[at]);
  });
  save_sources(step, values, state);
  save_flights(step, values, state);
  save_posts(step, values, state);
  for (std::size_t k = 0; k < std::size(kStdpCounts); ++k)
    state.counts[k] = static_cast<std::uint64_t>(values.counts.*kStdpCounts[k]);
  state.counts.back() = age_of(values.last_change, step);
  state.scaled_age = {age_of(values.scaled_at, step)};
  state.target_spikes = values.target_spikes;
  if (!gate_) return;
  state.gate = {static_cast<double>(values.gate_steps)};
  state.gate.insert(state.gate.end(), values.gate_left.begin(), values.gate_left.end());
  state.gate.insert(state.gate.end(), values.gate_moved.begin(), values.gate_moved.end());
}

void DevicePlasticity::put_sources(std::int64_t step, const PlasticState& state,
                                   device::PlasticValues& values) const {
  const PlasticEntries entries = entries_of(step);
  for (std::size_t i = 0; i < state.source_last_age.size(); ++i)
    values.sources.push_back(entries.source(state, i));
}

// Those of one source and step stand together.
void DevicePlasticity::put_flights(std::int64_t step, const PlasticState& state,
                                   device::PlasticValues& values) const {
  const PlasticEntries entries = entries_of(step);
  for (std::size_t i = 0; i < state.flight_source.size(); ++i) {
    const PreSpike spike = entries.flight(state, i, tables_.constants().learning);
    std::vector<device::PlasticFlight>& flights = values.flights;
    if (!flights.empty() && flights.back().source == state.flight_source[i] &&
        flights.back().spike.origin == spike.origin) {
      ++flights.back().count;
      continue;
    }
    flights.push_back({.spike = spike, .source = state.flight_source[i]});
  }
}

void DevicePlasticity::put_posts(std::int64_t step, const PlasticState& state,
                                 device::PlasticValues& values) const {
  values.post_neurons = state.post_neuron;
  const PlasticEntries entries = entries_of(step);
  for (std::size_t i = 0; i < state.post_age.size(); ++i)
    values.posts.push_back(entries.post(state, i, tables_.constants().learning));
}

void DevicePlasticity::put_gate(const PlasticState& state, device::PlasticValues& values) const {
  values.gate_steps = static_cast<std::int64_t>(state.gate.front());
  const auto n = static_cast<std::ptrdiff_t>(state.gate.size() / 2);
  values.gate_left.assign(state.gate.begin() + 1, state.gate.begin() + 1 + n);
  values.gate_moved.assign(state.gate.begin() + 1 + n, state.gate.end());
}

device::PlasticValues DevicePlasticity::values(std::int64_t step, const PlasticState& state) const {
  device::PlasticValues values;
  values.weights.resize(state.weights.size());
  values.traces.resize(state.traces.size());
  std::size_t position = 0;
  for_each_synapse([&](std::size_t at) {
    values.weights[at] = state.weights[position];
    if (!state.traces.empty()) values.traces[at] = state.traces[position];
    ++position;
  });
  put_sources(step, state, values);
  put_flights(step, state, values);
  put_posts(step, state, values);
  for (std::size_t k = 0; k < std::size(kStdpCounts); ++k)
    values.counts.*kStdpCounts[k] = static_cast<std::int64_t>(state.counts[k]);
  values.last_change = step_of(state.counts.back(), step);
  if (gate_) put_gate(state, values);
  values.scaled_at = step_of(state.scaled_age[0], step);
  values.target_spikes = state.target_spikes;
  return values;
}

PlasticSynapses DevicePlasticity::synapses(std::uint32_t every) const {
  PlasticSynapses synapses;
  std::size_t position = 0;
  for_each_in_order(rows_, n_parts_, [&](const PlasticSynapsePlace& place) {
    if (position++ % every != 0) return;
    synapses.sources.push_back(rows_.source[place.source]);
    synapses.targets.push_back(place.target - first_target_);
    synapses.delay_steps.push_back(place.delay);
  });
  return synapses;
}

DevicePlasticityPlan plan_device_plasticity(const ModelSpec& spec, const ProjectionSpec& projection,
                                            const NetworkShape& shape) {
  const PlasticSizes sizes = plastic_sizes(projection, spec.simulation.dt_ms);
  const double per_part = sizeof(std::uint32_t) * (sizes.n_rows + 1) + sizeof(std::uint64_t);
  const std::optional<EligibilitySpec>& eligibility = projection.plasticity->eligibility;
  const bool has_traces = has_synapse_traces(*projection.plasticity);
  const double n_sources = projection.source.size();
  const double n_targets = spec.populations[projection.target.population].size;
  const double n_noted = projection.target.stop - projection.target.start;
  const double n_posts = 2.0 * (device::kStepsPerGraph + device::kPostsAtFirst) * n_noted;  // a power of two
  constexpr double kTables = 4;
  constexpr std::uint64_t kSmallBytes = 4096;  // counts, switches, views
  const StdpTables tables(*projection.plasticity, spec.simulation.dt_ms);
  double gate_bytes = 0;
  if (eligibility) {
    const EligibilityGate gate(*eligibility, spec.simulation.dt_ms, sizes.longest_delay);
    gate_bytes = static_cast<double>(sizeof(double) * gate.saved_size());
  }
  const double scaling = projection.plasticity->homeostasis
                             ? (sizeof(std::int64_t) + 2 * sizeof(std::uint32_t)) * n_targets +
                                   sizeof(std::uint32_t) * n_sources * (sizes.longest_delay + 1.0)
                             : 0;
  const double instance = gate_bytes + scaling + sizes.n_synapses * sizeof(float) * (has_traces ? 2 : 1) +
                          sizeof(PlasticSource) * n_sources +
                          sizeof(device::PlasticFlight) * n_sources * (sizes.longest_delay + 1.0) +
                          (sizeof(device::Post) + sizeof(std::uint32_t)) * (n_targets + n_posts) +
                          kTables * sizeof(float) * static_cast<double>(tables.memory_steps());
  return {.shared_bytes = static_cast<std::uint64_t>(sizes.n_synapses * sizeof(std::uint16_t) +
                                                     per_part * shape.n_parts()),
          .instance_bytes = static_cast<std::uint64_t>(instance) + kSmallBytes};
}

std::uint64_t plan_device_regions(const ModelSpec& spec) {
  std::uint64_t bytes = 0;
  for (const RegionSpec& region : spec.regions) {
    bytes += sizeof(Region) + sizeof(MovingLevels) + sizeof(LevelsOfStep) + sizeof(GivenToRegion) +
             static_cast<std::uint64_t>(release_bytes(region)) +
             sizeof(ScheduledLevel) * (region.pulses.size() + region.targets.size()) +
             sizeof(ScheduledReward) * region.rewards.size() +
             (sizeof(RegionVolume) + sizeof(std::int64_t)) * region.volumes.size() +
             (sizeof(RegionTrigger) + sizeof(TriggerMemory)) * region.triggers.size();
  }
  return bytes;
}

}  // namespace sharpwave
