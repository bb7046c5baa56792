// Leaky integrate-and-fire neuron with exponentially decaying synaptic currents (NEST iaf_psc_exp),
// integrated exactly (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// Potentials are in mV relative to E_L.
template <class Real>
struct IafPscExp {
  struct State {
    Real v;
    Real i_ex, i_in;  ///< pA
  };
  struct Parameters {
    Real v_decay;     ///< e^(-h/tau_m) - 1: it rounds to less error than e^(-h/tau_m)
    Real v_ex, v_in;  ///< mV per pA of i_ex, i_in at the beginning of the step
    Real i_ex, i_in;  ///< e^(-h/tau_syn) - 1, likewise
    Real v_th, v_reset;
  };
  static constexpr int kReceptors = 2;           // ex, in
  static constexpr bool kInputActsLater = true;  ///< what arrives in a step is not in its V
  // The first ones in the order V, I_ex, I_in.
  static constexpr MemberList kState{&State::v, &State::i_ex, &State::i_in};
  static constexpr MemberList kParameters{&Parameters::v_decay, &Parameters::v_ex, &Parameters::v_in,
                                          &Parameters::i_ex,    &Parameters::i_in, &Parameters::v_th,
                                          &Parameters::v_reset};

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    return {static_cast<Real>(math::expm1(-c.dt_ms / c.tau_m_ms)),
            static_cast<Real>(v_from_i(c, c.tau_syn_ex_ms)),
            static_cast<Real>(v_from_i(c, c.tau_syn_in_ms)),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_ex_ms)),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_in_ms)),
            static_cast<Real>(c.V_th_mV),
            static_cast<Real>(c.V_reset_mV)};
  }

  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return v_bias(c); }

  /// Advances one step; true if the neuron spiked. What arrives is in pA and acts from the next step on.
  /// @param bias_mV  what the constant current adds per step, bias_per_pA() times it.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_ex, Real arriving_in) {
    const bool refractory = refractory_steps > 0;
    const Real drive = std::fma(p.v_ex, s.i_ex, std::fma(p.v_in, s.i_in, bias_mV));
    const Real evolved = flushed(s.v + std::fma(p.v_decay, s.v, drive));
    const Real v = refractory ? s.v : evolved;  // V is held; the currents decay on
    s.i_ex = flushed(s.i_ex + std::fma(p.i_ex, s.i_ex, arriving_ex));
    s.i_in = flushed(s.i_in + std::fma(p.i_in, s.i_in, arriving_in));
    const bool spike = v >= p.v_th;
    s.v = spike ? p.v_reset : v;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

}  // namespace sharpwave
