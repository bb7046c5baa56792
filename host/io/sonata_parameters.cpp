#include "host/io/sonata_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "host/config/key_table.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave::sonata {
namespace {

double constant(const Values& values) {
  return std::get<Distribution>(values).a;
}

/// What is wrong with a value; the ranges are those of configs. NaN is in none of them.
std::optional<std::string> range_fault(config::Section section, std::string_view name, double value) {
  const config::KeyInfo& key = config::key_info(section, name);
  if (key.range.contains(value)) return std::nullopt;
  const std::string range = config::describe_range(key.range, key.unit);
  return std::string(name) + " is " + std::to_string(value) + "; expected " +
         (range.empty() ? "a finite number" : "a number " + range);
}

}  // namespace

std::optional<NeuronModel> neuron_model(const std::string& model_template) {
  for (const std::string_view prefix : {kNest, kSharpwave})
    if (model_template.starts_with(prefix))
      return sharpwave::neuron_model(std::string_view(model_template).substr(prefix.size()));
  return std::nullopt;
}

std::string known_templates() {
  std::string known;
  for (const NeuronModelInfo& info : neuron_models()) known += kNest + std::string(info.name) + ", ";
  return known + "or " + kParrotTemplate + " (or with sharpwave: before the name)";
}

PointNeuron::PointNeuron(NeuronModel model) : model_(model) {
  const NeuronSpec defaults = default_neurons(model);
  options_ = {defaults.refractory_input, defaults.consistent_integration, defaults.substeps};
  for (std::size_t i = 0; i < parameters_.size(); ++i) parameters_[i] = constant(defaults.parameters[i]);
  for (std::size_t i = 0; i < initial_.size(); ++i) initial_[i] = constant(defaults.initial[i]);
}

void PointNeuron::set(const std::string& name, double value, const std::string& place, Problems& problems) {
  const NeuronModelInfo& info = model_info(model_);
  std::string expected;
  for (const ModelParameter& known : info.parameters) {
    const std::string_view known_name = quantity(known.parameter).name;
    if (name == known_name) {
      parameters_[static_cast<std::size_t>(known.parameter)] = value;
      return;
    }
    expected += std::string(known_name) + ", ";
  }
  for (const StateVariable variable : info.variables) {
    const std::string_view known_name = quantity(variable).name;
    if (name == known_name) {
      initial_[static_cast<std::size_t>(variable)] = value;
      return;
    }
    expected += std::string(known_name) + ", ";
  }
  expected.resize(expected.size() - 2);
  problems.add(place + ": read a parameter '" + name + "'; expected one of " + expected +
               ": others are not supported");
}

void PointNeuron::set(const std::string& name, const JsonPlace& value, Problems& problems) {
  if (name == "refractory_input" && model_ == NeuronModel::iaf_psc_delta) {
    options_.refractory_input = value.boolean(problems).value_or(false);
  } else if (name == "consistent_integration" && model_ == NeuronModel::izhikevich) {
    options_.consistent_integration = value.boolean(problems).value_or(true);
  } else if (const std::optional<double> number = value.number(problems); !number) {
    return;
  } else if (name == "substeps" && model_info(model_).substeps > 0) {
    const config::KeyInfo& key = config::key_info(config::Section::population, "substeps");
    if (key.range.contains(*number) && *number == std::floor(*number))
      options_.substeps = static_cast<int>(*number);
    else
      problems.add(value.place() + ": read " + value.value().dump() + "; expected " +
                   config::expectation(key));
  } else {
    set(name, *number, value.place(), problems);
  }
}

std::optional<std::string> PointNeuron::fault() const {
  using config::Section;
  const NeuronModelInfo& info = model_info(model_);
  for (const auto& [parameter, fallback] : info.parameters)
    if (auto wrong = range_fault(Section::neuron_parameters, quantity(parameter).name, (*this)[parameter]))
      return wrong;
  for (const StateVariable variable : info.variables)
    if (auto wrong = range_fault(Section::initial_values, quantity(variable).name, (*this)[variable]))
      return wrong;
  const double v_th_mV = (*this)[NeuronParameter::V_th];
  const double v_reset_mV = (*this)[NeuronParameter::V_reset];
  // aeif_cond_exp resets from V_peak; construction compares those.
  const bool resets_at_threshold = info.has(NeuronParameter::V_reset) && model_ != NeuronModel::aeif_cond_exp;
  if (resets_at_threshold && !(v_reset_mV < v_th_mV))
    return "V_reset is " + std::to_string(v_reset_mV) + "; expected a potential below V_th, " +
           std::to_string(v_th_mV) + " mV";
  return std::nullopt;
}

PointNeuron neuron_of_type(const CircuitConfig& circuit, NeuronModel model, const TypeTable& types,
                           const TypeTable::Row& row, Problems& problems) {
  PointNeuron neuron(model);
  const std::optional<std::string> name = types.field(row, "dynamics_params");
  if (!name) return neuron;
  if (!circuit.neuron_models) {
    problems.add(circuit.file.string() + ": expected components.point_neuron_models_dir, because " +
                 types.place(row, "dynamics_params") + " names '" + *name + "'");
    return neuron;
  }
  const std::filesystem::path file = *circuit.neuron_models / *name;
  const Json json = read_json(file);
  for (const auto& [key, place] : JsonPlace(json, file.string() + ": ").members(problems))
    neuron.set(key, place, problems);
  return neuron;
}

Values compact(std::vector<double> values) {
  const bool all_equal =
      !values.empty() && std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (all_equal) return Distribution::constant(values[0]);
  return values;
}

NeuronSpec to_neuron_spec(const std::vector<PointNeuron>& neurons, const std::string& place,
                          Problems& problems) {
  const PointNeuron& first = neurons.front();
  NeuronSpec spec = default_neurons(first.model());
  spec.refractory_input = first.options().refractory_input;
  spec.consistent_integration = first.options().consistent_integration;
  spec.substeps = first.options().substeps;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    const std::optional<std::string> wrong = neurons[i].fault();
    if (wrong) {
      problems.add(place + ": node " + std::to_string(i) + ": " + *wrong);
      return spec;
    }
    if (!(neurons[i].options() == first.options())) {
      problems.add(place + ": node " + std::to_string(i) + ": refractory_input, consistent_integration or " +
                   "substeps differ from node 0's; expected one value per population");
      return spec;
    }
  }
  const auto gather = [&](auto quantity) {
    std::vector<double> values(neurons.size());
    std::transform(neurons.begin(), neurons.end(), values.begin(),
                   [&](const PointNeuron& neuron) { return neuron[quantity]; });
    return compact(std::move(values));
  };
  const NeuronModelInfo& info = model_info(first.model());
  for (const ModelParameter& known : info.parameters) spec[known.parameter] = gather(known.parameter);
  for (const StateVariable variable : info.variables) spec[variable] = gather(variable);
  return spec;
}

}  // namespace sharpwave::sonata
