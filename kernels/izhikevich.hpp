// The simple model of Izhikevich 2003 (doi:10.1109/TNN.2003.820440), as NEST's izhikevich: a synaptic event
// of weight w (mV) raises V by w.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

/// V is absolute: there is no E_L.
/// @tparam kConsistent  one Euler step of V and u from their values before the step, the event added to V;
///                      else as published: two half steps of V, in which the event is a current, then u.
template <class Real, bool kConsistent>
struct Izhikevich {
  struct State {
    Real v;
    Real u;  ///< recovery, mV/ms
  };
  struct Parameters {
    Real h;     ///< ms
    Real rate;  ///< h a
    Real b, c, d;
    Real v_th, v_min;
  };
  static constexpr int kReceptors = 1;
  static constexpr MemberList kState{&State::v, &State::u};
  static constexpr MemberList kParameters{&Parameters::h,    &Parameters::rate, &Parameters::b,
                                          &Parameters::c,    &Parameters::d,    &Parameters::v_th,
                                          &Parameters::v_min};

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    return {static_cast<Real>(c.dt_ms),   static_cast<Real>(c.dt_ms * c.a), static_cast<Real>(c.b),
            static_cast<Real>(c.c),       static_cast<Real>(c.d),           static_cast<Real>(c.V_th_mV),
            static_cast<Real>(c.V_min_mV)};
  }

  /// The model's currents are in its own unit, mV/ms.
  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants&) { return 1; }

  /// 0.04 V^2 + 5 V + 140 - u + I, mV/ms.
  SHARPWAVE_HD static Real slope(Real v, Real u, Real current) {
    return std::fma(std::fma(Real(0.04), v, Real(5)), v, Real(140) - u + current);
  }

  /// Advances one step; true if the neuron spiked. What arrives acts in this step. There is no
  /// refractoriness.
  SHARPWAVE_HD static bool step(State& s, std::int32_t&, const Parameters& p, std::int32_t, Real bias,
                                Real arriving) {
    Real v = s.v;
    Real u = s.u;
    if constexpr (kConsistent) {
      v = std::fma(p.h, slope(s.v, s.u, bias), s.v) + arriving;
      u = std::fma(p.rate, std::fma(p.b, s.v, -s.u), s.u);
    } else {
      const Real half = Real(0.5) * p.h;
      v = std::fma(half, slope(v, s.u, bias + arriving), v);
      v = std::fma(half, slope(v, s.u, bias + arriving), v);
      u = std::fma(p.rate, std::fma(p.b, v, -s.u), s.u);
    }
    v = v < p.v_min ? p.v_min : v;
    const bool spike = v >= p.v_th;
    s.v = spike ? p.c : flushed(v);
    s.u = flushed(spike ? u + p.d : u);
    return spike;
  }
};

}  // namespace sharpwave
