// Faults on purpose, for drills and tests.
#pragma once

#include <cstdint>
#include <string>

#include "host/engine/engine_state.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// A value that is put into the state after a step.
struct Injection {
  double value = 0;  ///< raw: V relative to E_L
  std::uint64_t step = 1;
  std::string population;
  std::uint32_t neuron = 0;
  std::string variable;
  std::string text;  ///< as it was given
};

/// Reads "nan@step=100,population=E,neuron=7,variable=V_m"; for nan also inf, -inf, or a number (of V_m: mV
/// from E_L).
/// @throws Error(usage) saying which word is wrong and what was expected.
[[nodiscard]] Injection parse_injection(const std::string& text);

/// @throws Error(usage) where `spec` has no such step, population, neuron or variable.
void check_injection(const Injection& injection, const ModelSpec& spec);

/// Puts it into a state.
void inject(const Injection& injection, EngineState& state);

}  // namespace sharpwave
