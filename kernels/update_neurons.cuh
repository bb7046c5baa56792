// Advances neurons by one step.
#pragma once

#include <utility>

#include "kernels/emit.cuh"
#include "kernels/gains.hpp"
#include "kernels/soundness.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

template <class Model, class Real, std::size_t... kS, std::size_t... kP>
__device__ inline bool advance_neuron(const Population& p, const NeuronState& state, std::uint32_t source,
                                      std::uint32_t index, bool looks_at_bound, Real arriving0,
                                      Real arriving1, std::index_sequence<kS...>,
                                      std::index_sequence<kP...>) {
  const std::uint32_t at = p.per_neuron ? index : 0;
  typename Model::State s;
  ((s.*Model::kState[kS] = static_cast<const Real*>(state.variables[kS])[source]), ...);
  typename Model::Parameters parameters{};
  ((parameters.*Model::kParameters[kP] = static_cast<const Real*>(p.parameters[kP])[at]), ...);
  if constexpr (requires { parameters.substeps; }) parameters.substeps = p.substeps;
  std::int32_t refractory = state.refractory[source];
  const Real bias = static_cast<const Real*>(p.bias)[at];
  bool spiked = false;
  if constexpr (Model::kReceptors == 2)
    spiked = Model::step(s, refractory, parameters, p.t_ref_steps[at], bias, arriving0, arriving1);
  else
    spiked = Model::step(s, refractory, parameters, p.t_ref_steps[at], bias, arriving0);
  ((static_cast<Real*>(state.variables[kS])[source] = s.*Model::kState[kS]), ...);
  state.refractory[source] = refractory;
  const Magnitude<Real> bound =
      looks_at_bound ? magnitude(static_cast<Real>(p.bound_mV)) : kLargestFinite<Real>;
  if (!is_sound<Model, Real>(s, bound)) atomicAdd(state.n_unsound, 1u);
  return spiked;
}

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
    spiked = advance_neuron<Model, Real>(p, turn.own.state, source, block.first_index + threadIdx.x,
                                         turn.step % kBoundInterval == 0, arriving0, arriving1,
                                         std::make_index_sequence<Model::kState.size()>{},
                                         std::make_index_sequence<Model::kParameters.size()>{});
  }
  emit(turn.own.lists, turn.clock, turn.step, block_index, spiked ? 1 : 0);
}

}  // namespace sharpwave::device
