// The executor, on a backend that allocates, copies and launches: CUDA's (cuda_backend.cuh), or one that runs
// the same kernels with threads (tests/simt).
//
// A step is: currents, spikes from outside into the ring, neurons, sources without a state, delivery,
// samples. All of it is enqueued without a look at what it computes; who fired, and in which order, is in
// lists with room for all.
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
  [[nodiscard]] std::uint64_t device_bytes() const override { return backend_.bytes(); }
  void start(std::uint64_t n_steps) override;
  void wait() override { backend_.wait(); }
  void drain(Drained& out) override;

 private:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;
  template <class T>
  using Buffers = std::vector<Buffer<T>>;

  static constexpr std::uint32_t kThreads = Backend::kBlockThreads;
  static constexpr std::uint32_t kWordsPerBlock = kThreads / kWarp;
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
  void make_log(const DeviceModel& model);

  // A step.
  void enqueue_step(std::uint32_t offset);
  template <UpdateModel kModel>
  void enqueue_update(std::uint32_t offset, const Buffer<std::uint32_t>& block_ids);
  void enqueue_delivery(std::uint32_t offset);
  void enqueue_steps(std::uint32_t n);

  Backend backend_;
  std::uint64_t steps_done_ = 0;
  std::uint64_t most_steps_ = 1;
  std::uint64_t undrained_ = 0;  ///< steps

  Buffer<Clock> clock_;
  Buffers<Real> reals_;
  Buffers<double> doubles_;
  Buffers<std::int32_t> integers_;
  Buffers<std::uint32_t> words_;
  Buffers<std::uint64_t> steps_;
  Buffers<std::uint8_t> bytes_;
  Buffers<std::uint64_t> bits_;

  NeuronState state_;
  Buffer<Population> populations_;
  Buffer<Acc> cells_;
  DelayRing<Acc> ring_;

  Buffer<SourceBlock> blocks_;
  Buffer<std::uint32_t> fired_, counts_, n_fired_, log_bits_, log_counts_;
  SpikeLists lists_;
  std::map<UpdateModel, Buffer<std::uint32_t>> neuron_blocks_;
  Buffer<std::uint32_t> source_blocks_;

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

// --- set-up -----------------------------------------------------------------------------------------------

template <class Backend, class Real, class Acc>
ExecutorOn<Backend, Real, Acc>::ExecutorOn(const DeviceModel& model) {
  clock_ = backend_.template allocate<Clock>(1);
  make_state(model);
  make_populations(model);
  make_blocks(model);
  make_inputs(model);
  make_connections(model);
  make_log(model);
  // Spikes of files at or before time 0 are in step 0: they are delivered before the first step.
  enqueue_delivery(0);
  one_step_ = backend_.capture([this] { enqueue_steps(1); });
  many_steps_ = backend_.capture([this] { enqueue_steps(kStepsPerGraph); });
  backend_.wait();
}

template <class Backend, class Real, class Acc>
template <class T>
const T* ExecutorOn<Backend, Real, Acc>::keep(Buffers<T>& owner, std::span<const T> values) {
  if (values.empty()) return nullptr;
  owner.push_back(backend_.upload(values));
  return owner.back().data();
}

template <class Backend, class Real, class Acc>
const Real* ExecutorOn<Backend, Real, Acc>::keep_reals(std::span<const double> values) {
  std::vector<Real> narrow(values.size());
  std::transform(values.begin(), values.end(), narrow.begin(), [](double v) { return static_cast<Real>(v); });
  return keep(reals_, std::span<const Real>(narrow));
}

