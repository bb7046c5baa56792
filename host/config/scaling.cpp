// Shrinking a network while keeping its mean activity (models, section 6). The mean input that the smaller
// in-degrees and weights no longer bring is added to I_e, as the reference implementation of the microcircuit
// adds it to a DC generator (Potjans & Diesmann 2014; INM-6 microcircuit-PD14-model,
// adjust_weights_and_input_to_synapse_scaling).
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "host/config/draft.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave::config {
namespace {

using Kind = Distribution::Kind;

/// Mean before bounds are applied, as the reference implementation counts it; nothing for what cannot be
/// scaled exactly.
std::optional<double> mean_of(const Values& values) {
  const auto* distribution = std::get_if<Distribution>(&values);
  if (distribution == nullptr || distribution->kind == Kind::lognormal) return std::nullopt;
  if (distribution->kind == Kind::uniform) return (distribution->a + distribution->b) / 2;
  return distribution->a;
}

std::optional<double> constant_of(const NeuronSpec& neurons, NeuronParameter parameter) {
  const auto* d = std::get_if<Distribution>(&neurons.parameters[static_cast<std::size_t>(parameter)]);
  if (d == nullptr || d->kind != Kind::constant) return std::nullopt;
  return d->a;
}

void divide(Distribution& distribution, double divisor) {
  distribution.a /= divisor;
  distribution.b /= divisor;
  distribution.low /= divisor;
  distribution.high /= divisor;
}

void shift(Values& values, double offset) {
  if (auto* list = std::get_if<std::vector<double>>(&values)) {
    for (double& value : *list) value += offset;
    return;
  }
  auto& distribution = std::get<Distribution>(values);
  distribution.a += offset;
  if (distribution.kind == Kind::uniform) distribution.b += offset;
  distribution.low += offset;
  distribution.high += offset;
}

class NetworkScaler {
 public:
  explicit NetworkScaler(Draft& draft)
      : draft_(draft),
        spec_(draft.spec),
        neurons_(draft.scaling.neurons),
        indegrees_(draft.scaling.indegrees),
        root_(std::sqrt(indegrees_)),
        lost_drive_(spec_.populations.size(), 0.0) {}

  void apply() {
    for (std::size_t i = 0; i < spec_.populations.size(); ++i) check_population(i);
    for (std::size_t i = 0; i < spec_.projections.size(); ++i) scale_projection(i);
    for (std::size_t i = 0; i < spec_.inputs.size(); ++i) scale_input(i);
    for (std::size_t i = 0; i < spec_.populations.size(); ++i) finish_population(i);
  }

 private:
  void refuse(const Origin& origin, const std::string& what, const std::string& expected) {
    draft_.context.fault(origin.position, origin.path, what, expected + ", because `scaling` is used");
  }

  void check_population(std::size_t i) {
    PopulationSpec& population = spec_.populations[i];
    const Origin& origin = draft_.population_origins[i];
    if (draft_.scaled_size(static_cast<std::uint32_t>(i)) == 0) {
      refuse(origin, "a scaled size of 0", "at least one element");
    }
    if (neurons_ == 1) return;
    if (std::holds_alternative<SpikeSourceSpec>(population.kind)) {
      refuse(origin, "a spike_source", "no trains given element by element");
    }
    const NeuronSpec* neurons = population.neurons();
    if (neurons == nullptr) return;
    const auto is_list = [](const Values& values) { return values.index() == 1; };
    if (std::any_of(neurons->parameters.begin(), neurons->parameters.end(), is_list) ||
        std::any_of(neurons->initial.begin(), neurons->initial.end(), is_list)) {
      refuse(origin, "a list of values per neuron", "constants or distributions");
    }
  }

  [[nodiscard]] bool is_whole(const Slice& slice) const {
    return slice == Slice{slice.population, 0, spec_.populations[slice.population].size, 1};
  }

  void scale_projection(std::size_t i) {
    ProjectionSpec& projection = spec_.projections[i];
    const Origin& origin = draft_.projection_origins[i];
    const std::string name = "projection " + in_quotes(projection.name);
    if (!is_whole(projection.source) || !is_whole(projection.target)) {
      return refuse(origin, name + " of a slice", "whole populations");
    }
    if (!std::holds_alternative<Distribution>(projection.weight) ||
        !std::holds_alternative<Distribution>(projection.delay_ms)) {
      return refuse(origin, name + " with listed weights or delays",
                    "values that do not belong to single targets");
    }
    const double full_sources = projection.source.size();
    const double full_targets = projection.target.size();
    const auto full_connections = mean_connections(projection);
    projection.source.stop = draft_.scaled_size(projection.source.population);
    projection.target.stop = draft_.scaled_size(projection.target.population);
    scale_count(projection, origin, full_sources, full_targets);
    if (indegrees_ == 1 || full_connections == 0) return;
    note_lost_drive(projection, origin, full_connections / full_targets);
    if (auto* weight = std::get_if<Distribution>(&projection.weight)) divide(*weight, root_);
    if (!projection.plasticity) return;
    projection.plasticity->w_min /= root_;
    projection.plasticity->w_max /= root_;
    if (auto& homeostasis = projection.plasticity->homeostasis) {
      if (homeostasis->relax_to) *homeostasis->relax_to /= root_;
      if (homeostasis->total)
        *homeostasis->total *= root_;  // of so much fewer weights, larger by its inverse
    }
  }

