// A slow account of three-factor plasticity of one synapse, from its pairs and from integrals over time, in
// double and without traces of the spikes. It shares no code and no formula with the product.
#pragma once

#include <functional>
#include <vector>

#include "tests/reference/stdp_reference.hpp"

namespace sharpwave::reference {

/// Pairs fill the trace c by `plus` and `minus` of `pairs` as they would change a weight without exponents
/// and bounds; dc/dt = -c / tau, dw/dt = rate c gate.
struct EligibilitySetup {
  StdpSetup pairs;  ///< all_to_all or symmetric
  double tau_ms = 1000;
  double rate_per_ms = 1e-3;
  std::function<double(double t_ms)> gate;            ///< smooth between steps
  std::function<double(int step)> stretch = nullptr;  ///< of tau from a step to the next; null: none
};

/// The weight at `now`, in steps, of a synapse that has seen these spikes of its two neurons. Both lists
/// ascend, without repetitions.
double eligible_weight_at(const EligibilitySetup& setup, const std::vector<int>& pre,
                          const std::vector<int>& post, int now);

}  // namespace sharpwave::reference
