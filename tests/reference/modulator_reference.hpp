// A slow account of a region that has all four neuromodulators: its levels at any moment, from the list of
// all that has moved them, and what they gate, from the equations (models, section 5). In double and without
// a state that goes from step to step. It shares no code and no formula with the product.
#pragma once

#include <utility>
#include <vector>

namespace sharpwave::reference {

/// Something that happens in a step, ascending by it.
using Events = std::vector<std::pair<int, double>>;

struct ModulatorSetup {
  double baseline = 0.5;
  double min = 0.05;
  double max = 1;
  double tau_tonic_ms = 949;
  double tau_phasic_ms = 200;
  Events pulses;   ///< by which it rises
  Events targets;  ///< to which the tonic part goes from then on
};

struct RegionSetup {
  double dt_ms = 0.1;
  ModulatorSetup dopamine, serotonin, noradrenaline, acetylcholine;
  bool crosstalk = true;
  Events rewards;
  double expected_reward = 0.5;
  double reward_learning_rate = 0.1;
  double release = 0.5;
  double surprise = 0.05;
};

struct RegionLevels {
  double dopamine = 0.5;
  double serotonin = 0.5;
  double noradrenaline = 0.5;
  double acetylcholine = 0.5;
  double error = 0;  ///< what is left of the errors of prediction
};

/// At the end of `step` after all that happens in it, or where `part` of the next step has passed since;
/// 1 is just before what happens then.
RegionLevels levels_at(const RegionSetup& region, int step, double part = 0);

/// g of `three_factor`.
double learning_rate_of(const RegionLevels& levels);
/// The first factor of g that jumps: 1.5, 1 or 0.6.
double attention_of(const RegionLevels& levels);
/// By which dopamine multiplies A_plus and A_minus.
double potentiation_of(double dopamine);
double depression_of(double dopamine);
/// By which serotonin multiplies tau_c.
double stretch_of(double serotonin);

}  // namespace sharpwave::reference
