#include "host/io/sonata_parameters.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::sonata {
namespace {

struct Name {
  const char* text;
  NeuronParameter parameter;
};
constexpr std::array<Name, kNeuronParameterCount> kNames{{
    {"C_m", NeuronParameter::C_m},
    {"tau_m", NeuronParameter::tau_m},
    {"E_L", NeuronParameter::E_L},
    {"V_th", NeuronParameter::V_th},
    {"V_reset", NeuronParameter::V_reset},
    {"t_ref", NeuronParameter::t_ref},
    {"I_e", NeuronParameter::I_e},
    {"tau_syn_ex", NeuronParameter::tau_syn_ex},
    {"tau_syn_in", NeuronParameter::tau_syn_in},
}};

double get(const PointNeuron& neuron, NeuronParameter parameter) {
  return neuron.parameters[static_cast<std::size_t>(parameter)];
}

// Comparisons are written so that NaN fails them.
std::optional<std::string> fault(const PointNeuron& neuron) {
  const auto read = [&](const char* name, NeuronParameter parameter, const char* expected) {
    return std::string(name) + " is " + std::to_string(get(neuron, parameter)) + "; expected " + expected;
  };
  for (const Name& name : kNames) {
    if (!std::isfinite(get(neuron, name.parameter)))
      return read(name.text, name.parameter, "a finite number");
  }
  if (!std::isfinite(neuron.v_m_mV)) return "V_m is not finite; expected a number of mV";
  for (const auto parameter : {NeuronParameter::C_m, NeuronParameter::tau_m, NeuronParameter::tau_syn_ex,
                               NeuronParameter::tau_syn_in}) {
    const char* name = kNames.at(static_cast<std::size_t>(parameter)).text;
    if (!(get(neuron, parameter) > 0)) return read(name, parameter, "a number above 0");
  }
  if (!(get(neuron, NeuronParameter::t_ref) >= 0)) {
    return read("t_ref", NeuronParameter::t_ref, "0 ms or more");
  }
  if (!(get(neuron, NeuronParameter::V_reset) < get(neuron, NeuronParameter::V_th))) {
    return read("V_reset", NeuronParameter::V_reset, "a potential below V_th, ") +
           std::to_string(get(neuron, NeuronParameter::V_th)) + " mV";
  }
  return std::nullopt;
}

}  // namespace

std::optional<NeuronModel> neuron_model(const std::string& model_template) {
  if (model_template == "nest:iaf_psc_alpha") return NeuronModel::iaf_psc_alpha;
  if (model_template == "nest:iaf_psc_exp") return NeuronModel::iaf_psc_exp;
  if (model_template == "nest:iaf_psc_delta") return NeuronModel::iaf_psc_delta;
  return std::nullopt;
}

void PointNeuron::set(const std::string& name, double value, const std::string& place, Problems& problems) {
  for (const Name& known : kNames) {
    if (name != known.text) continue;
    parameters[static_cast<std::size_t>(known.parameter)] = value;
    return;
  }
  if (name == "V_m") {
    v_m_mV = value;
    return;
  }
  std::string expected = "V_m";
  for (const Name& known : kNames) expected += std::string(", ") + known.text;
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
  NeuronSpec spec;
  spec.model = model;
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
  for (const Name& name : kNames) {
    spec.parameters[static_cast<std::size_t>(name.parameter)] =
        gather([&](const PointNeuron& neuron) { return get(neuron, name.parameter); });
  }
  spec.initial[static_cast<std::size_t>(StateVariable::V_m)] =
      gather([](const PointNeuron& neuron) { return neuron.v_m_mV; });
  return spec;
}

}  // namespace sharpwave::sonata
