// What gains make of what neurons receive.
#pragma once

#include <cstdint>

#include "kernels/fixed_point.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

/// The value of one unit of a receptor's input.
/// @param levels  of the region whose noradrenaline multiplies what the neurons receive; null: none.
SHARPWAVE_HD double gained_scale(double scale, const ModulatorLevels* levels) {
  return levels == nullptr ? scale : input_gain(levels->noradrenaline) * scale;
}

/// The weight of an input of spikes, in units of its receptor: to the nearest, ties to even.
/// @param levels  of the region whose acetylcholine multiplies it; null: none.
SHARPWAVE_HD std::int64_t gained_units(std::int64_t units, const ModulatorLevels* levels) {
  if (levels == nullptr) return units;
  return static_cast<std::int64_t>(
      round_to_even(static_cast<double>(units) * external_gain(levels->acetylcholine)));
}

}  // namespace sharpwave
