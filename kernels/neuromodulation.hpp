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

/// What dopamine makes of potentiation by pairs.
SHARPWAVE_HD double potentiation_factor(double dopamine) {
  const double above = detail::clamped((dopamine - 0.5) / 0.5, -1, 1);
  const double factor = 1 + 0.5 * above;
  return factor > 0.1 ? factor : 0.1;
}

/// Likewise of depression.
SHARPWAVE_HD double depression_factor(double dopamine) {
  const double above = detail::clamped((dopamine - 0.5) / 0.5, -1, 1);
  const double factor = 1 - 0.3 * above;
  return factor > 0.1 ? factor : 0.1;
}

/// By which serotonin stretches the time constant of eligibility traces.
SHARPWAVE_HD double eligibility_factor(double serotonin) {
  return detail::clamped(0.5 + serotonin, 0.5, 1.5);
}

/// By which noradrenaline multiplies what neurons receive.
SHARPWAVE_HD double input_gain(double noradrenaline) {
  return detail::clamped(2 * noradrenaline, 0.5, 2);
}

/// By which acetylcholine multiplies what comes from outside of the network.
SHARPWAVE_HD double external_gain(double acetylcholine) {
  return acetylcholine > -0.5 ? 0.5 + acetylcholine : 0;
}

/// The learning rate of the gated three-factor rule: how much of an eligibility trace becomes weight, in
/// [0.1, 3] per unit of time.
SHARPWAVE_HD double learning_gate(const ModulatorLevels& levels) {
  const double acetylcholine = levels.acetylcholine >= 0.7 ? 1.5 : levels.acetylcholine <= 0.3 ? 0.6 : 1.0;
  const double mood = levels.serotonin < 0.5 ? 0.5 - levels.serotonin : levels.serotonin - 0.5;
  const double gate = 0.4 * acetylcholine + 0.35 * input_gain(levels.noradrenaline) + 0.25 * (1 - 0.5 * mood);
  const double error = levels.prediction_error < 0 ? -levels.prediction_error : levels.prediction_error;
  return detail::clamped(gate * (error > 0.1 ? error : 0.1), 0.1, 3);
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
