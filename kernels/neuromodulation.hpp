// What neuromodulators gate, and how they act on each other (models, section 5).
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/math.hpp"
#include "kernels/portability.hpp"

namespace sharpwave {

enum class Modulator : std::uint8_t { dopamine, serotonin, noradrenaline, acetylcholine };
inline constexpr int kModulators = 4;

/// As configs and files call it.
constexpr const char* name_of(Modulator modulator) {
  constexpr const char* kNames[kModulators] = {"dopamine", "serotonin", "noradrenaline", "acetylcholine"};
  return kNames[static_cast<int>(modulator)];
}

/// Of a region. What it does not have stays at a level at which it gates nothing.
struct ModulatorLevels {
  double dopamine = 0.5;
  double serotonin = 0.5;
  double noradrenaline = 0.5;
  double acetylcholine = 0.5;
  double prediction_error = 0;  ///< what is left of the last errors, in [-1, 1]
};

namespace detail {

SHARPWAVE_HD double clamped(double x, double least, double most) {
  return x < least ? least : x > most ? most : x;
}

}  // namespace detail

SHARPWAVE_HD double& level_of(ModulatorLevels& levels, Modulator modulator) {
  switch (modulator) {
    case Modulator::dopamine:
      return levels.dopamine;
    case Modulator::serotonin:
      return levels.serotonin;
    case Modulator::noradrenaline:
      return levels.noradrenaline;
    case Modulator::acetylcholine:
      break;
  }
  return levels.acetylcholine;
}
SHARPWAVE_HD double level_of(const ModulatorLevels& levels, Modulator modulator) {
  ModulatorLevels copy = levels;
  return level_of(copy, modulator);
}

/// How a neuromodulator multiplies something: by 1 + slope (level - neutral), within bounds.
struct LevelGate {
  Modulator modulator = Modulator::dopamine;
  double slope = 1;
  double neutral = 0.5;
  double min = 0;
  double max = 1;
  bool operator==(const LevelGate&) const = default;
};

/// The rate of the gated three-factor rule, how much of an eligibility trace becomes weight per unit of time:
/// a weighted sum of what acetylcholine, noradrenaline (as a gain of input) and serotonin make of it, times
/// the error of prediction, within bounds.
struct LearningGate {
  double acetylcholine = 0.4;  ///< weights of the sum
  double noradrenaline = 0.35;
  double serotonin = 0.25;
  double encoding_from = 0.7;  ///< a level of acetylcholine, at least
  double retrieval_to = 0.3;   ///< likewise, at most
  double encoding = 1.5;       ///< the factor of acetylcholine there
  double neutral = 1;          ///< between them
  double retrieval = 0.6;
  double mood = 0.5;         ///< what serotonin takes away per unit of its distance from 0.5
  double least_error = 0.1;  ///< smaller ones count as this
  double min = 0.1;
  double max = 3;
  bool operator==(const LearningGate&) const = default;
};

/// Bounds of what `RegionGates::eligibility_time` comes to: tables of eligibility traces rest on them.
inline constexpr double kLeastStretch = 0.5;
inline constexpr double kMostStretch = 2;

/// What the neuromodulators of a region gate, and how.
struct RegionGates {
  LevelGate potentiation{Modulator::dopamine, 1, 0.5, 0.5, 1.5};
  LevelGate depression{Modulator::dopamine, -0.6, 0.5, 0.7, 1.3};
  LevelGate eligibility_time{Modulator::serotonin, 1, 0.5, 0.5, 1.5};
  LevelGate input_gain{Modulator::noradrenaline, 2, 0.5, 0.5, 2};
  LevelGate external_gain{Modulator::acetylcholine, 1, 0.5, 0, 1.5};
  LearningGate learning_rate;
  bool operator==(const RegionGates&) const = default;
};

/// What the gates of a region come to.
struct GateFactors {
  double potentiation = 1;      ///< of what pairs strengthen by
  double depression = 1;        ///< of what they weaken by
  double eligibility_time = 1;  ///< of the time constant of eligibility traces
  double input_gain = 1;        ///< of what neurons receive
  double external_gain = 1;     ///< of the weights of inputs from outside of the network
  double learning_rate = 1;     ///< of the gated three-factor rule
};

SHARPWAVE_HD double factor_of(const LevelGate& gate, double level) {
  return detail::clamped(1 + gate.slope * (level - gate.neutral), gate.min, gate.max);
}

SHARPWAVE_HD double factor_of(const LearningGate& gate, const ModulatorLevels& levels, double input_gain) {
  const double attention = levels.acetylcholine >= gate.encoding_from  ? gate.encoding
                           : levels.acetylcholine <= gate.retrieval_to ? gate.retrieval
                                                                       : gate.neutral;
  const double mood = levels.serotonin < 0.5 ? 0.5 - levels.serotonin : levels.serotonin - 0.5;
  const double sum = gate.acetylcholine * attention + gate.noradrenaline * input_gain +
                     gate.serotonin * (1 - gate.mood * mood);
  const double error = levels.prediction_error < 0 ? -levels.prediction_error : levels.prediction_error;
  return detail::clamped(sum * (error > gate.least_error ? error : gate.least_error), gate.min, gate.max);
}

SHARPWAVE_HD double factor_of(const LevelGate& gate, const ModulatorLevels& levels) {
  return factor_of(gate, level_of(levels, gate.modulator));
}

/// GateFactors::learning_rate.
SHARPWAVE_HD double learning_rate_of(const RegionGates& gates, const ModulatorLevels& levels) {
  return factor_of(gates.learning_rate, levels, factor_of(gates.input_gain, levels));
}

SHARPWAVE_HD GateFactors factors_of(const RegionGates& gates, const ModulatorLevels& levels) {
  return {.potentiation = factor_of(gates.potentiation, levels),
          .depression = factor_of(gates.depression, levels),
          .eligibility_time = factor_of(gates.eligibility_time, levels),
          .input_gain = factor_of(gates.input_gain, levels),
          .external_gain = factor_of(gates.external_gain, levels),
          .learning_rate = learning_rate_of(gates, levels)};
}

/// Dopamine keeps serotonin down, acetylcholine dopamine, and noradrenaline calls acetylcholine.
/// @param has  [kModulators] which of them the region has; others neither act nor are acted on.
SHARPWAVE_HD ModulatorLevels with_crosstalk(const ModulatorLevels& own, const bool* has) {
  const bool has_dopamine = has[static_cast<int>(Modulator::dopamine)];
  const bool has_serotonin = has[static_cast<int>(Modulator::serotonin)];
  const bool has_noradrenaline = has[static_cast<int>(Modulator::noradrenaline)];
  const bool has_acetylcholine = has[static_cast<int>(Modulator::acetylcholine)];
  ModulatorLevels levels = own;
  if (has_serotonin && has_dopamine) levels.serotonin = own.serotonin * (1 - 0.3 * own.dopamine);
  if (has_acetylcholine && has_noradrenaline)
    levels.acetylcholine = own.acetylcholine + 0.4 * own.noradrenaline;
  if (has_dopamine && has_acetylcholine)
    levels.dopamine = own.dopamine / (1 + math::exp(10 * (own.acetylcholine - 0.5)));
  return levels;
}

}  // namespace sharpwave
