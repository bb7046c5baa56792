#include "host/engine/part.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "host/base/error.hpp"
#include "host/network/distribution.hpp"
#include "host/network/neuron_models.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void refuse(const PopulationSpec& population, std::uint32_t neuron, const std::string& why) {
  throw Error(ExitCode::invalid_config,
              "population '" + population.name + "', neuron " + std::to_string(neuron) + ": " + why);
}

UpdateModel update_model(const NeuronSpec& neurons) {
  const auto is_zero = [](const Values& values) {
    const auto* distribution = std::get_if<Distribution>(&values);
    return distribution != nullptr && *distribution == Distribution::constant(0);
  };
  const bool adapts =
      !is_zero(neurons[NeuronParameter::theta_plus]) || !is_zero(neurons[StateVariable::theta]);
  switch (neurons.model) {
    case NeuronModel::iaf_psc_delta:
      return neurons.refractory_input ? UpdateModel::delta_refractory_input : UpdateModel::delta;
    case NeuronModel::iaf_psc_exp:
      return UpdateModel::exp;
    case NeuronModel::iaf_psc_alpha:
      return UpdateModel::alpha;
    case NeuronModel::iaf_cond_exp:
      return adapts || neurons.substeps != kCondExpSubsteps ? UpdateModel::cond_exp_any
                                                            : UpdateModel::cond_exp;
    case NeuronModel::aeif_cond_exp:
      return neurons.substeps != kAeifSubsteps ? UpdateModel::aeif_any : UpdateModel::aeif;
    case NeuronModel::izhikevich:
      return neurons.consistent_integration ? UpdateModel::izhikevich : UpdateModel::izhikevich_2003;
    case NeuronModel::lif_discrete:
      return UpdateModel::lif_discrete;
  }
  return UpdateModel::exp;
}

// `value` yields a parameter of the neuron.
template <class Value>
NeuronConstants constants_of(const ModelSpec& spec, const NeuronSpec& neurons, double E_L,
                             const Value& value) {
  using P = NeuronParameter;
  return {.dt_ms = spec.simulation.dt_ms,
          .C_m_pF = value(P::C_m),
          .tau_m_ms = value(P::tau_m),
          .tau_syn_ex_ms = value(P::tau_syn_ex),
          .tau_syn_in_ms = value(P::tau_syn_in),
          .V_th_mV = value(P::V_th) - E_L,
          .V_reset_mV = value(P::V_reset) - E_L,
          .g_L_nS = value(P::g_L),
          .E_ex_mV = value(P::E_ex) - E_L,
          .E_in_mV = value(P::E_in) - E_L,
          .theta_plus_mV = value(P::theta_plus),
          .tau_theta_ms = value(P::tau_theta),
          .Delta_T_mV = value(P::Delta_T),
          .V_peak_mV = value(P::V_peak) - E_L,
          .tau_w_ms = value(P::tau_w),
          .a = value(P::a),
          .b = value(P::b),
          .c = value(P::c),
          .d = value(P::d),
          .V_min_mV = value(P::V_min),
          .alpha = value(P::alpha),
          .beta = value(P::beta),
          .substeps = neurons.substeps};
}

// What makes a neuron fire in every step, or its numbers overflow. `value` yields a parameter of the neuron.
template <class Value>
void check_neuron(const PopulationSpec& population, std::uint32_t i, NeuronModel model, const Value& value) {
  using P = NeuronParameter;
  const double Delta_T = value(P::Delta_T);
  if (const auto rule = reset_rule(model, Delta_T); rule && !(value(rule->reset) < value(rule->spike)))
    refuse(population, i,
           std::string(quantity(rule->reset).name) + " (" + std::to_string(value(rule->reset)) +
               " mV) is not below " + std::string(quantity(rule->spike).name) + " (" +
               std::to_string(value(rule->spike)) + " mV): it would fire in every step");
  if (model == NeuronModel::aeif_cond_exp && Delta_T > 0) {
    constexpr double kLargestExponent = 60;  // e^60 times what it is multiplied by is far from float's end
    if (!((value(P::V_peak) - value(P::V_th)) / Delta_T <= kLargestExponent))
      refuse(population, i, "(V_peak - V_th) / Delta_T is above 60: the upswing would overflow");
    if (!(value(P::V_th) <= value(P::V_peak))) refuse(population, i, "V_peak is below V_th");
  }
  if (model == NeuronModel::izhikevich && !(value(P::V_min) < value(P::V_th)))
    refuse(population, i, "V_min is not below V_th");
}

}  // namespace

