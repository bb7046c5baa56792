// The coefficients of exact integration (Rotter & Diesmann 1999, doi:10.1007/s004220050570) of linear
// neurons, computed once per set of constants, in double. Units: ms, mV, pA, pF.
#pragma once

#include "kernels/math.hpp"

namespace sharpwave {

/// What a model's parameters are made of. A model reads only the constants that it has; potentials are
/// relative to E_L.
struct NeuronConstants {
  double dt_ms = 0;
  double C_m_pF = 0;
  double tau_m_ms = 0;
  double tau_syn_ex_ms = 0;
  double tau_syn_in_ms = 0;
  double V_th_mV = 0;
  double V_reset_mV = 0;
  double g_L_nS = 0;
  double E_ex_mV = 0;
  double E_in_mV = 0;
  double theta_plus_mV = 0;
  double tau_theta_ms = 0;
  double Delta_T_mV = 0;
  double V_peak_mV = 0;
  double tau_w_ms = 0;
  double a = 0;
  double b = 0;
  double c = 0;
  double d = 0;
  double V_min_mV = 0;
  double alpha = 0;
  double beta = 0;
  int substeps = 1;
};

/// mV that a constant current of 1 pA adds to V in one step.
SHARPWAVE_HD double v_bias(const NeuronConstants& c) {
  return -c.tau_m_ms / c.C_m_pF * math::expm1(-c.dt_ms / c.tau_m_ms);
}

namespace detail {

// The textbook forms of v_from_i and v_from_y have a pole where tau_m == tau_syn, and lose digits near it.
// Here they are integrals over the step, written with w = |h/tau_syn - h/tau_m| >= 0: no pole, no
// cancellation, and nothing that overflows. The difference of the time constants is exact where they are
// close.
SHARPWAVE_HD double exponent_gap(double h, double tau_m, double tau_syn) {
  return h * (tau_m - tau_syn) / (tau_m * tau_syn);
}

/// Integral of e^(-w t) over t in [0, 1].
SHARPWAVE_HD double mean_decay(double w) {
  return w > 0 ? -math::expm1(-w) / w : 1.0;
}

/// Integral of t e^(-w t) over t in [0, 1]: sum of (-w)^k / (k! (k+2)), or (1 - (1+w) e^-w) / w^2.
SHARPWAVE_HD double late_mean_decay(double w) {
  if (w >= 1) return (-math::expm1(-w) - w * math::exp(-w)) / (w * w);
  double sum = 0;
  for (int k = 18; k >= 1; --k) sum = (1.0 / (k + 2) - sum) * w / k;
  return 0.5 - sum;
}

/// Integral of (1-t) e^(-w t) over t in [0, 1]: sum of (-w)^k / (k+2)!, or (e^-w - 1 + w) / w^2.
SHARPWAVE_HD double early_mean_decay(double w) {
  if (w >= 1) return (w + math::expm1(-w)) / (w * w);
  double sum = 1.0;
  for (int k = 20; k >= 3; --k) sum = 1.0 - sum * w / k;
  return 0.5 * sum;
}

}  // namespace detail

/// mV in V after one step, from 1 pA of exponentially decaying current at its beginning:
/// (h/C) e^(-h/tau_syn) expm1(x)/x with x = h (tau_m - tau_syn) / (tau_m tau_syn).
SHARPWAVE_HD double v_from_i(const NeuronConstants& c, double tau_syn_ms) {
  const double gap = detail::exponent_gap(c.dt_ms, c.tau_m_ms, tau_syn_ms);
  const double slower_ms = gap > 0 ? c.tau_m_ms : tau_syn_ms;
  return c.dt_ms / c.C_m_pF * math::exp(-c.dt_ms / slower_ms) * detail::mean_decay(gap > 0 ? gap : -gap);
}

/// mV in V after one step, from 1 pA/ms of y (the rising phase of an alpha-shaped current) at its beginning:
/// (1/C) times the integral of e^(-(h-s)/tau_m) s e^(-s/tau_syn) over s in [0, h].
SHARPWAVE_HD double v_from_y(const NeuronConstants& c, double tau_syn_ms) {
  const double h = c.dt_ms;
  const double gap = detail::exponent_gap(h, c.tau_m_ms, tau_syn_ms);
  const double scale = h * h / c.C_m_pF;
  if (gap > 0) return scale * math::exp(-h / c.tau_m_ms) * detail::late_mean_decay(gap);
  return scale * math::exp(-h / tau_syn_ms) * detail::early_mean_decay(-gap);
}

/// Below this magnitude state variables are set to 0 in the step, so that a decay never reaches the
/// denormals, which many processors compute slowly.
template <class Real>
inline constexpr Real kFlushBelow = static_cast<Real>(1e-30);

template <class Real>
SHARPWAVE_HD Real flushed(Real value) {
  return std::fabs(value) < kFlushBelow<Real> ? Real{0} : value;
}

}  // namespace sharpwave
