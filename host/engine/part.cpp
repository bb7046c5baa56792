#include "host/engine/part.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "host/base/error.hpp"
#include "host/network/distribution.hpp"
#include "kernels/iaf_psc_alpha.hpp"
#include "kernels/iaf_psc_delta.hpp"
#include "kernels/iaf_psc_exp.hpp"

namespace sharpwave {
namespace {

constexpr const char* kParameterNames[kNeuronParameterCount] = {
    "C_m", "tau_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_syn_ex", "tau_syn_in"};
constexpr const char* kVariableNames[kStateVariableCount] = {"V_m", "I_syn_ex", "I_syn_in"};

std::vector<double> evaluate(const Values& values, std::uint32_t size, const std::string& name,
                             RandomPurpose purpose, std::uint64_t seed, StreamRegistry& streams) {
  if (const auto* list = std::get_if<std::vector<double>>(&values)) return *list;
  const auto& distribution = std::get<Distribution>(values);
  if (distribution.kind == Distribution::Kind::constant) return {distribution.a};
  const PhiloxKey key = streams.key(purpose, seed, name);
  const DrawParameters parameters = draw_parameters(distribution);
  std::vector<double> result(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const PhiloxBlock block = philox4x32_10(key, i, 0);
    result[i] = draw(parameters, uniform_of(block.w0, block.w1));
  }
  return result;
}

// The model's parameters of one neuron, in the order of Model::kParameters.
template <class Model>
void append_parameters(const NeuronConstants& constants, double v_th, double v_reset,
                       std::vector<std::vector<double>>& lists) {
  const auto parameters = Model::parameters(constants, v_th, v_reset);
  lists.resize(Model::kParameters.size());
  for (std::size_t k = 0; k < lists.size(); ++k) lists[k].push_back(parameters.*Model::kParameters[k]);
}

[[noreturn]] void refuse(const PopulationSpec& population, std::uint32_t neuron, const std::string& why) {
  throw Error(ExitCode::invalid_config,
              "population '" + population.name + "', neuron " + std::to_string(neuron) + ": " + why);
}

UpdateModel update_model(const NeuronSpec& neurons) {
  switch (neurons.model) {
    case NeuronModel::iaf_psc_delta:
      return neurons.refractory_input ? UpdateModel::delta_refractory_input : UpdateModel::delta;
    case NeuronModel::iaf_psc_exp:
      return UpdateModel::exp;
    case NeuronModel::iaf_psc_alpha:
      return UpdateModel::alpha;
  }
  return UpdateModel::exp;
}

}  // namespace

PopulationParameters evaluate_parameters(const ModelSpec& spec, std::uint32_t population,
                                         StreamRegistry& streams) {
  const PopulationSpec& p = spec.populations[population];
  const NeuronSpec& neurons = *p.neurons();
  const std::uint64_t seed = spec.simulation.network_seed;
  std::vector<std::vector<double>> given;
  PopulationParameters result;
  result.model = update_model(neurons);
  for (int k = 0; k < kNeuronParameterCount; ++k)
    given.push_back(evaluate(neurons.parameters[static_cast<std::size_t>(k)], p.size,
                             p.name + "." + kParameterNames[k], RandomPurpose::neuron_parameter, seed,
                             streams));
  for (const InputSpec& input : spec.inputs) {
    if (input.target.population != population || !std::holds_alternative<CurrentInputSpec>(input.kind))
      continue;
    result.has_currents = true;
    if (input.target.size() != p.size) result.per_neuron = true;
  }
  for (const auto& list : given) result.per_neuron = result.per_neuron || list.size() > 1;
  const auto value = [&](NeuronParameter which, std::uint32_t i) {
    return PopulationParameters::at(given[static_cast<std::size_t>(which)], i);
  };
  for (std::uint32_t i = 0; i < (result.per_neuron ? p.size : 1); ++i) {
    const NeuronConstants constants{.dt_ms = spec.simulation.dt_ms,
                                    .C_m_pF = value(NeuronParameter::C_m, i),
                                    .tau_m_ms = value(NeuronParameter::tau_m, i),
                                    .tau_syn_ex_ms = value(NeuronParameter::tau_syn_ex, i),
                                    .tau_syn_in_ms = value(NeuronParameter::tau_syn_in, i)};
    const double E_L = value(NeuronParameter::E_L, i);
    const double v_th = value(NeuronParameter::V_th, i) - E_L;
    const double v_reset = value(NeuronParameter::V_reset, i) - E_L;
    if (neurons.model == NeuronModel::iaf_psc_delta)
      append_parameters<IafPscDelta<double>>(constants, v_th, v_reset, result.values);
    else if (neurons.model == NeuronModel::iaf_psc_exp)
      append_parameters<IafPscExp<double>>(constants, v_th, v_reset, result.values);
    else
      append_parameters<IafPscAlpha<double>>(constants, v_th, v_reset, result.values);
    result.v_bias.push_back(v_bias(constants));
    result.I_e_pA.push_back(value(NeuronParameter::I_e, i));
    result.E_L_mV.push_back(E_L);
    const double t_ref_steps = std::nearbyint(value(NeuronParameter::t_ref, i) / spec.simulation.dt_ms);
    if (!(v_reset < v_th))
      refuse(p, i,
             "V_reset (" + std::to_string(v_reset + E_L) + " mV) is not below V_th (" +
                 std::to_string(v_th + E_L) + " mV): it would fire in every step");
    if (!(t_ref_steps <= std::numeric_limits<std::int32_t>::max()))
      refuse(p, i, "t_ref is longer than 2,147,483,647 steps");
    result.t_ref_steps.push_back(static_cast<std::int32_t>(t_ref_steps));
  }
  for (int k = 0; k < kStateVariableCount; ++k)
    result.initial.push_back(evaluate(neurons.initial[static_cast<std::size_t>(k)], p.size,
                                      p.name + "." + kVariableNames[k], RandomPurpose::initial_value, seed,
                                      streams));
  std::vector<double>& v = result.initial[0];
  if (result.E_L_mV.size() > 1 && v.size() == 1) v.resize(p.size, v[0]);
  for (std::uint32_t i = 0; i < v.size(); ++i) v[i] -= PopulationParameters::at(result.E_L_mV, i);
  return result;
}

}  // namespace sharpwave
