// Homeostasis of a neuron's incoming weights: every so often all of a projection relax towards a weight, or
// are multiplied, towards a rate of the neuron (synaptic scaling: Turrigiano 2008,
// doi:10.1016/j.cell.2008.10.008; van Rossum, Bi & Turrigiano 2000, doi:10.1523/JNEUROSCI.20-23-08812.2000),
// or so that they sum up to a given total (von der Malsburg 1973, doi:10.1007/BF00288907; after each image in
// the network of Diehl & Cook 2015, doi:10.3389/fncom.2015.00099).
#pragma once

#include <cstdint>

#include "kernels/fixed_point.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

struct HomeostasisConstants {
  std::int64_t interval_steps = 0;  ///< 0: there is none
  double units_per_weight = 0;      ///< of sums of weights: w_max is 2^31 of them
  double total = 0;                 ///< in these units; 0: towards a rate
  double spikes = 1;                ///< that a neuron of this rate has in an interval
  double strength = 0;
  bool relaxes = false;  ///< towards a weight instead
  double rest = 0;       ///< that weight
  double keeps = 1;      ///< of the distance from it, per interval

  /// At the end of the step.
  SHARPWAVE_HD bool is_due(std::int64_t step) const {
    return interval_steps > 0 && step % interval_steps == 0;
  }
  SHARPWAVE_HD bool is_towards_rate() const { return interval_steps > 0 && total == 0 && !relaxes; }
};

/// A term of the sum of a neuron's weights. Sums of integers are the same in whatever order they are made.
/// They stay below 2^63: a part of the network has less than 2^32 synapses of a projection, all of a neuron
/// among them.
SHARPWAVE_HD std::int64_t to_sum_units(const HomeostasisConstants& h, float w) {
  return static_cast<std::int64_t>(round_to_even(static_cast<double>(w) * h.units_per_weight));
}

/// What becomes of each weight of a neuron: factor w + offset, both at least 0.
struct WeightScaling {
  double factor = 1;
  double offset = 0;
};

/// Weights that are all 0 have no total.
/// @param sum       of the weights, in units.
/// @param n_spikes  of the neuron, in the interval that ends.
SHARPWAVE_HD WeightScaling weight_scaling(const HomeostasisConstants& h, std::int64_t sum,
                                          std::uint32_t n_spikes) {
  if (h.relaxes) return {.factor = h.keeps, .offset = (1.0 - h.keeps) * h.rest};
  if (!h.is_towards_rate()) return {.factor = sum > 0 ? h.total / static_cast<double>(sum) : 1.0};
  const double factor = 1.0 + h.strength * (1.0 - static_cast<double>(n_spikes) / h.spikes);
  return {.factor = factor > 0.0 ? factor : 0.0};
}

SHARPWAVE_HD float scaled_weight(float w, const WeightScaling& scaling, float w_min, float w_max) {
  const double scaled = static_cast<double>(w) * scaling.factor + scaling.offset;
  if (!(scaled > static_cast<double>(w_min))) return w_min;
  return scaled < static_cast<double>(w_max) ? static_cast<float>(scaled) : w_max;
}

}  // namespace sharpwave
