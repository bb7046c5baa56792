// Records state variables, where the step is one that a report is sampled in.
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
  const std::uint64_t frame = report.times.until(step - 1) - report.times.until(clock->log_first - 1);
  const std::uint32_t index = report.start + element * report.stride;
  const Population& p = populations[report.population];
  for (std::uint32_t k = 0; k < report.n_variables; ++k) {
    const std::uint32_t variable = report.variables[k];
    const double value = static_cast<const Real*>(state.variables[variable])[report.first_source + index];
    const double E_L = p.E_L_mV[p.per_neuron ? index : 0];
    report.samples[(frame * report.n_variables + k) * report.n_elements + element] =
        static_cast<float>(variable == 0 ? value + E_L : value);
  }
}

}  // namespace sharpwave::device
