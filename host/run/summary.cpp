#include "host/run/summary.hpp"

#include <optional>
#include <variant>
#include <vector>

#include "host/base/error.hpp"
#include "host/network/step_times.hpp"
#include "host/run/version.hpp"

namespace sharpwave {
namespace {

std::optional<double> threshold_mV(const PopulationSpec& population) {
  const NeuronSpec* neurons = population.neurons();
  if (neurons == nullptr) return {};
  const auto* given = std::get_if<Distribution>(&(*neurons)[NeuronParameter::V_th]);
  if (given == nullptr || given->kind != Distribution::Kind::constant) return {};
  return given->a;
}

/// Neurons of a population whose spikes are recorded.
std::uint64_t n_recorded(const ModelSpec& spec, std::uint32_t population) {
  std::vector<bool> chosen;
  std::uint64_t n = 0;
  for (const Slice& slice : spec.record_spikes) {
    if (slice.population != population) continue;
    chosen.resize(spec.populations[population].size);
    for (std::uint32_t i = 0; i < slice.size(); ++i) {
      n += chosen[slice[i]] ? 0 : 1;
      chosen[slice[i]] = true;
    }
  }
  return n;
}

}  // namespace

RunSummary summary_of(const ModelSpec& spec) {
  RunSummary s;
  s.version = version();
  s.title = spec.title;
  s.config = spec.config_text;
  s.config_digest = spec.config_digest;
  s.precision = spec.simulation.precision;
  s.dt_ms = spec.simulation.dt_ms;
  s.seed = spec.simulation.seed;
  s.network_seed = spec.simulation.network_seed;
  s.warm_up_ms = time_of_step_ms(spec.simulation.warm_up_steps, s.dt_ms);
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    const PopulationSpec& population = spec.populations[i];
    if (population.is_virtual()) continue;
    s.populations.push_back({.name = population.name,
                             .size = population.size,
                             .recorded = n_recorded(spec, i),
                             .threshold_mV = threshold_mV(population)});
  }
  return s;
}

void add_construction(RunSummary& summary, const ConstructionReport& construction) {
  summary.construction_s = construction.seconds;
  summary.synapses = construction.n_synapses;
  summary.connectivity_digest = construction.connectivity_digest;
  summary.synapse_bytes = construction.synapse_bytes;
  summary.layout = construction.layout;
  summary.grids = construction.grids;
  summary.phases = {{"construction", construction.seconds}};
}

void count_spikes(RunSummary& summary, std::uint64_t steps, const std::vector<std::uint64_t>& spikes) {
  SHARPWAVE_ASSERT(spikes.size() == summary.populations.size());
  const double simulated_s = static_cast<double>(steps) * summary.dt_ms / 1000.0;
  summary.spikes_total = 0;
  for (std::size_t i = 0; i < spikes.size(); ++i) {
    RunSummary::Population& population = summary.populations[i];
    const double neuron_s = static_cast<double>(population.size) * simulated_s;
    population.spikes = spikes[i];
    population.rate_Hz = neuron_s > 0 ? static_cast<double>(spikes[i]) / neuron_s : 0.0;
    summary.spikes_total += spikes[i];
  }
}

}  // namespace sharpwave
