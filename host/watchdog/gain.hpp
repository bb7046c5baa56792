// What throttle and rollback change about a network.
#pragma once

#include "host/engine/engine_state.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// `spec` with all weights of projections multiplied by `weight_gain`, the bounds of plastic ones included,
/// and the weights and currents of all inputs by `input_gain` (both finite, > 0). Random variables keep their
/// seeds: the same synapses are drawn.
[[nodiscard]] ModelSpec with_gain(ModelSpec spec, double weight_gain, double input_gain);

/// The weights of plastic projections, which are part of a state.
/// @param spec  with the gain.
void multiply_weights(EngineState& state, const ModelSpec& spec, double gain);

}  // namespace sharpwave
