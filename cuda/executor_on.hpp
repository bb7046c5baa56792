// The executor, on a backend that allocates, copies and launches: CUDA's (cuda_backend.cuh), or one that runs
// the same kernels with threads (tests/simt).
//
// A step is: currents, spikes from outside into the ring, samples of what arrives, neurons, sources without a
// state, delivery, samples of the state. All of it is enqueued without a look at what it computes; who fired,
// and in which order, is in lists with room for all.
#pragma once

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "cuda/executor.hpp"
#include "kernels/add_spike_inputs.cuh"
#include "kernels/compact_rows.cuh"
#include "kernels/deliver_spikes.cuh"
#include "kernels/drain_log.cuh"
#include "kernels/fire_sources.cuh"
#include "kernels/sample_input.cuh"
#include "kernels/sample_state.cuh"
#include "kernels/set_bias.cuh"
#include "kernels/update_neurons.cuh"

namespace sharpwave::device {

/// Of a launch, in blocks.
struct Grid {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
};

inline constexpr std::uint32_t kStepsPerGraph = 32;
inline constexpr std::uint32_t kFileSpikeBlocks = 16;

template <class Backend, class Real, class Acc>
class ExecutorOn final : public Executor {
 public:
  explicit ExecutorOn(const DeviceModel& model);

  [[nodiscard]] std::uint64_t most_steps() const override { return most_steps_; }
  [[nodiscard]] std::uint64_t network_bytes() const override { return network_bytes_; }
  void start(std::uint64_t n_steps) override;
  void wait() override { backend_.wait(); }
  void drain(Drained& out) override;
  void record(const std::vector<Report>& reports) override;
  void read_state(NeuronValues& out) override;
  void restore(std::uint64_t step, const NeuronValues& state, const std::vector<FiredInStep>& fired) override;

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  template <class T>
  using Buffers = std::vector<Buffer<T>>;

  static constexpr std::uint32_t kThreads = Backend::kBlockThreads;
  static constexpr std::uint32_t kWordsPerBlock = kThreads / kWarp;
  static_assert(kThreads % kWarp == 0 && kThreads <= kMaxBlockThreads);
  static std::uint32_t blocks_for(std::uint64_t n) {
    return static_cast<std::uint32_t>((n + kThreads - 1) / kThreads);
  }

  // Set-up. keep() uploads and returns where it lies.
  template <class T>
  const T* keep(Buffers<T>& owner, std::span<const T> values);
  const Real* keep_reals(std::span<const double> values);
  PoissonRate keep_rate(const RateTable& table);
  void make_state(const DeviceModel& model);
  void make_populations(const DeviceModel& model);
  Population neuron_population(const PopulationModel& p);
  void make_blocks(const DeviceModel& model);
  void make_inputs(const DeviceModel& model);
  void make_connections(const DeviceModel& model);
  void compact_rows(const DeviceModel& model, const std::vector<SourceClass>& classes,
                    std::uint64_t n_segments);
  void make_log(const std::vector<Report>& reports);
  void capture_steps();

  // A step.
  void enqueue_step(std::uint32_t offset);
  template <UpdateModel kModel>
  void enqueue_update(std::uint32_t offset, const Buffer<std::uint32_t>& block_ids);
  void enqueue_delivery(std::uint32_t offset);
  void enqueue_steps(std::uint32_t n);
  void enqueue_bias(std::uint32_t offset, bool always);

  // State (executor_on_state.hpp).
  void put_fired(const FiredInStep& fired);
  void fly(std::uint64_t step, bool virtual_sources_fire, const FiredInStep& fired);
  std::uint64_t fetch_spikes(LogShape shape, std::uint64_t begin, Drained& out);

  Backend backend_;
  std::uint64_t steps_done_ = 0;
  std::uint64_t most_steps_ = 1;
  std::uint64_t undrained_ = 0;  ///< steps
  std::uint64_t network_bytes_ = 0;

  Buffer<Clock> clock_;
  Buffers<Real> reals_;
  Buffers<double> doubles_;
  Buffers<std::int32_t> integers_;
  Buffers<std::uint32_t> words_;
  Buffers<std::uint64_t> steps_;
  Buffers<std::uint8_t> bytes_;
  Buffers<std::uint64_t> bits_;

