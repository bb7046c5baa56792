// What a plastic projection takes on the CPU, from its description alone.
#pragma once

#include "host/network/model_spec.hpp"
#include "host/network/network.hpp"

namespace sharpwave {

/// In bytes. What depends on how often neurons fire is as if they did so at half as much again as they are
/// expected to, or, where that is not said, at kPlannedRate_Hz.
struct PlasticityPlan {
  double synapses = 0;  ///< weights and traces that each engine has for itself; upper estimate
  double history =
      0;  ///< what an engine knows of sources, and of spikes that synapses have not taken notice of
  double saved = 0;   ///< all of it in an EngineState
  double saving = 0;  ///< besides, while that is made
};
inline constexpr double kPlannedRate_Hz = 40;
[[nodiscard]] PlasticityPlan plan_plasticity(const ModelSpec& spec, const ProjectionSpec& projection,
                                             const NetworkShape& shape);

}  // namespace sharpwave
