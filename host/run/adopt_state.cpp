#include "host/run/adopt_state.hpp"

#include <algorithm>
#include <optional>

#include "host/base/error.hpp"
#include "host/base/number_text.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/region_sources.hpp"
#include "host/run/population_ids.hpp"

namespace sharpwave {
namespace {

template <class List>
auto named(List& list, const std::string& name) {
  return std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; });
}

class Adoption {
 public:
  Adoption(const Checkpoint& checkpoint, EngineState initial)
      : from_(checkpoint.instances.front().engine), result_{.state = std::move(initial), .mismatches = {}} {}

  AdoptedState adopt(const Checkpoint& checkpoint, const ModelSpec& spec, bool same_connectivity) {
    for (PopulationState& population : result_.state.populations) adopt_population(population);
    for (const PopulationState& population : from_.populations)
      if (named(result_.state.populations, population.name) == result_.state.populations.end())
        note("population '" + population.name + "' of the checkpoint is not in the network");
    if (!any_fits_)
      throw Error(ExitCode::invalid_config,
                  "no population of the checkpoint fits the network by name and size");
    adopt_spikes(checkpoint, spec);
    for (PlasticState& plastic : result_.state.plastic) adopt_plastic(plastic, spec, same_connectivity);
    for (std::size_t r = 0; r < spec.regions.size(); ++r)
      adopt_region(result_.state.regions[r], spec.regions[r]);
    result_.state.step = 0;
    return std::move(result_);
  }

 private:
  void note(std::string text) { result_.mismatches.push_back(std::move(text)); }

  void adopt_population(PopulationState& into) {
    const std::string who = "population '" + into.name + "'";
    const auto from = named(from_.populations, into.name);
    if (from == from_.populations.end())
      return note(who + " is not in the checkpoint: it begins with its initial values");
    const std::size_t size = into.refractory_steps.size();
    if (from->refractory_steps.size() != size)
      return note(who + " has " + std::to_string(size) + " neurons, in the checkpoint " +
                  std::to_string(from->refractory_steps.size()) + ": it begins with its initial values");
    any_fits_ = true;
    into.refractory_steps = from->refractory_steps;
    for (PopulationState::Variable& variable : into.variables) {
      const auto source = named(from->variables, variable.name);
      if (source == from->variables.end())
        note(who + ": " + variable.name + " is not in the checkpoint: it begins with its initial value");
      else
        copy(source->values, variable.values);
    }
    for (const PopulationState::Variable& variable : from->variables)
      if (named(into.variables, variable.name) == into.variables.end())
        note(who + ": " + variable.name + " of the checkpoint is no variable of the network");
  }

  void adopt_plastic(PlasticState& into, const ModelSpec& spec, bool same_connectivity) {
    const std::string who = "plastic projection '" + into.projection + "'";
    const auto from = std::ranges::find(from_.plastic, into.projection, &PlasticState::projection);
    if (from == from_.plastic.end())
      return note(who + " is not in the checkpoint: it begins with its initial weights");
    const bool same_sizes =
        from->weights.size() == into.weights.size() && from->traces.size() == into.traces.size() &&
        from->source_last_age.size() == into.source_last_age.size() &&
        from->source_slow.size() == into.source_slow.size() && from->gate.size() == into.gate.size();
    if (!same_connectivity || !same_sizes)
      return note(who + " does not fit that of the checkpoint: it begins with its initial weights");
    std::vector<std::uint32_t> no_spikes = std::move(into.target_spikes);  // an interval begins
    into = *from;
    into.target_spikes = std::move(no_spikes);
    into.counts = PlasticState{}.counts;
    const StdpSpec& rule = *named(spec.projections, into.projection)->plasticity;
    if (!rule.rate_region && spec.protocol == nullptr) {
      into.flight_rate.clear();
      into.post_rate.clear();
    } else if (into.flight_rate.empty() && into.post_rate.empty()) {
      into.flight_rate.assign(into.flight_source.size(), 1.0f);
      into.post_rate.assign(into.post_neuron.size(), 1.0f);
    }
    const auto low = static_cast<float>(rule.w_min);
    const auto high = static_cast<float>(rule.w_max);
    std::uint64_t n_beyond = 0;
    for (float& w : into.weights) {
      n_beyond += w < low || w > high ? 1 : 0;
      w = std::clamp(w, low, high);
    }
    if (n_beyond > 0)
      note(who + ": " + std::to_string(n_beyond) + " weights are beyond its bounds: they are set to them");
  }

  void adopt_region(RegionState& into, const RegionSpec& region) {
    const std::string who = "region '" + into.region + "'";
    const auto from = std::ranges::find(from_.regions, into.region, &RegionState::region);
    if (from == from_.regions.end())
      return note(who + " is not in the checkpoint: its neuromodulators begin at their baselines");
    if (from->level_tonic.size() != into.level_tonic.size() ||
        from->trigger_draws.size() != into.trigger_draws.size())
      return note(who + " has other neuromodulators or triggers than in the checkpoint: they begin anew");
    into = *from;
    into.release_in.clear();
    into.release_modulator.clear();
    into.release_amount.clear();
    for (std::size_t i = 0; i < from->release_in.size(); ++i) {
      if (from->release_in[i] > longest_release(region, static_cast<Modulator>(from->release_modulator[i])))
        continue;
      into.release_in.push_back(from->release_in[i]);
      into.release_modulator.push_back(from->release_modulator[i]);
      into.release_amount.push_back(from->release_amount[i]);
    }
    if (const std::size_t n = from->release_in.size() - into.release_in.size(); n > 0)
      note(who + ": " + std::to_string(n) +
           " releases to come are later than any spike makes one in the network: they are left out");
  }

