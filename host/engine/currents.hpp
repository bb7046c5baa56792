// From the current inputs of a model to what kernels/current.hpp evaluates; the same for every executor.
#pragma once

#include <cstdint>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/network/random_streams.hpp"
#include "kernels/current.hpp"

namespace sharpwave {

/// The sources of all populations, and what their pointers name. Moved, not copied: the pointers stay valid.
class Currents {
 public:
  Currents() = default;
  /// Keys: ("noise_input", seed of the run, name of the input).
  Currents(const ModelSpec& spec, StreamRegistry& streams);
  Currents(Currents&&) = default;
  Currents& operator=(Currents&&) = default;
  Currents(const Currents&) = delete;
  Currents& operator=(const Currents&) = delete;

  /// In the order of the inputs, which is that in which they are added up.
  [[nodiscard]] const std::vector<CurrentSource>& of(std::uint32_t population) const {
    return sources_[population];
  }
  /// Is some neuron's current in `step` (> 0) another than in the step before?
  [[nodiscard]] bool change_at(std::uint32_t population, std::uint64_t step) const;

 private:
  std::vector<std::vector<CurrentSource>> sources_;  // by population
  std::vector<std::vector<std::uint64_t>> piece_steps_;
  std::vector<std::vector<double>> piece_pA_;
};

}  // namespace sharpwave
