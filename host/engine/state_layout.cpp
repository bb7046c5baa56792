#include "host/engine/state_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/base/error.hpp"
#include "host/engine/eligibility_gate.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/network/region_sources.hpp"
#include "kernels/models.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ExitCode::damaged_data, "the state does not fit the network: " + what);
}

// What can be recorded has its name from the catalogue; the rest of the kernels' state is named here.
std::vector<std::string> variables_of(const NeuronSpec& neurons, UpdateModel model) {
  std::vector<std::string> names;
  for (const StateVariable variable : model_info(neurons.model).variables)
    names.emplace_back(quantity(variable).name);
  if (model == UpdateModel::alpha) names.insert(names.end(), {"dI_syn_ex", "dI_syn_in"});
  if (model == UpdateModel::delta_refractory_input) names.emplace_back("refractory_input");
  with_model(model, [&]<UpdateModel kModel>(std::integral_constant<UpdateModel, kModel>) {
    SHARPWAVE_ASSERT(names.size() == (ModelType<kModel, double>::kState.size()));
  });
  return names;
}

// All spikes of a source in one step stand together, and the further ones found nothing but the first.
void check_flights(const std::string& who, const PlasticState& s) {
  for (std::size_t i = 0; i < s.flight_source.size(); ++i) {
    if (i == 0 || s.flight_age[i] != s.flight_age[i - 1] || s.flight_source[i] > s.flight_source[i - 1]) {
      if (s.flight_last_age[i] <= s.flight_age[i])
        refuse(who + " has a spike under way whose source's last one was no earlier");
      continue;
    }
    if (s.flight_source[i] < s.flight_source[i - 1])
      refuse(who + " has spikes of one step under way that are not in order of their sources");
    const bool is_further = s.flight_last_age[i] == s.flight_age[i] &&
                            s.flight_before_last_age[i] == PlasticState::kNever && s.flight_trace[i] == 0 &&
                            s.flight_spikes[i] == 1 &&
                            (s.flight_slow.empty() || s.flight_slow[i] == s.flight_slow[i - 1]);
    if (!is_further)
      refuse(who + " has a source with a second spike in one step that found more than the first");
  }
}

}  // namespace

StateLayout::StateLayout(const ModelSpec& spec, const Network& net, const EvaluatedModel& given)
    : spec_(spec),
      is_double_(spec.simulation.precision == Precision::float64),
      longest_delay_(net.longest_delay) {
  for (std::size_t i = 0; i < spec.populations.size(); ++i) {
    const PopulationSpec& p = spec.populations[i];
    if (p.is_virtual()) continue;
    Population population{.name = p.name,
                          .first_id = net.places[i].first_source,
                          .size = p.size,
                          .multiplicity = static_cast<std::uint32_t>(std::min<std::uint64_t>(
                              net.places[i].multiplicity, std::numeric_limits<std::uint32_t>::max()))};
    if (const NeuronSpec* neurons = p.neurons())
      population.variables = variables_of(*neurons, given.parameters[i].model);
    populations_.push_back(std::move(population));
  }
  for (const PlasticRows& rows : net.plastic) {
    const ProjectionSpec& p = spec.projections[rows.projection];
    Plastic plastic{.projection = p.name,
                    .n_sources = p.source.size(),
                    .n_targets = spec.populations[p.target.population].size,
                    .longest_delay = rows.longest_delay(),
                    .has_traces = has_synapse_traces(*p.plasticity),
                    .has_triplets = p.plasticity->has_triplets(),
                    .is_modulated = p.plasticity->rate_region.has_value() || spec.protocol != nullptr,
                    .w_min = static_cast<float>(p.plasticity->w_min),
                    .w_max = static_cast<float>(p.plasticity->w_max)};
    for (const PlasticRows::OfPart& part : rows.parts) plastic.n_synapses += part.elements.size();
    if (p.plasticity->homeostasis && p.plasticity->homeostasis->target_rate_Hz)
      plastic.interval_steps = p.plasticity->homeostasis->interval_steps;
    if (p.plasticity->eligibility) {
      const EligibilityGate gate(*p.plasticity->eligibility, spec.simulation.dt_ms, rows.longest_delay());
      plastic.gate_size = gate.saved_size();
      plastic.covered_steps = static_cast<std::uint64_t>(gate.covered_steps());
    }
    plastic_.push_back(std::move(plastic));
  }
  for (const RegionSpec& region : spec.regions) {
    regions_.push_back({.name = region.name,
                        .n_modulators = static_cast<std::size_t>(std::ranges::count_if(
                            region.modulators, [](const auto& modulator) { return modulator.has_value(); })),
                        .n_triggers = region.triggers.size()});
    for (std::size_t m = 0; m < kModulators; ++m)
      regions_.back().longest_release[m] = longest_release(region, static_cast<Modulator>(m));
  }
}

