// Adds Poisson input to what arrives in this step.
#pragma once

#include "kernels/poisson_rate.cuh"

namespace sharpwave::device {

/// Grid: [blocks of targets].
template <class Acc>
__global__ void add_poisson(const Clock* clock, std::uint32_t offset, const PoissonInput* inputs,
                            const PoissonInputBlock* blocks, DelayRing<Acc> ring) {
  const std::uint64_t step = clock->steps_done + offset;
  const PoissonInputBlock block = blocks[blockIdx.x];
  const PoissonInput& input = inputs[block.input];
  const std::uint32_t target = block.first_target + threadIdx.x;
  if (target >= input.n_targets) return;
  const std::uint32_t index = input.start + target * input.stride;
  const std::uint32_t count = count_in_step(input.rate, index, step);
  // Another input may add to the same neuron at the same time.
  if (count > 0)
    add_to(ring.cell(input.receptor, step, input.first_source + index),
           static_cast<Acc>(count) * static_cast<Acc>(input.units));
}

}  // namespace sharpwave::device
