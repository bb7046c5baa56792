#include "host/engine/eligibility_gate.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave {
EligibilityGate::EligibilityGate(const EligibilitySpec& spec, double dt_ms, std::int64_t longest_delay)
    : constants_{.is_learning_gate = spec.gated,
                 .modulator = spec.modulator,
                 .baseline = spec.baseline,
                 .tau_ms = spec.tau_ms,
                 .rate_per_s = spec.rate_per_s,
                 .is_stretched = spec.gated_tau_c,
                 .dt_ms = dt_ms,
                 .epoch_steps = static_cast<std::int64_t>(std::ceil(2 * spec.tau_ms / dt_ms))} {
  const double longest_tau = spec.tau_ms * (spec.gated_tau_c ? kMostStretch : 1.0);
  const std::int64_t epoch_steps = constants_.epoch_steps;
  constants_.n_epochs = 2 + (4 * longest_delay + 8 + epoch_steps - 1) / epoch_steps;
  memory_steps_ = static_cast<std::int64_t>(std::ceil(kTimeConstants * longest_tau / dt_ms));
  left_.resize(static_cast<std::size_t>(constants_.n_epochs * (epoch_steps + 1)), 1);
  moved_.resize(left_.size());
}

Gate EligibilityGate::gate() {
  Gate gate = constants_;
  gate.left = left_.data();
  gate.moved = moved_.data();
  gate.progress = &progress_;
  return gate;
}

std::vector<double> EligibilityGate::save() const {
  std::vector<double> saved{static_cast<double>(progress_.n_done)};
  saved.insert(saved.end(), left_.begin(), left_.end());
  saved.insert(saved.end(), moved_.begin(), moved_.end());
  return saved;
}

void EligibilityGate::restore(std::int64_t step, const std::vector<double>& saved) {
  progress_ = {.n_done = static_cast<std::int64_t>(saved.front())};
  progress_.origin = step + 1 - progress_.n_done;
  const auto n = static_cast<std::ptrdiff_t>(left_.size());
  std::copy_n(saved.begin() + 1, n, left_.begin());
  std::copy_n(saved.begin() + 1 + n, n, moved_.begin());
}

std::int64_t patience_of(const EligibilityGate& gate, std::int64_t longest_delay) {
  return std::max(gate.epoch_steps(), 2 * longest_delay + 2);
}

}  // namespace sharpwave
