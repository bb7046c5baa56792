// What one instance of a network has of its own on a device: parameters, state, input under way, log.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <span>
#include <vector>

#include "cuda/plastic_on.hpp"
#include "cuda/presented_on.hpp"

namespace sharpwave::device {

/// The blocks that launches of a step need for an instance.
struct StepGrids {
  std::array<std::uint32_t, kUpdateModelCount> of_model{};
  std::uint32_t input_blocks = 0;
  Grid driven{.x = 0, .y = 0};
  Grid reports{.x = 0, .y = 0};
  bool samples_input = false;
  bool hears_files = false;
  bool is_modulated = false;  ///< has regions of neuromodulators
  bool scales_weights = false;
  bool operator==(const StepGrids&) const = default;

  /// Makes them large enough for `other` as well.
  void cover(const StepGrids& other) {
    for (std::size_t k = 0; k < of_model.size(); ++k) of_model[k] = std::max(of_model[k], other.of_model[k]);
    input_blocks = std::max(input_blocks, other.input_blocks);
    driven = {std::max(driven.x, other.driven.x), std::max(driven.y, other.driven.y)};
    reports = {std::max(reports.x, other.reports.x), std::max(reports.y, other.reports.y)};
    samples_input |= other.samples_input;
    hears_files |= other.hears_files;
    is_modulated |= other.is_modulated;
    scales_weights |= other.scales_weights;
  }
};

template <class Backend, class Real, class Acc>
class InstanceOn {
 public:
  template <class T>
  using Buffer = typename Backend::template Buffer<T>;

  /// @param log_bytes  that its log and samples may take, unless a single step needs more.
  InstanceOn(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model,
             std::uint64_t log_bytes);

  /// Samples these from now on; the log is made anew as well, for they share the room.
  void record(Backend& backend, const NetworkOn<Backend>& network, const std::vector<Report>& reports);

  /// So that the next graph of steps has room for all that it may have to keep.
  void make_room(Backend& backend);
  /// @param step  the last one done.
  void write_plastic(Backend& backend, std::uint64_t step, const std::vector<PlasticValues>& values);

  /// All but the rates; view() is another one then.
  void present(Backend& backend, const PresentedModel& presented);
  /// Those that are in force in `step`.
  void present_rates(Backend& backend, const std::vector<RatesInForce>& rates, std::uint64_t step);

  [[nodiscard]] const Instance<Acc>& view() const { return view_; }
  [[nodiscard]] const StepGrids& grids() const { return grids_; }
  [[nodiscard]] std::uint64_t most_steps() const { return most_steps_; }
  /// Of all but the log.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  std::uint64_t steps_done = 0;
  std::uint64_t undrained = 0;  ///< steps

  // What is read and written from the host.
  std::vector<Buffer<Real>> variables;
  Buffer<std::int32_t> refractory;
  Buffer<Acc> cells;
  Buffer<std::uint32_t> n_unsound;
  Buffer<std::uint32_t> fired, counts, n_fired;
  Buffer<std::uint32_t> log_bits, log_counts;
  std::vector<Buffer<float>> samples;
  std::vector<Report> reports;
  RegionsOn<Backend> regions;
  std::vector<PlasticOn<Backend>> plastic;

 private:
  template <class T>
  using Keep = Kept<Backend, T>;

  const Real* keep_reals(Backend& backend, std::span<const double> values);
  PoissonRate keep_rate(Backend& backend, const RateTable& table);
  void make_state(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model);
  Population neuron_population(Backend& backend, const PopulationModel& p);
  void make_populations(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model);
  void make_learning_parameters(Backend& backend, const InstanceModel& model);
  void set_learning(Backend& backend, bool learning);
  void make_blocks(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model);
  void make_inputs(Backend& backend, const InstanceModel& model);
  void make_plastic(Backend& backend, const NetworkOn<Backend>& network, const InstanceModel& model);
  void show_plastic(Backend& backend, std::size_t k) {
    backend.write(plastic_views_, k, std::span(&plastic[k].view(), 1));
  }

