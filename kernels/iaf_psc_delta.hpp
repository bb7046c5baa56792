// Leaky integrate-and-fire neuron whose potential jumps by the weight of an event (NEST iaf_psc_delta),
// integrated exactly (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// Potentials are in mV relative to E_L. kKeepsRefractoryInput is NEST's `refractory_input`: events that
/// arrive during refractoriness are kept, decaying with tau_m, and added when it ends; else they are lost.
template <class Real, bool kKeepsRefractoryInput = false>
struct IafPscDelta;

template <class Real>
struct IafPscDeltaParameters {
  Real v_decay;  ///< e^(-h/tau_m) - 1: it rounds to less error than e^(-h/tau_m)
  Real v_th, v_reset;
  static constexpr MemberList kAll{&IafPscDeltaParameters::v_decay, &IafPscDeltaParameters::v_th,
                                   &IafPscDeltaParameters::v_reset};

  SHARPWAVE_HD static IafPscDeltaParameters make(const NeuronConstants& c) {
    return {static_cast<Real>(math::expm1(-c.dt_ms / c.tau_m_ms)), static_cast<Real>(c.V_th_mV),
            static_cast<Real>(c.V_reset_mV)};
  }
};

template <class Real>
struct IafPscDelta<Real, false> {
  struct State {
    Real v;
  };
  using Parameters = IafPscDeltaParameters<Real>;
  static constexpr int kReceptors = 1;
  static constexpr MemberList kState{&State::v};
  static constexpr auto kParameters = Parameters::kAll;

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) { return Parameters::make(c); }
  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return v_bias(c); }

  /// Advances one step; true if the neuron spiked. `arriving_mV` acts in this step.
  /// @param bias_mV  what the constant current adds per step, bias_per_pA() times it.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_mV) {
    const bool refractory = refractory_steps > 0;
    const Real evolved = flushed(s.v + std::fma(p.v_decay, s.v, bias_mV + arriving_mV));
    const Real v = refractory ? s.v : evolved;
    const bool spike = !refractory & (evolved >= p.v_th);  // V_reset is below V_th
    s.v = spike ? p.v_reset : v;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

template <class Real>
struct IafPscDelta<Real, true> {
  struct State {
    Real v;
    Real kept;  ///< mV, what has arrived during this refractoriness, decayed up to now
  };
  using Parameters = IafPscDeltaParameters<Real>;
  static constexpr int kReceptors = 1;
  static constexpr MemberList kState{&State::v, &State::kept};
  static constexpr auto kParameters = Parameters::kAll;

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) { return Parameters::make(c); }
  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants& c) { return v_bias(c); }

  /// As above. An event that arrives with r steps of refractoriness left counts e^(-r h/tau_m) of itself in
  /// the first step after it.
  SHARPWAVE_HD static bool step(State& s, std::int32_t& refractory_steps, const Parameters& p,
                                std::int32_t t_ref_steps, Real bias_mV, Real arriving_mV) {
    const bool refractory = refractory_steps > 0;
    const Real pending = s.kept + arriving_mV;
    const Real evolved = flushed(s.v + std::fma(p.v_decay, s.v, bias_mV + pending));
    const Real v = refractory ? s.v : evolved;
    s.kept = refractory ? flushed(std::fma(p.v_decay, pending, pending)) : Real{0};
    const bool spike = !refractory & (evolved >= p.v_th);  // V_reset is below V_th
    s.v = spike ? p.v_reset : v;
    const std::int32_t remaining = refractory ? refractory_steps - 1 : 0;
    refractory_steps = spike ? t_ref_steps : remaining;
    return spike;
  }
};

}  // namespace sharpwave
