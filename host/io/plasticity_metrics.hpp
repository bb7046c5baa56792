// The metrics of a plastic projection in the units of people.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "host/engine/plasticity_reading.hpp"

namespace sharpwave {

/// What a record of a plastic projection says about itself.
struct LearningHeader {
  std::string name{};      ///< of weights: their file is weights_<name>.h5
  std::string projection;  ///< its name
  std::string source;      ///< population
  std::string target;
  double w_min = 0;  ///< magnitudes
  double w_max = 1;
  bool is_negative = false;  ///< are the weights
  std::string weight_unit;
  double dt_ms = 0;
};

/// Changes are since the beginning of the simulation; weights are those of now. NaN where there is no value.
struct PlasticityMetrics {
  std::string projection;
  std::string weight_unit;
  std::uint64_t synapses = 0;
  std::uint64_t updates = 0;  ///< spikes that reached a synapse
  std::uint64_t potentiations = 0;
  std::uint64_t depressions = 0;
  double ratio = 0;             ///< potentiations / depressions
  double raised = 0;            ///< by all potentiations together, in the unit of a weight
  double lowered = 0;           ///< likewise
  double mean_change = 0;       ///< (raised + lowered) / updates
  double mean_dt_plus_ms = 0;   ///< from the source's spike to the target's, of potentiations
  double mean_dt_minus_ms = 0;  ///< from the target's to the source's, of depressions
  double unchanged_for_ms = 0;  ///< since the last change of a weight
  double mean_weight = 0;       ///< with its sign
  double share_at_min = 0;      ///< of the synapses, at w_min
  double share_at_max = 0;
  double w_min = 0;  ///< magnitudes, as the histogram's
  double w_max = 1;
  std::array<std::uint64_t, PlasticityReading::kBins> histogram{};  ///< of equal width from w_min to w_max
};

[[nodiscard]] PlasticityMetrics metrics_of(const LearningHeader& header, const PlasticityReading& reading);

}  // namespace sharpwave