EngineState StateLayout::blank() const {
  EngineState state;
  for (const Population& population : populations_) {
    if (population.variables.empty()) continue;
    PopulationState& p = state.populations.emplace_back();
    p.name = population.name;
    for (const std::string& name : population.variables) {
      Reals values = std::vector<float>(is_double_ ? 0 : population.size);
      if (is_double_) values = std::vector<double>(population.size);
      p.variables.push_back({name, std::move(values)});
    }
    p.refractory_steps.resize(population.size);
  }
  for (const Plastic& plastic : plastic_) state.plastic.push_back({.projection = plastic.projection});
  for (const Region& region : regions_)
    state.regions.push_back(
        {.region = region.name,
         .level_target = std::vector<double>(region.n_modulators),
         .level_tonic = std::vector<double>(region.n_modulators),
         .level_phasic = std::vector<double>(region.n_modulators),
         .trigger_source_age = std::vector<std::uint64_t>(region.n_triggers, RegionState::kNever),
         .trigger_draws = std::vector<std::uint64_t>(region.n_triggers)});
  return state;
}

void StateLayout::check_population(const Population& population, const PopulationState& state) const {
  const std::string who = "population '" + population.name + "'";
  if (state.name != population.name) refuse(who + " is called '" + state.name + "' there");
  if (state.refractory_steps.size() != population.size)
    refuse(who + " has " + std::to_string(population.size) + " neurons, there " +
           std::to_string(state.refractory_steps.size()));
  if (std::any_of(state.refractory_steps.begin(), state.refractory_steps.end(),
                  [](std::int32_t steps) { return steps < 0; }))
    refuse(who + " has a neuron with a negative number of refractory steps left");
  if (state.variables.size() != population.variables.size())
    refuse(who + " has " + std::to_string(population.variables.size()) + " variables, there " +
           std::to_string(state.variables.size()));
  for (std::size_t k = 0; k < population.variables.size(); ++k) {
    const PopulationState::Variable& variable = state.variables[k];
    if (variable.name != population.variables[k])
      refuse(who + " has the variable " + population.variables[k] + ", there " + variable.name);
    if (std::holds_alternative<std::vector<double>>(variable.values) != is_double_)
      refuse(who + ": " + variable.name + " is not in the precision of this run");
    if (std::visit([](const auto& values) { return values.size(); }, variable.values) != population.size)
      refuse(who + ": " + variable.name + " has not a value for each neuron");
  }
}

void StateLayout::check_under_way(const SpikesUnderWay& under_way) const {
  const auto& offsets = under_way.offsets;
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != under_way.ids.size() ||
      !std::is_sorted(offsets.begin(), offsets.end()))
    refuse("the rows of the spikes under way are not in order");
  for (std::size_t row = 0; row + 1 < offsets.size(); ++row) {
    auto population = populations_.begin();
    std::uint64_t repeats = 0;
    for (std::uint64_t i = offsets[row]; i < offsets[row + 1]; ++i) {
      const std::uint32_t id = under_way.ids[i];
      if (i > offsets[row] && id < under_way.ids[i - 1]) refuse("the spikes under way are not in order");
      repeats = i > offsets[row] && id == under_way.ids[i - 1] ? repeats + 1 : 1;
      while (population != populations_.end() && id - population->first_id >= population->size) ++population;
      if (population == populations_.end())
        refuse("a spike of neuron " + std::to_string(id) + " is under way, which is not there");
      if (repeats > population->multiplicity)
        refuse("more spikes of neuron " + std::to_string(id) + " in one step are under way than it can emit");
    }
  }
}

void StateLayout::check_plastic(const Plastic& plastic, const PlasticState& state) {
  const std::string who = "plastic projection '" + plastic.projection + "'";
  if (state.projection != plastic.projection) refuse(who + " is called '" + state.projection + "' there");
  if (const auto fault = find_fault(state)) refuse(who + ": " + fault->column + " " + fault->what);
  const auto expect_size = [&](std::size_t size, std::size_t expected, const char* what) {
    if (size != expected)
      refuse(who + " has " + std::to_string(expected) + " " + what + ", there " + std::to_string(size));
  };
  expect_size(state.weights.size(), plastic.n_synapses, "synapses");
  expect_size(state.traces.size(), plastic.has_traces ? plastic.n_synapses : 0, "traces of synapses");
  expect_size(state.source_last_age.size(), plastic.n_sources, "sources");
  expect_size(state.source_slow.size(), plastic.has_triplets ? plastic.n_sources : 0, "slow traces");
  expect_size(state.gate.size(), plastic.gate_size, "entries of the gate");
  const auto is_covered = [&](std::uint64_t age) {
    return age == PlasticState::kNever ||
           (age <= plastic.covered_steps && static_cast<double>(age) < state.gate[0]);
  };
  if (!std::ranges::all_of(state.source_since_age, is_covered) ||
      !std::ranges::all_of(state.flight_since_age, is_covered))
    refuse(who + " has eligibilities from before its gate is known");
  if (plastic.is_modulated) {
    expect_size(state.flight_rate.size(), state.flight_source.size(), "rates of spikes under way");
    expect_size(state.post_rate.size(), state.post_neuron.size(), "rates of spikes of targets");
  }
  const auto is_weight = [&](float w) { return w >= plastic.w_min && w <= plastic.w_max; };
  if (!std::ranges::all_of(state.weights, is_weight)) refuse(who + " has a weight beyond its bounds");
  const auto is_under_way = [&](std::uint64_t age) { return age >= 1 && age < plastic.longest_delay; };
  if (!std::ranges::all_of(state.flight_age, is_under_way))
    refuse(who + " has a spike under way for too long");
  check_flights(who, state);
  const auto is_target = [&](std::uint32_t neuron) { return neuron < plastic.n_targets; };
  if (!std::ranges::all_of(state.post_neuron, is_target)) refuse(who + " has a target that is not there");
  expect_size(state.target_spikes.size(), plastic.interval_steps > 0 ? plastic.n_targets : 0,
              "targets whose spikes are counted");
  const auto may_have_fired = [&](std::uint32_t n_spikes) { return n_spikes < plastic.interval_steps; };
  if (!std::ranges::all_of(state.target_spikes, may_have_fired))
    refuse(who + " has a target with a spike in each step of an interval that has not ended");
}

