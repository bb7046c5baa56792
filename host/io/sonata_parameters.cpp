#include "host/io/sonata_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "host/network/neuron_models.hpp"

namespace sharpwave::sonata {
namespace {

// The three models have these, and the same defaults.
std::span<const ModelParameter> known_parameters() {
  return model_info(NeuronModel::iaf_psc_alpha).parameters;
}

double get(const PointNeuron& neuron, NeuronParameter parameter) {
  return neuron.parameters[static_cast<std::size_t>(parameter)];
}

// Comparisons are written so that NaN fails them.
std::optional<std::string> fault(const PointNeuron& neuron) {
  const auto read = [&](NeuronParameter parameter, const char* expected) {
    return std::string(quantity(parameter).name) + " is " + std::to_string(get(neuron, parameter)) +
           "; expected " + expected;
  };
  for (const ModelParameter& known : known_parameters())
    if (!std::isfinite(get(neuron, known.parameter))) return read(known.parameter, "a finite number");
  if (!std::isfinite(neuron.v_m_mV)) return "V_m is not finite; expected a number of mV";
  for (const auto parameter : {NeuronParameter::C_m, NeuronParameter::tau_m, NeuronParameter::tau_syn_ex,
                               NeuronParameter::tau_syn_in}) {
    if (!(get(neuron, parameter) > 0)) return read(parameter, "a number above 0");
  }
  if (!(get(neuron, NeuronParameter::t_ref) >= 0)) {
    return read(NeuronParameter::t_ref, "0 ms or more");
  }
  if (!(get(neuron, NeuronParameter::V_reset) < get(neuron, NeuronParameter::V_th))) {
    return read(NeuronParameter::V_reset, "a potential below V_th, ") +
           std::to_string(get(neuron, NeuronParameter::V_th)) + " mV";
  }
  return std::nullopt;
}

}  // namespace

std::optional<NeuronModel> neuron_model(const std::string& model_template) {
  constexpr std::string_view kPrefix = "nest:iaf_psc_";
  if (!model_template.starts_with(kPrefix)) return std::nullopt;
  return sharpwave::neuron_model(std::string_view(model_template).substr(5));
}

void PointNeuron::set(const std::string& name, double value, const std::string& place, Problems& problems) {
  for (const ModelParameter& known : known_parameters()) {
    if (name != quantity(known.parameter).name) continue;
    parameters[static_cast<std::size_t>(known.parameter)] = value;
    return;
  }
  if (name == "V_m") {
    v_m_mV = value;
    return;
  }
  std::string expected = "V_m";
  for (const ModelParameter& known : known_parameters())
    expected += ", " + std::string(quantity(known.parameter).name);
  problems.add(place + ": read a parameter '" + name + "'; expected one of " + expected +
               ": others are not supported");
}

PointNeuron neuron_of_type(const CircuitConfig& circuit, const TypeTable& types, const TypeTable::Row& row,
                           Problems& problems) {
  PointNeuron neuron;
  const std::optional<std::string> name = types.field(row, "dynamics_params");
  if (!name) return neuron;
  if (!circuit.neuron_models) {
    problems.add(circuit.file.string() + ": expected components.point_neuron_models_dir, because " +
                 types.place(row, "dynamics_params") + " names '" + *name + "'");
    return neuron;
  }
  const std::filesystem::path file = *circuit.neuron_models / *name;
  const Json json = read_json(file);
  for (const auto& [key, place] : JsonPlace(json, file.string() + ": ").members(problems)) {
    if (key == "refractory_input") {
      neuron.refractory_input = place.boolean(problems).value_or(false);
    } else if (const std::optional<double> value = place.number(problems)) {
      neuron.set(key, *value, place.place(), problems);
    }
  }
  return neuron;
}

Values compact(std::vector<double> values) {
  const bool all_equal =
      !values.empty() && std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (all_equal) return Distribution::constant(values[0]);
  return values;
}

NeuronSpec to_neuron_spec(NeuronModel model, const std::vector<PointNeuron>& neurons,
                          const std::string& place, Problems& problems) {
  NeuronSpec spec = default_neurons(model);
  spec.refractory_input = neurons.front().refractory_input;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    const std::optional<std::string> wrong = fault(neurons[i]);
    if (wrong) {
      problems.add(place + ": node " + std::to_string(i) + ": " + *wrong);
      return spec;
    }
    if (neurons[i].refractory_input != spec.refractory_input) {
      problems.add(place + ": node " + std::to_string(i) +
                   ": refractory_input differs from node 0's; expected one value per population");
      return spec;
    }
  }
  const auto gather = [&](auto&& value_of) {
    std::vector<double> values(neurons.size());
    std::transform(neurons.begin(), neurons.end(), values.begin(), value_of);
    return compact(std::move(values));
  };
  for (const ModelParameter& known : known_parameters())
    spec[known.parameter] = gather([&](const PointNeuron& neuron) { return get(neuron, known.parameter); });
  spec[StateVariable::V_m] = gather([](const PointNeuron& neuron) { return neuron.v_m_mV; });
  return spec;
}

}  // namespace sharpwave::sonata