  NeuronState state_;
  Buffers<Real> variables_;
  Buffer<std::int32_t> refractory_;
  Buffer<std::uint32_t> n_unsound_;
  Buffer<Population> populations_;
  Buffer<Acc> cells_;
  DelayRing<Acc> ring_;

  Buffer<SourceBlock> blocks_;
  Buffer<std::uint32_t> fired_, counts_, n_fired_, log_bits_, log_counts_;
  SpikeLists lists_;
  std::map<UpdateModel, Buffer<std::uint32_t>> neuron_blocks_;
  Buffer<std::uint32_t> source_blocks_;
  Buffer<std::uint32_t> poisson_blocks_;    ///< those of them that are virtual
  std::vector<SourceBlock> logged_blocks_;  ///< those that are not virtual, ascending by source

  struct Driven {
    std::uint32_t population;
    std::uint32_t n_values;
  };
  std::vector<Driven> driven_;  ///< populations with currents from inputs
  Buffers<CurrentSource> currents_;
  Buffer<SpikeInput> inputs_;
  Buffer<SpikeInputBlock> input_blocks_;
  Buffer<std::uint64_t> segments_;
  Buffer<std::uint32_t> synapses_;
  Buffer<std::uint16_t> wide_cells_;
  Buffer<std::int64_t> wide_weights_;
  Buffer<SourceClass> classes_;
  Buffer<Channel> channels_;
  Buffer<PairBits> pair_bits_;
  Buffer<FileSpike> file_spikes_;
  Connections connections_;

  Buffer<std::uint32_t> log_first_, log_rows_, ids_;
  Buffers<float> samples_;
  std::vector<Report> reports_;

