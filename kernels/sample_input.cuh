// Records what acts on neurons in a step, before they are updated, where a report is sampled in it.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// Grid: [blocks of elements].
template <class Real, class Acc>
__global__ void sample_input(const Clock* clock, std::uint32_t offset, Report report,
                             const Population* populations, DelayRing<Acc> ring) {
  const std::uint64_t step = clock->steps_done + offset;
  const std::uint32_t element = blockIdx.x * blockDim.x + threadIdx.x;
  if (!report.times.includes(step) || element >= report.n_elements) return;
  const std::uint32_t index = report.start + element * report.stride;
  const Population& p = populations[report.population];
  for (std::uint32_t k = 0; k < report.n_variables; ++k) {
    const std::uint32_t quantity = report.variables[k];
    if (!acts_in_step(quantity)) continue;
    float* const sample = report.sample(step, clock->log_first, k, element);
    if (quantity == kRecordCurrent) {
      double current_pA = p.I_e_pA[p.per_neuron ? index : 0];
      for (std::uint32_t i = 0; i < p.n_currents; ++i) current_pA += current_at(p.currents[i], index, step);
      *sample = static_cast<float>(current_pA);
    } else {
      const std::uint32_t receptor = quantity - kRecordInput;
      const Acc units = *ring.cell(receptor, step, report.first_source + index);
      *sample = static_cast<float>(to_real<Real>(units) * static_cast<Real>(p.input_scale[receptor]));
    }
  }
}

}  // namespace sharpwave::device
