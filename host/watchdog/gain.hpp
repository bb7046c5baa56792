// What throttle and rollback change about a network.
#pragma once

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// `spec` with all weights of projections multiplied by `weight_gain`,
/// and the weights and currents of all inputs by `input_gain` (both finite, > 0). Random variables keep their
/// seeds: the same synapses are drawn.
[[nodiscard]] ModelSpec with_gain(ModelSpec spec, double weight_gain, double input_gain);

}  // namespace sharpwave
