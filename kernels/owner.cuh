// An owner at work: its neurons, and what arrives at them. owner_delivery.cuh has the other half, what their
// spikes reach; run_owners.cuh the order of both.
#pragma once

#include "kernels/gains.hpp"
#include "kernels/neuron_step.cuh"
#include "kernels/owner_views.hpp"
#include "kernels/set_bias.cuh"
#include "kernels/spike_counts.cuh"

namespace sharpwave::device {

/// All models, where a network has more than one.
inline constexpr int kAnyModel = kUpdateModelCount;

/// Calls visit(std::integral_constant<UpdateModel, model>{}): with_model() on the device.
/// @tparam kModels  the model of all neurons, as a number, or kAnyModel.
template <int kModels, int kFirst = 0, class Visit>
__device__ inline auto with_owned_model(UpdateModel model, const Visit& visit) {
  if constexpr (kModels != kAnyModel)
    return visit(std::integral_constant<UpdateModel, static_cast<UpdateModel>(kModels)>{});
  else if constexpr (kFirst + 1 == kUpdateModelCount)
    return visit(std::integral_constant<UpdateModel, static_cast<UpdateModel>(kFirst)>{});
  else
    return model == static_cast<UpdateModel>(kFirst)
               ? visit(std::integral_constant<UpdateModel, static_cast<UpdateModel>(kFirst)>{})
               : with_owned_model<kModels, kFirst + 1>(model, visit);
}

/// Of one thread of its block. Arrays in shared memory are found anew at each use: where they begin is in
/// constant memory, and registers are few.
template <class Real, class Acc>
struct Owner {
  const Instance<Acc>& own;
  const Connections& connections;
  const Owners& owners;
  const OwnerSteps& steps;
  std::uint32_t id = blockIdx.x;
  std::uint32_t n_elements = owners.n_elements(blockIdx.x);
  std::uint32_t lane = threadIdx.x % kWarp;
  std::uint32_t warp = threadIdx.x / kWarp;

  __device__ std::uint32_t n_warps() const { return blockDim.x / kWarp; }
  /// Of a row of the window.
  __device__ std::uint32_t cells() const { return owners.sizes.cells_per_step; }

  template <class T>
  __device__ static T* array(std::uint32_t begin) {
    return reinterpret_cast<T*>(dynamic_shared_memory() + begin);
  }
  __device__ Population* populations() const { return array<Population>(owners.layout.populations); }
  __device__ OwnedPopulation* owned() const { return array<OwnedPopulation>(owners.layout.owned); }
  __device__ OwnedRows* rows() const { return array<OwnedRows>(owners.layout.rows); }
  __device__ SegmentKind* kinds() const { return array<SegmentKind>(owners.layout.kinds); }
  __device__ Real* parameters() const { return array<Real>(owners.layout.parameters); }
  __device__ std::int32_t* t_ref_steps() const { return array<std::int32_t>(owners.layout.t_ref_steps); }
  __device__ std::uint32_t* n_fired() const { return array<std::uint32_t>(owners.layout.n_fired); }
  /// Of each element.
  __device__ Real* bias() const { return array<Real>(owners.layout.bias); }
  __device__ std::uint16_t* population() const { return array<std::uint16_t>(owners.layout.population); }
  /// [near_steps][cells]
  __device__ Acc* window(std::uint32_t receptor) const {
    return array<Acc>(owners.layout.window) + (receptor == 0 ? 0 : owners.near_steps[0] * cells());
  }
  __device__ Real* variable(std::uint32_t k) const {
    return array<Real>(owners.layout.variables) + k * cells();
  }
  __device__ std::int32_t* refractory() const { return array<std::int32_t>(owners.layout.refractory); }
  /// By element.
  __device__ NeuronState state() const {
    NeuronState view;
#pragma unroll
    for (std::uint32_t k = 0; k < kMaxStates; ++k) view.variables[k] = variable(k);  // a model reads its own
    view.refractory = refractory();
    view.n_unsound = own.state.n_unsound;
    return view;
  }

  __device__ std::uint32_t neuron(std::uint32_t element) const {
    return element * owners.n + id;
  }
  __device__ NeuronPlace place(std::uint32_t element) const {
    const std::uint32_t k = population()[element];
    return {element, populations()[k].per_neuron ? neuron(element) - owned()[k].first_source : 0};
  }
  /// Where the window has what arrives in `step`, one of this launch or after it.
  __device__ std::uint32_t near_row(std::uint32_t receptor, std::uint64_t step) const {
    return static_cast<std::uint32_t>(step - steps.first) % owners.near_steps[receptor];
  }

  __device__ void set_up();
  __device__ void put_away();
  __device__ void set_bias(std::uint32_t element, std::uint64_t step);
  __device__ Acc take_arrived(std::uint32_t receptor, std::uint32_t element, std::uint64_t step);
  template <class Model>
  __device__ Real arriving(std::uint32_t receptor, std::uint32_t element, std::uint64_t step);
  template <int kModels>
  __device__ bool would_fire(std::uint32_t element, std::uint64_t step);
  template <int kModels>
  __device__ bool update(std::uint32_t element, std::uint64_t step);
  template <int kModels>
  __device__ void fire(std::uint64_t step);
  template <int kModels>
  __device__ void end_update(std::uint64_t step);
  __device__ void publish(std::uint32_t element, bool has_fired, std::uint64_t step);
  __device__ void seal_letter(std::uint64_t step);

