#include "host/network/drawn_network.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "host/base/error.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/step_times.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

Values as_values(std::vector<double> values) {
  if (values.size() == 1) return Distribution::constant(values[0]);
  return values;
}

NeuronSpec drawn_neurons(const ModelSpec& spec, const PopulationSpec& population, StreamRegistry& streams) {
  NeuronSpec neurons = *population.neurons();
  const NeuronModelInfo& info = model_info(neurons.model);
  const auto draw_all = [&](Values& values, std::string_view name, RandomPurpose purpose) {
    values = as_values(element_values(values, population.size, population.name + "." + std::string(name),
                                      purpose, spec.simulation.network_seed, streams));
  };
  for (const ModelParameter& known : info.parameters)
    draw_all(neurons[known.parameter], quantity(known.parameter).name, RandomPurpose::neuron_parameter);
  for (const StateVariable variable : info.variables)
    draw_all(neurons[variable], quantity(variable).name, RandomPurpose::initial_value);
  return neurons;
}

SpikeSourceSpec on_grid(const PopulationSpec& population, double dt_ms) {
  SpikeSourceSpec source = std::get<SpikeSourceSpec>(population.kind);
  for (double& time_ms : source.times_ms) {
    const std::uint64_t step = spike_step(time_ms, dt_ms);
    if (step == 0)
      throw Error(ExitCode::invalid_config, "population '" + population.name + "': has a spike at " +
                                                std::to_string(time_ms) +
                                                " ms; expected times above 0: files hold no others");
    time_ms = time_of_step_ms(step, dt_ms);
  }
  return source;
}

// Weights or delays of rows, in the order of their synapses.
class RowValues {
 public:
  /// @param values  outlive this object.
  RowValues(const Values& values, const CpuKernels& kernels)
      : list_(std::get_if<std::vector<double>>(&values)), kernels_(kernels) {
    if (list_ == nullptr) parameters_ = draw_parameters(std::get<Distribution>(values));
  }
  [[nodiscard]] bool constant() const { return list_ == nullptr && parameters_.kind == DrawKind::constant; }
  /// What was made of all of them: one value where they are constant.
  [[nodiscard]] Values to_values(std::vector<double> values) const {
    if (constant() && !values.empty()) return Distribution::constant(values[0]);
    return values;
  }
  const std::vector<double>& of(const SynapseRow& row, const std::vector<std::uint32_t>& words) {
    values_.resize(row.n);
    if (list_ == nullptr)
      kernels_.draw_values(parameters_, words.data(), row.n, values_.data());
    else
      for (std::uint32_t j = 0; j < row.n; ++j) values_[j] = (*list_)[row.element[j]];
    return values_;
  }

 private:
  const std::vector<double>* list_;
  const CpuKernels& kernels_;
  DrawParameters parameters_;
  std::vector<double> values_;
};

bool to_parrot(const ModelSpec& spec, const Slice& target) {
  return std::holds_alternative<ParrotSpec>(spec.populations[target.population].kind);
}

[[noreturn]] void refuse(const std::string& owner) {
  throw Error(ExitCode::invalid_config,
              owner +
                  ": its weights, rounded to their grid, would need a coarser one when they are read "
                  "back, because the largest sum is just below a power of two; they cannot be written "
                  "exactly in float64");
}

}  // namespace

DrawnNetwork::DrawnNetwork(const ModelSpec& spec, ThreadPool& pool,
                           const std::vector<std::uint32_t>& unrounded)
    : spec_(spec),
      pool_(pool),
      places_(place_populations(spec)),
      populations_(spec.populations),
      is_rounded_(spec.projections.size(), true) {
  for (const std::uint32_t k : unrounded) is_rounded_[k] = false;
  for (const ProjectionSpec& p : spec_.projections)
    if (p.plasticity)
      throw Error(
          ExitCode::invalid_config,
          "projection '" + p.name +
              "' is plastic, which a SONATA network cannot say; expected one without `plasticity`, or "
              "a checkpoint, whose weights it then has (`export --from`)");
  if (spec_.protocol != nullptr)
    throw Error(ExitCode::invalid_config, "what a protocol presents cannot be said by a SONATA network");
  for (const PopulationSpec& population : spec_.populations)
    if (population.input_gain || population.external_gain)
      throw Error(ExitCode::invalid_config,
                  "population '" + population.name +
                      "' has input that neuromodulators scale, which a SONATA network cannot say");
  StreamRegistry streams;
  for (const ProjectionSpec& p : spec_.projections)
    connectivities_.push_back(make_connectivity(spec_, p, streams, pool_, select_cpu_kernels()));
  const InDegrees in_degrees = in_degrees_of(spec_, connectivities_, pool_);
  set_multiplicities(spec_, in_degrees, places_);
  grids_ = compute_grids(spec_, places_, in_degrees);
  StreamRegistry neuron_streams;
  for (PopulationSpec& population : populations_) {
    if (population.neurons() != nullptr)
      population.kind = drawn_neurons(spec_, population, neuron_streams);
    else if (std::holds_alternative<SpikeSourceSpec>(population.kind))
      population.kind = on_grid(population, spec_.simulation.dt_ms);
  }
  weights_.resize(spec_.projections.size());
  round_inputs();
}

