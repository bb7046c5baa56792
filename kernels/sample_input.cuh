// Records what acts on neurons in a step, before they are updated, where a report is sampled in it.
#pragma once

#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Grid: [blocks of elements][reports][instances].
template <class Real, class Acc>
__global__ void sample_input(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || blockIdx.y >= turn.own.n_reports) return;
  const Report& report = turn.own.reports[blockIdx.y];
  const std::uint32_t element = blockIdx.x * blockDim.x + threadIdx.x;
  if (!report.times.includes(turn.step) || element >= report.n_elements) return;
  const std::uint32_t index = report.start + element * report.stride;
  const Population& p = turn.own.populations[report.population];
  for (std::uint32_t k = 0; k < report.n_variables; ++k) {
    const std::uint32_t quantity = report.variables[k];
    if (!acts_in_step(quantity)) continue;
    float* const sample = report.sample(turn.step, turn.clock.log_first, k, element);
    if (quantity == kRecordCurrent) {
      double current_pA = p.I_e_pA[p.per_neuron ? index : 0];
      for (std::uint32_t i = 0; i < p.n_currents; ++i)
        current_pA += current_at(p.currents[i], index, turn.step);
      *sample = static_cast<float>(current_pA);
    } else {
      const std::uint32_t receptor = quantity - kRecordInput;
      const Acc units = *turn.own.ring.cell(receptor, turn.step, report.first_source + index);
      *sample = static_cast<float>(to_real<Real>(units) * static_cast<Real>(p.input_scale[receptor]));
    }
  }
}

}  // namespace sharpwave::device
