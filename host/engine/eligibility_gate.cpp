#include "host/engine/eligibility_gate.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/math.hpp"

namespace sharpwave {
namespace {

constexpr double kTimeConstants = 28;  // as in plasticity.cpp

}  // namespace

EligibilityGate::EligibilityGate(const EligibilitySpec& spec, double dt_ms, std::int64_t longest_delay)
    : spec_(spec), dt_ms_(dt_ms) {
  const double longest_tau = spec.tau_ms * (spec.serotonin_stretches ? 1.5 : 1.0);
  epoch_steps_ = static_cast<std::int64_t>(std::ceil(2 * spec.tau_ms / dt_ms));
  n_epochs_ = 2 + (4 * longest_delay + 8 + epoch_steps_ - 1) / epoch_steps_;
  memory_steps_ = static_cast<std::int64_t>(std::ceil(kTimeConstants * longest_tau / dt_ms));
  left_.resize(static_cast<std::size_t>(n_epochs_ * (epoch_steps_ + 1)), 1);
  moved_.resize(left_.size());
}

double EligibilityGate::gate_of(const ModulatorLevels& levels) const {
  return spec_.gated ? learning_gate(levels) : level_of(levels, spec_.modulator) - spec_.baseline;
}

// Of e^-x, x = dt/tau, over a step: the integrals of e^(-x u) and of u e^(-x u) for u from 0 to 1, as series.
EligibilityGate::Step EligibilityGate::step_of(double factor) const {
  const double x = dt_ms_ / (spec_.tau_ms * factor);
  double term = 1;  // (-x)^n / n!
  double level = 0;
  double rise = 0;
  constexpr int kTerms = 20;  // x is at most 2
  for (int n = 0; n < kTerms; ++n) {
    level += term / (n + 1);
    rise += term / (n + 2);
    term *= -x / (n + 1);
  }
  const double rate = spec_.rate_per_s * 1e-3 * dt_ms_;
  return {.factor = factor, .left = math::exp(-x), .by_level = rate * level, .by_rise = rate * rise};
}

void EligibilityGate::advance(std::int64_t step, const ModulatorLevels& begin, const ModulatorLevels& end,
                              bool learns) {
  const double factor = spec_.serotonin_stretches ? eligibility_factor(begin.serotonin) : 1.0;
  if (factor != step_.factor) step_ = step_of(factor);
  origin_ = step - n_done_;
  const auto at = static_cast<std::size_t>(n_done_ / epoch_steps_ % n_epochs_ * (epoch_steps_ + 1) +
                                           n_done_ % epoch_steps_);
  if (n_done_ % epoch_steps_ == 0) {
    left_[at] = 1;
    moved_[at] = 0;
  }
  const double gate = learns ? gate_of(begin) : 0;
  const double rise = learns ? gate_of(end) - gate : 0;
  moved_[at + 1] = moved_[at] + left_[at] * (gate * step_.by_level + rise * step_.by_rise);
  left_[at + 1] = left_[at] * step_.left;
  ++n_done_;
}

GateTable EligibilityGate::table() const {
  return {.origin = origin_,
          .left = left_.data(),
          .moved = moved_.data(),
          .epoch_steps = epoch_steps_,
          .n_epochs = n_epochs_};
}

std::vector<double> EligibilityGate::save() const {
  std::vector<double> saved{static_cast<double>(n_done_)};
  saved.insert(saved.end(), left_.begin(), left_.end());
  saved.insert(saved.end(), moved_.begin(), moved_.end());
  return saved;
}

void EligibilityGate::restore(std::int64_t step, const std::vector<double>& saved) {
  n_done_ = static_cast<std::int64_t>(saved.front());
  origin_ = step + 1 - n_done_;
  const auto n = static_cast<std::ptrdiff_t>(left_.size());
  std::copy_n(saved.begin() + 1, n, left_.begin());
  std::copy_n(saved.begin() + 1 + n, n, moved_.begin());
}

}  // namespace sharpwave
