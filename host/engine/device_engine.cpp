#include "host/engine/device_engine.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "cuda/executor.hpp"
#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/base/thread_pool.hpp"
#include "host/engine/construction.hpp"
#include "host/engine/state_layout.hpp"
#include "host/network/distribution.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

using device::DeviceModel;
using device::kNone;

/// Everything that the executor's model points to; it may go when the executor stands.
struct HostNetwork {
  HostNetwork(const ModelSpec& spec, int threads, const std::function<bool()>& stop)
      : pool(threads),
        net(build_network(spec, device_shape(spec), pool, select_cpu_kernels(), stop)),
        given(spec, net) {}

  ThreadPool pool;
  Network net;
  EvaluatedModel given;
};

device::RateTable table_of(const PoissonRate& rate) {
  return {.key = rate.key,
          .first_step = rate.first_step,
          .table = rate.table,
          .table_begin = rate.table_begin,
          .thresholds = rate.thresholds};
}

device::PopulationModel population_model(const ModelSpec& spec, const HostNetwork& host, std::uint32_t i) {
  using device::PopulationKind;
  const PopulationSpec& p = spec.populations[i];
  const int source_class = host.net.class_of_population[i];
  device::PopulationModel model{
      .first_source = host.net.places[i].first_source,
      .size = p.size,
      .source_class = source_class < 0 ? kNone : static_cast<std::uint32_t>(source_class)};
  if (std::holds_alternative<ParrotSpec>(p.kind)) model.kind = PopulationKind::parrots;
  if (std::holds_alternative<SpikeSourceSpec>(p.kind)) model.kind = PopulationKind::spike_source;
  if (std::holds_alternative<PoissonSourceSpec>(p.kind)) {
    model.kind = PopulationKind::poisson_source;
    model.rate = table_of(host.given.source_rates[i]);
  }
  if (p.neurons() == nullptr) return model;
  const PopulationParameters& given = host.given.parameters[i];
  model.model = given.model;
  model.substeps = given.substeps;
  model.per_neuron = given.per_neuron;
  model.parameters = given.values;
  model.initial = given.initial;
  model.I_e_pA = given.I_e_pA;
  model.v_bias = given.v_bias;
  model.currents = host.given.currents.of(i);
  model.t_ref_steps = given.t_ref_steps;
  model.E_L_mV = given.E_L_mV;
  model.bound_mV = bound_mV(spec);
  for (int r = 0; r < host.net.places[i].n_receptors; ++r)
    model.input_scale[r] = power_of_two(-host.net.exponents[i][static_cast<std::size_t>(r)]);
  return model;
}

void add_inputs(const ModelSpec& spec, const HostNetwork& host, DeviceModel& model) {
  for (std::size_t k = 0; k < spec.inputs.size(); ++k) {
    const InputSpec& input = spec.inputs[k];
    if (input.spikes() == nullptr || input.target.size() == 0) continue;
    const SpikeInput& given = host.given.spike_inputs[k];
    const InputWeight& weight = host.given.input_weights[k];
    model.spike_inputs.push_back(
        {.rate = table_of(given.rate),
         .input = {.is_copied = given.copies.has_value(),
                   .copies = given.copies.value_or(MipCopies{}),
                   .first_source = host.net.places[input.target.population].first_source,
                   .start = input.target.start,
                   .stride = input.target.stride,
                   .n_targets = input.target.size(),
                   .receptor = static_cast<std::uint32_t>(weight.receptor),
                   .units = weight.units}});
  }
}

/// What it takes to find a population's state on the device; empty for those without neurons.
struct RecordedPopulation {
  const NeuronModelInfo* info = nullptr;
  std::uint32_t first_source = 0;
};

std::vector<RecordedPopulation> recorded_populations(const ModelSpec& spec, const Network& net) {
  std::vector<RecordedPopulation> populations(spec.populations.size());
  for (std::size_t i = 0; i < populations.size(); ++i)
    if (const NeuronSpec* neurons = spec.populations[i].neurons())
      populations[i] = {&model_info(neurons->model), net.places[i].first_source};
  return populations;
}

