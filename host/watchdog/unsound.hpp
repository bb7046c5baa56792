// Values that a state cannot have: finding, replacing and putting them there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/engine/engine_state.hpp"

namespace sharpwave {

/// Where a value stands in an EngineState.
struct StatePlace {
  std::size_t population = 0;  ///< in EngineState::populations
  std::size_t variable = 0;
  std::uint32_t neuron = 0;
};

struct Unsoundness {
  StatePlace first;  ///< the first population's, of it the first neuron's, of it the first variable
  std::uint64_t count = 0;
};

/// @param bound_mV  finite; V, the first variable of each population, may be so far from 0.
[[nodiscard]] std::optional<Unsoundness> find_unsound(const EngineState& state, double bound_mV);

[[nodiscard]] double value_at(const EngineState& state, const StatePlace& place);
void set_value(EngineState& state, const StatePlace& place, double value);

/// Gives all values of `state` that are not sound those of `before`, or 0 where those are not either.
void clamp_unsound(EngineState& state, const EngineState& before, double bound_mV);

}  // namespace sharpwave
