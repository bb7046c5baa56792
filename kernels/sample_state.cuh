// Records the neurons' state at the end of a step, where the step is one that a report is sampled in.
#pragma once

#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Grid: [blocks of elements][reports][instances].
template <class Real, class Acc>
__global__ void sample_state(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || blockIdx.y >= turn.own.n_reports) return;
  const Report& report = turn.own.reports[blockIdx.y];
  const std::uint32_t element = blockIdx.x * blockDim.x + threadIdx.x;
  if (!report.times.includes(turn.step) || element >= report.n_elements) return;
  const std::uint32_t index = report.start + element * report.stride;
  const Population& p = turn.own.populations[report.population];
  for (std::uint32_t k = 0; k < report.n_variables; ++k) {
    const std::uint32_t quantity = report.variables[k];
    if (acts_in_step(quantity)) continue;
    const std::uint32_t source = report.first_source + index;
    double value = 0;
    if (quantity == kRecordRefractory)
      value = turn.own.state.refractory[source] * report.dt_ms;
    else
      value = static_cast<const Real*>(turn.own.state.variables[quantity])[source];
    if (quantity == 0) value += p.E_L_mV[p.per_neuron ? index : 0];
    *report.sample(turn.step, turn.clock.log_first, k, element) = static_cast<float>(value);
  }
}

}  // namespace sharpwave::device
