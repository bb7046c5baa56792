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
  bool power_law = false;  ///< potentiation by `plus` w^mu_plus instead
  double w_min = 0;
  double w_max = 1;
  double initial = 0.5;
  double triplet_plus = 0;   ///< added to `plus` for each spike of the target before, decaying
  double triplet_minus = 0;  ///< likewise to `minus`, of the source
  double tau_slow_plus_ms = 101;
  double tau_slow_minus_ms = 125;
  double per_pre = 0;               ///< by which each spike of the source weakens
  std::vector<int> switches = {0};  ///< steps at which learning begins, ends, begins ...
};

/// The weight after each presynaptic spike has acted. Both lists ascend, without repetitions.
std::vector<double> weights_of(const StdpSetup& setup, const std::vector<int>& pre,
                               const std::vector<int>& post);

/// The weight after all of them.
double weight_after(const StdpSetup& setup, const std::vector<int>& pre, const std::vector<int>& post);

}  // namespace sharpwave::reference
