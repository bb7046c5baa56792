// What an executor's next step depends on, read and put back: the third part of executor_on.hpp.
#pragma once

#include <cstring>

#include "cuda/executor_on.hpp"

namespace sharpwave::device {

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::read_state(NeuronValues& out) {
  out.variables.resize(variables_.size());
  std::vector<Real> values(ring_.n_neurons);
  for (std::size_t k = 0; k < variables_.size(); ++k) {
    backend_.download(std::span(values), variables_[k], 0);
    out.variables[k].resize(values.size() * sizeof(Real));
    std::memcpy(out.variables[k].data(), values.data(), out.variables[k].size());
  }
  out.refractory.resize(ring_.n_neurons);
  backend_.download(std::span(out.refractory), refractory_, 0);
}

// As the neurons' and parrots' kernels leave the lists.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::put_fired(const FiredInStep& fired) {
  std::vector<std::uint32_t> n_fired(lists_.n_blocks);
  std::size_t next = 0;
  for (std::size_t b = 0; b < logged_blocks_.size(); ++b) {
    const SourceBlock& block = logged_blocks_[b];
    const std::size_t first = next;
    while (next < fired.sources.size() && fired.sources[next] < block.first_source + block.n) ++next;
    n_fired[b] = static_cast<std::uint32_t>(next - first);
    backend_.write(fired_, b * kThreads, std::span(fired.sources).subspan(first, next - first));
    backend_.write(counts_, b * kThreads, std::span(fired.counts).subspan(first, next - first));
  }
  backend_.write(n_fired_, 0, std::span<const std::uint32_t>(n_fired));
}

// A step but that nobody fires who has a state, and input is dropped.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::fly(std::uint64_t step, bool virtual_sources_fire,
                                         const FiredInStep& fired) {
  const std::uint64_t row = step & (ring_.depth - 1);
  for (std::uint64_t cell = row * ring_.n_neurons; cell < cells_.size();
       cell += ring_.depth * ring_.n_neurons)
    backend_.clear(cells_, cell, ring_.n_neurons);
  put_fired(fired);
  backend_.launch("set_clock", set_clock, Grid{}, clock_.data(),
                  Clock{.steps_done = step - 1, .log_first = step});
  if (virtual_sources_fire && poisson_blocks_.size() > 0)
    backend_.launch("fire_sources", fire_sources<Acc>,
                    Grid{static_cast<std::uint32_t>(poisson_blocks_.size()), 1}, clock_.data(), 1u,
                    poisson_blocks_.data(), populations_.data(), ring_, lists_);
  enqueue_delivery(1);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::restore(std::uint64_t step, const NeuronValues& state,
                                             const std::vector<FiredInStep>& fired) {
  std::vector<Real> values(ring_.n_neurons);
  for (std::size_t k = 0; k < variables_.size(); ++k) {
    std::memcpy(values.data(), state.variables[k].data(), values.size() * sizeof(Real));
    backend_.write(variables_[k], 0, std::span<const Real>(values));
  }
  backend_.write(refractory_, 0, std::span<const std::int32_t>(state.refractory));
  backend_.clear(cells_, 0, cells_.size());
  for (std::size_t k = 0; k < fired.size(); ++k) {
    const std::uint64_t age = fired.size() - 1 - k;
    fly(step - age, step > age, fired[k]);  // wraps around below 0: the ring does as well
  }
  backend_.launch("set_clock", set_clock, Grid{}, clock_.data(),
                  Clock{.steps_done = std::max<std::uint64_t>(step, 1) - 1, .log_first = step});
  enqueue_bias(1, true);
  steps_done_ = step;
  undrained_ = 0;
  backend_.wait();
}

}  // namespace sharpwave::device
