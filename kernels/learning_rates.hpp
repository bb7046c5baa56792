// By which what a spike teaches is multiplied: PreSpike::rate and PostSpike::rate.
#pragma once

#include <cstdint>

#include "kernels/neuromodulation.hpp"
#include "kernels/portability.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// @param step     of the spike, of a source.
/// @param factors  in that step, of the region that gates what is learnt; null: none.
SHARPWAVE_HD float rate_of_pre(const LearningTimes& learning, std::int64_t step, const GateFactors* factors) {
  if (!learning.includes(step)) return 0.0f;
  return factors == nullptr ? 1.0f : static_cast<float>(factors->depression);
}

/// Likewise of a target.
SHARPWAVE_HD float rate_of_post(const LearningTimes& learning, std::int64_t step,
                                const GateFactors* factors) {
  if (!learning.includes(step)) return 0.0f;
  return factors == nullptr ? 1.0f : static_cast<float>(factors->potentiation);
}

}  // namespace sharpwave
