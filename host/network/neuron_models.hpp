// The catalogue of neuron models: which parameters and state variables each has, under which names, and with
// which defaults. Readers, recorders and engines take them from here.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave {

struct Quantity {
  std::string_view name;  ///< in configs and files, as NEST has it
  std::string_view unit;
};

[[nodiscard]] const Quantity& quantity(NeuronParameter parameter);
[[nodiscard]] const Quantity& quantity(StateVariable variable);

struct ModelParameter {
  NeuronParameter parameter;
  double fallback;
};

struct NeuronModelInfo {
  NeuronModel model;
  std::string_view name;
  std::span<const ModelParameter> parameters;
  /// In the order of the kernels' state; the first is V_m, which is relative to E_L there.
  std::span<const StateVariable> variables;
  int n_receptors;               ///< 2: excitatory and inhibitory, by the sign of the weight
  std::string_view weight_unit;  ///< of a synapse
  bool linear;                   ///< the mean effect of an event does not depend on the state
  int substeps;                  ///< default; 0: the model is not integrated numerically

  [[nodiscard]] bool has(NeuronParameter parameter) const;
  [[nodiscard]] bool has(StateVariable variable) const;
  /// Its place in `variables`; their number where the model has none such.
  [[nodiscard]] std::size_t index_of(StateVariable variable) const;
};

/// What can be recorded of the model's neurons: its variables first.
[[nodiscard]] std::vector<Recordable> recordables(const NeuronModelInfo& model);
[[nodiscard]] std::string_view name_of(const Recordable& what);
/// @param weight_unit  of the model, which is that of what arrives.
[[nodiscard]] std::string_view unit_of(const Recordable& what, std::string_view weight_unit);
[[nodiscard]] std::optional<Recordable> recordable_named(std::string_view name);

[[nodiscard]] std::span<const NeuronModelInfo> neuron_models();
[[nodiscard]] const NeuronModelInfo& model_info(NeuronModel model);
[[nodiscard]] std::optional<NeuronModel> neuron_model(std::string_view name);

/// The model with its defaults: NEST's, where NEST has it.
[[nodiscard]] NeuronSpec default_neurons(NeuronModel model);

/// Where V_m starts unless it is given: at E_L, at c where there is none, at 0 where there is neither.
[[nodiscard]] Values resting_potential(const NeuronSpec& neurons);

/// What keeps a neuron from firing in every step: `reset` is below `spike`.
struct ResetRule {
  NeuronParameter reset;
  NeuronParameter spike;
};
/// Nothing for models that are not reset to a potential.
/// @param Delta_T_mV  the neuron's, where it has one: with it a spike is at V_peak.
[[nodiscard]] std::optional<ResetRule> reset_rule(NeuronModel model, double Delta_T_mV);

}  // namespace sharpwave
