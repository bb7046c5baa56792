#include "host/network/neuron_models.hpp"

#include <algorithm>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

using P = NeuronParameter;
using V = StateVariable;

// Indexed by NeuronParameter.
constexpr Quantity kParameters[] = {
    {"C_m", "pF"},
    {"tau_m", "ms"},
    {"E_L", "mV"},
    {"V_th", "mV"},
    {"V_reset", "mV"},
    {"t_ref", "ms"},
    {"I_e", "pA"},
    {"tau_syn_ex", "ms"},
    {"tau_syn_in", "ms"},
    {"g_L", "nS"},
    {"E_ex", "mV"},
    {"E_in", "mV"},
    {"theta_plus", "mV"},
    {"tau_theta", "ms"},
    {"Delta_T", "mV"},
    {"V_peak", "mV"},
    {"tau_w", "ms"},
    {"a", ""},
    {"b", ""},
    {"c", "mV"},
    {"d", ""},
    {"V_min", "mV"},
    {"alpha", ""},
    {"beta", ""},
};
static_assert(std::size(kParameters) == kNeuronParameterCount);

// Indexed by StateVariable.
constexpr Quantity kVariables[] = {
    {"V_m", "mV"},  {"I_syn_ex", "pA"}, {"I_syn_in", "pA"}, {"g_ex", "nS"},
    {"g_in", "nS"}, {"theta", "mV"},    {"w", "pA"},        {"U_m", ""},
};
static_assert(std::size(kVariables) == kStateVariableCount);

// Indexed by StepQuantity; what arrives has the unit of a weight.
constexpr std::string_view kOfWeight = "(weight)";
constexpr Quantity kStepQuantities[] = {
    {"refractory", "ms"},    {"input", kOfWeight}, {"input_ex", kOfWeight},
    {"input_in", kOfWeight}, {"I_stim", "pA"},
};
static_assert(std::size(kStepQuantities) == kStepQuantityCount);

// Defaults: `nest.GetDefaults` of NEST 3. theta: Diehl & Cook 2015. lif_discrete: ours.
constexpr ModelParameter kDelta[] = {{P::C_m, 250},     {P::tau_m, 10}, {P::E_L, -70}, {P::V_th, -55},
                                     {P::V_reset, -70}, {P::t_ref, 2},  {P::I_e, 0}};
constexpr ModelParameter kCurrents[] = {{P::C_m, 250},  {P::tau_m, 10},     {P::E_L, -70},
                                        {P::V_th, -55}, {P::V_reset, -70},  {P::t_ref, 2},
                                        {P::I_e, 0},    {P::tau_syn_ex, 2}, {P::tau_syn_in, 2}};
constexpr ModelParameter kConductances[] = {
    {P::C_m, 250},      {P::g_L, 16.6667},  {P::E_L, -70},      {P::V_th, -55}, {P::V_reset, -60},
    {P::t_ref, 2},      {P::I_e, 0},        {P::E_ex, 0},       {P::E_in, -85}, {P::tau_syn_ex, 0.2},
    {P::tau_syn_in, 2}, {P::theta_plus, 0}, {P::tau_theta, 1e7}};
constexpr ModelParameter kAdaptive[] = {
    {P::C_m, 281},     {P::g_L, 30},    {P::E_L, -70.6},      {P::V_th, -50.4},
    {P::V_reset, -60}, {P::V_peak, 0},  {P::Delta_T, 2},      {P::a, 4},
    {P::b, 80.5},      {P::tau_w, 144}, {P::t_ref, 0},        {P::I_e, 0},
    {P::E_ex, 0},      {P::E_in, -85},  {P::tau_syn_ex, 0.2}, {P::tau_syn_in, 2}};
constexpr ModelParameter kIzhikevich[] = {{P::a, 0.02},  {P::b, 0.2},      {P::c, -65}, {P::d, 8},
                                          {P::V_th, 30}, {P::V_min, -1e9}, {P::I_e, 0}};
constexpr ModelParameter kDiscrete[] = {{P::alpha, 0.9}, {P::V_th, 1}, {P::beta, 1}, {P::I_e, 0}};

constexpr V kOnlyV[] = {V::V_m};
constexpr V kCurrentState[] = {V::V_m, V::I_syn_ex, V::I_syn_in};
constexpr V kConductanceState[] = {V::V_m, V::g_ex, V::g_in, V::theta};
constexpr V kAdaptiveState[] = {V::V_m, V::w, V::g_ex, V::g_in};
constexpr V kIzhikevichState[] = {V::V_m, V::U_m};

