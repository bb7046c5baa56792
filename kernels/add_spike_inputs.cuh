// Adds the inputs' spikes to what arrives in this step.
#pragma once

#include "kernels/spike_counts.cuh"

namespace sharpwave::device {

/// Grid: [blocks of targets].
template <class Acc>
__global__ void add_spike_inputs(const Clock* clock, std::uint32_t offset, const SpikeInput* inputs,
                                 const SpikeInputBlock* blocks, DelayRing<Acc> ring) {
  const std::uint64_t step = clock->steps_done + offset;
  const SpikeInputBlock block = blocks[blockIdx.x];
  const SpikeInput& input = inputs[block.input];
  const std::uint32_t target = block.first_target + threadIdx.x;
  if (target >= input.n_targets) return;
  const std::uint32_t index = input.start + target * input.stride;
  const std::uint32_t count = count_in_step(input, index, step);
  // Another input may add to the same neuron at the same time.
  if (count > 0)
    add_to(ring.cell(input.receptor, step, input.first_source + index),
           static_cast<Acc>(count) * static_cast<Acc>(input.units));
}

}  // namespace sharpwave::device