  typename Backend::Graph one_step_, many_steps_;
};

// --- a step -----------------------------------------------------------------------------------------------

template <class Backend, class Real, class Acc>
template <UpdateModel kModel>
void ExecutorOn<Backend, Real, Acc>::enqueue_update(std::uint32_t offset,
                                                    const Buffer<std::uint32_t>& block_ids) {
  backend_.launch("update_neurons", update_neurons<kModel, Real, Acc>,
                  Grid{static_cast<std::uint32_t>(block_ids.size()), 1}, clock_.data(), offset,
                  block_ids.data(), populations_.data(), state_, ring_, lists_);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_delivery(std::uint32_t offset) {
  if (classes_.size() == 0) return;
  const std::uint32_t file_blocks = connections_.n_file_spikes > 0 ? kFileSpikeBlocks : 0;
  backend_.launch("deliver_spikes", deliver_spikes<Acc>,
                  Grid{lists_.n_blocks + file_blocks, Backend::kSharesOfARow}, clock_.data(), offset,
                  connections_, ring_, lists_);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_bias(std::uint32_t offset, bool always) {
  for (const Driven& driven : driven_)
    backend_.launch("set_bias", set_bias<Real>, Grid{blocks_for(driven.n_values), 1}, clock_.data(), offset,
                    populations_.data(), driven.population, driven.n_values, always);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_step(std::uint32_t offset) {
  enqueue_bias(offset, false);
  if (input_blocks_.size() > 0)
    backend_.launch("add_spike_inputs", add_spike_inputs<Acc>,
                    Grid{static_cast<std::uint32_t>(input_blocks_.size()), 1}, clock_.data(), offset,
                    inputs_.data(), input_blocks_.data(), ring_);
  for (const Report& report : reports_)
    if (std::any_of(report.variables, report.variables + report.n_variables, acts_in_step))
      backend_.launch("sample_input", sample_input<Real, Acc>, Grid{blocks_for(report.n_elements), 1},
                      clock_.data(), offset, report, populations_.data(), ring_);
  for (const auto& [model, block_ids] : neuron_blocks_)
    with_model(model, [&](auto kind) { enqueue_update<decltype(kind)::value>(offset, block_ids); });
  if (source_blocks_.size() > 0)
    backend_.launch("fire_sources", fire_sources<Acc>,
                    Grid{static_cast<std::uint32_t>(source_blocks_.size()), 1}, clock_.data(), offset,
                    source_blocks_.data(), populations_.data(), ring_, lists_);
  enqueue_delivery(offset);
  for (const Report& report : reports_)
    backend_.launch("sample_state", sample_state<Real>, Grid{blocks_for(report.n_elements), 1}, clock_.data(),
                    offset, report, populations_.data(), state_);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::enqueue_steps(std::uint32_t n) {
  for (std::uint32_t k = 1; k <= n; ++k) enqueue_step(k);
  backend_.launch("advance_clock", advance_clock, Grid{}, clock_.data(), n);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::start(std::uint64_t n_steps) {
  backend_.launch("set_clock", set_clock, Grid{}, clock_.data(),
                  Clock{.steps_done = steps_done_, .log_first = steps_done_ + 1});
  backend_.clear(n_unsound_, 0, n_unsound_.size());
  undrained_ = n_steps;
  steps_done_ += n_steps;
  for (; n_steps >= kStepsPerGraph; n_steps -= kStepsPerGraph) backend_.replay(many_steps_);
  for (; n_steps > 0; --n_steps) backend_.replay(one_step_);
}

// The spikes of as many rows as their list has room for, at least one; returns the next row.
template <class Backend, class Real, class Acc>
std::uint64_t ExecutorOn<Backend, Real, Acc>::fetch_spikes(LogShape shape, std::uint64_t begin,
                                                           Drained& out) {
  std::uint64_t end = begin + 1;
  while (end < shape.n_rows && out.rows[end + 1] - out.rows[begin] <= ids_.size()) ++end;
  const std::uint32_t n_ids = out.rows[end] - out.rows[begin];
  const std::uint64_t word = begin * shape.words_per_row;
  shape.n_rows = end - begin;
  backend_.launch("write_spikes", write_spikes, Grid{blocks_for(shape.n_rows * shape.words_per_row), 1},
                  shape, log_bits_.data() + word, log_first_.data() + word, blocks_.data(), ids_.data());
  backend_.download(std::span(out.ids).subspan(out.rows[begin], n_ids), ids_, 0);
  return end;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::drain(Drained& out) {
  const std::uint64_t n_rows = std::exchange(undrained_, 0);
  const LogShape shape{.n_rows = n_rows,
                       .words_per_block = kWordsPerBlock,
                       .words_per_row = lists_.n_logged_blocks * kWordsPerBlock};
  const std::uint64_t n_words = n_rows * shape.words_per_row;
  std::uint32_t n_unsound = 0;
  backend_.download(std::span(&n_unsound, 1), n_unsound_, 0);
  out.unsound = n_unsound > 0;
  out.rows.assign(n_rows + 1, 0);
  out.ids.clear();
  if (n_words > 0) {
    backend_.count_bits(log_bits_.data(), n_words, log_first_.data());
    backend_.launch("begin_rows", begin_rows, Grid{blocks_for(n_rows + 1), 1}, shape, log_first_.data(),
                    log_rows_.data());
    backend_.download(std::span(out.rows), log_rows_, 0);
    out.ids.resize(out.rows.back());
    for (std::uint64_t begin = 0; begin < n_rows;) begin = fetch_spikes(shape, begin, out);
  }
  out.parrot_counts.resize(n_rows * lists_.n_parrots);
  backend_.download(std::span(out.parrot_counts), log_counts_, 0);
  out.samples.resize(reports_.size());
  for (std::size_t r = 0; r < reports_.size(); ++r) {
    const Report& report = reports_[r];
    const std::uint64_t frames = report.times.until(steps_done_) - report.times.until(steps_done_ - n_rows);
    out.samples[r].resize(frames * report.n_variables * report.n_elements);
    backend_.download(std::span(out.samples[r]), samples_[r], 0);
  }
}

/// @tparam Backend  default-constructible.
template <class Backend>
std::unique_ptr<Executor> make_executor_on(const DeviceModel& model) {
  switch (model.arithmetic) {
    case Arithmetic::float_int32:
      return std::make_unique<ExecutorOn<Backend, float, std::int32_t>>(model);
    case Arithmetic::float_int64:
      return std::make_unique<ExecutorOn<Backend, float, std::int64_t>>(model);
    case Arithmetic::double_int64:
      return std::make_unique<ExecutorOn<Backend, double, std::int64_t>>(model);
  }
  return nullptr;
}

}  // namespace sharpwave::device

#include "cuda/executor_on_setup.hpp"
#include "cuda/executor_on_state.hpp"
