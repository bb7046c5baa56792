// Scales the weights of each target of a projection where that is due at the end of the step.
#pragma once

#include "kernels/begin_scaling.cuh"
#include "kernels/plastic_synapse.cuh"

namespace sharpwave::device {

/// True if one has changed.
__device__ inline bool scale_synapses(const Plastic& p) {
  const PlasticConnections& c = p.connections;
  const std::uint64_t n_threads = std::uint64_t{gridDim.x} * blockDim.x;
  bool changes = false;
  for (std::uint32_t part = 0; part < c.n_parts; ++part) {
    const std::uint32_t n = c.row_begin[part * (c.rows_per_part() + 1) + c.rows_per_part()];
    for (std::uint64_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += n_threads) {
      const std::uint64_t j = c.part_begin[part] + i;
      const std::uint32_t neuron = plastic_target(c, j, part) - c.first_target;
      const std::uint32_t n_spikes = p.scaling.spikes != nullptr ? p.scaling.interval_spikes[neuron] : 0;
      const WeightScaling scaling = weight_scaling(p.constants.homeostasis, p.scaling.sums[neuron], n_spikes);
      const float before = p.weights[j];
      p.weights[j] = scaled_weight(before, scaling, p.constants.w_min, p.constants.w_max);
      changes |= p.weights[j] != before;
    }
  }
  return changes;
}

/// Grid: [workers][projections][instances].
template <class Acc>
__global__ void scale_weights(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Plastic& p = turn.own.plastic[blockIdx.y];
  if (!scales_in(p, turn.step)) return;
  const auto now = static_cast<std::int64_t>(turn.step);
  const std::uint32_t n_changing = block_rank(scale_synapses(p)).total;
  if (threadIdx.x == 0 && n_changing > 0) raise_to(p.last_change, now);
  if (threadIdx.x == 0 && blockIdx.x == 0) *p.scaling.scaled_at = now;
}

}  // namespace sharpwave::device