PopulationParameters evaluate_parameters(const ModelSpec& spec, std::uint32_t population,
                                         StreamRegistry& streams) {
  const PopulationSpec& p = spec.populations[population];
  const NeuronSpec& neurons = *p.neurons();
  const NeuronModelInfo& info = model_info(neurons.model);
  const std::uint64_t seed = spec.simulation.network_seed;
  std::array<std::vector<double>, kNeuronParameterCount> given;
  given.fill({0});
  PopulationParameters result;
  result.model = update_model(neurons);
  result.substeps = neurons.substeps;
  for (const ModelParameter& known : info.parameters)
    given[static_cast<std::size_t>(known.parameter)] = element_values(
        neurons[known.parameter], p.size, p.name + "." + std::string(quantity(known.parameter).name),
        RandomPurpose::neuron_parameter, seed, streams);
  result.per_neuron = currents_differ(spec, population);
  for (const auto& list : given) result.per_neuron = result.per_neuron || list.size() > 1;
  for (std::uint32_t i = 0; i < (result.per_neuron ? p.size : 1); ++i) {
    const auto value = [&](NeuronParameter which) {
      return PopulationParameters::at(given[static_cast<std::size_t>(which)], i);
    };
    const double E_L = value(NeuronParameter::E_L);
    const NeuronConstants constants = constants_of(spec, neurons, E_L, value);
    check_neuron(p, i, neurons.model, value);
    with_model(result.model, [&]<UpdateModel kModel>(std::integral_constant<UpdateModel, kModel>) {
      using Model = ModelType<kModel, double>;
      const auto parameters = Model::parameters(constants);
      result.values.resize(Model::kParameters.size());
      for (std::size_t k = 0; k < result.values.size(); ++k)
        result.values[k].push_back(parameters.*Model::kParameters[k]);
      result.v_bias.push_back(Model::bias_per_pA(constants));
    });
    result.I_e_pA.push_back(value(NeuronParameter::I_e));
    result.E_L_mV.push_back(E_L);
    const double t_ref_steps = std::nearbyint(value(NeuronParameter::t_ref) / spec.simulation.dt_ms);
    if (!(t_ref_steps <= std::numeric_limits<std::int32_t>::max()))
      refuse(p, i, "t_ref is longer than 2,147,483,647 steps");
    result.t_ref_steps.push_back(static_cast<std::int32_t>(t_ref_steps));
  }
  for (const StateVariable variable : info.variables)
    result.initial.push_back(element_values(neurons[variable], p.size,
                                            p.name + "." + std::string(quantity(variable).name),
                                            RandomPurpose::initial_value, seed, streams));
  std::vector<double>& v = result.initial[0];
  if (result.E_L_mV.size() > 1 && v.size() == 1) v.resize(p.size, v[0]);
  for (std::uint32_t i = 0; i < v.size(); ++i) v[i] -= PopulationParameters::at(result.E_L_mV, i);
  return result;
}

std::vector<std::size_t> theta_parameters(UpdateModel model) {
  if (model != UpdateModel::cond_exp_any) return {};
  using Model = ModelType<UpdateModel::cond_exp_any, double>;
  std::vector<std::size_t> places;
  for (std::size_t k = 0; k < Model::kParameters.size(); ++k)
    if (Model::kParameters[k] == &Model::Parameters::theta_decay ||
        Model::kParameters[k] == &Model::Parameters::theta_plus)
      places.push_back(k);
  return places;
}

}  // namespace sharpwave
