// What a network holds besides synapses, from the description alone.
#include <algorithm>
#include <cmath>

#include "host/engine/plasticity_plan.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/memory_spec.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/protocol_spec.hpp"
#include "host/network/region_sources.hpp"

namespace sharpwave {
namespace {

// Steps and Poisson tables of the pieces of a rate, as if no two shared one.
double rate_bytes(const PiecewiseRate& rate, double dt_ms) {
  double bytes = 0;
  for (const double rate_Hz : rate.rates_Hz) {
    const double mean = rate_Hz * dt_ms * 1e-3;
    bytes +=
        16 + 4 * (mean + 8 * std::sqrt(mean) + 16);  // the table of the largest mean, 512, has 659 entries
  }
  return bytes;
}

// What neurons and their input hold besides synapses.
double state_bytes(const ModelSpec& spec, const NetworkShape& shape, double real) {
  const double rows = shape.slot_width > 1 ? 2.0 * shape.slot_width : 1.0;
  double bytes = shape.n_neurons * (real * 5 + 4 + real * kMaxReceptors * rows + 16);
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    const PopulationSpec& population = spec.populations[i];
    if (const auto* source = std::get_if<SpikeSourceSpec>(&population.kind))
      bytes += 40.0 * static_cast<double>(source->indices.size());
    if (const auto* source = std::get_if<PoissonSourceSpec>(&population.kind))
      bytes += rate_bytes(source->rate, spec.simulation.dt_ms);
    const NeuronSpec* neurons = population.neurons();
    if (neurons == nullptr) continue;
    const auto differs = [](const Values& values) {
      const auto* distribution = std::get_if<Distribution>(&values);
      return distribution == nullptr || distribution->kind != Distribution::Kind::constant;
    };
    const bool per_neuron = currents_differ(spec, i) ||
                            std::any_of(neurons->parameters.begin(), neurons->parameters.end(), differs);
    // Up to 16 parameters of a model, as many given ones, bias and t_ref: in double, and as the state's type.
    if (per_neuron) bytes += population.size * (16 * 2 * 8.0 + 16 * real + 16 * 8 + 3 * 8 + 12);
    for (const Values& initial : neurons->initial)
      if (differs(initial)) bytes += 2 * 8.0 * population.size;
  }
  for (const InputSpec& input : spec.inputs) {
    constexpr double kDescription = 256;
    bytes += kDescription;
    if (const PoissonInputSpec* spikes = input.spikes())
      bytes += 12.0 * input.target.size() + rate_bytes(spikes->rate, spec.simulation.dt_ms);
    if (const auto* steps = std::get_if<CurrentInputSpec>(&input.kind))
      bytes += 16.0 * static_cast<double>(steps->times_ms.size());
  }
  for (const RegionSpec& region : spec.regions) bytes += release_bytes(region);
  return bytes;
}

// Counts, means and places of what a consolidation plugin is told, a copy of them, and the queue.
double signal_bytes(const ModelSpec& spec) {
  if (spec.memory == nullptr) return 0;
  const MemorySpec& memory = *spec.memory;
  double bytes = 0;
  double widest = 0;
  for (const RememberedPopulationSpec& remembered : memory.populations) {
    const double size = spec.populations[remembered.population].size;
    const double dimension = memory.embedding.is_projected ? memory.embedding.dimension : size;
    bytes += size * ((memory.has_windows() ? 2 * 24.0 : 0) + (memory.ripple ? 2 * 24.0 : 0) +
                     (memory.embedding.is_projected ? 16 : 0) + 1) +
             12 * dimension;
    widest = std::max(widest, dimension);
  }
  return bytes + 4 * widest * memory.queue_capacity;
}

}  // namespace

std::uint64_t plan_state_bytes(const ModelSpec& spec, const NetworkShape& shape) {
  const bool wide = spec.simulation.precision == Precision::float64;
  // With out-degrees, twice, and burdens.
  const double bytes = state_bytes(spec, shape, wide ? 8 : 4) + signal_bytes(spec) + 8.0 * shape.n_sources +
                       8.0 * kMaxReceptors * shape.n_neurons;
  return static_cast<std::uint64_t>(bytes) + kRunBytes;
}

double stimuli_bytes(const ModelSpec& spec) {
  double bytes = 0;
  const auto add = [&](const auto& values) {
    bytes += static_cast<double>(values.size() * sizeof values[0]);
  };
  if (spec.protocol != nullptr)
    for (const StimulusSpec& stimulus : spec.protocol->stimuli) {
      add(stimulus.labels);
      add(stimulus.level_rates_Hz);
      add(stimulus.levels);
      add(stimulus.spike_begin);
      add(stimulus.spike_steps);
      add(stimulus.spike_sources);
    }
  return bytes;
}

double saved_state_bytes(const ModelSpec& spec, const NetworkShape& shape) {
  constexpr std::uint64_t kInternal = 2;  // variables of a model that are not recorded, at most
  const std::uint64_t real = spec.simulation.precision == Precision::float64 ? 8 : 4;
  double bytes = 0;
  for (const PopulationSpec& population : spec.populations)
    if (const NeuronSpec* neurons = population.neurons())
      bytes += static_cast<double>(population.size) *
               static_cast<double>(real * (model_info(neurons->model).variables.size() + kInternal) +
                                   sizeof(std::int32_t));
  for (const ProjectionSpec& p : spec.projections)
    if (p.plasticity) bytes += plan_plasticity(spec, p, shape).saved;
  return bytes;
}

StateCopies plan_state_copies(const ModelSpec& spec) {
  const WatchdogSpec& watchdog = spec.watchdog;
  const bool rolls_back = watchdog.rolls_back();
  const bool throttles =
      std::ranges::find(watchdog.actions, WatchdogAction::throttle) != watchdog.actions.end();
  const bool is_watched = std::ranges::any_of(
      watchdog.actions, [](WatchdogAction action) { return action != WatchdogAction::off; });
  const bool saves = spec.checkpoint.interval_steps > 0 || spec.checkpoint.wall_interval_s > 0;
  // The watchdog's. A checkpoint's, and the file that it becomes, which is whole twice for a moment when the
  // state is gone. At the end, also where that comes from outside, the watchdog's are gone.
  constexpr std::uint64_t kOfCheckpoint = 2;
  const std::uint64_t watched = is_watched ? 2 : 1;
  const std::uint64_t good = rolls_back ? 1 : 0;
  return {.running = std::max(watched + (saves ? kOfCheckpoint : 0), kOfCheckpoint) + good,
          // What the next network goes on from, and where a rollback after it would go back to.
          .rebuilding = rolls_back ? 2u : (throttles ? 1u : 0u)};
}

}  // namespace sharpwave