std::vector<device::Report> device_reports(const std::vector<ReportSpec>& reports,
                                           const std::vector<RecordedPopulation>& populations, double dt_ms) {
  std::vector<device::Report> views;
  for (const ReportSpec& report : reports) {
    const RecordedPopulation& population = populations[report.slice.population];
    device::Report view{.times = report.times,
                        .population = report.slice.population,
                        .first_source = population.first_source,
                        .start = report.slice.start,
                        .stride = report.slice.stride,
                        .n_elements = report.slice.size(),
                        .n_variables = static_cast<std::uint32_t>(report.variables.size()),
                        .dt_ms = dt_ms};
    SHARPWAVE_ASSERT(report.variables.size() <= std::size(view.variables));
    for (std::size_t v = 0; v < report.variables.size(); ++v)
      view.variables[v] = recorded_quantity(*population.info, report.variables[v]);
    views.push_back(view);
  }
  return views;
}

void add_connections(const ModelSpec& spec, const HostNetwork& host, DeviceModel& model) {
  const Network& net = host.net;
  SHARPWAVE_ASSERT(net.shape.n_groups == 1);
  model.connections.n_parts = net.shape.n_parts();
  model.connections.sub_blocks = net.shape.n_sub_blocks;
  model.connections.cells_per_step = net.shape.cells_per_step;
  model.connections.slot_width = net.shape.slot_width;
  if (net.classes.empty()) return;
  model.dummy_cell = net.shape.dummy_cell();
  const std::size_t n_synapses = net.n_chunks * kChunk;
  model.row_begin = {net.row_begin.data(), net.shape.n_sources};
  if (spec.simulation.precision == Precision::float64) {
    model.wide_cells = {net.wide_cells.data(), n_synapses};
    model.wide_weights = {net.wide_weights.data(), n_synapses};
  } else {
    model.synapses = {net.synapses.data(), n_synapses};
  }
  for (const Channel& channel : net.channels)
    model.channels.push_back({static_cast<std::uint32_t>(channel.receptor), channel.shift});
  for (const PairBits& pairs : net.pair_bits)
    model.pair_bits.push_back({.pairs = {.start = pairs.source.start,
                                         .stop = pairs.source.stop,
                                         .stride = pairs.source.stride,
                                         .delay = pairs.delay,
                                         .receptor = static_cast<std::uint32_t>(pairs.receptor),
                                         .units = pairs.units,
                                         .first_element = pairs.first_element,
                                         .n_words = pairs.words()},
                               .bits = {pairs.bits.data(), pairs.bits.size()}});
  for (std::uint32_t k = 0; k < net.classes.size(); ++k) {
    const SourceClass& c = net.classes[k];
    const auto of_class = [&](const PairBits& pairs) { return pairs.source_class == k; };
    const auto first = std::find_if(net.pair_bits.begin(), net.pair_bits.end(), of_class);
    const auto first_bits = static_cast<std::uint32_t>(first - net.pair_bits.begin());
    const auto n_bits = static_cast<std::uint32_t>(std::count_if(first, net.pair_bits.end(), of_class));
    model.classes.push_back({.source_class = {.first_source = c.first_source,
                                              .first_slot = c.slots.front(),
                                              .n_segments = c.stride - 1,
                                              .n_channels = static_cast<std::uint32_t>(c.channels.size()),
                                              .first_bits = first_bits,
                                              .end_bits = first_bits + n_bits},
                             .n_sources = c.n_sources,
                             .stride = c.stride,
                             .channels = c.channels,
                             .offsets16 = {c.offsets16.data(), c.offsets16.size()},
                             .offsets32 = {c.offsets32.data(), c.offsets32.size()}});
  }
}

void add_file_spikes(const ModelSpec& spec, const HostNetwork& host, DeviceModel& model) {
  std::uint32_t k = 0;
  for (const FileSpike& spike : file_spikes(spec, host.net)) {
    const auto holds = [&](const SourceClass& c) {
      return spike.source >= c.first_source && spike.source < c.first_source + c.n_sources;
    };
    if (!holds(host.net.classes[k]))
      k = static_cast<std::uint32_t>(std::find_if(host.net.classes.begin(), host.net.classes.end(), holds) -
                                     host.net.classes.begin());
    model.file_spikes.push_back({spike.step, spike.source, k});
  }
}

DeviceModel device_model(const ModelSpec& spec, const HostNetwork& host) {
  DeviceModel model{.arithmetic = host.given.arithmetic,
                    .n_neurons = host.net.shape.n_neurons,
                    .longest_delay = longest_flight(host.net)};
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    model.populations.push_back(population_model(spec, host, i));
    model.n_receptors =
        std::max(model.n_receptors, static_cast<std::uint32_t>(host.net.places[i].n_receptors));
  }
  add_inputs(spec, host, model);
  model.reports = device_reports(spec.reports, recorded_populations(spec, host.net), spec.simulation.dt_ms);
  add_connections(spec, host, model);
  add_file_spikes(spec, host, model);
  return model;
}

