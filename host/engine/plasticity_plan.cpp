#include "host/engine/plasticity_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "host/engine/eligibility_gate.hpp"
#include "host/engine/plasticity.hpp"
#include "host/engine/post_history.hpp"
#include "host/network/plastic_rows.hpp"

namespace sharpwave {
namespace {

// What a vector has room for that grows as it is filled, to what is in it, on average.
constexpr double kGrown = 1.5;

/// Steps that what targets have fired is known for, as PlasticProjection::end_step() has it.
struct Memory {
  Memory(const ModelSpec& spec, const StdpSpec& rule, std::int64_t longest_delay) {
    const StdpTableSizes tables(rule, spec.simulation.dt_ms);
    const auto memory_steps = static_cast<std::int64_t>(tables.longest);
    table_bytes = static_cast<double>(sizeof(float) * tables.sum);
    patience_steps = memory_steps + 2 * longest_delay + 1;
    if (rule.eligibility) {
      const EligibilityGate gate(*rule.eligibility, spec.simulation.dt_ms, longest_delay);
      patience_steps = patience_of(gate, longest_delay);
      gate_bytes = static_cast<double>(sizeof(double) * gate.saved_size());
    }
    post_steps = std::max(memory_steps, patience_steps) + 2 * longest_delay;
  }
  std::int64_t patience_steps = 0;
  std::int64_t post_steps = 0;
  double table_bytes = 0;
  double gate_bytes = 0;
};

double planned_rate_Hz(const PopulationSpec& population) {
  constexpr double kMore = 1.5;
  const auto* source = std::get_if<PoissonSourceSpec>(&population.kind);
  if (source != nullptr && !source->presented_up_to_Hz && !source->rate.rates_Hz.empty())
    return std::ranges::max(source->rate.rates_Hz);
  return population.expected_rate_Hz ? kMore * *population.expected_rate_Hz : kPlannedRate_Hz;
}

}  // namespace

PlasticityPlan plan_plasticity(const ModelSpec& spec, const ProjectionSpec& projection,
                               const NetworkShape& shape) {
  const StdpSpec& rule = *projection.plasticity;
  const double dt_ms = spec.simulation.dt_ms;
  const PlasticSizes sizes = plastic_sizes(projection, dt_ms);
  const Memory memory(spec, rule, sizes.longest_delay);
  const double n_sources = projection.source.size();
  const auto most_steps = static_cast<double>(spec.simulation.warm_up_steps + spec.simulation.steps);
  const auto n_spikes = [&](const Slice& slice, double steps) {
    return slice.size() * planned_rate_Hz(spec.populations[slice.population]) * 1e-3 *
           std::min(steps, most_steps) * dt_ms;
  };
  const double n_posts = n_spikes(projection.target, static_cast<double>(memory.post_steps));
  const double n_flights = n_spikes(projection.source, sizes.longest_delay);
  const double n_silent = n_spikes(projection.source, static_cast<double>(memory.patience_steps));

  PlasticityPlan plan;
  plan.synapses = sizes.n_synapses * sizeof(float) * (has_synapse_traces(rule) ? 2 : 1);
  // Each thread has all sources, and the spikes of the targets that are its own.
  const double of_sources = sizeof(PlasticSource) * n_sources + kGrown * sizeof(PreSpike) * n_flights +
                            kGrown * sizeof(std::uint32_t) * n_silent +
                            sizeof(std::vector<std::uint32_t>) * static_cast<double>(memory.patience_steps);
  plan.history = shape.n_groups * (of_sources + memory.table_bytes + memory.gate_bytes) +
                 PostHistory::bytes(shape.n_neurons, kGrown * n_posts, shape.n_parts());
  constexpr double kOfSource = 3 * sizeof(std::uint64_t) + 3 * sizeof(float);
  constexpr double kOfFlight = kOfSource + sizeof(std::uint64_t) + sizeof(std::uint32_t);
  constexpr double kOfPost = sizeof(std::uint64_t) + sizeof(std::uint32_t) + 3 * sizeof(float);
  plan.saved = plan.synapses + kGrown * (kOfSource * n_sources + kOfFlight * n_flights) + kOfPost * n_posts +
               memory.gate_bytes;
  plan.saving = (sizeof(PostSpike) + sizeof(std::uint32_t)) * n_posts;
  return plan;
}

}  // namespace sharpwave