constexpr NeuronModelInfo kModels[] = {
    {NeuronModel::iaf_psc_delta, "iaf_psc_delta", kDelta, kOnlyV, 1, "mV", true, 0},
    {NeuronModel::iaf_psc_exp, "iaf_psc_exp", kCurrents, kCurrentState, 2, "pA", true, 0},
    {NeuronModel::iaf_psc_alpha, "iaf_psc_alpha", kCurrents, kCurrentState, 2, "pA", true, 0},
    {NeuronModel::iaf_cond_exp, "iaf_cond_exp", kConductances, kConductanceState, 2, "nS", false, 1},
    {NeuronModel::aeif_cond_exp, "aeif_cond_exp", kAdaptive, kAdaptiveState, 2, "nS", false, 4},
    {NeuronModel::izhikevich, "izhikevich", kIzhikevich, kIzhikevichState, 1, "mV", false, 0},
    {NeuronModel::lif_discrete, "lif_discrete", kDiscrete, kOnlyV, 1, "", false, 0},
};

}  // namespace

const Quantity& quantity(NeuronParameter parameter) {
  return kParameters[static_cast<std::size_t>(parameter)];
}

const Quantity& quantity(StateVariable variable) {
  return kVariables[static_cast<std::size_t>(variable)];
}

bool NeuronModelInfo::has(NeuronParameter parameter) const {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const ModelParameter& p) { return p.parameter == parameter; });
}

bool NeuronModelInfo::has(StateVariable variable) const {
  return index_of(variable) < variables.size();
}

std::size_t NeuronModelInfo::index_of(StateVariable variable) const {
  return static_cast<std::size_t>(std::find(variables.begin(), variables.end(), variable) -
                                  variables.begin());
}

std::vector<Recordable> recordables(const NeuronModelInfo& model) {
  using S = StepQuantity;
  std::vector<Recordable> all(model.variables.begin(), model.variables.end());
  if (model.has(P::t_ref)) all.push_back(S::refractory);
  if (model.n_receptors == 1)
    all.push_back(S::input);
  else
    all.insert(all.end(), {S::input_ex, S::input_in});
  all.push_back(S::I_stim);
  return all;
}

namespace {

const Quantity& quantity_of(const Recordable& what) {
  if (const auto* variable = std::get_if<V>(&what)) return quantity(*variable);
  return kStepQuantities[static_cast<std::size_t>(std::get<StepQuantity>(what))];
}

}  // namespace

std::string_view name_of(const Recordable& what) {
  return quantity_of(what).name;
}

std::string_view unit_of(const Recordable& what, std::string_view weight_unit) {
  const std::string_view unit = quantity_of(what).unit;
  return unit == kOfWeight ? weight_unit : unit;
}

std::optional<Recordable> recordable_named(std::string_view name) {
  for (int i = 0; i < kStateVariableCount; ++i)
    if (kVariables[i].name == name) return static_cast<V>(i);
  for (int i = 0; i < kStepQuantityCount; ++i)
    if (kStepQuantities[i].name == name) return static_cast<StepQuantity>(i);
  return std::nullopt;
}

std::span<const NeuronModelInfo> neuron_models() {
  return kModels;
}

const NeuronModelInfo& model_info(NeuronModel model) {
  const NeuronModelInfo& info = kModels[static_cast<std::size_t>(model)];
  SHARPWAVE_ASSERT(info.model == model);
  return info;
}

std::optional<NeuronModel> neuron_model(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kModels), std::end(kModels), [&](const auto& m) { return m.name == name; });
  return found == std::end(kModels) ? std::nullopt : std::optional(found->model);
}

NeuronSpec default_neurons(NeuronModel model) {
  const NeuronModelInfo& info = model_info(model);
  NeuronSpec neurons;
  neurons.model = model;
  neurons.substeps = info.substeps;
  for (const ModelParameter& p : info.parameters) neurons[p.parameter] = Distribution::constant(p.fallback);
  neurons[V::V_m] = resting_potential(neurons);
  return neurons;
}

Values resting_potential(const NeuronSpec& neurons) {
  const NeuronModelInfo& info = model_info(neurons.model);
  if (info.has(P::E_L)) return neurons[P::E_L];
  if (info.has(P::c)) return neurons[P::c];
  return Distribution::constant(0);
}

std::optional<ResetRule> reset_rule(NeuronModel model, double Delta_T_mV) {
  if (model == NeuronModel::izhikevich) return ResetRule{P::c, P::V_th};
  if (!model_info(model).has(P::V_reset)) return std::nullopt;
  const bool upswing = model == NeuronModel::aeif_cond_exp && Delta_T_mV > 0;
  return ResetRule{P::V_reset, upswing ? P::V_peak : P::V_th};
}

}  // namespace sharpwave
