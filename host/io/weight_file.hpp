// Weights that were recorded, read again: weights_NAME.h5, which docs/formats/plasticity.md describes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "host/network/given_weights.hpp"

namespace sharpwave {

/// One sample of a file.
struct WeightSample {
  double time_ms = 0;
  WeightedSynapses weighted;
  bool is_negative = false;  ///< the sign of all, also where all are 0
  std::size_t least = 0;     ///< position of the smallest magnitude, the first of equal ones
  std::size_t most = 0;      ///< likewise of the largest
  std::string digest;        ///< hex, over synapses, magnitudes and sign
};

/// @param time_ms  of the sample; none: the last one.
/// @param dt_ms    the delays are multiples of it.
/// @throws Error(io), Error(damaged_data) naming the place and what was expected; Error(invalid_config) where
///         there is no such sample.
[[nodiscard]] WeightSample read_weight_sample(const std::filesystem::path& path,
                                              std::optional<double> time_ms, double dt_ms);

}  // namespace sharpwave