void StateLayout::check_region(const Region& region, const RegionState& state) {
  const std::string who = "region '" + region.name + "'";
  if (state.region != region.name) refuse(who + " is called '" + state.region + "' there");
  if (const auto fault = find_fault(state)) refuse(who + ": " + fault->column + " " + fault->what);
  if (state.level_tonic.size() != region.n_modulators)
    refuse(who + " has " + std::to_string(region.n_modulators) + " neuromodulators, there " +
           std::to_string(state.level_tonic.size()));
  if (state.trigger_draws.size() != region.n_triggers)
    refuse(who + " has " + std::to_string(region.n_triggers) + " triggers, there " +
           std::to_string(state.trigger_draws.size()));
  for (std::size_t i = 0; i < state.release_in.size(); ++i)
    if (state.release_in[i] > region.longest_release[state.release_modulator[i]])
      refuse(who + " has a release of " + name_of(static_cast<Modulator>(state.release_modulator[i])) +
             " to come in " + std::to_string(state.release_in[i]) + " steps, later than any spike makes one");
}

void StateLayout::check_replay(const EngineState& state) const {
  const Replay& replay = state.replay;
  if (replay.current_pA.empty()) return;
  if (!spec_.replayed_into || replay.current_pA.size() != spec_.populations[*spec_.replayed_into].size)
    refuse("a pattern is replayed into " + std::to_string(replay.current_pA.size()) +
           " neurons there, and none into as many here");
  const bool is_finite = std::ranges::all_of(replay.current_pA, [](float x) { return std::isfinite(x); });
  if (!is_finite || !(replay.live >= 0 && replay.live <= 1) || replay.after > state.step ||
      replay.until < state.step || replay.until <= replay.after)
    refuse("a pattern is replayed at no such time, or with currents that cannot be");
}

void StateLayout::check(const EngineState& state) const {
  auto given = state.populations.begin();
  for (const Population& population : populations_) {
    if (population.variables.empty()) continue;
    if (given == state.populations.end()) refuse("population '" + population.name + "' is missing");
    check_population(population, *given++);
  }
  if (given != state.populations.end()) refuse("there is a population '" + given->name + "' besides");
  check_under_way(state.under_way);
  if (state.plastic.size() != plastic_.size())
    refuse("it has " + std::to_string(plastic_.size()) + " plastic projections, there " +
           std::to_string(state.plastic.size()));
  for (std::size_t k = 0; k < plastic_.size(); ++k) check_plastic(plastic_[k], state.plastic[k]);
  if (state.regions.size() != regions_.size())
    refuse("it has " + std::to_string(regions_.size()) + " regions of neuromodulators, there " +
           std::to_string(state.regions.size()));
  for (std::size_t k = 0; k < regions_.size(); ++k) check_region(regions_[k], state.regions[k]);
  if (const auto fault = find_fault(state.presented, spec_, state.step)) refuse(*fault);
  check_replay(state);
}

void StateLayout::forget(SpikesUnderWay& under_way) const {
  auto& offsets = under_way.offsets;
  const std::uint64_t n_rows = offsets.size() - 1;
  if (n_rows <= longest_delay_) return;
  offsets.erase(offsets.begin(), offsets.end() - static_cast<std::ptrdiff_t>(longest_delay_ + 1));
  const std::uint64_t first = offsets.front();
  under_way.ids.erase(under_way.ids.begin(), under_way.ids.begin() + static_cast<std::ptrdiff_t>(first));
  for (std::uint64_t& offset : offsets) offset -= first;
}

void StateLayout::remember(const Block& block, SpikesUnderWay& under_way) const {
  const std::uint64_t n_rows = std::min(block.n_steps, longest_delay_);
  if (n_rows == longest_delay_) under_way = {};
  const std::uint64_t first = block.offsets[block.n_steps - n_rows];
  for (std::uint64_t row = block.n_steps - n_rows; row < block.n_steps; ++row)
    under_way.offsets.push_back(under_way.ids.size() + (block.offsets[row + 1] - first));
  under_way.ids.insert(under_way.ids.end(), block.ids.begin() + static_cast<std::ptrdiff_t>(first),
                       block.ids.end());
  forget(under_way);
}

}  // namespace sharpwave
