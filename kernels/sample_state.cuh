// Records the neurons' state at the end of a step, where the step is one that a report is sampled in.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

/// Grid: [blocks of elements].
template <class Real>
__global__ void sample_state(const Clock* clock, std::uint32_t offset, Report report,
                             const Population* populations, NeuronState state) {
  const std::uint64_t step = clock->steps_done + offset;
  const std::uint32_t element = blockIdx.x * blockDim.x + threadIdx.x;
  if (!report.times.includes(step) || element >= report.n_elements) return;
  const std::uint32_t index = report.start + element * report.stride;
  const Population& p = populations[report.population];
  for (std::uint32_t k = 0; k < report.n_variables; ++k) {
    const std::uint32_t quantity = report.variables[k];
    if (acts_in_step(quantity)) continue;
    const std::uint32_t source = report.first_source + index;
    double value = 0;
    if (quantity == kRecordRefractory)
      value = state.refractory[source] * report.dt_ms;
    else
      value = static_cast<const Real*>(state.variables[quantity])[source];
    if (quantity == 0) value += p.E_L_mV[p.per_neuron ? index : 0];
    *report.sample(step, clock->log_first, k, element) = static_cast<float>(value);
  }
}

}  // namespace sharpwave::device