void DrawnNetwork::round_inputs() {
  inputs_ = spec_.inputs;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    PoissonInputSpec* spikes = inputs_[i].spikes();
    const Slice& target = inputs_[i].target;
    if (spikes == nullptr || to_parrot(spec_, target)) continue;
    const InputWeight& weight = grids_.inputs[i];
    const int exponent = grids_.exponents[target.population][static_cast<std::size_t>(weight.receptor)];
    spikes->weight = static_cast<double>(weight.units) * power_of_two(-exponent);
  }
}

// float32: of the projection's 16-bit weights; float64: of the receptor.
int DrawnNetwork::exponent(const Grids& grids, std::size_t projection, std::size_t sign) const {
  const ProjectionGrid& grid = grids.projections[projection];
  if (spec_.simulation.precision == Precision::float32) return grid.exponent;
  const std::uint32_t target = spec_.projections[projection].target.population;
  return grids.exponents[target][static_cast<std::size_t>(grid.receptor[sign])];
}

ProjectionSpec DrawnNetwork::projection(std::size_t k) {
  const ProjectionSpec& p = spec_.projections[k];
  const double dt_ms = spec_.simulation.dt_ms;
  const bool parrot = to_parrot(spec_, p.target);
  ProjectionSpec drawn;
  drawn.name = p.name;
  drawn.source = {p.source.population, 0, spec_.populations[p.source.population].size, 1};
  drawn.target = {p.target.population, 0, spec_.populations[p.target.population].size, 1};
  drawn.rule = ConnectionRule::explicit_list;
  std::vector<double> weights, delays;
  const Values ignored = Distribution::constant(1);
  RowValues row_weights(parrot ? ignored : p.weight, select_cpu_kernels());
  RowValues row_delays(p.delay_ms, select_cpu_kernels());
  const auto rounded = [&](double weight) {
    if (parrot || !is_rounded_[k]) return weight;
    const int e = exponent(grids_, k, weight < 0 ? 1 : 0);
    return static_cast<double>(to_grid(weight, e)) * power_of_two(-e);
  };
  const double n = expected_synapses(p);
  const auto room = static_cast<std::size_t>(synapse_count_is_exact(p) ? n : n + 6 * std::sqrt(n) + 16);
  for (auto* list : {&drawn.edge_sources, &drawn.edge_targets}) list->reserve(room);
  if (!row_weights.constant()) weights.reserve(room);
  if (!row_delays.constant()) delays.reserve(room);
  SynapseRow row;
  for (std::uint32_t s = 0; s < p.source.size() && p.target.size() > 0; ++s) {
    connectivities_[k]->fill(s, row);
    const std::vector<double>& w = row_weights.of(row, row.weight_words);
    const std::vector<double>& d = row_delays.of(row, row.delay_words);
    for (std::uint32_t j = 0; j < row.n; ++j) {
      drawn.edge_sources.push_back(p.source[s]);
      drawn.edge_targets.push_back(p.target[row.target[j]]);
      if (weights.empty() || !row_weights.constant()) weights.push_back(rounded(w[j]));
      if (delays.empty() || !row_delays.constant())
        delays.push_back(time_of_step_ms(delay_steps(d[j], dt_ms), dt_ms));
    }
  }
  weights_[k] = {drawn.edge_sources.size(), range_of(weights)};
  drawn.weight = row_weights.to_values(std::move(weights));
  drawn.delay_ms = row_delays.to_values(std::move(delays));
  return drawn;
}

void DrawnNetwork::require_exact_weights() const {
  ModelSpec lists = spec_;
  lists.inputs = inputs_;
  // Of a list only the largest weights matter for the grids.
  for (std::size_t k = 0; k < weights_.size(); ++k)
    lists.projections[k].weight = weights_[k].n == 0
                                      ? std::vector<double>{}
                                      : std::vector<double>{weights_[k].range.low, weights_[k].range.high};
  const Grids read = compute_grids(lists, places_, in_degrees_of(spec_, connectivities_, pool_));
  for (std::size_t k = 0; k < weights_.size(); ++k)
    for (const std::size_t sign : {0u, 1u}) {
      const bool matters = is_rounded_[k] && read.projections[k].largest[sign] > 0 &&
                           !to_parrot(spec_, spec_.projections[k].target);
      if (matters && exponent(read, k, sign) < exponent(grids_, k, sign))
        refuse("projection '" + spec_.projections[k].name + "'");
    }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::uint32_t target = inputs_[i].target.population;
    const auto receptor = static_cast<std::size_t>(grids_.inputs[i].receptor);
    const auto value = [&](const Grids& grids) {
      return static_cast<double>(grids.inputs[i].units) * power_of_two(-grids.exponents[target][receptor]);
    };
    if (value(read) != value(grids_)) refuse("input '" + inputs_[i].name + "'");
  }
}

}  // namespace sharpwave