  /// Connections of the full network, expected where they are drawn.
  static double mean_connections(const ProjectionSpec& projection) {
    const double n_sources = projection.source.size();
    const double n_targets = projection.target.size();
    const double n_own =
        projection.source.population == projection.target.population && !projection.autapses ? n_targets : 0;
    switch (projection.rule) {
      case ConnectionRule::one_to_one:
        return n_targets - n_own;
      case ConnectionRule::all_to_all:
        return n_sources * n_targets - n_own;
      case ConnectionRule::pairwise_bernoulli:
        return projection.probability * (n_sources * n_targets - n_own);
      case ConnectionRule::fixed_total_number:
        return static_cast<double>(projection.total);
      case ConnectionRule::explicit_list:
        return static_cast<double>(projection.edge_sources.size());
      case ConnectionRule::fixed_indegree:
      case ConnectionRule::fixed_outdegree:
        break;
    }
    double sum = 0;
    for (const std::uint32_t degree : projection.degree) sum += degree;
    const double n_elements = projection.rule == ConnectionRule::fixed_indegree ? n_targets : n_sources;
    return projection.degree.size() == 1 ? sum * n_elements : sum;
  }

  void scale_count(ProjectionSpec& projection, const Origin& origin, double full_sources,
                   double full_targets) {
    const std::string name = "projection " + in_quotes(projection.name);
    switch (projection.rule) {
      case ConnectionRule::one_to_one:
        if (indegrees_ != 1) refuse(origin, name + " one_to_one", "a rule whose in-degree can shrink");
        return;
      case ConnectionRule::all_to_all:
        if (indegrees_ != neurons_) {
          refuse(origin, name + " all_to_all", "neurons equal to indegrees: its in-degree follows the size");
        }
        return;
      case ConnectionRule::explicit_list:
        return refuse(origin, name + " explicit_list", "a rule that can be drawn anew");
      case ConnectionRule::fixed_total_number:
        projection.total = static_cast<std::uint64_t>(
            std::nearbyint(static_cast<double>(projection.total) * neurons_ * indegrees_));
        return;
      case ConnectionRule::pairwise_bernoulli:
        return scale_probability(projection, origin, full_sources * full_targets);
      case ConnectionRule::fixed_indegree:
      case ConnectionRule::fixed_outdegree:
        return scale_degree(projection, origin);
    }
  }

  void scale_probability(ProjectionSpec& projection, const Origin& origin, double full_pairs) {
    const double pairs = static_cast<double>(projection.source.size()) * projection.target.size();
    projection.probability *= full_pairs * neurons_ * indegrees_ / pairs;
    if (projection.probability <= 1) return;
    refuse(origin,
           "projection " + in_quotes(projection.name) + " with a scaled probability of " +
               std::to_string(projection.probability),
           "at most 1: fewer `indegrees` or more `neurons`");
  }

  void scale_degree(ProjectionSpec& projection, const Origin& origin) {
    const std::string name = "projection " + in_quotes(projection.name);
    if (projection.degree.size() != 1) return refuse(origin, name + " with a list of degrees", "one degree");
    const std::uint32_t full = projection.degree[0];
    projection.degree[0] = static_cast<std::uint32_t>(std::nearbyint(full * indegrees_));
    if (full > 0 && projection.degree[0] == 0)
      refuse(origin, name + " with a scaled degree of 0", "at least 1");
    const bool per_target = projection.rule == ConnectionRule::fixed_indegree;
    const std::uint32_t n_partners = per_target ? projection.source.size() : projection.target.size();
    const bool loses_itself = !projection.autapses && projection.source == projection.target;
    if (!projection.multapses && projection.degree[0] > n_partners - (loses_itself ? 1U : 0U)) {
      refuse(origin, name + " with a scaled degree of " + std::to_string(projection.degree[0]),
             "as many partners, or multapses");
    }
  }

  /// True, after a fault, for neurons whose lost input no current replaces.
  bool refused_as_nonlinear(const PopulationSpec& target, const std::string& what, const std::string& lost,
                            const Origin& origin) {
    if (target.neurons() == nullptr || model_info(target.neurons()->model).linear) return false;
    refuse(origin, what + std::string(model_info(target.neurons()->model).name),
           "iaf_psc_* neurons: only in them a current replaces the input that " + lost);
    return true;
  }

