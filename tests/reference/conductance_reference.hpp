// The conductance models from their differential equations, by an adaptive solver (Dormand & Prince 1980,
// order 5 with an embedded estimate of order 4) in double. It shares no code and no formula with the product.
#pragma once

#include <vector>

namespace sharpwave::reference {

/// mV (absolute), ms, nS, pF, pA. With `exponential` the adaptive exponential neuron, else the leaky one.
struct ConductanceSetup {
  bool exponential = false;
  double dt_ms = 0.1;
  double C_m = 250, g_L = 16.6667, E_L = -70, V_th = -55, V_reset = -60;
  double E_ex = 0, E_in = -85, tau_syn_ex = 0.2, tau_syn_in = 2;
  double theta_plus = 0, tau_theta = 1e7;
  double Delta_T = 2, V_peak = 0, tau_w = 144, a = 4, b = 80.5;
  int t_ref_steps = 20;
  double current = 0;
  double tolerance = 1e-10;  ///< of each variable, per solver step
};

struct ConductanceTrace {
  std::vector<double> V, w, g_ex, g_in, theta;  ///< at the end of each step
  std::vector<int> spikes;                      ///< steps at whose end the neuron fired, from 0
};

/// Conductances ex[k] and in[k] (nS, both >= 0) arrive at the end of step k.
ConductanceTrace simulate(const ConductanceSetup& setup, const std::vector<double>& ex,
                          const std::vector<double>& in);

}  // namespace sharpwave::reference