  Instance<Acc> view_;
  StepGrids grids_;
  bool is_learning_ = true;
  bool presents_rates_ = false;
  std::uint64_t log_bytes_;
  std::uint64_t most_steps_ = 1;
  std::uint64_t bytes_ = 0;

  Keep<Real> reals_;
  Keep<double> doubles_;
  Keep<std::int32_t> integers_;
  Keep<std::uint32_t> words_;
  Keep<std::uint64_t> steps_;
  Keep<CurrentSource> currents_;
  Keep<DrivenPopulation> driven_;
  Keep<SpikeInput> inputs_;
  Keep<SpikeInputBlock> input_blocks_;
  Keep<FileSpike> file_spikes_;
  std::vector<Buffer<Real>> biases_;
  std::vector<Population> population_views_;
  Buffer<Population> populations_;
  PresentedOn<Backend> presented_;
  /// Of a population what is 0 while nothing learns.
  struct LearningParameter {
    std::size_t population;
    std::size_t parameter;
    const void* values;
    const void* zeros;
  };
  std::vector<LearningParameter> learning_parameters_;
  Buffer<Report> report_views_;
  Buffer<Plastic> plastic_views_;
};

template <class Backend, class Real, class Acc>
InstanceOn<Backend, Real, Acc>::InstanceOn(Backend& backend, const NetworkOn<Backend>& network,
                                           const InstanceModel& model, std::uint64_t log_bytes)
    : log_bytes_(log_bytes) {
  const std::uint64_t bytes_before = backend.bytes();
  regions = RegionsOn<Backend>(backend, model.regions);
  make_state(backend, network, model);
  make_populations(backend, network, model);
  make_blocks(backend, network, model);
  make_inputs(backend, model);
  presented_ = PresentedOn<Backend>(backend, network.populations(), model);
  make_learning_parameters(backend, model);
  make_plastic(backend, network, model);
  bytes_ = backend.bytes() - bytes_before;
  record(backend, network, model.reports);
}

template <class Backend, class Real, class Acc>
const Real* InstanceOn<Backend, Real, Acc>::keep_reals(Backend& backend, std::span<const double> values) {
  std::vector<Real> narrow(values.size());
  std::transform(values.begin(), values.end(), narrow.begin(), [](double v) { return static_cast<Real>(v); });
  return reals_.keep(backend, std::span<const Real>(narrow));
}

template <class Backend, class Real, class Acc>
PoissonRate InstanceOn<Backend, Real, Acc>::keep_rate(Backend& backend, const RateTable& table) {
  return {.key = table.key,
          .n_pieces = static_cast<std::uint32_t>(table.first_step.size()),
          .first_step = steps_.keep(backend, table.first_step),
          .table = words_.keep(backend, table.table),
          .table_begin = steps_.keep(backend, table.table_begin),
          .thresholds = words_.keep(backend, table.thresholds)};
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_state(Backend& backend, const NetworkOn<Backend>& network,
                                                const InstanceModel& model) {
  std::size_t n_variables = 0;
  for (std::size_t i = 0; i < model.populations.size(); ++i)
    if (network.populations()[i].kind == PopulationKind::neurons)
      n_variables = std::max(n_variables, with_model(model.populations[i].model, [](auto kind) {
                               return ModelType<decltype(kind)::value, Real>::kState.size();
                             }));
  std::vector<Real> values(network.n_neurons());
  for (std::size_t k = 0; k < n_variables; ++k) {
    std::fill(values.begin(), values.end(), Real{0});
    for (std::size_t p = 0; p < model.populations.size(); ++p) {
      const auto& initial = model.populations[p].initial;
      const PopulationShape& shape = network.populations()[p];
      if (k >= initial.size()) continue;
      for (std::uint32_t i = 0; i < shape.size; ++i)
        values[shape.first_source + i] = static_cast<Real>(initial[k][initial[k].size() == 1 ? 0 : i]);
    }
    variables.push_back(backend.upload(std::span<const Real>(values)));
    view_.state.variables[k] = variables.back().data();
  }
  refractory = backend.template allocate<std::int32_t>(network.n_neurons());
  view_.state.refractory = refractory.data();
  n_unsound = backend.template allocate<std::uint32_t>(1);
  view_.state.n_unsound = n_unsound.data();
  view_.ring.n_owners = network.connections().n_groups;
  view_.ring.cells_of_owner =
      view_.ring.n_owners == 1 ? network.n_neurons() : network.connections().cells_per_step;
  view_.ring.depth = std::bit_ceil(network.longest_delay() + 1);
  cells = backend.template allocate<Acc>(network.n_receptors() * view_.ring.depth * view_.ring.row_cells());
  view_.ring.cells = cells.data();
}

template <class Backend, class Real, class Acc>
Population InstanceOn<Backend, Real, Acc>::neuron_population(Backend& backend, const PopulationModel& p) {
  Population view{.per_neuron = p.per_neuron, .substeps = p.substeps, .bound_mV = p.bound_mV};
  for (std::size_t k = 0; k < p.parameters.size(); ++k)
    view.parameters[k] = keep_reals(backend, p.parameters[k]);
  std::vector<Real> bias(p.v_bias.size());
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<Real>(p.I_e_pA[i] * p.v_bias[i]);
  biases_.push_back(backend.upload(std::span<const Real>(bias)));
  view.bias = biases_.back().data();
  view.t_ref_steps = integers_.keep(backend, p.t_ref_steps);
  view.E_L_mV = doubles_.keep(backend, p.E_L_mV);
  view.I_e_pA = doubles_.keep(backend, p.I_e_pA);
  std::copy(std::begin(p.input_scale), std::end(p.input_scale), view.input_scale);
  view.gain = regions.factors(p.gain_region);
  if (p.currents.empty()) return view;
  std::vector<CurrentSource> currents(p.currents.begin(), p.currents.end());
  for (CurrentSource& current : currents) {
    current.piece_steps = steps_.keep(backend, std::span(current.piece_steps, current.n_pieces));
    current.piece_pA = doubles_.keep(backend, std::span(current.piece_pA, current.n_pieces));
  }
  view.currents = currents_.keep(backend, std::span<const CurrentSource>(currents));
  view.n_currents = static_cast<std::uint32_t>(currents.size());
  view.v_bias = doubles_.keep(backend, p.v_bias);
  return view;
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_populations(Backend& backend, const NetworkOn<Backend>& network,
                                                      const InstanceModel& model) {
  std::vector<Population>& views = population_views_;
  std::vector<DrivenPopulation> driven;
  for (std::uint32_t i = 0; i < model.populations.size(); ++i) {
    const PopulationModel& p = model.populations[i];
    const PopulationShape& shape = network.populations()[i];
    if (shape.kind == PopulationKind::neurons) {
      if (!p.currents.empty()) driven.push_back({i, p.per_neuron ? shape.size : 1});
      views.push_back(neuron_population(backend, p));
    } else {
      views.push_back({.is_parrot = shape.kind == PopulationKind::parrots});
      if (shape.kind == PopulationKind::poisson_source) views.back().rate = keep_rate(backend, p.rate);
    }
  }
  populations_ = backend.upload(std::span<const Population>(views));
  view_.populations = populations_.data();
  view_.driven = driven_.keep(backend, std::span<const DrivenPopulation>(driven));
  view_.n_driven = static_cast<std::uint32_t>(driven.size());
  grids_.driven.y = view_.n_driven;
  for (const DrivenPopulation& d : driven)
    grids_.driven.x = std::max(grids_.driven.x, blocks_for<Backend>(d.n_values));
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_blocks(Backend& backend, const NetworkOn<Backend>& network,
                                                 const InstanceModel& model) {
  std::array<std::vector<std::uint32_t>, kUpdateModelCount> of_model;
  for (std::uint32_t id = 0; id < network.blocks().size(); ++id) {
    const std::uint32_t population = network.blocks()[id].population;
    if (network.populations()[population].kind == PopulationKind::neurons)
      of_model[static_cast<std::size_t>(model.populations[population].model)].push_back(id);
  }
  for (std::size_t k = 0; k < of_model.size(); ++k) {
    grids_.of_model[k] = static_cast<std::uint32_t>(of_model[k].size());
    view_.of_model[k] = {words_.keep(backend, std::span<const std::uint32_t>(of_model[k])),
                         grids_.of_model[k]};
  }
  view_.lists = network.lists();
  const std::size_t n_blocks = view_.lists.n_blocks;
  fired = backend.template allocate<std::uint32_t>(n_blocks * Backend::kBlockThreads);
  counts = backend.template allocate<std::uint32_t>(n_blocks * Backend::kBlockThreads);
  n_fired = backend.template allocate<std::uint32_t>(n_blocks);
  view_.lists.sources = fired.data();
  view_.lists.counts = counts.data();
  view_.lists.n_fired = n_fired.data();
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_inputs(Backend& backend, const InstanceModel& model) {
  std::vector<SpikeInput> inputs;
  std::vector<SpikeInputBlock> blocks;
  for (const SpikeInputModel& given : model.spike_inputs) {
    const auto id = static_cast<std::uint32_t>(inputs.size());
    inputs.push_back(given.input);
    inputs.back().rate = keep_rate(backend, given.rate);
    inputs.back().gain = regions.factors(given.gain_region);
    for (std::uint32_t first = 0; first < given.input.n_targets; first += Backend::kBlockThreads)
      blocks.push_back({.input = id, .first_target = first});
  }
  view_.inputs = inputs_.keep(backend, std::span<const SpikeInput>(inputs));
  view_.input_blocks = input_blocks_.keep(backend, std::span<const SpikeInputBlock>(blocks));
  view_.n_input_blocks = grids_.input_blocks = static_cast<std::uint32_t>(blocks.size());
  view_.file_spikes[0] = {file_spikes_.keep(backend, std::span<const FileSpike>(model.file_spikes)),
                          model.file_spikes.size()};
  grids_.hears_files = !model.file_spikes.empty() || model.hears_presented;
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_learning_parameters(Backend& backend, const InstanceModel& model) {
  for (std::size_t i = 0; i < model.populations.size(); ++i)
    for (const std::size_t k : model.populations[i].learning_parameters)
      learning_parameters_.push_back(
          {.population = i,
           .parameter = k,
           .values = population_views_[i].parameters[k],
           .zeros = keep_reals(backend, std::vector<double>(model.populations[i].parameters[k].size()))});
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::present(Backend& backend, const PresentedModel& presented) {
  view_.file_spikes[1] = presented_.put_spikes(backend, presented.spikes);
  if (presented.learning != is_learning_) set_learning(backend, presented.learning);
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::set_learning(Backend& backend, bool learning) {
  is_learning_ = learning;
  for (std::size_t k = 0; k < plastic.size(); ++k) {
    plastic[k].set_learning(learning);
    show_plastic(backend, k);
  }
  for (const LearningParameter& own : learning_parameters_)
    population_views_[own.population].parameters[own.parameter] = learning ? own.values : own.zeros;
  backend.write(populations_, 0, std::span<const Population>(population_views_));
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::present_rates(Backend& backend, const std::vector<RatesInForce>& rates,
                                                   std::uint64_t step) {
  if (rates.empty() && !presents_rates_) return;
  presents_rates_ = !rates.empty();
  const auto later =
      std::find_if(rates.begin(), rates.end(), [&](const RatesInForce& r) { return r.after >= step; });
  for (Population& view : population_views_) view.presented = {};
  if (later != rates.begin() && (later - 1)->population != kNone)
    population_views_[(later - 1)->population].presented = presented_.put_rates(backend, *(later - 1));
  backend.write(populations_, 0, std::span<const Population>(population_views_));
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_plastic(Backend& backend, const NetworkOn<Backend>& network,
                                                  const InstanceModel& model) {
  plastic_views_ = backend.template allocate<Plastic>(network.plastic().size());
  for (std::size_t k = 0; k < network.plastic().size(); ++k) {
    plastic.emplace_back(backend, network.plastic()[k], model.plastic[k], regions);
    grids_.scales_weights |= model.plastic[k].constants.homeostasis.interval_steps > 0;
    show_plastic(backend, k);
  }
  view_.plastic = plastic_views_.data();
  view_.n_plastic = static_cast<std::uint32_t>(plastic.size());
  view_.regions = regions.views();
  view_.n_regions = regions.size();
  grids_.is_modulated = regions.size() > 0;
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::make_room(Backend& backend) {
  for (std::size_t k = 0; k < plastic.size(); ++k)
    if (plastic[k].make_room(backend)) show_plastic(backend, k);
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::write_plastic(Backend& backend, std::uint64_t step,
                                                   const std::vector<PlasticValues>& values) {
  for (std::size_t k = 0; k < plastic.size(); ++k) {
    plastic[k].write(backend, step, values[k]);
    show_plastic(backend, k);
  }
}

template <class Backend, class Real, class Acc>
void InstanceOn<Backend, Real, Acc>::record(Backend& backend, const NetworkOn<Backend>& network,
                                            const std::vector<Report>& given) {
  samples.clear();
  reports = given;
  const SpikeLists& lists = network.lists();
  const std::uint64_t words_per_row = std::uint64_t{lists.n_logged_blocks} * Backend::kBlockThreads / kWarp;
  // Bits, the number of set ones before each word, parrots' counts, and samples.
  std::uint64_t row_bytes = words_per_row * 8 + std::uint64_t{lists.n_parrots} * 4 + 4;
  for (const Report& report : reports)
    row_bytes +=
        std::uint64_t{report.n_variables} * report.n_elements * sizeof(float) / report.times.interval;
  constexpr std::uint64_t kMostRows = 4096;
  constexpr std::uint64_t kMostSpikes = std::uint64_t{1} << 31;  // positions in the log have 32 bits
  most_steps_ = std::min(log_bytes_ / row_bytes, kMostRows);
  most_steps_ = std::min(most_steps_, kMostSpikes / std::max<std::uint64_t>(network.n_neurons(), 1));
  if (most_steps_ >= kStepsPerGraph) most_steps_ -= most_steps_ % kStepsPerGraph;
  most_steps_ = std::max<std::uint64_t>(most_steps_, 1);
  log_bits = backend.template allocate<std::uint32_t>(most_steps_ * words_per_row);
  log_counts = backend.template allocate<std::uint32_t>(most_steps_ * lists.n_parrots);
  view_.lists.log_bits = log_bits.data();
  view_.lists.log_counts = log_counts.data();
  grids_.reports = {0, 0};
  grids_.samples_input = false;
  for (Report& report : reports) {
    const std::uint64_t frames = (most_steps_ + report.times.interval - 1) / report.times.interval + 1;
    samples.push_back(backend.template allocate<float>(frames * report.n_variables * report.n_elements));
    report.samples = samples.back().data();
    grids_.reports.x = std::max(grids_.reports.x, blocks_for<Backend>(report.n_elements));
    grids_.samples_input |=
        std::any_of(report.variables, report.variables + report.n_variables, acts_in_step);
  }
  report_views_ = backend.upload(std::span<const Report>(reports));
  view_.reports = report_views_.data();
  view_.n_reports = grids_.reports.y = static_cast<std::uint32_t>(reports.size());
}

}  // namespace sharpwave::device