  /// Sum over synapses of a full-size neuron: weight x rate of the source, in (weight unit) x Hz.
  void note_lost_drive(const ProjectionSpec& projection, const Origin& origin, double indegree) {
    const PopulationSpec& target = spec_.populations[projection.target.population];
    if (refused_as_nonlinear(target, "projection " + in_quotes(projection.name) + " to ",
                             "fewer synapses take away", origin))
      return;
    if (target.neurons() == nullptr) {
      return refuse(origin, "projection " + in_quotes(projection.name) + " to parrots",
                    "neurons: a parrot's missing spikes cannot be replaced by a current");
    }
    const auto weight = mean_of(projection.weight);
    if (!weight) {
      return refuse(origin, "projection " + in_quotes(projection.name) + " with lognormal or listed weights",
                    "constant, normal or uniform ones");
    }
    const auto rate = source_rate(projection.source.population);
    if (rate) add_drive(projection.target.population, *weight, indegree * *rate, origin);
  }

  std::optional<double> source_rate(std::uint32_t population) {
    if (const auto given = spec_.populations[population].expected_rate_Hz) return given;
    const auto* poisson = std::get_if<PoissonSourceSpec>(&spec_.populations[population].kind);
    if (poisson != nullptr && poisson->rate.rates_Hz.size() == 1) return poisson->rate.rates_Hz[0];
    const Origin& origin = draft_.population_origins[population];
    draft_.context.fault(origin.position, origin.path + ".expected_rate", "no such key",
                         "the mean rate in Hz of " + in_quotes(spec_.populations[population].name) +
                             ": `scaling` replaces the input that its targets lose");
    return std::nullopt;
  }

  /// I_dc = charge x (1 - sqrt(k)) x rate x 1e-3; Hz to 1/ms is where the 1e-3 comes from.
  void add_drive(std::uint32_t population, double weight, double rate_Hz, const Origin& origin) {
    const NeuronSpec& neurons = *spec_.populations[population].neurons();
    if (refused_as_nonlinear(spec_.populations[population], "input to ", "is taken away", origin)) return;
    const bool is_delta = neurons.model == NeuronModel::iaf_psc_delta;
    const NeuronParameter per_weight = is_delta      ? NeuronParameter::C_m
                                       : weight >= 0 ? NeuronParameter::tau_syn_ex
                                                     : NeuronParameter::tau_syn_in;
    const auto charge = constant_of(neurons, per_weight);
    if (!charge) {
      return refuse(origin, "drawn or listed time constants or capacitances of the target",
                    "constant ones: they set the lost mean current");
    }
    const double shape = neurons.model == NeuronModel::iaf_psc_alpha ? std::numbers::e : 1.0;
    lost_drive_[population] += *charge * shape * (1 - root_) * weight * rate_Hz * 1e-3;
  }

  void scale_input(std::size_t i) {
    InputSpec& input = spec_.inputs[i];
    if (input.spikes() == nullptr || indegrees_ == 1) return;
    const Origin& origin = draft_.input_origins[i];
    auto* poisson = std::get_if<PoissonInputSpec>(&input.kind);
    if (poisson == nullptr)
      return refuse(origin, "mip input " + in_quotes(input.name),
                    "independent trains: fewer of them and larger weights change what correlation does");
    const std::uint32_t population = input.target.population;
    const bool is_whole_target = input.target == Slice{population, 0, draft_.scaled_size(population), 1};
    if (!is_whole_target || poisson->rate.rates_Hz.size() != 1 ||
        spec_.populations[population].neurons() == nullptr) {
      return refuse(origin,
                    "Poisson input " + in_quotes(input.name) + " to a slice or parrots, or of varying rate",
                    "a constant rate to a whole population of neurons");
    }
    add_drive(population, poisson->weight, poisson->rate.rates_Hz[0], origin);
    poisson->rate.rates_Hz[0] *= indegrees_;
    poisson->weight /= root_;
  }

  void finish_population(std::size_t i) {
    PopulationSpec& population = spec_.populations[i];
    population.size = draft_.scaled_size(static_cast<std::uint32_t>(i));
    auto* neurons = std::get_if<NeuronSpec>(&population.kind);
    if (neurons == nullptr || lost_drive_[i] == 0) return;
    shift(neurons->parameters[static_cast<std::size_t>(NeuronParameter::I_e)], lost_drive_[i]);
  }

  Draft& draft_;
  ModelSpec& spec_;
  double neurons_;
  double indegrees_;
  double root_;
  std::vector<double> lost_drive_;  ///< pA, by population
};

}  // namespace

void apply_scaling(Draft& draft) {
  if (draft.scaling.active()) NetworkScaler(draft).apply();
}

}  // namespace sharpwave::config
