// Advances neurons by one step.
#pragma once

#include "kernels/emit.cuh"
#include "kernels/gains.hpp"
#include "kernels/neuron_step.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

template <class Real, class Acc>
__device__ inline Real take_input(const DelayRing<Acc>& ring, std::uint32_t receptor, std::uint64_t step,
                                  std::uint32_t neuron, double scale) {
  Acc* const cell = ring.cell(receptor, step, neuron);
  const Acc units = *cell;
  *cell = 0;
  return to_real<Real>(units) * static_cast<Real>(scale);
}

/// The neurons of one model. Grid: [blocks of them][1][instances].
template <UpdateModel kModel, class Real, class Acc>
__global__ void update_neurons(Instances<Acc> instances, std::uint32_t offset) {
  using Model = ModelType<kModel, Real>;
  const Turn<Acc> turn = turn_of_block(instances, offset);
  const BlockIds& blocks = turn.own.of_model[static_cast<std::size_t>(kModel)];
  if (!turn.is_due || blockIdx.x >= blocks.n) return;
  const std::uint32_t block_index = blocks.ids[blockIdx.x];
  const SourceBlock& block = turn.own.lists.blocks[block_index];
  bool spiked = false;
  if (threadIdx.x < block.n) {
    const Population& p = turn.own.populations[block.population];
    const std::uint32_t source = block.first_source + threadIdx.x;
    const Real arriving0 =
        take_input<Real>(turn.own.ring, 0, turn.step, source, gained_scale(p.input_scale[0], p.gain));
    Real arriving1 = 0;
    if constexpr (Model::kReceptors == 2)
      arriving1 =
          take_input<Real>(turn.own.ring, 1, turn.step, source, gained_scale(p.input_scale[1], p.gain));
    const NeuronPlace place{source, p.per_neuron ? block.first_index + threadIdx.x : 0};
    const auto done =
        step_neuron<Model, Real>(p, turn.own.state, place,
                                 static_cast<const Real*>(p.bias)[place.in_parameters], arriving0, arriving1);
    store_neuron(p, done, turn.own.state, source, turn.step);
    spiked = done.spiked;
  }
  emit(turn.own.lists, turn.clock, turn.step, block_index, spiked ? 1 : 0);
}

}  // namespace sharpwave::device
