// Parameters of SONATA's point neurons, with NEST's names and defaults.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "host/io/sonata_config.hpp"
#include "host/io/sonata_types.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::sonata {

/// The model that a `model_template` such as "nest:iaf_psc_alpha" names, if it is one of ours.
[[nodiscard]] std::optional<NeuronModel> neuron_model(const std::string& model_template);

/// One neuron's parameters. Defaults are those of NEST's iaf_psc_alpha, iaf_psc_exp and iaf_psc_delta
/// (NEST 3, `nest.GetDefaults`), which agree. V_m is absolute and does not follow E_L, as there.
struct PointNeuron {
  std::array<double, kNeuronParameterCount> parameters{250.0, 10.0, -70.0, -55.0, -70.0, 2.0, 0.0, 2.0, 2.0};
  double v_m_mV = -70.0;
  bool refractory_input = false;

  /// Sets a parameter by its NEST name; a problem at `place` where there is none of that name.
  void set(const std::string& name, double value, const std::string& place, Problems& problems);
};

/// The neuron that a row of a node types file describes, with its `dynamics_params` file.
[[nodiscard]] PointNeuron neuron_of_type(const CircuitConfig& circuit, const TypeTable& types,
                                         const TypeTable::Row& row, Problems& problems);

/// Checks ranges and gathers; what is the same in all neurons becomes a constant.
[[nodiscard]] NeuronSpec to_neuron_spec(NeuronModel model, const std::vector<PointNeuron>& neurons,
                                        const std::string& place, Problems& problems);

/// A list, or a constant where all values are the same.
[[nodiscard]] Values compact(std::vector<double> values);

}  // namespace sharpwave::sonata