template <class Backend, class Real, class Acc>
PoissonRate ExecutorOn<Backend, Real, Acc>::keep_rate(const RateTable& table) {
  return {.key = table.key,
          .n_pieces = static_cast<std::uint32_t>(table.first_step.size()),
          .first_step = keep(steps_, table.first_step),
          .table = keep(words_, table.table),
          .table_begin = keep(steps_, table.table_begin),
          .thresholds = keep(words_, table.thresholds)};
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_state(const DeviceModel& model) {
  std::size_t n_variables = 0;
  for (const PopulationModel& p : model.populations)
    if (p.kind == PopulationKind::neurons)
      n_variables = std::max(n_variables, with_model(p.model, [](auto kind) {
                               return ModelType<decltype(kind)::value, Real>::kState.size();
                             }));
  std::vector<Real> values(model.n_neurons);
  for (std::size_t k = 0; k < n_variables; ++k) {
    std::fill(values.begin(), values.end(), Real{0});
    for (const PopulationModel& p : model.populations) {
      if (k >= p.initial.size()) continue;
      for (std::uint32_t i = 0; i < p.size; ++i)
        values[p.first_source + i] = static_cast<Real>(p.initial[k][p.initial[k].size() == 1 ? 0 : i]);
    }
    reals_.push_back(backend_.upload(std::span<const Real>(values)));
    state_.variables[k] = reals_.back().data();
  }
  integers_.push_back(backend_.template allocate<std::int32_t>(model.n_neurons));
  state_.refractory = integers_.back().data();
  ring_.n_neurons = model.n_neurons;
  ring_.depth = std::bit_ceil(model.longest_delay + 1);
  cells_ = backend_.template allocate<Acc>(model.n_receptors * ring_.depth * ring_.n_neurons);
  ring_.cells = cells_.data();
}

template <class Backend, class Real, class Acc>
Population ExecutorOn<Backend, Real, Acc>::neuron_population(const PopulationModel& p) {
  Population view{.per_neuron = p.per_neuron, .substeps = p.substeps};
  for (std::size_t k = 0; k < p.parameters.size(); ++k) view.parameters[k] = keep_reals(p.parameters[k]);
  std::vector<Real> bias(p.v_bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<Real>(p.I_e_pA[i] * p.v_bias[i]);
  reals_.push_back(backend_.upload(std::span<const Real>(bias)));
  view.bias = reals_.back().data();
  view.t_ref_steps = keep(integers_, p.t_ref_steps);
  view.E_L_mV = keep(doubles_, p.E_L_mV);
  std::copy(std::begin(p.input_scale), std::end(p.input_scale), view.input_scale);
  if (p.currents.empty()) return view;
  std::vector<CurrentSource> currents(p.currents.begin(), p.currents.end());
  for (CurrentSource& current : currents) {
    current.piece_steps = keep(steps_, std::span(current.piece_steps, current.n_pieces));
    current.piece_pA = keep(doubles_, std::span(current.piece_pA, current.n_pieces));
  }
  view.currents = keep(currents_, std::span<const CurrentSource>(currents));
  view.n_currents = static_cast<std::uint32_t>(currents.size());
  view.I_e_pA = keep(doubles_, p.I_e_pA);
  view.v_bias = keep(doubles_, p.v_bias);
  return view;
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_populations(const DeviceModel& model) {
  std::vector<Population> views;
  for (const PopulationModel& p : model.populations) {
    if (p.kind == PopulationKind::neurons) {
      if (!p.currents.empty())
        driven_.push_back({static_cast<std::uint32_t>(views.size()), p.per_neuron ? p.size : 1});
      views.push_back(neuron_population(p));
    } else {
      views.push_back({.is_parrot = p.kind == PopulationKind::parrots});
      if (p.kind == PopulationKind::poisson_source) views.back().rate = keep_rate(p.rate);
    }
  }
  populations_ = backend_.upload(std::span<const Population>(views));
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_blocks(const DeviceModel& model) {
  std::vector<std::uint32_t> order(model.populations.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return model.populations[a].first_source < model.populations[b].first_source;
  });
  std::vector<SourceBlock> blocks;
  std::map<UpdateModel, std::vector<std::uint32_t>> neuron_blocks;
  std::vector<std::uint32_t> source_blocks;
  for (const std::uint32_t i : order) {
    const PopulationModel& p = model.populations[i];
    const bool silent = p.source_class == kNone;
    // The files' spikes are not in lists; what nobody hears of a Poisson source is not drawn.
    if (p.kind == PopulationKind::spike_source || (p.kind == PopulationKind::poisson_source && silent))
      continue;
    for (std::uint32_t first = 0; first < p.size; first += kThreads) {
      SourceBlock block{.population = i,
                        .first_index = first,
                        .first_source = p.first_source + first,
                        .n = std::min(kThreads, p.size - first),
                        .source_class = p.source_class};
      const auto id = static_cast<std::uint32_t>(blocks.size());
      if (p.kind == PopulationKind::parrots) {
        block.log_counts = lists_.n_parrots;
        lists_.n_parrots += block.n;
      }
      if (p.kind == PopulationKind::neurons)
        neuron_blocks[p.model].push_back(id);
      else
        source_blocks.push_back(id);
      if (p.kind != PopulationKind::poisson_source) lists_.n_logged_blocks = id + 1;
      blocks.push_back(block);
    }
  }
  lists_.n_blocks = static_cast<std::uint32_t>(blocks.size());
  blocks_ = backend_.upload(std::span<const SourceBlock>(blocks));
  for (const auto& [update, ids] : neuron_blocks)
    neuron_blocks_.emplace(update, backend_.upload(std::span<const std::uint32_t>(ids)));
  source_blocks_ = backend_.upload(std::span<const std::uint32_t>(source_blocks));
  fired_ = backend_.template allocate<std::uint32_t>(blocks.size() * kThreads);
  counts_ = backend_.template allocate<std::uint32_t>(blocks.size() * kThreads);
  n_fired_ = backend_.template allocate<std::uint32_t>(blocks.size());
  lists_.blocks = blocks_.data();
  lists_.sources = fired_.data();
  lists_.counts = counts_.data();
  lists_.n_fired = n_fired_.data();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_inputs(const DeviceModel& model) {
  std::vector<SpikeInput> inputs;
  std::vector<SpikeInputBlock> blocks;
  for (const SpikeInputModel& given : model.spike_inputs) {
    const auto id = static_cast<std::uint32_t>(inputs.size());
    inputs.push_back(given.input);
    inputs.back().rate = keep_rate(given.rate);
    for (std::uint32_t first = 0; first < given.input.n_targets; first += kThreads)
      blocks.push_back({.input = id, .first_target = first});
  }
  inputs_ = backend_.upload(std::span<const SpikeInput>(inputs));
  input_blocks_ = backend_.upload(std::span<const SpikeInputBlock>(blocks));
}

// Counts what is in each segment, sums up, and copies each to its place.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::compact_rows(const DeviceModel& model,
                                                  const std::vector<SourceClass>& classes,
                                                  std::uint64_t n_segments) {
  const auto row_begin = backend_.upload(model.row_begin);
  const auto synapses = backend_.upload(model.synapses);
  const auto wide_cells = backend_.upload(model.wide_cells);
  const auto wide_weights = backend_.upload(model.wide_weights);
  Buffers<std::uint16_t> offsets16;
  Buffers<std::uint32_t> offsets32;
  std::vector<ChunkedRows> rows;
  for (std::size_t k = 0; k < classes.size(); ++k)
    rows.push_back({.first_source = classes[k].first_source,
                    .stride = model.classes[k].stride,
                    .n_segments = std::uint64_t{model.classes[k].n_sources} * classes[k].n_segments,
                    .dummy_cell = model.dummy_cell,
                    .row_begin = row_begin.data(),
                    .offsets16 = keep(offsets16, model.classes[k].offsets16),
                    .offsets32 = keep(offsets32, model.classes[k].offsets32),
                    .synapses = synapses.data(),
                    .wide_cells = wide_cells.data(),
                    .wide_weights = wide_weights.data()});
  const auto counts = backend_.template allocate<std::uint32_t>(n_segments);
  for (std::size_t k = 0; k < rows.size(); ++k)
    backend_.launch("count_synapses", count_synapses, Grid{blocks_for(rows[k].n_segments), 1}, rows[k],
                    counts.data() + classes[k].first_segment);
  segments_ = backend_.template allocate<std::uint64_t>(n_segments + 1);
  backend_.sum_up(counts.data(), n_segments, segments_.data());
  std::uint64_t n_synapses = 0;
  backend_.download(std::span(&n_synapses, 1), segments_, n_segments);
  const bool wide = !model.wide_cells.empty();
  synapses_ = backend_.template allocate<std::uint32_t>(wide ? 0 : n_synapses);
  wide_cells_ = backend_.template allocate<std::uint16_t>(wide ? n_synapses : 0);
  wide_weights_ = backend_.template allocate<std::int64_t>(wide ? n_synapses : 0);
  for (std::size_t k = 0; k < rows.size(); ++k)
    backend_.launch("copy_synapses", copy_synapses, Grid{blocks_for(rows[k].n_segments), 1}, rows[k],
                    segments_.data() + classes[k].first_segment, synapses_.data(), wide_cells_.data(),
                    wide_weights_.data());
  backend_.wait();
  connections_.segments = segments_.data();
  connections_.synapses = wide ? nullptr : synapses_.data();
  connections_.wide_cells = wide_cells_.data();
  connections_.wide_weights = wide_weights_.data();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_connections(const DeviceModel& model) {
  connections_ = model.connections;
  std::vector<SourceClass> classes;
  std::uint64_t n_segments = 0;
  for (const ClassModel& given : model.classes) {
    classes.push_back(given.source_class);
    classes.back().channels = keep(bytes_, given.channels);
    classes.back().first_segment = n_segments;
    n_segments += std::uint64_t{given.n_sources} * classes.back().n_segments;
  }
  if (n_segments > 0) compact_rows(model, classes, n_segments);
  std::vector<PairBits> pairs;
  for (const PairBitsModel& given : model.pair_bits) {
    pairs.push_back(given.pairs);
    pairs.back().bits = keep(bits_, given.bits);
  }
  classes_ = backend_.upload(std::span<const SourceClass>(classes));
  channels_ = backend_.upload(std::span<const Channel>(model.channels));
  pair_bits_ = backend_.upload(std::span<const PairBits>(pairs));
  file_spikes_ = backend_.upload(std::span<const FileSpike>(model.file_spikes));
  connections_.classes = classes_.data();
  connections_.channels = channels_.data();
  connections_.pair_bits = pair_bits_.data();
  connections_.file_spikes = file_spikes_.data();
  connections_.n_file_spikes = model.file_spikes.size();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::make_log(const DeviceModel& model) {
  const std::uint64_t words_per_row = std::uint64_t{lists_.n_logged_blocks} * kWordsPerBlock;
  // Bits, the number of set ones before each word, parrots' counts, and samples.
  std::uint64_t row_bytes = words_per_row * 8 + std::uint64_t{lists_.n_parrots} * 4 + 4;
  for (const Report& report : model.reports)
    row_bytes += std::uint64_t{report.n_variables} * report.n_elements * sizeof(float);
  constexpr std::uint64_t kMostRows = 4096;
  constexpr std::uint64_t kMostSpikes = std::uint64_t{1} << 31;  // positions in the log have 32 bits
  most_steps_ = std::min(kLogBytes / row_bytes, kMostRows);
  most_steps_ = std::min(most_steps_, kMostSpikes / std::max<std::uint64_t>(model.n_neurons, 1));
  most_steps_ = std::max<std::uint64_t>(most_steps_ / kStepsPerGraph * kStepsPerGraph, 1);
  log_bits_ = backend_.template allocate<std::uint32_t>(most_steps_ * words_per_row);
  log_first_ = backend_.template allocate<std::uint32_t>(most_steps_ * words_per_row + 1);
  log_rows_ = backend_.template allocate<std::uint32_t>(most_steps_ + 1);
  log_counts_ = backend_.template allocate<std::uint32_t>(most_steps_ * lists_.n_parrots);
  lists_.log_bits = log_bits_.data();
  lists_.log_counts = log_counts_.data();
  for (const Report& given : model.reports) {
    const std::uint64_t frames = (most_steps_ + given.times.interval - 1) / given.times.interval + 1;
    samples_.push_back(backend_.template allocate<float>(frames * given.n_variables * given.n_elements));
    reports_.push_back(given);
    reports_.back().samples = samples_.back().data();
  }
}

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
void ExecutorOn<Backend, Real, Acc>::enqueue_step(std::uint32_t offset) {
  for (const Driven& driven : driven_)
    backend_.launch("set_bias", set_bias<Real>, Grid{blocks_for(driven.n_values), 1}, clock_.data(), offset,
                    populations_.data(), driven.population, driven.n_values);
  if (input_blocks_.size() > 0)
    backend_.launch("add_spike_inputs", add_spike_inputs<Acc>,
                    Grid{static_cast<std::uint32_t>(input_blocks_.size()), 1}, clock_.data(), offset,
                    inputs_.data(), input_blocks_.data(), ring_);
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
  backend_.set(clock_, Clock{.steps_done = steps_done_, .log_first = steps_done_ + 1});
  undrained_ = n_steps;
  steps_done_ += n_steps;
  for (; n_steps >= kStepsPerGraph; n_steps -= kStepsPerGraph) backend_.replay(many_steps_);
  for (; n_steps > 0; --n_steps) backend_.replay(one_step_);
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::drain(Drained& out) {
  const std::uint64_t n_rows = std::exchange(undrained_, 0);
  const LogShape shape{.n_rows = n_rows,
                       .words_per_block = kWordsPerBlock,
                       .words_per_row = lists_.n_logged_blocks * kWordsPerBlock};
  const std::uint64_t n_words = n_rows * shape.words_per_row;
  out.rows.assign(n_rows + 1, 0);
  out.ids.clear();
  if (n_words > 0) {
    backend_.count_bits(log_bits_.data(), n_words, log_first_.data());
    std::uint32_t n_ids = 0;
    backend_.download(std::span(&n_ids, 1), log_first_, n_words);
    if (n_ids > ids_.size()) {
      ids_ = {};  // the old one first: both need not fit
      ids_ = backend_.template allocate<std::uint32_t>(std::max<std::size_t>(2 * std::size_t{n_ids}, 1024));
    }
    backend_.launch("write_spikes", write_spikes, Grid{blocks_for(n_words + 1), 1}, shape, log_bits_.data(),
                    log_first_.data(), blocks_.data(), ids_.data(), log_rows_.data());
    out.ids.resize(n_ids);
    backend_.download(std::span(out.ids), ids_, 0);
    backend_.download(std::span(out.rows), log_rows_, 0);
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
