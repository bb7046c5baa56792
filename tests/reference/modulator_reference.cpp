#include "tests/reference/modulator_reference.hpp"

#include <algorithm>
#include <cmath>

namespace sharpwave::reference {
namespace {

double tonic_at(const ModulatorSetup& m, double dt_ms, double now) {
  double level = m.baseline;
  double target = m.baseline;
  double since = 0;
  const auto move_to = [&](double time) {
    level = target + (level - target) * std::exp(-(time - since) * dt_ms / m.tau_tonic_ms);
    since = time;
  };
  for (const auto& [step, value] : m.targets) {
    if (step > std::floor(now)) break;
    move_to(step);
    target = value;
  }
  move_to(now);
  return level;
}

/// What is left of these.
double sum_at(const Events& events, double dt_ms, double tau_ms, double now) {
  double sum = 0;
  for (const auto& [step, amount] : events)
    if (step <= std::floor(now)) sum += amount * std::exp(-(now - step) * dt_ms / tau_ms);
  return sum;
}

/// What rewards have released, and what is left of the last errors at `now`.
struct Rewarded {
  Events releases;
  double error = 0;
};

Rewarded rewarded(const RegionSetup& r, double now) {
  Rewarded rewarded;
  double expected = r.expected_reward;
  double last = 0;
  const auto fade_until = [&](double time) {
    rewarded.error *= std::exp(-(time - last) * r.dt_ms / r.dopamine.tau_phasic_ms);
    last = time;
  };
  for (const auto& [step, reward] : r.rewards) {
    if (step > std::floor(now)) break;
    fade_until(step);
    const double error = std::clamp(reward - expected, -1.0, 1.0);
    expected += r.reward_learning_rate * error;
    rewarded.error = std::clamp(rewarded.error + error, -1.0, 1.0);
    if (std::abs(error) > r.surprise) rewarded.releases.emplace_back(step, r.release * error);
  }
  fade_until(now);
  return rewarded;
}

double bounded(const ModulatorSetup& m, double level) {
  return std::clamp(level, m.min, m.max);
}

}  // namespace

RegionLevels levels_at(const RegionSetup& r, int step, double part) {
  // Events of the step are over, those of the next one are not there yet, also where `part` is 1.
  const double now = step + std::min(part, 1 - 1e-9);
  const Rewarded of_rewards = rewarded(r, now);
  const auto own = [&](const ModulatorSetup& m, const Events& released) {
    return bounded(m, tonic_at(m, r.dt_ms, now) + sum_at(m.pulses, r.dt_ms, m.tau_phasic_ms, now) +
                          sum_at(released, r.dt_ms, m.tau_phasic_ms, now));
  };
  const RegionLevels alone{.dopamine = own(r.dopamine, of_rewards.releases),
                           .serotonin = own(r.serotonin, {}),
                           .noradrenaline = own(r.noradrenaline, {}),
                           .acetylcholine = own(r.acetylcholine, {}),
                           .error = of_rewards.error};
  if (!r.crosstalk) return alone;
  const double sigmoid = 0.5 * (1 + std::tanh(-5 * (alone.acetylcholine - 0.5)));  // of -10 (ACh - 0.5)
  return {.dopamine = bounded(r.dopamine, alone.dopamine * sigmoid),
          .serotonin = bounded(r.serotonin, alone.serotonin - 0.3 * alone.dopamine * alone.serotonin),
          .noradrenaline = alone.noradrenaline,
          .acetylcholine = bounded(r.acetylcholine, alone.acetylcholine + 0.4 * alone.noradrenaline),
          .error = alone.error};
}

double attention_of(const RegionLevels& levels) {
  if (levels.acetylcholine >= 0.7) return 1.5;
  return levels.acetylcholine > 0.3 ? 1 : 0.6;
}

double learning_rate_of(const RegionLevels& levels) {
  const double arousal = std::clamp(levels.noradrenaline / 0.5, 0.5, 2.0);
  const double mood = 1 - std::abs(levels.serotonin - 0.5) / 2;
  const double gate = (8 * attention_of(levels) + 7 * arousal + 5 * mood) / 20;
  return std::clamp(gate * std::max(std::abs(levels.error), 0.1), 0.1, 3.0);
}

double potentiation_of(double dopamine) {
  return std::max(0.1, 1 + 0.5 * std::clamp(2 * dopamine - 1, -1.0, 1.0));
}

double depression_of(double dopamine) {
  return std::max(0.1, 1 - 0.3 * std::clamp(2 * dopamine - 1, -1.0, 1.0));
}

double stretch_of(double serotonin) {
  return std::clamp(serotonin + 0.5, 0.5, 1.5);
}

}  // namespace sharpwave::reference
