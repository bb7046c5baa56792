// Parameters of SONATA's point neurons, with the names of NEST and the defaults of our catalogue.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "host/io/sonata_config.hpp"
#include "host/io/sonata_types.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::sonata {

/// What stands before a model's name in `model_template`: the simulator that has the model.
inline constexpr const char* kNest = "nest:";
inline constexpr const char* kSharpwave = "sharpwave:";
inline constexpr const char* kParrotTemplate = "nest:parrot_neuron";

/// The model that a `model_template` such as "nest:iaf_psc_alpha" names, if it is one of ours.
[[nodiscard]] std::optional<NeuronModel> neuron_model(const std::string& model_template);
/// The templates that neuron_model() and the reader of nodes know, for messages.
[[nodiscard]] std::string known_templates();

/// Options that all neurons of a population share.
struct NeuronOptions {
  bool refractory_input = false;
  bool consistent_integration = true;
  int substeps = 1;
  bool operator==(const NeuronOptions&) const = default;
};

/// One neuron's parameters and initial state; defaults are those of default_neurons(). V_m is absolute and
/// does not follow E_L, as in NEST.
class PointNeuron {
 public:
  explicit PointNeuron(NeuronModel model);

  /// Sets a parameter or a state variable by its name; a problem at `place` where there is none of that name.
  void set(const std::string& name, double value, const std::string& place, Problems& problems);
  /// As set(), also for an option.
  void set(const std::string& name, const JsonPlace& value, Problems& problems);

  [[nodiscard]] NeuronModel model() const { return model_; }
  [[nodiscard]] const NeuronOptions& options() const { return options_; }
  [[nodiscard]] double operator[](NeuronParameter p) const {
    return parameters_[static_cast<std::size_t>(p)];
  }
  [[nodiscard]] double operator[](StateVariable v) const { return initial_[static_cast<std::size_t>(v)]; }
  /// What is out of its range, and what was expected; none where all is well.
  [[nodiscard]] std::optional<std::string> fault() const;

 private:
  NeuronModel model_;
  NeuronOptions options_;
  std::array<double, kNeuronParameterCount> parameters_{};
  std::array<double, kStateVariableCount> initial_{};
};

/// The neuron that a row of a node types file describes, with its `dynamics_params` file.
[[nodiscard]] PointNeuron neuron_of_type(const CircuitConfig& circuit, NeuronModel model,
                                         const TypeTable& types, const TypeTable::Row& row,
                                         Problems& problems);

/// Checks ranges and gathers; what is the same in all neurons becomes a constant.
/// @param neurons  at least one, all of one model.
[[nodiscard]] NeuronSpec to_neuron_spec(const std::vector<PointNeuron>& neurons, const std::string& place,
                                        Problems& problems);

/// A list, or a constant where all values are the same.
[[nodiscard]] Values compact(std::vector<double> values);

}  // namespace sharpwave::sonata
