// Leaky integrator in discrete time with soft reset, the neuron of the memory's blocks:
// u <- alpha u + I; a spike where u >= v_th; u <- u - beta v_th after it. Without units.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/member.hpp"
#include "kernels/portability.hpp"
#include "kernels/propagators.hpp"

namespace sharpwave {

template <class Real>
struct LifDiscrete {
  struct State {
    Real v;  ///< u
  };
  struct Parameters {
    Real alpha;
    Real v_th;
    Real reset;  ///< beta v_th
  };
  static constexpr int kReceptors = 1;
  static constexpr MemberList kState{&State::v};
  static constexpr MemberList kParameters{&Parameters::alpha, &Parameters::v_th, &Parameters::reset};

  SHARPWAVE_HD static Parameters parameters(const NeuronConstants& c) {
    return {static_cast<Real>(c.alpha), static_cast<Real>(c.V_th_mV), static_cast<Real>(c.beta * c.V_th_mV)};
  }

  SHARPWAVE_HD static double bias_per_pA(const NeuronConstants&) { return 1; }

  /// Advances one step; true if the neuron spiked. What arrives acts in this step. There is no
  /// refractoriness.
  SHARPWAVE_HD static bool step(State& s, std::int32_t&, const Parameters& p, std::int32_t, Real bias,
                                Real arriving) {
    const Real u = std::fma(p.alpha, s.v, bias + arriving);
    const bool spike = u >= p.v_th;
    s.v = flushed(spike ? u - p.reset : u);
    return spike;
  }
};

}  // namespace sharpwave
