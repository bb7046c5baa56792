#include "host/watchdog/gain.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <variant>

#include "host/network/given_weights.hpp"

namespace sharpwave {
namespace {

void multiply(std::vector<double>& values, double gain) {
  for (double& value : values) value *= gain;
}

void multiply(Distribution& d, double gain) {
  if (d.kind == Distribution::Kind::lognormal) {
    d.a += std::log(gain);  // of the logarithm
  } else {
    d.a *= gain;
    d.b *= gain;
  }
  d.low *= gain;
  d.high *= gain;
}

}  // namespace

ModelSpec with_gain(ModelSpec spec, double weight_gain, double input_gain) {
  if (weight_gain == 1 && input_gain == 1) return spec;
  for (ProjectionSpec& projection : spec.projections) {
    std::visit([&](auto& weight) { multiply(weight, weight_gain); }, projection.weight);
    if (!projection.plasticity) continue;
    if (projection.given_weights) {
      GivenWeights given = *projection.given_weights;
      given.gain *= weight_gain;
      projection.given_weights = std::make_shared<const GivenWeights>(std::move(given));
    }
    projection.plasticity->w_min *= weight_gain;
    projection.plasticity->w_max *= weight_gain;
    if (auto& homeostasis = projection.plasticity->homeostasis) {
      if (homeostasis->total) *homeostasis->total *= weight_gain;
      if (homeostasis->relax_to) *homeostasis->relax_to *= weight_gain;
    }
  }
  for (InputSpec& input : spec.inputs) {
    if (PoissonInputSpec* spikes = input.spikes()) {
      spikes->weight *= input_gain;
    } else if (auto* current = std::get_if<CurrentInputSpec>(&input.kind)) {
      multiply(current->amplitudes_pA, input_gain);
    } else if (auto* noise = std::get_if<NoiseInputSpec>(&input.kind)) {
      noise->mean_pA *= input_gain;
      noise->std_pA *= input_gain;
    } else if (auto* ac = std::get_if<AcInputSpec>(&input.kind)) {
      ac->amplitude_pA *= input_gain;
      ac->offset_pA *= input_gain;
    }
  }
  return spec;
}

void multiply_weights(EngineState& state, const ModelSpec& spec, double gain) {
  if (gain == 1) return;
  std::size_t k = 0;
  for (const ProjectionSpec& projection : spec.projections) {
    if (!projection.plasticity || k == state.plastic.size()) continue;
    if (state.plastic[k].projection != projection.name) continue;
    const auto w_min = static_cast<float>(projection.plasticity->w_min);
    const auto w_max = static_cast<float>(projection.plasticity->w_max);
    for (float& weight : state.plastic[k].weights)
      weight = std::clamp(static_cast<float>(weight * gain), w_min, w_max);
    ++k;
  }
}

}  // namespace sharpwave
