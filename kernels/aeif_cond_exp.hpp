// Adaptive exponential integrate-and-fire neuron (Brette & Gerstner 2005, doi:10.1152/jn.00686.2005) with
// exponentially decaying synaptic conductances, as NEST's aeif_cond_exp.
//
// The conductances are exact. V and w are advanced by the classical Runge-Kutta method of fourth order, in
// `substeps` equal parts of a step. A spike ends the part in which V reaches V_peak: w rises by b, and V is
// held at V_reset for the rest of the step, so that there is at most one spike in a step.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/conductances.hpp"
#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// Potentials are in mV relative to E_L, conductances in nS.
/// @tparam kSubsteps  a number that the compiler knows, or 0: that of the parameters.
template <class Real, int kSubsteps = 0>
struct AeifCondExp {
  struct State {
    Real v;
    Real w;  ///< pA
    Real g_ex, g_in;
  };
  struct Parameters : ConductanceDecay<Real> {
    Real g_leak;      ///< s g_L / C_m, where s is the substep
    Real per_pA;      ///< s / C_m
    Real e_ex, e_in;  ///< reversal potentials
    Real sharpness;   ///< 1 / Delta_T
    Real upswing;     ///< s g_L Delta_T / C_m; 0 where Delta_T is 0
    Real v_th, v_peak, v_reset;
    Real w_rate;  ///< s / tau_w
    Real a, b;    ///< nS, pA
    std::int32_t substeps = kSubsteps;
  };
  static constexpr int kReceptors = 2;  // ex, in
  static constexpr MemberList kState{&State::v, &State::w, &State::g_ex, &State::g_in};
  static constexpr MemberList kParameters{
      &Parameters::g_leak,  &Parameters::per_pA,  &Parameters::e_ex,      &Parameters::e_in,
      &Parameters::half_ex, &Parameters::half_in, &Parameters::full_ex,   &Parameters::full_in,
      &Parameters::v_th,    &Parameters::v_peak,  &Parameters::sharpness, &Parameters::upswing,
      &Parameters::v_reset, &Parameters::w_rate,  &Parameters::a,         &Parameters::b};

  /// Without Delta_T the neuron is a plain integrator that spikes at V_th.
  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    const double s = c.dt_ms / c.substeps;
    const bool sharp = !(c.Delta_T_mV > 0);
    Parameters p{ConductanceDecay<Real>::of(c)};
    p.g_leak = static_cast<Real>(s * c.g_L_nS / c.C_m_pF);
    p.per_pA = static_cast<Real>(s / c.C_m_pF);
    p.e_ex = static_cast<Real>(c.E_ex_mV);
    p.e_in = static_cast<Real>(c.E_in_mV);
    p.sharpness = sharp ? Real(0) : static_cast<Real>(1 / c.Delta_T_mV);
    p.upswing = sharp ? Real(0) : static_cast<Real>(s * c.g_L_nS * c.Delta_T_mV / c.C_m_pF);
    p.v_th = static_cast<Real>(c.V_th_mV);
    p.v_peak = sharp ? static_cast<Real>(c.V_th_mV) : static_cast<Real>(c.V_peak_mV);
    p.v_reset = static_cast<Real>(c.V_reset_mV);
    p.w_rate = static_cast<Real>(s / c.tau_w_ms);
    p.a = static_cast<Real>(c.a);
    p.b = static_cast<Real>(c.b);
    p.substeps = c.substeps;
    return p;
  }

  /// mV that a constant current of 1 pA adds in one substep, all else at rest.
  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return c.dt_ms / c.substeps / c.C_m_pF; }

  /// mV per substep; 0 while V is held.
  SHARPWAVE_HD static Real v_slope(const Parameters& p, bool held, Real v, Real w, Conductances<Real> g,
                                   Real bias_mV) {
    const Real u = v < p.v_peak ? v : p.v_peak;
    const Real synaptic = std::fma(g.ex, p.e_ex - u, std::fma(g.in, p.e_in - u, -w));
    const Real passive = std::fma(p.per_pA, synaptic, std::fma(-p.g_leak, u, bias_mV));
    const Real slope = std::fma(p.upswing, math::exp((u - p.v_th) * p.sharpness), passive);
    return held ? Real(0) : slope;
  }
  /// pA per substep.
  SHARPWAVE_HD static Real w_slope(const Parameters& p, Real v, Real w) {
    const Real u = v < p.v_peak ? v : p.v_peak;
    return p.w_rate * std::fma(p.a, u, -w);
  }

  /// Within a step. What holds V is a number as wide as V: g++ 12 does not vectorise the loop over neurons if
  /// a bool goes from one substep to the next.
  struct Course {
    Real v, w;
    Conductances<Real> g;
    Real hold;
  };
  static constexpr Real kFree = 0, kRefractory = 1, kSpiked = 2;  ///< values of `hold`

  SHARPWAVE_HD static Course substep(const Parameters& p, Course c, Real bias_mV) {
    const bool held = c.hold != kFree;
    const Real v = c.v, w = c.w, half = Real(0.5);
    const Conductances<Real> g_half = p.after_half_substep(c.g), g_full = p.after_half_substep(g_half);
    const Real v1 = v_slope(p, held, v, w, c.g, bias_mV), w1 = w_slope(p, v, w);
    const Real va = std::fma(half, v1, v), wa = std::fma(half, w1, w);
    const Real v2 = v_slope(p, held, va, wa, g_half, bias_mV), w2 = w_slope(p, va, wa);
    const Real vb = std::fma(half, v2, v), wb = std::fma(half, w2, w);
    const Real v3 = v_slope(p, held, vb, wb, g_half, bias_mV), w3 = w_slope(p, vb, wb);
    const Real v4 = v_slope(p, held, v + v3, w + w3, g_full, bias_mV), w4 = w_slope(p, v + v3, w + w3);
    const Real v_next = std::fma(Real(1.0 / 6.0), std::fma(Real(2), v2 + v3, v1 + v4), v);
    const Real w_next = std::fma(Real(1.0 / 6.0), std::fma(Real(2), w2 + w3, w1 + w4), w);
    const bool peak = !held & (v_next >= p.v_peak);
    return {peak ? p.v_reset : v_next, peak ? w_next + p.b : w_next, g_full, peak ? kSpiked : c.hold};
  }
  /// All substeps without a loop: the loop over neurons must contain no other when g++ 12 vectorises it.
  template <int kLeft>
  SHARPWAVE_HD static Course substeps(const Parameters& p, Course c, Real bias_mV) {
    if constexpr (kLeft == 0)
      return c;
    else
      return substeps<kLeft - 1>(p, substep(p, c, bias_mV), bias_mV);
  }

  /// Advances one step; true if the neuron spiked. What arrives is in nS, below 0 at the inhibitory receptor,
  /// and acts from the next step on.
  /// @param bias_mV  bias_per_pA() times the constant current.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_ex, Real arriving_in) {
    const bool refractory = refractory_steps > 0;
    Course c{s.v, s.w, {s.g_ex, s.g_in}, refractory ? kRefractory : kFree};
    if constexpr (kSubsteps > 0) {
      c = substeps<kSubsteps>(p, c, bias_mV);
    } else {
      for (std::int32_t k = 0; k < p.substeps; ++k) c = substep(p, c, bias_mV);
    }
    const bool spike = c.hold == kSpiked;
    s.v = flushed(c.v);
    s.w = flushed(c.w);
    const Conductances<Real> g = p.after_step({s.g_ex, s.g_in}, arriving_ex, arriving_in);
    s.g_ex = g.ex;
    s.g_in = g.in;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

}  // namespace sharpwave
