// Sums up the currents from outside the network, in steps in which they change.
#pragma once

#include "kernels/turn.cuh"

namespace sharpwave::device {

/// mV a step of the current that value `index` of a population's bias stands for.
template <class Real>
__device__ inline Real bias_at(const Population& p, std::uint32_t index, std::uint64_t step) {
  double current_pA = p.I_e_pA[index];
  for (std::uint32_t k = 0; k < p.n_currents; ++k) current_pA += current_at(p.currents[k], index, step);
  return static_cast<Real>(current_pA * p.v_bias[index]);
}

/// Grid: [blocks of values of one population][populations with such currents][instances].
/// @param always  also where nothing changes in this step.
template <class Real, class Acc>
__global__ void set_bias(Instances<Acc> instances, std::uint32_t offset, bool always) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || blockIdx.y >= turn.own.n_driven) return;
  const DrivenPopulation driven = turn.own.driven[blockIdx.y];
  const Population& p = turn.own.populations[driven.population];
  const std::uint32_t index = blockIdx.x * blockDim.x + threadIdx.x;
  bool changes = false;
  for (std::uint32_t k = threadIdx.x; k < p.n_currents; k += blockDim.x)
    changes |= changes_at(p.currents[k], turn.step);
  if (block_rank(changes || always).total == 0 || index >= driven.n_values) return;
  static_cast<Real*>(p.bias)[index] = bias_at<Real>(p, index, turn.step);
}

}  // namespace sharpwave::device