  static void copy(const Reals& from, Reals& into) {
    std::visit(
        [](const auto& source, auto& target) {
          using Real = typename std::decay_t<decltype(target)>::value_type;
          std::transform(source.begin(), source.end(), target.begin(),
                         [](auto value) { return static_cast<Real>(value); });
        },
        from, into);
  }

  /// Ids of a population of the checkpoint, and where they begin in the network, if it fits there.
  struct IdRange {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::optional<std::uint64_t> first_in_network;
  };

  std::vector<IdRange> id_ranges(const Checkpoint& checkpoint, const ModelSpec& spec) {
    std::vector<IdRange> ranges;
    const PopulationIds populations(spec);
    std::uint64_t first = 0;
    for (const CheckpointPopulation& population : checkpoint.populations) {
      IdRange range{.first = first, .end = first + population.size, .first_in_network = {}};
      for (std::size_t rank = 0; rank < populations.count(); ++rank)
        if (spec.populations[populations.index_in_spec(rank)].name == population.name &&
            populations.size(rank) == population.size)
          range.first_in_network = populations.first_id(rank);
      const bool has_state = named(from_.populations, population.name) != from_.populations.end();
      if (!range.first_in_network && !has_state)
        note("parrots '" + population.name + "' of the checkpoint, " + std::to_string(population.size) +
             ", are not in the network");
      ranges.push_back(range);
      first = range.end;
    }
    return ranges;
  }

  static std::optional<std::uint32_t> id_in_network(const std::vector<IdRange>& ranges, std::uint32_t id) {
    const auto range =
        std::partition_point(ranges.begin(), ranges.end(), [id](const IdRange& r) { return r.end <= id; });
    if (!range->first_in_network) return {};
    return static_cast<std::uint32_t>(*range->first_in_network + (id - range->first));
  }

  void adopt_spikes(const Checkpoint& checkpoint, const ModelSpec& spec) {
    const std::vector<IdRange> ranges = id_ranges(checkpoint, spec);
    SpikesUnderWay& into = result_.state.under_way;
    into = {};
    std::uint64_t n_lost = 0;
    for (std::size_t row = 0; row + 1 < from_.under_way.offsets.size(); ++row) {
      const std::size_t begin = into.ids.size();
      for (std::uint64_t i = from_.under_way.offsets[row]; i < from_.under_way.offsets[row + 1]; ++i) {
        if (const auto id = id_in_network(ranges, from_.under_way.ids[i]))
          into.ids.push_back(*id);
        else
          ++n_lost;
      }
      std::sort(into.ids.begin() + static_cast<std::ptrdiff_t>(begin), into.ids.end());
      into.offsets.push_back(into.ids.size());
    }
    if (n_lost > 0)
      note(std::to_string(n_lost) +
           " spikes under way are of populations that do not fit: they are left out");
  }

  const EngineState& from_;
  AdoptedState result_;
  bool any_fits_ = false;
};

/// Names of what the neurons of one model have different values of.
std::string different_parameters(const NeuronSpec& a, const NeuronSpec& b) {
  std::string names;
  const auto add = [&](std::string_view name) { names.append(names.empty() ? "" : ", ").append(name); };
  for (const ModelParameter& known : model_info(a.model).parameters)
    if (a[known.parameter] != b[known.parameter]) add(quantity(known.parameter).name);
  if (a.refractory_input != b.refractory_input) add("refractory_input");
  if (a.consistent_integration != b.consistent_integration) add("consistent_integration");
  if (a.substeps != b.substeps) add("substeps");
  return names;
}

}  // namespace

std::vector<std::string> neuron_mismatches(const ModelSpec& of_checkpoint, const ModelSpec& spec) {
  std::vector<std::string> mismatches;
  for (const PopulationSpec& population : spec.populations) {
    const auto other = named(of_checkpoint.populations, population.name);
    if (other == of_checkpoint.populations.end() || other->size != population.size) continue;
    const NeuronSpec* here = population.neurons();
    const NeuronSpec* there = other->neurons();
    if (here == nullptr || there == nullptr) continue;
    const std::string who = "population '" + population.name + "'";
    if (here->model != there->model)
      mismatches.push_back(who + " is of " + std::string(model_info(here->model).name) +
                           ", in the checkpoint of " + std::string(model_info(there->model).name));
    else if (const std::string names = different_parameters(*here, *there); !names.empty())
      mismatches.push_back(who + " has other parameters than in the checkpoint: " + names);
  }
  return mismatches;
}

AdoptedState adopt_state(const Checkpoint& checkpoint, const ModelSpec& spec, EngineState initial,
                         bool same_connectivity) {
  const auto refuse = [](const std::string& why) { throw Error(ExitCode::invalid_config, why); };
  if (checkpoint.instances.size() != 1) refuse("the checkpoint has several instances; expected one");
  if (checkpoint.dt_ms != spec.simulation.dt_ms)
    refuse("the checkpoint is of a run with dt " + number_text(checkpoint.dt_ms) + " ms, the config has " +
           number_text(spec.simulation.dt_ms) + " ms: what is counted in steps cannot be taken over");
  AdoptedState adopted = Adoption(checkpoint, std::move(initial)).adopt(checkpoint, spec, same_connectivity);
  if (checkpoint.precision != spec.simulation.precision)
    adopted.mismatches.emplace_back("the precision differs: values are converted");
  return adopted;
}

}  // namespace sharpwave
