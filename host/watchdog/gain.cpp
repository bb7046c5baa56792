#include "host/watchdog/gain.hpp"

#include <cmath>
#include <variant>

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
  for (ProjectionSpec& projection : spec.projections)
    std::visit([&](auto& weight) { multiply(weight, weight_gain); }, projection.weight);
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

}  // namespace sharpwave
