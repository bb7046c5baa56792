// A slow account of three-factor plasticity of one synapse, from its pairs and from integrals over time, in
// double and without traces of the spikes. It shares no code and no formula with the product.
#pragma once

#include <functional>
#include <vector>

#include "tests/reference/stdp_reference.hpp"

namespace sharpwave::reference {

/// From the end of a step to the next: just after what happens in it, half way, just before what comes then.
struct GateOfStep {
  double begin = 0;
  double middle = 0;
  double end = 0;
};

/// Pairs fill the trace c by `plus` and `minus` of `pairs` as they would change a weight without exponents
/// and bounds; dc/dt = -c / tau, dw/dt = rate c gate.
struct EligibilitySetup {
  StdpSetup pairs;  ///< all_to_all or symmetric
  double tau_ms = 1000;
  double rate_per_ms = 1e-3;
  std::function<GateOfStep(int step)> gate;
  std::function<double(int step)> stretch = nullptr;  ///< of tau from a step to the next; null: none
};

struct EligibleCourse {
  double weight = 0;
  /// By which it would have moved if all pairs and the gate were of one sign: what errors are a share of.
  double moved = 0;
  /// Of that, how much is due to the gate not going in a straight line within steps.
  double bent = 0;
};

/// What has become at `now`, in steps, of a synapse that has seen these spikes of its two neurons. Both lists
/// ascend, without repetitions.
EligibleCourse eligible_course_until(const EligibilitySetup& setup, const std::vector<int>& pre,
                                     const std::vector<int>& post, int now);

/// Its weight.
double eligible_weight_at(const EligibilitySetup& setup, const std::vector<int>& pre,
                          const std::vector<int>& post, int now);

}  // namespace sharpwave::reference
