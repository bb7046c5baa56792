// What is in a checkpoint, in figures; and in what two of them differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave {

/// Of the values of a variable; the figures are of those that are finite, NaN where none is.
struct VariableSummary {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::string name;
  double min = kNone;
  double max = kNone;
  double mean = kNone;
  double sd = kNone;  ///< of these values: the sum of squares over their number
  std::uint64_t n_non_finite = 0;
};

struct PopulationSummary {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t n_refractory = 0;
  std::vector<VariableSummary> variables;
};

[[nodiscard]] PopulationSummary summarise(const PopulationState& state);
/// Of its synapses: weights as they are kept, not brought up to date.
[[nodiscard]] VariableSummary summarise_weights(const PlasticState& state);

/// A field with different values.
struct FieldDifference {
  std::string field;  ///< as in the file: "wall_s", "instances/0/step"
  std::string first;
  std::string second;
};

/// A list of the same length in both, with different values.
struct ValueDifference {
  std::size_t instance = 0;
  std::string population;  ///< or plastic projection; empty where the list belongs to the instance
  std::string list;        ///< "V_m", "refractory_steps", "under_way/ids", "spikes"
  std::uint64_t n_different = 0;
  std::uint64_t first_index = 0;
  /// Infinite where one of the two is not finite.
  double largest = 0;
};

struct CheckpointComparison {
  std::vector<FieldDifference> run;    ///< what the next step does not depend on
  std::vector<FieldDifference> state;  ///< what it does depend on, but for:
  std::vector<ValueDifference> values;
  [[nodiscard]] bool same_state() const { return state.empty() && values.empty(); }
  [[nodiscard]] bool identical() const { return run.empty() && same_state(); }
};

/// Compares bit for bit: a NaN is the same as itself, and 0 differs from -0.
[[nodiscard]] CheckpointComparison compare(const Checkpoint& a, const Checkpoint& b);

}  // namespace sharpwave