/// What a call of the runtime throws, as the error that the command line knows.
template <class Call>
auto translated(Call&& call) {
  try {
    return call();
  } catch (const device::RuntimeError& error) {
    throw Error(error.out_of_memory() ? ExitCode::no_room : ExitCode::device_failed, error.what());
  }
}

class DeviceEngine final : public Engine {
 public:
  DeviceEngine(const ModelSpec& spec, int threads, const MakeExecutor& make_executor,
               const BuildOptions& options);

  [[nodiscard]] const ConstructionReport& construction() const override { return report_; }
  [[nodiscard]] std::uint64_t step() const override { return step_; }
  void advance(std::uint64_t n_steps, Block& out) override;
  void record(std::vector<ReportSpec> reports) override;
  [[nodiscard]] EngineState save() const override;
  void restore(const EngineState& state) override;
  [[nodiscard]] std::vector<PhaseTime> phases() const override {
    return {{"simulate", simulate_s_}, {"drain", drain_s_}};
  }
  void reset_phases() override;
  void profile(StepProfile* into) override;

 private:
  struct Parrots {
    std::uint32_t first_source;
    std::uint32_t size;
    std::uint32_t place;  ///< of the first among all parrots, in order of source
  };
  void append(std::uint64_t n_steps, Block& out);
  void note(std::uint64_t n_steps, double begin_s, double both_s, double drain_s);
  template <class State, class Visit, class VisitRefractory>
  void for_each_array(State& state, const Visit& visit, const VisitRefractory& visit_refractory) const;
  [[nodiscard]] std::uint32_t spikes_of(std::uint32_t id, const std::uint32_t* parrot_counts) const;

  std::vector<ReportSpec> reports_;
  std::vector<RecordedPopulation> recorded_;
  double dt_ms_;
  std::vector<Parrots> parrots_;
  std::uint32_t n_parrots_ = 0;
  ConstructionReport report_;
  std::optional<StateLayout> layout_;  ///< from the constructor's end on
  SpikesUnderWay under_way_;
  std::unique_ptr<device::Executor> executor_;
  device::Drained drained_;
  std::uint64_t step_ = 0;
  double simulate_s_ = 0;
  double drain_s_ = 0;
  StepProfile* profile_ = nullptr;
  Stopwatch since_profile_;  ///< the profile's clock: a tick is a nanosecond
};

DeviceEngine::DeviceEngine(const ModelSpec& spec, int threads, const MakeExecutor& make_executor,
                           const BuildOptions& options)
    : reports_(spec.reports), dt_ms_(spec.simulation.dt_ms) {
  const Stopwatch watch;
  HostNetwork host(spec, threads, options.stop);
  recorded_ = recorded_populations(spec, host.net);
  executor_ = translated([&] { return make_executor(device_model(spec, host)); });
  for (std::size_t i = 0; i < spec.populations.size(); ++i) {
    if (!std::holds_alternative<ParrotSpec>(spec.populations[i].kind)) continue;
    parrots_.push_back({host.net.places[i].first_source, spec.populations[i].size, n_parrots_});
    n_parrots_ += spec.populations[i].size;
  }
  layout_.emplace(spec, host.net, host.given);
  report_ = report_construction(spec, host.net, host.given.arithmetic);
  report_.device_bytes = executor_->network_bytes();
  char line[120];
  std::snprintf(line, sizeof line,
                "rows of %.2f bytes a synapse, %.2f GiB on the device, up to %llu steps a drain",
                report_.bytes_per_synapse(), static_cast<double>(report_.device_bytes) / 0x1p30,
                static_cast<unsigned long long>(executor_->most_steps()));
  report_.layout = line;
  report_.seconds = watch.seconds();
  if (!options.connection_statistics) return;
  const Stopwatch counting;
  report_.connections = count_connections(spec, host.net, host.pool);
  report_.connections_s = counting.seconds();
}

