// Moves neuromodulators on to the levels of this step, and with them what they gate.
#pragma once

#include "kernels/eligibility_gate.hpp"
#include "kernels/region.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// One block for each instance.
template <class Acc>
__global__ void advance_modulators(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || turn.own.n_regions == 0) return;
  for (std::uint32_t r = threadIdx.x; r < turn.own.n_regions; r += blockDim.x)
    advance(turn.own.regions[r], turn.step);
  __syncthreads();  // gates follow the levels
  const auto step = static_cast<std::int64_t>(turn.step);
  for (std::uint32_t k = threadIdx.x; k < turn.own.n_plastic; k += blockDim.x) {
    const Plastic& p = turn.own.plastic[k];
    if (p.gate != nullptr) advance(*p.gate, step, *p.gating, p.constants.learning.includes(step));
  }
}

}  // namespace sharpwave::device
