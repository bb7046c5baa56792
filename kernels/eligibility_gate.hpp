// What gates the eligibility traces of a projection: one more entry of its table in every step.
#pragma once

#include <cstdint>

#include "kernels/eligibility.hpp"
#include "kernels/math.hpp"
#include "kernels/neuromodulation.hpp"
#include "kernels/portability.hpp"
#include "kernels/region.hpp"

namespace sharpwave {

/// What a trace of 1 does within a step, by the gate at the step's beginning and by its rise.
struct GateStep {
  double factor = 0;  ///< by which the time constant is stretched
  double left = 1;
  double by_level = 0;
  double by_rise = 0;
};

struct GateProgress {
  std::int64_t n_done = 0;  ///< steps
  std::int64_t origin = 0;  ///< as in GateTable
  GateStep step;            ///< of the factor that was used last
};

/// Plain data: whoever made it owns what it points to.
struct Gate {
  bool is_learning_gate = false;  ///< of the region; else level - baseline
  Modulator modulator = Modulator::dopamine;
  double baseline = 0;
  double tau_ms = 1000;
  double rate_per_s = 1;
  bool is_stretched = false;  ///< by the region's gate of eligibility_time
  double dt_ms = 0.1;
  std::int64_t epoch_steps = 1;
  std::int64_t n_epochs = 1;
  double* left = nullptr;   ///< as in GateTable
  double* moved = nullptr;  ///< likewise
  GateProgress* progress = nullptr;
};

SHARPWAVE_HD GateTable table_of(const Gate& gate) {
  return {.origin = gate.progress->origin,
          .left = gate.left,
          .moved = gate.moved,
          .epoch_steps = gate.epoch_steps,
          .n_epochs = gate.n_epochs};
}

namespace detail {

/// @param rate  of the region's learning gate at these levels.
SHARPWAVE_HD double opening(const Gate& gate, const ModulatorLevels& levels, double rate) {
  return gate.is_learning_gate ? rate : level_of(levels, gate.modulator) - gate.baseline;
}

/// Of e^-x, x = dt/tau, over a step: the integrals of e^(-x u) and of u e^(-x u) for u from 0 to 1, as
/// series.
SHARPWAVE_HD GateStep gate_step(const Gate& gate, double factor) {
  const double x = gate.dt_ms / (gate.tau_ms * factor);
  double term = 1;  // (-x)^n / n!
  double level = 0;
  double rise = 0;
  constexpr int kTerms = 20;  // x is at most 2
  for (int n = 0; n < kTerms; ++n) {
    level += term / (n + 1);
    rise += term / (n + 2);
    term *= -x / (n + 1);
  }
  const double rate = gate.rate_per_s * 1e-3 * gate.dt_ms;
  return {.factor = factor, .left = math::exp(-x), .by_level = rate * level, .by_rise = rate * rise};
}

}  // namespace detail

/// Adds what happens from `step`, the one after those so far, to the next.
/// @param levels  of its region; between begin and end the gate is taken to move in a straight line.
/// @param learns  else it is shut.
SHARPWAVE_HD void advance(const Gate& gate, std::int64_t step, const LevelsOfStep& levels, bool learns) {
  GateProgress& progress = *gate.progress;
  const double factor = gate.is_stretched ? levels.factors.eligibility_time : 1.0;
  if (factor != progress.step.factor) progress.step = detail::gate_step(gate, factor);
  progress.origin = step - progress.n_done;
  const std::int64_t in_epoch = progress.n_done % gate.epoch_steps;
  const std::int64_t at =
      progress.n_done / gate.epoch_steps % gate.n_epochs * (gate.epoch_steps + 1) + in_epoch;
  if (in_epoch == 0) {
    gate.left[at] = 1;
    gate.moved[at] = 0;
  }
  const double level = learns ? detail::opening(gate, levels.begin, levels.factors.learning_rate) : 0;
  const double rise = learns ? detail::opening(gate, levels.end, levels.end_rate) - level : 0;
  gate.moved[at + 1] =
      gate.moved[at] + gate.left[at] * (level * progress.step.by_level + rise * progress.step.by_rise);
  gate.left[at + 1] = gate.left[at] * progress.step.left;
  ++progress.n_done;
}

}  // namespace sharpwave
