// Weights of synapses, read again: those that were recorded, weights_NAME.h5, and those of SONATA edges. See
// docs/formats/plasticity.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "host/network/given_weights.hpp"

namespace sharpwave {

/// One sample of a file.
struct WeightSample {
  std::optional<double> time_ms{};  ///< none: of edges
  WeightedSynapses weighted;
  bool is_negative = false;  ///< the sign of all, also where all are 0
  std::size_t least = 0;     ///< position of the smallest magnitude, the first of equal ones
  std::size_t most = 0;      ///< likewise of the largest
  std::optional<std::string> source_population{};  ///< of edges, where they say so
  std::optional<std::string> target_population{};
  std::string digest;  ///< hex, over synapses, magnitudes and sign
};

/// What of a file is meant.
struct WeightChoice {
  std::optional<double> time_ms{};               ///< of the sample; none: the last one
  std::optional<std::string> edge_population{};  ///< of SONATA edges; none: the only one
};

/// Of edges that do not tell their delays these are 0.
///
/// @param dt_ms  the delays are multiples of it.
/// @throws Error(io), Error(damaged_data) naming the place and what was expected; Error(invalid_config) where
///         there is no such sample or population.
[[nodiscard]] WeightSample read_weight_sample(const std::filesystem::path& path, const WeightChoice& choice,
                                              double dt_ms);

}  // namespace sharpwave
