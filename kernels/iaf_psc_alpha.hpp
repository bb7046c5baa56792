// Leaky integrate-and-fire neuron with alpha-shaped synaptic currents (NEST iaf_psc_alpha), integrated
// exactly (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// Potentials are in mV relative to E_L. Per receptor dy/dt = -y/tau_syn, dI/dt = y - I/tau_syn; an event of
/// weight w adds w e/tau_syn to y, which makes a current that peaks at w after tau_syn.
template <class Real>
struct IafPscAlpha {
  struct State {
    Real v;
    Real i_ex, i_in;  ///< pA
    Real y_ex, y_in;  ///< pA/ms
  };
  struct Parameters {
    Real v_decay;             ///< e^(-h/tau_m) - 1: it rounds to less error than e^(-h/tau_m)
    Real v_i_ex, v_i_in;      ///< mV per pA of I at the beginning of the step
    Real v_y_ex, v_y_in;      ///< mV per pA/ms of y
    Real i_y_ex, i_y_in;      ///< pA of I per pA/ms of y: h e^(-h/tau_syn)
    Real decay_ex, decay_in;  ///< e^(-h/tau_syn) - 1, as for V
    Real y_0_ex, y_0_in;      ///< e/tau_syn
    Real v_th, v_reset;
  };
  static constexpr int kReceptors = 2;           // ex, in
  static constexpr bool kInputActsLater = true;  ///< what arrives in a step is not in its V
  // The first ones in the order V, I_ex, I_in.
  static constexpr MemberList kState{&State::v, &State::i_ex, &State::i_in, &State::y_ex, &State::y_in};
  static constexpr MemberList kParameters{&Parameters::v_decay, &Parameters::v_i_ex,   &Parameters::v_i_in,
                                          &Parameters::v_y_ex,  &Parameters::v_y_in,   &Parameters::i_y_ex,
                                          &Parameters::i_y_in,  &Parameters::decay_ex, &Parameters::decay_in,
                                          &Parameters::y_0_ex,  &Parameters::y_0_in,   &Parameters::v_th,
                                          &Parameters::v_reset};

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    const double decay_ex = math::exp(-c.dt_ms / c.tau_syn_ex_ms);
    const double decay_in = math::exp(-c.dt_ms / c.tau_syn_in_ms);
    const double e = math::exp(1.0);
    return {static_cast<Real>(math::expm1(-c.dt_ms / c.tau_m_ms)),
            static_cast<Real>(v_from_i(c, c.tau_syn_ex_ms)),
            static_cast<Real>(v_from_i(c, c.tau_syn_in_ms)),
            static_cast<Real>(v_from_y(c, c.tau_syn_ex_ms)),
            static_cast<Real>(v_from_y(c, c.tau_syn_in_ms)),
            static_cast<Real>(c.dt_ms * decay_ex),
            static_cast<Real>(c.dt_ms * decay_in),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_ex_ms)),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_in_ms)),
            static_cast<Real>(e / c.tau_syn_ex_ms),
            static_cast<Real>(e / c.tau_syn_in_ms),
            static_cast<Real>(c.V_th_mV),
            static_cast<Real>(c.V_reset_mV)};
  }

  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return v_bias(c); }

  /// Advances one step; true if the neuron spiked. What arrives is in pA (peak) and acts from the next step
  /// on.
  /// @param bias_mV  what the constant current adds per step, bias_per_pA() times it.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_ex, Real arriving_in) {
    const bool refractory = refractory_steps > 0;
    const Real drive_ex = std::fma(p.v_y_ex, s.y_ex, std::fma(p.v_i_ex, s.i_ex, bias_mV));
    const Real drive = std::fma(p.v_y_in, s.y_in, std::fma(p.v_i_in, s.i_in, drive_ex));
    const Real evolved = flushed(s.v + std::fma(p.v_decay, s.v, drive));
    const Real v = refractory ? s.v : evolved;  // V is held; the currents go on
    s.i_ex = flushed(s.i_ex + std::fma(p.i_y_ex, s.y_ex, p.decay_ex * s.i_ex));
    s.i_in = flushed(s.i_in + std::fma(p.i_y_in, s.y_in, p.decay_in * s.i_in));
    s.y_ex = flushed(s.y_ex + std::fma(p.decay_ex, s.y_ex, p.y_0_ex * arriving_ex));
    s.y_in = flushed(s.y_in + std::fma(p.decay_in, s.y_in, p.y_0_in * arriving_in));
    const bool spike = v >= p.v_th;
    s.v = spike ? p.v_reset : v;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

}  // namespace sharpwave
