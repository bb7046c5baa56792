// Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances (NEST iaf_cond_exp), with
// an optional adaptive threshold (Diehl & Cook 2015, doi:10.3389/fncom.2015.00099): it rises by theta_plus at
// a spike and decays with tau_theta.
//
// The conductances are exact. V is advanced by the classical Runge-Kutta method of fourth order, in
// `substeps` equal parts of a step.
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
template <class Real, bool kTheta, int kSubsteps = 0>
struct IafCondExp {
  struct State {
    Real v;
    Real g_ex, g_in;
    Real theta;  ///< mV; 0 without the option
  };
  struct Parameters : ConductanceDecay<Real> {
    Real g_leak;      ///< s g_L / C_m, where s is the substep
    Real per_nS;      ///< s / C_m
    Real e_ex, e_in;  ///< reversal potentials
    Real v_th, v_reset;
    Real theta_decay;  ///< e^(-h/tau_theta) - 1
    Real theta_plus;
    std::int32_t substeps = kSubsteps;
  };
  static constexpr int kReceptors = 2;  // ex, in
  static constexpr MemberList kState{&State::v, &State::g_ex, &State::g_in, &State::theta};
  static constexpr MemberList kParameters{
      &Parameters::g_leak,  &Parameters::per_nS,  &Parameters::e_ex,        &Parameters::e_in,
      &Parameters::half_ex, &Parameters::half_in, &Parameters::full_ex,     &Parameters::full_in,
      &Parameters::v_th,    &Parameters::v_reset, &Parameters::theta_decay, &Parameters::theta_plus};

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    const double s = c.dt_ms / c.substeps;
    return {ConductanceDecay<Real>::of(c),      static_cast<Real>(s * c.g_L_nS / c.C_m_pF),
            static_cast<Real>(s / c.C_m_pF),    static_cast<Real>(c.E_ex_mV),
            static_cast<Real>(c.E_in_mV),       static_cast<Real>(c.V_th_mV),
            static_cast<Real>(c.V_reset_mV),    static_cast<Real>(math::expm1(-c.dt_ms / c.tau_theta_ms)),
            static_cast<Real>(c.theta_plus_mV), c.substeps};
  }

  /// mV that a constant current of 1 pA adds in one substep, all else at rest.
  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return c.dt_ms / c.substeps / c.C_m_pF; }

  /// mV per substep.
  SHARPWAVE_HD static Real slope(const Parameters& p, Real v, Conductances<Real> g, Real bias_mV) {
    const Real synaptic = std::fma(g.ex, p.e_ex - v, g.in * (p.e_in - v));
    return std::fma(p.per_nS, synaptic, std::fma(-p.g_leak, v, bias_mV));
  }

  /// Advances one step; true if the neuron spiked. What arrives is in nS, below 0 at the inhibitory receptor,
  /// and acts from the next step on.
  /// @param bias_mV  bias_per_pA() times the constant current.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_ex, Real arriving_in) {
    const bool refractory = refractory_steps > 0;
    const std::int32_t n = kSubsteps > 0 ? kSubsteps : p.substeps;
    Real v = s.v;
    Conductances<Real> g{s.g_ex, s.g_in};
    for (std::int32_t k = 0; k < n; ++k) {
      const Conductances<Real> half = p.after_half_substep(g), full = p.after_half_substep(half);
      const Real k1 = slope(p, v, g, bias_mV);
      const Real k2 = slope(p, std::fma(Real(0.5), k1, v), half, bias_mV);
      const Real k3 = slope(p, std::fma(Real(0.5), k2, v), half, bias_mV);
      const Real k4 = slope(p, v + k3, full, bias_mV);
      v = std::fma(Real(1.0 / 6.0), std::fma(Real(2), k2 + k3, k1 + k4), v);
      g = full;
    }
    v = refractory ? s.v : flushed(v);  // V is held; the conductances decay on
    g = p.after_step({s.g_ex, s.g_in}, arriving_ex, arriving_in);
    s.g_ex = g.ex;
    s.g_in = g.in;
    const Real theta = kTheta ? flushed(std::fma(p.theta_decay, s.theta, s.theta)) : Real(0);
    const bool spike = !refractory & (v >= p.v_th + theta);
    s.v = spike ? p.v_reset : v;
    s.theta = (kTheta & spike) ? theta + p.theta_plus : theta;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

}  // namespace sharpwave
