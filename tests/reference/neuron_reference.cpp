#include "tests/reference/neuron_reference.hpp"

#include <array>
#include <cmath>

namespace sharpwave::reference {
namespace {

// V, then current and its rising phase (alpha only), excitatory and inhibitory.
using State = std::array<double, 5>;
enum { kV, kIEx, kYEx, kIIn, kYIn };

State derivative(const NeuronSetup& n, const State& s, bool v_is_held) {
  State d{};
  if (!v_is_held) d[kV] = -s[kV] / n.tau_m_ms + (s[kIEx] + s[kIIn] + n.current_pA) / n.C_m_pF;
  d[kIEx] = -s[kIEx] / n.tau_syn_ex_ms + s[kYEx];
  d[kIIn] = -s[kIIn] / n.tau_syn_in_ms + s[kYIn];
  d[kYEx] = -s[kYEx] / n.tau_syn_ex_ms;
  d[kYIn] = -s[kYIn] / n.tau_syn_in_ms;
  return d;
}

State moved(const State& s, const State& d, double h) {
  State result = s;
  for (std::size_t k = 0; k < s.size(); ++k) result[k] += h * d[k];
  return result;
}

State runge_kutta(const NeuronSetup& n, State s, bool v_is_held) {
  constexpr int kSubsteps = 64;
  const double h = n.dt_ms / kSubsteps;
  for (int k = 0; k < kSubsteps; ++k) {
    const State d1 = derivative(n, s, v_is_held);
    const State d2 = derivative(n, moved(s, d1, h / 2), v_is_held);
    const State d3 = derivative(n, moved(s, d2, h / 2), v_is_held);
    const State d4 = derivative(n, moved(s, d3, h), v_is_held);
    for (std::size_t i = 0; i < s.size(); ++i) s[i] += h / 6 * (d1[i] + 2 * d2[i] + 2 * d3[i] + d4[i]);
  }
  return s;
}

}  // namespace

Trace simulate(const NeuronSetup& n, const std::vector<double>& ex, const std::vector<double>& in) {
  Trace trace;
  State s{};
  s[kV] = n.initial_v_mV;
  int refractory_steps = 0;
  double kept_mV = 0;
  for (std::size_t step = 0; step < ex.size(); ++step) {
    const bool refractory = refractory_steps > 0;
    s = runge_kutta(n, s, refractory);
    if (n.model == Model::delta) {
      if (!refractory) {
        s[kV] += ex[step] + kept_mV;
        kept_mV = 0;
      } else if (n.refractory_input) {
        kept_mV += ex[step] * std::exp(-refractory_steps * n.dt_ms / n.tau_m_ms);
      }
    } else if (n.model == Model::exp) {
      s[kIEx] += ex[step];
      s[kIIn] += in[step];
    } else {
      s[kYEx] += ex[step] * std::exp(1.0) / n.tau_syn_ex_ms;
      s[kYIn] += in[step] * std::exp(1.0) / n.tau_syn_in_ms;
    }
    if (refractory) --refractory_steps;
    if (s[kV] >= n.v_th_mV) {
      s[kV] = n.v_reset_mV;
      refractory_steps = n.t_ref_steps;
      trace.spikes.push_back(static_cast<int>(step));
    }
    trace.v_mV.push_back(s[kV]);
  }
  return trace;
}

}  // namespace sharpwave::reference