 private:
  __device__ void copy_population(std::uint32_t k);
  __device__ void take_over(std::uint32_t element);
};

// --- from global memory and back --------------------------------------------------------------------------

// What all of its neurons share is then read from shared memory.
template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::copy_population(std::uint32_t k) {
  const Population& from = own.populations[owners.tables.population_ids[k]];
  Population& to = populations()[k];
  to = from;
  owned()[k] = owners.tables.populations[k];
  if (from.per_neuron) return;
  for (std::uint32_t i = 0; i < kMaxParameters; ++i) {
    if (from.parameters[i] == nullptr) continue;
    Real* const value = parameters() + k * kMaxParameters + i;
    *value = *static_cast<const Real*>(from.parameters[i]);
    to.parameters[i] = value;
  }
  t_ref_steps()[k] = *from.t_ref_steps;
  to.t_ref_steps = t_ref_steps() + k;
}

template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::take_over(std::uint32_t element) {
  const std::uint32_t source = neuron(element);
  std::uint32_t k = 0;
  while (source >= owned()[k].end_source) ++k;
  population()[element] = static_cast<std::uint16_t>(k);
  for (std::uint32_t v = 0; v < owners.n_variables; ++v)
    variable(v)[element] = static_cast<const Real*>(own.state.variables[v])[source];
  refractory()[element] = own.state.refractory[source];
  bias()[element] = static_cast<const Real*>(populations()[k].bias)[place(element).in_parameters];
}

/// Called once by all threads.
template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::set_up() {
  const OwnerTables& tables = owners.tables;
  for (std::uint32_t k = threadIdx.x; k < tables.n_populations; k += blockDim.x) copy_population(k);
  for (std::uint32_t k = threadIdx.x; k < tables.n_rows; k += blockDim.x) rows()[k] = tables.rows[k];
  for (std::uint32_t k = threadIdx.x; k < tables.n_kinds; k += blockDim.x) kinds()[k] = tables.kinds[k];
  for (std::uint32_t i = threadIdx.x; i < owners.sizes.window_rows * cells(); i += blockDim.x)
    window(0)[i] = 0;
  if (threadIdx.x < 2) n_fired()[threadIdx.x] = 0;
  __syncthreads();
  for (std::uint32_t e = threadIdx.x; e < n_elements; e += blockDim.x) take_over(e);
  __syncthreads();
}

/// Called once by all threads, after what the last step's spikes reach has been added. The near window goes
/// into the ring, beside what was far.
template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::put_away() {
  for (std::uint32_t e = threadIdx.x; e < n_elements; e += blockDim.x) {
    const std::uint32_t source = neuron(e);
    for (std::uint32_t v = 0; v < owners.n_variables; ++v)
      static_cast<Real*>(own.state.variables[v])[source] = variable(v)[e];
    own.state.refractory[source] = refractory()[e];
    for (std::uint32_t r = 0; r < owners.n_receptors; ++r)
      for (std::uint64_t step = steps.last + 1; step <= steps.last + owners.near_steps[r]; ++step)
        own.ring.row(r, step)[id * own.ring.cells_of_owner + e] += window(r)[near_row(r, step) * cells() + e];
  }
}

// --- a step of its neurons --------------------------------------------------------------------------------

template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::set_bias(std::uint32_t element, std::uint64_t step) {
  const Population& p = populations()[population()[element]];
  bool changes = p.n_currents > 0 && step == steps.first;
  for (std::uint32_t k = 0; k < p.n_currents; ++k) changes |= changes_at(p.currents[k], step);
  if (changes) bias()[element] = bias_at<Real>(p, place(element).in_parameters, step);
}

/// What arrives in `step`, in units; once.
template <class Real, class Acc>
__device__ inline Acc Owner<Real, Acc>::take_arrived(std::uint32_t receptor, std::uint32_t element,
                                                     std::uint64_t step) {
  Acc& near = window(receptor)[near_row(receptor, step) * cells() + element];
  Acc units = near;
  near = 0;
  // What was under way when the launch began is in the ring as well.
  if (owners.has_far[receptor] || step - steps.first < own.ring.depth) {
    Acc& far = own.ring.row(receptor, step)[id * own.ring.cells_of_owner + element];
    units += far;
    if (far != 0) far = 0;
  }
  const OwnedPopulation& p = owned()[population()[element]];
  const std::uint32_t index = neuron(element) - p.first_source;
  for (std::uint32_t k = p.first_input; k < p.end_input; ++k) {
    const SpikeInput& input = own.inputs[owners.tables.inputs[k]];
    if (input.receptor != receptor || index < input.start) continue;
    const std::uint32_t target = (index - input.start) / input.stride;
    if (target >= input.n_targets || target * input.stride != index - input.start) continue;
    units += static_cast<Acc>(count_in_step(input, index, step)) *
             static_cast<Acc>(gained_units(input.units, input.gain));
  }
  return units;
}

/// The same in the model's unit.
template <class Real, class Acc>
template <class Model>
__device__ inline Real Owner<Real, Acc>::arriving(std::uint32_t receptor, std::uint32_t element,
                                                  std::uint64_t step) {
  if (receptor >= static_cast<std::uint32_t>(Model::kReceptors)) return 0;
  const Population& p = populations()[population()[element]];
  return to_real<Real>(take_arrived(receptor, element, step)) *
         static_cast<Real>(gained_scale(p.input_scale[receptor], p.gain));
}

/// Of a model whose spikes do not depend on what arrives: the state stays.
template <class Real, class Acc>
template <int kModels>
__device__ inline bool Owner<Real, Acc>::would_fire(std::uint32_t element, std::uint64_t step) {
  set_bias(element, step);
  const Population& p = populations()[population()[element]];
  return with_owned_model<kModels>(owned()[population()[element]].model, [&](auto kind) {
    using Model = ModelType<decltype(kind)::value, Real>;
    return step_neuron<Model, Real>(p, state(), place(element), bias()[element], Real{0}, Real{0}).spiked;
  });
}

template <class Real, class Acc>
template <int kModels>
__device__ inline bool Owner<Real, Acc>::update(std::uint32_t element, std::uint64_t step) {
  const Population& p = populations()[population()[element]];
  return with_owned_model<kModels>(owned()[population()[element]].model, [&](auto kind) {
    using Model = ModelType<decltype(kind)::value, Real>;
    const Real arriving0 = arriving<Model>(0, element, step);
    const Real arriving1 = arriving<Model>(1, element, step);
    const auto done =
        step_neuron<Model, Real>(p, state(), place(element), bias()[element], arriving0, arriving1);
    store_neuron(p, done, state(), element, step);
    return done.spiked;
  });
}

/// Finds who fires in `step`, and tells the others. Called by all threads.
template <class Real, class Acc>
template <int kModels>
__device__ inline void Owner<Real, Acc>::fire(std::uint64_t step) {
  if (threadIdx.x == 0) n_fired()[(step + 1) % 2] = 0;
  // By whole warps.
  for (std::uint32_t first = warp * kWarp; first < n_elements; first += blockDim.x) {
    const std::uint32_t element = first + lane;
    bool has_fired = false;
    if (element < n_elements && owners.schedule == OwnerSchedule::input_is_late)
      has_fired = would_fire<kModels>(element, step);
    if (element < n_elements && owners.schedule != OwnerSchedule::input_is_late) {
      set_bias(element, step);
      has_fired = update<kModels>(element, step);
    }
    publish(element, has_fired, step);
  }
}

/// Where fire() has not changed the state: does so, with what has arrived since. Called by all threads.
template <class Real, class Acc>
template <int kModels>
__device__ inline void Owner<Real, Acc>::end_update(std::uint64_t step) {
  for (std::uint32_t e = threadIdx.x; e < n_elements; e += blockDim.x) update<kModels>(e, step);
}

// --- who fired --------------------------------------------------------------------------------------------

/// Called by whole warps: a warp takes as many places of the owner's letter as it has lanes that fired. There
/// is one for each element.
template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::publish(std::uint32_t element, bool has_fired, std::uint64_t step) {
  std::uint32_t k = 0;
  std::uint32_t source = 0;
  if (has_fired) {
    k = population()[element];
    source = neuron(element);
    const std::uint32_t index = source - owned()[k].first_source;
    atomicOr(own.lists.log_bits + (step - steps.log_first) * owners.log_words + owned()[k].first_log_word +
                 index / kWarp,
             1u << index % kWarp);
  }
  const bool is_told = has_fired && owned()[k].is_heard;
  const std::uint32_t votes = __ballot_sync(kAllLanes, is_told ? 1 : 0);
  if (votes == 0) return;
  std::uint32_t first = 0;
  if (lane == 0) first = atomicAdd(n_fired() + step % 2, static_cast<std::uint32_t>(__popc(votes)));
  first = __shfl_sync(kAllLanes, first, 0);
  if (!is_told) return;
  const std::uint32_t at = first + static_cast<std::uint32_t>(__popc(votes & ((1u << lane) - 1)));
  const std::uint64_t letter = step % kLetterSteps * owners.n + id;
  if (at + 1 < kLetterWords)
    owners.mail.letters[letter * kLetterWords + at + 1] = source;
  else
    owners.mail.rest[letter * cells() + at + 1 - kLetterWords] = source;
}

/// Called by one thread when all have published.
template <class Real, class Acc>
__device__ inline void Owner<Real, Acc>::seal_letter(std::uint64_t step) {
  owners.mail.letters[(step % kLetterSteps * owners.n + id) * kLetterWords] = n_fired()[step % 2];
}

}  // namespace sharpwave::device
