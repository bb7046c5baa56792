// What can be read of plastic projections while a network runs. Looking changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace sharpwave {

/// What a plastic projection has come to, all in integers: the same however many threads there are.
struct PlasticityReading {
  static constexpr std::size_t kBins = 50;
  /// Of sums of weights, of `raised` and of `lowered`, in w_max.
  static constexpr double kUnit = 1.0 / (1 << 24);

  std::uint32_t projection = 0;  ///< of the spec

  // Since the beginning; but for updates and unchanged_steps with what spikes of the source have still to
  // find.
  std::uint64_t updates = 0;          ///< spikes that reached a synapse
  std::uint64_t potentiations = 0;    ///< of these and of targets' spikes, those that strengthened one
  std::uint64_t depressions = 0;      ///< or weakened it
  std::uint64_t raised = 0;           ///< by so much in all, in kUnit
  std::uint64_t lowered = 0;          ///< likewise
  std::uint64_t steps_plus = 0;       ///< from the source's spike to the target's, of all potentiations
  std::uint64_t steps_minus = 0;      ///< from the target's to the source's, of all depressions
  std::uint64_t unchanged_steps = 0;  ///< since a weight changed last, or since the beginning

  // Of the weights as they are now.
  std::uint64_t weight_sum = 0;  ///< in kUnit
  std::uint64_t at_min = 0;      ///< synapses at w_min
  std::uint64_t at_max = 0;
  std::array<std::uint64_t, kBins> histogram{};  ///< of equal width from w_min to w_max

  /// What several shares of the synapses have come to.
  PlasticityReading& operator+=(const PlasticityReading& other) {
    updates += other.updates;
    potentiations += other.potentiations;
    depressions += other.depressions;
    raised += other.raised;
    lowered += other.lowered;
    steps_plus += other.steps_plus;
    steps_minus += other.steps_minus;
    unchanged_steps = unchanged_steps < other.unchanged_steps ? unchanged_steps : other.unchanged_steps;
    weight_sum += other.weight_sum;
    at_min += other.at_min;
    at_max += other.at_max;
    for (std::size_t k = 0; k < kBins; ++k) histogram[k] += other.histogram[k];
    return *this;
  }
  bool operator==(const PlasticityReading&) const = default;
};

/// What a memory is told of a plastic projection, which takes far less to look at.
struct LearningReading {
  std::uint32_t projection = 0;
  std::uint64_t changed = 0;  ///< by so much in all spikes have raised and lowered weights, in kUnit, as a
                              ///< checkpoint has it: without what they have still to find
  std::uint64_t eligibility =
      0;  ///< sum of the absolute eligibility traces as they are now, in kUnit; 0 without
  bool operator==(const LearningReading&) const = default;
};

/// Between which neurons synapses are: lists of one length.
struct PlasticSynapses {
  std::vector<std::uint32_t> sources;  ///< indices within the populations
  std::vector<std::uint32_t> targets;
  std::vector<std::uint32_t> delay_steps;
};

}  // namespace sharpwave
