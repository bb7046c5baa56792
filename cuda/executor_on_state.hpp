// What an instance's next step depends on, read and put back: the second part of executor_on.hpp.
#pragma once

#include "cuda/executor_on.hpp"

namespace sharpwave::device {

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::read_state(std::uint32_t seat, NeuronValues& out) {
  Seated& instance = *seats_[seat];
  out.variables.resize(instance.variables.size());
  std::vector<Real> values(network_.n_neurons());
  for (std::size_t k = 0; k < instance.variables.size(); ++k) {
    backend_.download(std::span(values), instance.variables[k], 0);
    out.variables[k].resize(values.size() * sizeof(Real));
    std::memcpy(out.variables[k].data(), values.data(), out.variables[k].size());
  }
  out.refractory.resize(network_.n_neurons());
  backend_.download(std::span(out.refractory), instance.refractory, 0);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::read_plastic(std::uint32_t seat, std::vector<PlasticValues>& out) {
  const Seated& instance = *seats_[seat];
  out.resize(instance.plastic.size());
  for (std::size_t k = 0; k < out.size(); ++k)
    instance.plastic[k].read(backend_, instance.steps_done, out[k]);
}

// All others wait.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::set_only_clock(std::uint32_t seat, Clock clock) {
  std::fill(clock_values_.begin(), clock_values_.end(), kWaitingClock);
  clock_values_[seat] = clock;
  set_clocks();
}

// As the neurons' and parrots' kernels leave the lists.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::put_fired(Seated& instance, const FiredInStep& fired) {
  std::vector<std::uint32_t> n_fired(network_.lists().n_blocks);
  std::size_t next = 0;
  for (std::size_t b = 0; b < network_.lists().n_logged_blocks; ++b) {
    const SourceBlock& block = network_.blocks()[b];
    const std::size_t first = next;
    while (next < fired.sources.size() && fired.sources[next] < block.first_source + block.n) ++next;
    n_fired[b] = static_cast<std::uint32_t>(next - first);
    backend_.write(instance.fired, b * kThreads, std::span(fired.sources).subspan(first, next - first));
    backend_.write(instance.counts, b * kThreads, std::span(fired.counts).subspan(first, next - first));
  }
  backend_.write(instance.n_fired, 0, std::span<const std::uint32_t>(n_fired));
}

// A step but that nobody fires who has a state, and input is dropped.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::fly(std::uint32_t seat, std::uint64_t step, bool virtual_sources_fire,
                                         const FiredInStep& fired) {
  Seated& instance = *seats_[seat];
  const DelayRing<Acc>& ring = instance.view().ring;
  const std::uint64_t row = step & (ring.depth - 1);
  for (std::uint64_t cell = row * ring.row_cells(); cell < instance.cells.size();
       cell += ring.depth * ring.row_cells())
    backend_.clear(instance.cells, cell, ring.row_cells());
  put_fired(instance, fired);
  set_only_clock(seat, {.steps_done = step - 1, .last_step = step, .log_first = step});
  if (virtual_sources_fire) enqueue_sources(1, network_.poisson_blocks());
  enqueue_delivery(1);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::restore(std::uint32_t seat, std::uint64_t step,
                                             const NeuronValues& state, const std::vector<FiredInStep>& fired,
                                             const std::vector<PlasticValues>& plastic,
                                             std::span<const Region> regions,
                                             const PresentedModel& presented) {
  Seated& instance = *seats_[seat];
  instance.regions.write(backend_, regions);
  instance.write_plastic(backend_, step, plastic);
  instance.present(backend_, presented);
  show_view(seat);
  std::vector<Real> values(network_.n_neurons());
  for (std::size_t k = 0; k < instance.variables.size(); ++k) {
    std::memcpy(values.data(), state.variables[k].data(), values.size() * sizeof(Real));
    backend_.write(instance.variables[k], 0, std::span<const Real>(values));
  }
  backend_.write(instance.refractory, 0, std::span<const std::int32_t>(state.refractory));
  backend_.clear(instance.cells, 0, instance.cells.size());
  for (std::size_t k = 0; k < fired.size(); ++k) {
    const std::uint64_t age = fired.size() - 1 - k;
    if (step > age) instance.present_rates(backend_, presented.rates, step - age);
    fly(seat, step - age, step > age, fired[k]);  // wraps around below 0: the ring does as well
  }
  instance.present_rates(backend_, presented.rates, step + 1);
  const std::uint64_t next = std::max<std::uint64_t>(step, 1);
  set_only_clock(seat, {.steps_done = next - 1, .last_step = next, .log_first = step});
  enqueue_bias(1, true);
  instance.steps_done = step;
  instance.undrained = 0;
  backend_.wait();
}

}  // namespace sharpwave::device
