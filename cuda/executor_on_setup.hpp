// How an executor is made: the second half of executor_on.hpp.
#pragma once

#include "cuda/executor_on.hpp"

namespace sharpwave::device {

template <class Backend, class Real, class Acc>
ExecutorOn<Backend, Real, Acc>::ExecutorOn(const DeviceModel& model) {
  clock_ = backend_.template allocate<Clock>(1);
  make_state(model);
  make_populations(model);
  make_blocks(model);
  make_inputs(model);
  make_connections(model);
  network_bytes_ = backend_.bytes();
  make_log(model.reports);
  // Spikes of files at or before time 0 are in step 0: they are delivered before the first step.
  enqueue_delivery(0);
  capture_steps();
  backend_.wait();
}

template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::capture_steps() {
  one_step_ = backend_.capture([this] { enqueue_steps(1); });
  many_steps_ = backend_.capture([this] { enqueue_steps(kStepsPerGraph); });
}

// The log is made anew as well: samples and log share the room, and so the most steps change.
template <class Backend, class Real, class Acc>
void ExecutorOn<Backend, Real, Acc>::record(const std::vector<Report>& reports) {
  backend_.wait();
  samples_.clear();
  reports_.clear();
  make_log(reports);
  capture_steps();
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
    variables_.push_back(backend_.upload(std::span<const Real>(values)));
    state_.variables[k] = variables_.back().data();
  }
  refractory_ = backend_.template allocate<std::int32_t>(model.n_neurons);
  state_.refractory = refractory_.data();
  n_unsound_ = backend_.template allocate<std::uint32_t>(1);
  state_.n_unsound = n_unsound_.data();
  ring_.n_neurons = model.n_neurons;
  ring_.depth = std::bit_ceil(model.longest_delay + 1);
  cells_ = backend_.template allocate<Acc>(model.n_receptors * ring_.depth * ring_.n_neurons);
  ring_.cells = cells_.data();
}

template <class Backend, class Real, class Acc>
Population ExecutorOn<Backend, Real, Acc>::neuron_population(const PopulationModel& p) {
  Population view{.per_neuron = p.per_neuron, .substeps = p.substeps, .bound_mV = p.bound_mV};
  for (std::size_t k = 0; k < p.parameters.size(); ++k) view.parameters[k] = keep_reals(p.parameters[k]);
  std::vector<Real> bias(p.v_bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<Real>(p.I_e_pA[i] * p.v_bias[i]);
  reals_.push_back(backend_.upload(std::span<const Real>(bias)));
  view.bias = reals_.back().data();
  view.t_ref_steps = keep(integers_, p.t_ref_steps);
  view.E_L_mV = keep(doubles_, p.E_L_mV);
  view.I_e_pA = keep(doubles_, p.I_e_pA);
  std::copy(std::begin(p.input_scale), std::end(p.input_scale), view.input_scale);
  if (p.currents.empty()) return view;
  std::vector<CurrentSource> currents(p.currents.begin(), p.currents.end());
  for (CurrentSource& current : currents) {
    current.piece_steps = keep(steps_, std::span(current.piece_steps, current.n_pieces));
    current.piece_pA = keep(doubles_, std::span(current.piece_pA, current.n_pieces));
  }
  view.currents = keep(currents_, std::span<const CurrentSource>(currents));
  view.n_currents = static_cast<std::uint32_t>(currents.size());
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
  std::vector<std::uint32_t> source_blocks, poisson_blocks;
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
      if (p.kind == PopulationKind::poisson_source)
        poisson_blocks.push_back(id);
      else
        logged_blocks_.push_back(block);
      blocks.push_back(block);
    }
  }
  lists_.n_blocks = static_cast<std::uint32_t>(blocks.size());
  lists_.n_logged_blocks = static_cast<std::uint32_t>(logged_blocks_.size());
  blocks_ = backend_.upload(std::span<const SourceBlock>(blocks));
  for (const auto& [update, ids] : neuron_blocks)
    neuron_blocks_.emplace(update, backend_.upload(std::span<const std::uint32_t>(ids)));
  source_blocks_ = backend_.upload(std::span<const std::uint32_t>(source_blocks));
  poisson_blocks_ = backend_.upload(std::span<const std::uint32_t>(poisson_blocks));
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
void ExecutorOn<Backend, Real, Acc>::make_log(const std::vector<Report>& reports) {
  const std::uint64_t words_per_row = std::uint64_t{lists_.n_logged_blocks} * kWordsPerBlock;
  // Bits, the number of set ones before each word, parrots' counts, and samples.
  std::uint64_t row_bytes = words_per_row * 8 + std::uint64_t{lists_.n_parrots} * 4 + 4;
  for (const Report& report : reports)
    row_bytes +=
        std::uint64_t{report.n_variables} * report.n_elements * sizeof(float) / report.times.interval;
  constexpr std::uint64_t kMostRows = 4096;
  constexpr std::uint64_t kMostSpikes = std::uint64_t{1} << 31;  // positions in the log have 32 bits
  most_steps_ = std::min(kLogBytes / row_bytes, kMostRows);
  most_steps_ = std::min(most_steps_, kMostSpikes / std::max<std::uint64_t>(ring_.n_neurons, 1));
  if (most_steps_ >= kStepsPerGraph) most_steps_ -= most_steps_ % kStepsPerGraph;
  most_steps_ = std::max<std::uint64_t>(most_steps_, 1);
  ids_ = backend_.template allocate<std::uint32_t>(std::max(kIdsAtOnce, ring_.n_neurons));
  log_bits_ = backend_.template allocate<std::uint32_t>(most_steps_ * words_per_row);
  log_first_ = backend_.template allocate<std::uint32_t>(most_steps_ * words_per_row + 1);
  log_rows_ = backend_.template allocate<std::uint32_t>(most_steps_ + 1);
  log_counts_ = backend_.template allocate<std::uint32_t>(most_steps_ * lists_.n_parrots);
  lists_.log_bits = log_bits_.data();
  lists_.log_counts = log_counts_.data();
  for (const Report& given : reports) {
    const std::uint64_t frames = (most_steps_ + given.times.interval - 1) / given.times.interval + 1;
    samples_.push_back(backend_.template allocate<float>(frames * given.n_variables * given.n_elements));
    reports_.push_back(given);
    reports_.back().samples = samples_.back().data();
  }
}

}  // namespace sharpwave::device
