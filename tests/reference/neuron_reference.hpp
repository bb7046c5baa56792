// A slow integrator of the neuron models, written from their differential equations and for clarity:
// classical Runge-Kutta in double with very small steps. It shares no code and no formula with the product.
#pragma once

#include <vector>

namespace sharpwave::reference {

enum class Model { delta, exp, alpha };

/// Potentials in mV relative to E_L; ms, pA, pF.
struct NeuronSetup {
  Model model = Model::exp;
  double dt_ms = 0.1;
  double C_m_pF = 250;
  double tau_m_ms = 10;
  double tau_syn_ex_ms = 2;
  double tau_syn_in_ms = 2;
  double v_th_mV = 15;
  double v_reset_mV = 0;
  int t_ref_steps = 20;
  double current_pA = 0;
  double initial_v_mV = 0;
  bool refractory_input = false;
};

struct Trace {
  std::vector<double> v_mV;  ///< at the end of each step
  std::vector<int> spikes;   ///< steps at whose end the neuron fired, from 0
};

/// Input k arrives at the end of step k. For delta, `ex` holds the jumps and `in` is not read.
Trace simulate(const NeuronSetup& setup, const std::vector<double>& ex, const std::vector<double>& in);

}  // namespace sharpwave::reference