void DeviceEngine::advance(std::uint64_t n_steps, Block& out) {
  SHARPWAVE_ASSERT(n_steps > 0);
  out.begin(step_ + 1, n_steps, reports_);
  while (n_steps > 0) {
    const std::uint64_t n = std::min(n_steps, executor_->most_steps());
    const double begin_s = since_profile_.seconds();
    const Stopwatch simulating;
    translated([&] {
      const ProfileRange range("simulate");
      executor_->start(n);
      executor_->wait();
    });
    simulate_s_ += simulating.seconds();
    const Stopwatch draining;
    translated([&] {
      const ProfileRange range("drain");
      executor_->drain(drained_);
    });
    append(n, out);
    drain_s_ += draining.seconds();
    if (profile_ != nullptr) note(n, begin_s, simulating.seconds(), draining.seconds());
    n_steps -= n;
  }
  layout_->remember(out, under_way_);
}

void DeviceEngine::reset_phases() {
  simulate_s_ = drain_s_ = 0;
  profile(profile_);
}

void DeviceEngine::profile(StepProfile* into) {
  profile_ = into;
  if (into == nullptr) return;
  since_profile_ = Stopwatch();
  *into = {.phases = {"simulate", "drain"},
           .threads = std::vector<ThreadProfile>(1),
           .seconds_per_tick = 1e-9,
           .has_single_steps = false};
}

// Of a stretch of steps, which has just ended.
void DeviceEngine::note(std::uint64_t n_steps, double begin_s, double both_s, double drain_s) {
  const auto ticks = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
  const std::uint64_t middle = ticks(begin_s + both_s - drain_s);
  const std::uint64_t end = ticks(begin_s + both_s);
  ThreadProfile& thread = profile_->threads[0];
  thread.add(profile_->rounds, 0, ticks(begin_s), middle);
  thread.add(profile_->rounds++, 1, middle, end);
  profile_->steps.add(ticks(both_s) / n_steps, n_steps);
}

void DeviceEngine::record(std::vector<ReportSpec> reports) {
  translated([&] { executor_->record(device_reports(reports, recorded_, dt_ms_)); });
  reports_ = std::move(reports);
}

// Calls visit(variable's number, its values, where they begin on the device) for each variable, and
// visit_refractory(steps left, where they begin).
template <class State, class Visit, class VisitRefractory>
void DeviceEngine::for_each_array(State& state, const Visit& visit,
                                  const VisitRefractory& visit_refractory) const {
  auto of_population = state.populations.begin();
  for (const StateLayout::Population& population : layout_->populations()) {
    if (population.variables.empty()) continue;
    for (std::size_t k = 0; k < of_population->variables.size(); ++k)
      std::visit([&](auto& values) { visit(k, values, population.first_id * sizeof values[0]); },
                 of_population->variables[k].values);
    visit_refractory(of_population->refractory_steps, population.first_id);
    ++of_population;
  }
}

EngineState DeviceEngine::save() const {
  device::NeuronValues values;
  translated([&] { executor_->read_state(values); });
  EngineState out = layout_->blank();
  out.step = step_;
  out.under_way = under_way_;
  for_each_array(
      out,
      [&](std::size_t k, auto& to, std::size_t first_byte) {
        std::memcpy(to.data(), values.variables[k].data() + first_byte, to.size() * sizeof to[0]);
      },
      [&](std::vector<std::int32_t>& to, std::size_t first) {
        std::copy_n(values.refractory.begin() + static_cast<std::ptrdiff_t>(first), to.size(), to.begin());
      });
  return out;
}

void DeviceEngine::restore(const EngineState& state) {
  layout_->check(state);
  device::NeuronValues values;
  translated([&] { executor_->read_state(values); });  // for its sizes
  for_each_array(
      state,
      [&](std::size_t k, const auto& from, std::size_t first_byte) {
        std::memcpy(values.variables[k].data() + first_byte, from.data(), from.size() * sizeof from[0]);
      },
      [&](const std::vector<std::int32_t>& from, std::size_t first) {
        std::copy(from.begin(), from.end(), values.refractory.begin() + static_cast<std::ptrdiff_t>(first));
      });
  SpikesUnderWay under_way = state.under_way;
  layout_->forget(under_way);
  const std::size_t n_rows = under_way.offsets.size() - 1;
  std::vector<device::FiredInStep> fired(layout_->longest_delay());
  for (std::size_t row = 0; row < n_rows; ++row) {
    device::FiredInStep& in_step = fired[fired.size() - n_rows + row];
    for (std::uint64_t i = under_way.offsets[row]; i < under_way.offsets[row + 1]; ++i) {
      if (in_step.sources.empty() || in_step.sources.back() != under_way.ids[i]) {
        in_step.sources.push_back(under_way.ids[i]);
        in_step.counts.push_back(0);
      }
      ++in_step.counts.back();
    }
  }
  translated([&] { executor_->restore(state.step, values, fired); });
  step_ = state.step;
  under_way_ = std::move(under_way);
}

