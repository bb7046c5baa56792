// Sums up the currents from outside the network, in steps in which they change.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// Grid: [blocks of values of one population].
/// @param n_values  as many as neurons, or 1 where all have the same bias.
/// @param always    also where nothing changes in this step.
template <class Real>
__global__ void set_bias(const Clock* clock, std::uint32_t offset, const Population* populations,
                         std::uint32_t population, std::uint32_t n_values, bool always) {
  const std::uint64_t step = clock->steps_done + offset;
  const Population& p = populations[population];
  const std::uint32_t index = blockIdx.x * blockDim.x + threadIdx.x;
  bool changes = false;
  for (std::uint32_t k = threadIdx.x; k < p.n_currents; k += blockDim.x)
    changes |= changes_at(p.currents[k], step);
  if (block_rank(changes || always).total == 0 || index >= n_values) return;
  double current_pA = p.I_e_pA[index];
  for (std::uint32_t k = 0; k < p.n_currents; ++k) current_pA += current_at(p.currents[k], index, step);
  static_cast<Real*>(p.bias)[index] = static_cast<Real>(current_pA * p.v_bias[index]);
}

}  // namespace sharpwave::device
