// What gates the eligibility traces of a projection, step by step.
#pragma once

#include <cstdint>
#include <vector>

#include "host/network/model_spec.hpp"
#include "kernels/eligibility.hpp"
#include "kernels/neuromodulation.hpp"

namespace sharpwave {

class EligibilityGate {
 public:
  /// @param longest_delay  of the projection, in steps.
  EligibilityGate(const EligibilitySpec& spec, double dt_ms, std::int64_t longest_delay);

  /// Adds what happens from `step`, the one after those so far, to the next.
  /// @param begin, end  the region's levels then; between them the gate is taken to move in a straight line.
  /// @param learns      else it is shut.
  void advance(std::int64_t step, const ModulatorLevels& begin, const ModulatorLevels& end, bool learns);
  /// Covers an epoch, and four times the longest delay, back from the last step. See covered_steps().
  [[nodiscard]] GateTable table() const;
  /// In which a trace decays to between e^-4 and e^-1.
  [[nodiscard]] std::int64_t epoch_steps() const { return epoch_steps_; }
  /// After which nothing is left of a trace.
  [[nodiscard]] std::int64_t memory_steps() const { return memory_steps_; }

  /// The tables, raw: steps done, and then of each entry what is left and what has been moved.
  [[nodiscard]] std::vector<double> save() const;
  /// So far back, at least, table() covers what has been added.
  [[nodiscard]] std::int64_t covered_steps() const { return (n_epochs_ - 1) * epoch_steps_; }
  [[nodiscard]] std::size_t saved_size() const { return 1 + 2 * left_.size(); }
  /// @param step  the last one that was added.
  void restore(std::int64_t step, const std::vector<double>& saved);

 private:
  /// What a trace of 1 does within a step, by the gate at the step's beginning and by its rise.
  struct Step {
    double factor = 0;  ///< by which the time constant is stretched
    double left = 1;
    double by_level = 0;
    double by_rise = 0;
  };
  [[nodiscard]] double gate_of(const ModulatorLevels& levels) const;
  [[nodiscard]] Step step_of(double factor) const;

  EligibilitySpec spec_;
  double dt_ms_;
  std::int64_t epoch_steps_;
  std::int64_t n_epochs_;
  std::int64_t memory_steps_;
  std::int64_t n_done_ = 0;
  std::int64_t origin_ = 0;
  Step step_;
  std::vector<double> left_;
  std::vector<double> moved_;
};

}  // namespace sharpwave
