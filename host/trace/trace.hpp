// What acts on some neurons and what they make of it, step by step: what `sharpwave trace` shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/run/device_choice.hpp"

namespace sharpwave::trace {

/// As people ask for it.
struct Request {
  std::string population;
  std::string neurons = "0";           ///< indices within the population: "0,1,2", "10:20", "0:100:10"
  std::vector<std::string> variables;  ///< empty: all that the model has
  std::optional<double> from_ms;       ///< later than this; the end of the warm-up
  std::optional<double> to_ms;         ///< up to this; the end of the simulation
};

/// A request that was found to be possible.
struct Plan {
  std::uint32_t population = 0;
  std::vector<std::uint32_t> neurons;  ///< ascending, each once
  std::vector<Recordable> variables;   ///< those that are shown
  std::uint64_t first_step = 0;        ///< steps first_step < step <= last_step
  std::uint64_t last_step = 0;
};

/// Values of one trace, at most.
inline constexpr std::uint64_t kMostValues = std::uint64_t{1} << 28;

/// @throws Error(usage) with everything that is wrong, a line each.
[[nodiscard]] Plan plan(const ModelSpec& spec, const Request& request);

struct Neuron {
  std::uint32_t index = 0;
  std::vector<float> values;                 ///< [variable][sample]
  std::vector<double> threshold_mV;          ///< [sample]; empty for models without one
  std::vector<std::uint64_t> spike_samples;  ///< ascending; each sample once
};

/// Every step of the window is a sample: sample i is the step first_step + 1 + i.
struct Trace {
  struct Variable {
    Recordable what;
    std::string name;
    std::string unit;
    bool shown = false;
  };
  std::string population;
  std::string weight_unit;  ///< of its synapses
  double dt_ms = 0;
  std::uint64_t first_step = 0;
  std::uint64_t n_samples = 0;
  std::vector<Variable> variables;  ///< all that the model has; V_m is the first
  std::vector<Neuron> neurons;

  [[nodiscard]] double time_ms(std::uint64_t sample) const;
  /// Place of a variable; nothing where the model does not have it.
  [[nodiscard]] std::optional<std::size_t> find(const Recordable& what) const;
  /// [n_samples]
  [[nodiscard]] const float* values(const Neuron& neuron, std::size_t variable) const {
    return neuron.values.data() + variable * n_samples;
  }
  /// Places of what arrives at the receptors.
  [[nodiscard]] std::vector<std::size_t> inputs() const;
  /// Is the neuron refractory at the end of that step? False for models that never are.
  [[nodiscard]] bool is_refractory(const Neuron& neuron, std::uint64_t sample) const;
};

/// Builds the network and simulates it up to the end of the window. Nothing is written.
/// @throws what run() throws for a network that does not fit or cannot be built.
[[nodiscard]] Trace simulate(const ModelSpec& spec, const Plan& plan, const DeviceChoice& device,
                             int threads);

}  // namespace sharpwave::trace
