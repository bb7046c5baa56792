#include "tests/reference/conductance_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sharpwave::reference {
namespace {

using ConductanceState = std::array<double, 4>;
enum { kVm, kW, kGEx, kGIn };

ConductanceState derivative(const ConductanceSetup& n, const ConductanceState& s, bool held) {
  const double V = held ? n.V_reset : (n.exponential ? std::min(s[kVm], n.V_peak) : s[kVm]);
  ConductanceState d{};
  d[kGEx] = -s[kGEx] / n.tau_syn_ex;
  d[kGIn] = -s[kGIn] / n.tau_syn_in;
  if (n.exponential) d[kW] = (n.a * (V - n.E_L) - s[kW]) / n.tau_w;
  if (held) return d;
  double current = -n.g_L * (V - n.E_L) - s[kGEx] * (V - n.E_ex) - s[kGIn] * (V - n.E_in) + n.current;
  if (n.exponential) {
    current -= s[kW];
    if (n.Delta_T > 0) current += n.g_L * n.Delta_T * std::exp((V - n.V_th) / n.Delta_T);
  }
  d[kVm] = current / n.C_m;
  return d;
}

// One attempt of size h; the largest error of a variable in units of the tolerance.
double attempt(const ConductanceSetup& n, const ConductanceState& s, double h, bool held,
               ConductanceState& after) {
  constexpr double kA[6][6] = {{1.0 / 5},
                               {3.0 / 40, 9.0 / 40},
                               {44.0 / 45, -56.0 / 15, 32.0 / 9},
                               {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                               {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                               {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
  constexpr double kE[7] = {71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                            -17253.0 / 339200, 22.0 / 525, -1.0 / 40};
  std::array<ConductanceState, 7> k;
  k[0] = derivative(n, s, held);
  for (std::size_t stage = 1; stage < 7; ++stage) {
    after = s;
    for (std::size_t j = 0; j < stage; ++j)
      for (std::size_t i = 0; i < s.size(); ++i) after[i] += h * kA[stage - 1][j] * k[j][i];
    k[stage] = derivative(n, after, held);
  }
  double error = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    double e = 0;
    for (std::size_t stage = 0; stage < 7; ++stage) e += h * kE[stage] * k[stage][i];
    error = std::max(error, std::abs(e) / (n.tolerance * (1 + std::abs(s[i]))));
  }
  return error;
}

// Advances a time step; true if V reached its peak on the way, after which it is held.
bool advance(const ConductanceSetup& n, ConductanceState& s, bool held) {
  const double peak = n.exponential && n.Delta_T > 0 ? n.V_peak : n.V_th;
  double left = n.dt_ms;
  double h = n.dt_ms / 4;
  bool spike = false;
  while (left > 1e-14) {
    h = std::min(h, left);
    ConductanceState after{};
    const double error = attempt(n, s, h, held || spike, after);
    if (error <= 1) {
      s = after;
      left -= h;
      if (n.exponential && !held && !spike && s[kVm] >= peak) {
        spike = true;
        s[kVm] = n.V_reset;
        s[kW] += n.b;
      }
    }
    h *= std::clamp(0.9 * std::pow(std::max(error, 1e-12), -0.2), 0.1, 5.0);
  }
  return spike;
}

}  // namespace

ConductanceTrace simulate(const ConductanceSetup& n, const std::vector<double>& ex,
                          const std::vector<double>& in) {
  ConductanceTrace trace;
  ConductanceState s{};
  s[kVm] = n.E_L;
  double theta = 0;
  int refractory_steps = 0;
  for (std::size_t step = 0; step < ex.size(); ++step) {
    const bool held = refractory_steps > 0;
    bool spike = advance(n, s, held);
    theta *= std::exp(-n.dt_ms / n.tau_theta);
    if (!n.exponential && !held && s[kVm] >= n.V_th + theta) {
      spike = true;
      s[kVm] = n.V_reset;
      theta += n.theta_plus;
    }
    s[kGEx] += ex[step];
    s[kGIn] += in[step];
    if (held) --refractory_steps;
    if (spike) {
      refractory_steps = n.t_ref_steps;
      trace.spikes.push_back(static_cast<int>(step));
    }
    trace.V.push_back(s[kVm]);
    trace.w.push_back(s[kW]);
    trace.g_ex.push_back(s[kGEx]);
    trace.g_in.push_back(s[kGIn]);
    trace.theta.push_back(theta);
  }
  return trace;
}

}  // namespace sharpwave::reference
