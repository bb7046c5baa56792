// Two synaptic conductances that decay exponentially: what the conductance-based models share.
#pragma once

#include <cmath>

#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// nS.
template <class Real>
struct Conductances {
  Real ex, in;
};

/// Decays are held as differences from 1 (docs/decisions/0007).
template <class Real>
struct ConductanceDecay {
  Real half_ex, half_in;  ///< e^(-s/(2 tau_syn)) - 1, where s is the substep
  Real full_ex, full_in;  ///< e^(-h/tau_syn) - 1, where h is the step

  SHARPWAVE_HD static ConductanceDecay of(const NeuronConstants& c) {
    const double s = c.dt_ms / c.substeps;
    return {static_cast<Real>(math::expm1(-0.5 * s / c.tau_syn_ex_ms)),
            static_cast<Real>(math::expm1(-0.5 * s / c.tau_syn_in_ms)),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_ex_ms)),
            static_cast<Real>(math::expm1(-c.dt_ms / c.tau_syn_in_ms))};
  }

  SHARPWAVE_HD Conductances<Real> after_half_substep(Conductances<Real> g) const {
    return {std::fma(half_ex, g.ex, g.ex), std::fma(half_in, g.in, g.in)};
  }
  /// After the whole step, with what arrives at its end: in nS, below 0 at the inhibitory receptor.
  SHARPWAVE_HD Conductances<Real> after_step(Conductances<Real> g, Real arriving_ex, Real arriving_in) const {
    return {flushed(g.ex + std::fma(full_ex, g.ex, arriving_ex)),
            flushed(g.in + std::fma(full_in, g.in, -arriving_in))};
  }
};

}  // namespace sharpwave
