// What gates the eligibility traces of a projection, on the host: what kernels/eligibility_gate.hpp works on.
#pragma once

#include <cstdint>
#include <vector>

#include "host/network/model_spec.hpp"
#include "kernels/eligibility_gate.hpp"

namespace sharpwave {

/// e^-28 is below 2^-40: no float that anything was added to feels what is left of a trace after so many time
/// constants.
inline constexpr double kTimeConstants = 28;

class EligibilityGate {
 public:
  /// @param longest_delay  of the projection, in steps.
  EligibilityGate(const EligibilitySpec& spec, double dt_ms, std::int64_t longest_delay);

  /// As sharpwave::advance() of a Gate.
  void advance(std::int64_t step, const LevelsOfStep& levels, bool learns) {
    sharpwave::advance(gate(), step, levels, learns);
  }
  /// Covers an epoch, and four times the longest delay, back from the last step. See covered_steps().
  [[nodiscard]] GateTable table() const {
    return {progress_.origin, left_.data(), moved_.data(), constants_.epoch_steps, constants_.n_epochs};
  }
  /// Points into this.
  [[nodiscard]] Gate gate();
  /// In which a trace decays to between e^-4 and e^-1.
  [[nodiscard]] std::int64_t epoch_steps() const { return constants_.epoch_steps; }
  /// After which nothing is left of a trace.
  [[nodiscard]] std::int64_t memory_steps() const { return memory_steps_; }

  /// The tables, raw: steps done, and then of each entry what is left and what has been moved.
  [[nodiscard]] std::vector<double> save() const;
  /// So far back, at least, table() covers what has been added.
  [[nodiscard]] std::int64_t covered_steps() const {
    return (constants_.n_epochs - 1) * constants_.epoch_steps;
  }
  [[nodiscard]] std::size_t saved_size() const { return 1 + 2 * left_.size(); }
  /// @param step  the last one that was added.
  void restore(std::int64_t step, const std::vector<double>& saved);

 private:
  Gate constants_;  ///< without its pointers
  std::int64_t memory_steps_;
  GateProgress progress_;
  std::vector<double> left_;
  std::vector<double> moved_;
};

/// In steps: with silent sources, before their synapses are followed up.
[[nodiscard]] std::int64_t patience_of(const EligibilityGate& gate, std::int64_t longest_delay);

}  // namespace sharpwave
