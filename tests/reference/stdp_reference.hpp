// A slow account of spike-timing-dependent plasticity of one synapse, pair by pair from the definitions, in
// double and without traces. It shares no code and no formula with the product.
#pragma once

#include <vector>

namespace sharpwave::reference {

enum class Pairs { all_to_all, symmetric, presynaptic, restricted };

/// Times in steps of dt.
struct StdpSetup {
  Pairs pairs = Pairs::all_to_all;
  int delay = 1;
  bool axonal = false;  ///< else all of the delay is dendritic
  double dt_ms = 0.1;
  double tau_plus_ms = 20;
  double tau_minus_ms = 20;
  double plus = 0;
  double minus = 0;
  double mu_plus = 0;
  double mu_minus = 0;
  double w_min = 0;
  double w_max = 1;
  double initial = 0.5;
};

/// The weight after each presynaptic spike has acted. Both lists ascend, without repetitions.
std::vector<double> weights_of(const StdpSetup& setup, const std::vector<int>& pre,
                               const std::vector<int>& post);

/// The weight after all of them.
double weight_after(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post);

}  // namespace sharpwave::reference
