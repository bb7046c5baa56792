// What gains make of what neurons receive.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

/// The value of one unit of a receptor's input.
/// @param factors  of the region that gates what the neurons receive; null: none.
SHARPWAVE_HD double gained_scale(double scale, const GateFactors* factors) {
  return factors == nullptr ? scale : factors->input_gain * scale;
}

/// The weight of an input of spikes, in units of its receptor: to the nearest, ties to even.
/// @param factors  of the region that gates it; null: none.
SHARPWAVE_HD std::int64_t gained_units(std::int64_t units, const GateFactors* factors) {
  if (factors == nullptr) return units;
  return static_cast<std::int64_t>(round_to_even(static_cast<double>(units) * factors->external_gain));
}

/// The same of an input while a pattern is replayed beside it.
/// @param live  its share, in [0, 1].
SHARPWAVE_HD std::int64_t blended_units(std::int64_t units, double live) {
  return static_cast<std::int64_t>(round_to_even(static_cast<double>(units) * live));
}

}  // namespace sharpwave
