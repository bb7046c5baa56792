// One neuron's step between arrays of state, of whatever model.
#pragma once

#include <utility>

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"
#include "kernels/soundness.hpp"

namespace sharpwave::device {

/// Where a neuron stands: its place in the arrays of state, and in those of parameters.
struct NeuronPlace {
  std::uint32_t in_state = 0;
  std::uint32_t in_parameters = 0;  ///< 0 where its population shares them
};

template <class Model, class Real>
struct NeuronStep {
  typename Model::State state;
  std::int32_t refractory = 0;  ///< steps left
  bool spiked = false;
};

namespace detail {

template <class Model, class Real, std::size_t... kS, std::size_t... kP>
__device__ inline NeuronStep<Model, Real> step_neuron(const Population& p, const NeuronState& from,
                                                      NeuronPlace place, Real bias, Real arriving0,
                                                      Real arriving1, std::index_sequence<kS...>,
                                                      std::index_sequence<kP...>) {
  const std::uint32_t at = place.in_parameters;
  NeuronStep<Model, Real> done{};
  ((done.state.*Model::kState[kS] = static_cast<const Real*>(from.variables[kS])[place.in_state]), ...);
  typename Model::Parameters parameters{};
  ((parameters.*Model::kParameters[kP] = static_cast<const Real*>(p.parameters[kP])[at]), ...);
  if constexpr (requires { parameters.substeps; }) parameters.substeps = p.substeps;
  done.refractory = from.refractory[place.in_state];
  if constexpr (Model::kReceptors == 2)
    done.spiked =
        Model::step(done.state, done.refractory, parameters, p.t_ref_steps[at], bias, arriving0, arriving1);
  else
    done.spiked = Model::step(done.state, done.refractory, parameters, p.t_ref_steps[at], bias, arriving0);
  return done;
}

template <class Model, class Real, std::size_t... kS>
__device__ inline void store_neuron(const NeuronStep<Model, Real>& done, const NeuronState& to,
                                    std::uint32_t at, std::index_sequence<kS...>) {
  ((static_cast<Real*>(to.variables[kS])[at] = done.state.*Model::kState[kS]), ...);
  to.refractory[at] = done.refractory;
}

}  // namespace detail

/// What a step makes of the neuron; its state stays.
/// @param bias  mV a step of constant current.
/// @param arriving0, arriving1  by receptor, in the model's unit; the second is not read where there is one.
template <class Model, class Real>
__device__ inline NeuronStep<Model, Real> step_neuron(const Population& p, const NeuronState& from,
                                                      NeuronPlace place, Real bias, Real arriving0,
                                                      Real arriving1) {
  return detail::step_neuron<Model, Real>(p, from, place, bias, arriving0, arriving1,
                                          std::make_index_sequence<Model::kState.size()>{},
                                          std::make_index_sequence<Model::kParameters.size()>{});
}

/// Keeps it, and counts it where it is not sound.
template <class Model, class Real>
__device__ inline void store_neuron(const Population& p, const NeuronStep<Model, Real>& done,
                                    const NeuronState& to, std::uint32_t at, std::uint64_t step) {
  detail::store_neuron(done, to, at, std::make_index_sequence<Model::kState.size()>{});
  const Magnitude<Real> bound =
      step % kBoundInterval == 0 ? magnitude(static_cast<Real>(p.bound_mV)) : kLargestFinite<Real>;
  if (!is_sound<Model, Real>(done.state, bound)) atomicAdd(to.n_unsound, 1u);
}

}  // namespace sharpwave::device
