// Adds the inputs' spikes to what arrives in this step.
#pragma once

#include "kernels/gains.hpp"
#include "kernels/spike_counts.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Grid: [blocks of targets][1][instances].
template <class Acc>
__global__ void add_spike_inputs(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due || blockIdx.x >= turn.own.n_input_blocks) return;
  const SpikeInputBlock block = turn.own.input_blocks[blockIdx.x];
  const SpikeInput& input = turn.own.inputs[block.input];
  const std::uint32_t target = block.first_target + threadIdx.x;
  if (target >= input.n_targets) return;
  const std::uint32_t index = input.start + target * input.stride;
  const std::uint32_t count = count_in_step(input, index, turn.step);
  // Another input may add to the same neuron at the same time.
  if (count > 0)
    add_to(turn.own.ring.cell(input.receptor, turn.step, input.first_source + index),
           static_cast<Acc>(count) * static_cast<Acc>(gained_units(input.units, input.gain)));
}

}  // namespace sharpwave::device