std::uint32_t DeviceEngine::spikes_of(std::uint32_t id, const std::uint32_t* parrot_counts) const {
  for (const Parrots& parrots : parrots_)
    if (id >= parrots.first_source && id - parrots.first_source < parrots.size)
      return parrot_counts[parrots.place + (id - parrots.first_source)];
  return 1;
}

void DeviceEngine::append(std::uint64_t n_steps, Block& out) {
  for (std::uint64_t i = 0; i < n_steps; ++i) {
    const auto begin = drained_.ids.begin() + drained_.rows[i];
    const auto end = drained_.ids.begin() + drained_.rows[i + 1];
    if (parrots_.empty()) {
      out.ids.insert(out.ids.end(), begin, end);
    } else {
      const std::uint32_t* counts = drained_.parrot_counts.data() + i * n_parrots_;
      for (auto id = begin; id != end; ++id) out.ids.insert(out.ids.end(), spikes_of(*id, counts), *id);
    }
    out.offsets.push_back(out.ids.size());
  }
  out.unsound |= drained_.unsound;
  for (std::size_t r = 0; r < reports_.size(); ++r) {
    std::vector<float>& values = out.reports[r].values;
    values.insert(values.end(), drained_.samples[r].begin(), drained_.samples[r].end());
  }
  step_ += n_steps;
}

}  // namespace

CudaDevice find_cuda_device() {
  const device::DeviceInfo info = device::find_device();
  return {
      .available = info.available, .name = info.name, .reason = info.reason, .free_bytes = info.free_bytes};
}

bool built_with_cuda() {
  return device::kHasCuda;
}

// The CUDA runtime's own: graphs, code, scratch memory, and what rounding up allocations takes.
constexpr std::uint64_t kRuntimeBytes = std::uint64_t{256} << 20;

DevicePlan plan_device_network(const ModelSpec& spec, int threads) {
  DevicePlan plan{.host = plan_network(spec, device_shape(spec), threads)};
  std::uint64_t longest = 1;
  for (const ProjectionSpec& p : spec.projections)
    longest = std::max<std::uint64_t>(longest, delay_steps(range_of(p.delay_ms).high, spec.simulation.dt_ms));
  // In rows without gaps; and, while they are made, the host's rows and the size of each segment.
  const bool wide = spec.simulation.precision == Precision::float64;
  const double most = plan.host.n_row_synapses + 10 * std::sqrt(plan.host.n_row_synapses) + 100;
  plan.synapse_bytes = plan.host.pair_bit_bytes + 8 * plan.host.n_segments +
                       static_cast<std::uint64_t>(most * (wide ? 10 : 4));
  plan.transient_bytes = plan.host.synapse_bytes - plan.host.pair_bit_bytes + 4 * plan.host.n_segments;
  plan.state_bytes = plan.host.state_bytes;
  // Sums of 64 bits, as if they were needed: it is known only when the network stands.
  const std::uint64_t row = kMaxReceptors * sizeof(std::int64_t) * plan.host.n_neurons;
  plan.ring_bytes = std::bit_ceil(longest + 1) * row;
  // A single step of the log can need more than it is given: 9 bytes for every neuron, and a sample.
  std::uint64_t one_step = 9 * plan.host.n_neurons;
  for (const ReportSpec& report : spec.reports)
    one_step += 2 * sizeof(float) * report.variables.size() * report.slice.size();
  plan.log_bytes = device::kLogBytes + one_step +
                   sizeof(std::uint32_t) * std::max(device::kIdsAtOnce, plan.host.n_neurons);
  plan.runtime_bytes = std::max(kRuntimeBytes, plan.network_bytes() / 50);
  return plan;
}

std::unique_ptr<Engine> make_device_engine(const ModelSpec& spec, int threads,
                                           const MakeExecutor& make_executor, const BuildOptions& options) {
  return std::make_unique<DeviceEngine>(spec, threads, make_executor, options);
}

std::unique_ptr<Engine> make_cuda_engine(const ModelSpec& spec, int threads, const BuildOptions& options) {
  return make_device_engine(spec, threads, device::make_executor, options);
}

}  // namespace sharpwave
