#include "host/engine/device_engine.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/profile_range.hpp"
#include "host/base/stopwatch.hpp"
#include "host/engine/device_layout.hpp"
#include "host/engine/device_models.hpp"
#include "host/engine/device_network.hpp"
#include "host/engine/device_plasticity.hpp"
#include "host/engine/device_presented.hpp"
#include "host/engine/device_rows.hpp"
#include "host/engine/state_layout.hpp"
#include "host/network/distribution.hpp"
#include "host/network/network.hpp"
#include "host/network/plastic_rows.hpp"

namespace sharpwave {
namespace {

std::vector<DevicePlasticity> plastic_projections(const ModelSpec& spec, const Network& net,
                                                  const Neuromodulation& modulation) {
  std::vector<DevicePlasticity> projections;
  for (const PlasticRows& rows : net.plastic) projections.emplace_back(spec, net, rows, modulation);
  return projections;
}

class DeviceEngine final : public Engine {
 public:
  DeviceEngine(const ModelSpec& spec, const EvaluatedModel& given, const BuiltNetwork& built);

  [[nodiscard]] const ConstructionReport& construction() const override { return report_; }
  [[nodiscard]] std::uint64_t step() const override { return step_; }
  void advance(std::uint64_t n_steps, Block& out) override;
  void present(const Presented& presented) override;
  void record(std::vector<ReportSpec> reports) override;
  [[nodiscard]] EngineState save() const override;
  [[nodiscard]] EngineState save_neurons() const override;
  void restore(const EngineState& state) override;
  [[nodiscard]] std::vector<PlasticityReading> read_plasticity() const override;
  [[nodiscard]] std::vector<LearningReading> read_learning() const override;
  [[nodiscard]] std::vector<float> read_weights(std::uint32_t projection, std::uint32_t every) const override;
  [[nodiscard]] PlasticSynapses plastic_synapses(std::uint32_t projection,
                                                 std::uint32_t every) const override;
  [[nodiscard]] std::vector<ModulatorLevels> read_modulators() const override {
    seat_.with_executor(
        [&](auto& executor, auto seat) { executor.read_levels(seat, modulation_.regions()); });
    return modulation_.levels();
  }
  void give_reward(std::uint32_t region, double reward) override { modulation_.give_reward(region, reward); }
  void give_novelty(std::uint32_t region, double novelty, double uncertainty) override {
    modulation_.give_novelty(region, novelty, uncertainty);
  }
  void replay(Replay) override {
    throw Error(ExitCode::invalid_config,
                "patterns are replayed into a network on the processor alone: `device: cpu`");
  }
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
  [[nodiscard]] std::uint64_t most_steps() const {
    return seat_.with_executor([](auto& executor, auto seat) { return executor.most_steps(seat); });
  }
  void append(std::uint64_t n_steps, Block& out);
  void fill_neurons(EngineState& out) const;
  void note(std::uint64_t n_steps, double begin_s, double both_s, double drain_s);
  template <class State, class Visit, class VisitRefractory>
  void for_each_array(State& state, const Visit& visit, const VisitRefractory& visit_refractory) const;
  [[nodiscard]] std::uint32_t spikes_of(std::uint32_t id, const std::uint32_t* parrot_counts) const;
  [[nodiscard]] const Network& network() const { return network_->network(); }
  [[nodiscard]] device::InstanceModel model(const EvaluatedModel& given);
  void give();
  [[nodiscard]] std::vector<device::PlasticValues> plastic_values() const;
  [[nodiscard]] PlasticProjection on_host(std::size_t k, device::PlasticValues values) const;

  ModelSpec spec_;
  std::shared_ptr<const DeviceNetwork> network_;
  Stopwatch construction_;
  std::vector<ReportSpec> reports_;
  std::vector<StateOnDevice> recorded_;
  double dt_ms_;
  std::vector<Parrots> parrots_;
  std::uint32_t n_parrots_ = 0;
  ConstructionReport report_;
  StateLayout layout_;
  Neuromodulation modulation_;  ///< as the device had it when it was fetched, and what is still to be given
  std::vector<DevicePlasticity> plastic_;
  SpikesUnderWay under_way_;
  std::vector<Presented> presented_;
  DeviceNetwork::Seat seat_;
  device::Drained drained_;
  std::uint64_t step_ = 0;
  double simulate_s_ = 0;
  double drain_s_ = 0;
  StepProfile* profile_ = nullptr;
  Stopwatch since_profile_;  ///< the profile's clock: a tick is a nanosecond
};

DeviceEngine::DeviceEngine(const ModelSpec& spec, const EvaluatedModel& given, const BuiltNetwork& built)
    : spec_(spec),
      network_(built.on_device),
      reports_(spec.reports),
      recorded_(states_on_device(spec, built.on_device->network())),
      dt_ms_(spec.simulation.dt_ms),
      layout_(spec, built.on_device->network(), given),
      modulation_(spec, network()),
      plastic_(plastic_projections(spec_, network(), modulation_)),
      seat_(built.on_device, model(given)) {
  for (std::size_t i = 0; i < spec.populations.size(); ++i) {
    if (!std::holds_alternative<ParrotSpec>(spec.populations[i].kind)) continue;
    parrots_.push_back(
        {built.on_device->network().places[i].first_source, spec.populations[i].size, n_parrots_});
    n_parrots_ += spec.populations[i].size;
  }
  report_ = built.on_device->report(spec, given.arithmetic);
  report_.device_bytes =
      seat_.with_executor([](auto& executor, auto seat) { return executor.allocated_bytes(seat); });
  char line[120];
  std::snprintf(line, sizeof line,
                "rows of %.2f bytes a synapse, %.2f GiB on the device, up to %llu steps a drain; ",
                report_.bytes_per_synapse(), static_cast<double>(report_.device_bytes) / 0x1p30,
                static_cast<unsigned long long>(most_steps()));
  report_.layout = line + seat_.kernels() + "; " + seat_.drawing();
  report_.seconds = built.seconds + construction_.seconds();
  report_.connections = built.connections;
  report_.connections_s = built.connections_s;
}

device::InstanceModel DeviceEngine::model(const EvaluatedModel& given) {
  device::InstanceModel model = instance_model(spec_, network(), given);
  for (DevicePlasticity& plastic : plastic_) model.plastic.push_back(plastic.model());
  model.regions = modulation_.regions();
  return model;
}

// What is given acts in the next step, and is then no longer here.
void DeviceEngine::give() {
  if (!modulation_.has_given()) return;
  seat_.with_executor([&](auto& executor, auto seat) { executor.give(seat, modulation_.regions()); });
  modulation_.clear_given();
}

void DeviceEngine::advance(std::uint64_t n_steps, Block& out) {
  SHARPWAVE_ASSERT(n_steps > 0);
  out.begin(step_ + 1, n_steps, reports_);
  give();
  while (n_steps > 0) {
    const std::uint64_t n = std::min(n_steps, most_steps());
    const double begin_s = since_profile_.seconds();
    const Stopwatch simulating;
    {
      const ProfileRange range("simulate");
      seat_.advance(n);
    }
    simulate_s_ += simulating.seconds();
    const Stopwatch draining;
    {
      const ProfileRange range("drain");
      seat_.with_executor([&](auto& executor, auto seat) { executor.drain(seat, drained_); });
    }
    append(n, out);
    drain_s_ += draining.seconds();
    if (profile_ != nullptr) note(n, begin_s, simulating.seconds(), draining.seconds());
    n_steps -= n;
  }
  layout_.remember(out, under_way_);
}

void DeviceEngine::present(const Presented& presented) {
  std::vector<Presented> all = presented_;
  add_presented(all, presented, spec_, step_, layout_.longest_delay());
  const device::PresentedModel model = presented_model(spec_, network(), all, step_);
  seat_.with_executor([&](auto& executor, auto seat) { executor.present(seat, model); });
  presented_ = std::move(all);
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
           .counts = std::vector<std::uint64_t>(2),
           .seconds_per_tick = 1e-9,
           .has_single_steps = false};
}

// Of a stretch of steps, which has just ended.
void DeviceEngine::note(std::uint64_t n_steps, double begin_s, double both_s, double drain_s) {
  const auto ticks = [](double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); };
  const std::uint64_t middle = ticks(begin_s + both_s - drain_s);
  const std::uint64_t end = ticks(begin_s + both_s);
  ThreadProfile& thread = profile_->threads[0];
  thread.add(profile_->counts[0]++, 0, ticks(begin_s), middle);
  thread.add(profile_->counts[1]++, 1, middle, end);
  profile_->steps.add(ticks(both_s) / n_steps, n_steps);
}

void DeviceEngine::record(std::vector<ReportSpec> reports) {
  const std::vector<device::Report> views = device_reports(reports, recorded_, dt_ms_);
  seat_.with_executor([&](auto& executor, auto seat) { executor.record(seat, views); });
  reports_ = std::move(reports);
}

// Calls visit(variable's number, its values, where they begin on the device) for each variable, and
// visit_refractory(steps left, where they begin).
template <class State, class Visit, class VisitRefractory>
void DeviceEngine::for_each_array(State& state, const Visit& visit,
                                  const VisitRefractory& visit_refractory) const {
  auto of_population = state.populations.begin();
  for (const StateLayout::Population& population : layout_.populations()) {
    if (population.variables.empty()) continue;
    for (std::size_t k = 0; k < of_population->variables.size(); ++k)
      std::visit([&](auto& values) { visit(k, values, population.first_id * sizeof values[0]); },
                 of_population->variables[k].values);
    visit_refractory(of_population->refractory_steps, population.first_id);
    ++of_population;
  }
}

void DeviceEngine::fill_neurons(EngineState& out) const {
  device::NeuronValues values;
  seat_.with_executor([&](auto& executor, auto seat) { executor.read_state(seat, values); });
  for_each_array(
      out,
      [&](std::size_t k, auto& to, std::size_t first_byte) {
        std::memcpy(to.data(), values.variables[k].data() + first_byte, to.size() * sizeof to[0]);
      },
      [&](std::vector<std::int32_t>& to, std::size_t first) {
        std::copy_n(values.refractory.begin() + static_cast<std::ptrdiff_t>(first), to.size(), to.begin());
      });
}

EngineState DeviceEngine::save_neurons() const {
  EngineState out{.step = step_, .populations = layout_.blank().populations};
  fill_neurons(out);
  return out;
}

EngineState DeviceEngine::save() const {
  EngineState out = layout_.blank();
  out.step = step_;
  fill_neurons(out);
  out.under_way = under_way_;
  std::vector<device::PlasticValues> plastic = plastic_values();
  for (std::size_t k = 0; k < plastic_.size(); ++k) {
    plastic_[k].save(static_cast<std::int64_t>(step_), plastic[k], out.plastic[k]);
    plastic[k] = {};
  }
  seat_.with_executor([&](auto& executor, auto seat) { executor.read_regions(seat, modulation_.regions()); });
  out.regions = modulation_.save(step_);
  out.presented = presented_;
  return out;
}

std::vector<device::PlasticValues> DeviceEngine::plastic_values() const {
  std::vector<device::PlasticValues> values;
  seat_.with_executor([&](auto& executor, auto seat) { executor.read_plastic(seat, values); });
  return values;
}

void DeviceEngine::restore(const EngineState& state) {
  layout_.check(state);
  device::NeuronValues values;
  seat_.with_executor(
      [&](auto& executor, auto seat) { executor.read_state(seat, values); });  // for its sizes
  for_each_array(
      state,
      [&](std::size_t k, const auto& from, std::size_t first_byte) {
        std::memcpy(values.variables[k].data() + first_byte, from.data(), from.size() * sizeof from[0]);
      },
      [&](const std::vector<std::int32_t>& from, std::size_t first) {
        std::copy(from.begin(), from.end(), values.refractory.begin() + static_cast<std::ptrdiff_t>(first));
      });
  SpikesUnderWay under_way = state.under_way;
  layout_.forget(under_way);
  const std::size_t n_rows = under_way.offsets.size() - 1;
  std::vector<device::FiredInStep> fired(layout_.longest_delay());
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
  std::vector<device::PlasticValues> plastic;
  for (std::size_t k = 0; k < plastic_.size(); ++k)
    plastic.push_back(plastic_[k].values(static_cast<std::int64_t>(state.step), state.plastic[k]));
  modulation_.restore(state.step, state.regions);
  // Of the steps that are flown again.
  const std::uint64_t after = state.step + 1;
  const std::uint64_t first = after > layout_.longest_delay() ? after - layout_.longest_delay() : 0;
  const device::PresentedModel presented = presented_model(spec_, network(), state.presented, first);
  seat_.with_executor([&](auto& executor, auto seat) {
    executor.restore(seat, state.step, values, fired, plastic, modulation_.regions(), presented);
  });
  step_ = state.step;
  presented_ = state.presented;
  under_way_ = std::move(under_way);
}

// As the CPU executor looks at a projection.
PlasticProjection DeviceEngine::on_host(std::size_t k, device::PlasticValues values) const {
  const Network& net = network();
  const auto step = static_cast<std::int64_t>(step_);
  PlasticState state = layout_.blank().plastic[k];
  plastic_[k].save(step, values, state);
  values = {};  // before its weights are there once more
  PlasticProjection projection(spec_, net, net.plastic[k], 0, net.shape.n_parts(), select_cpu_kernels(),
                               Neuromodulation(spec_, net));
  projection.restore(step, state);
  // What spikes have changed follows from their rates then, not from their steps alone.
  if (spec_.protocol != nullptr) projection.set_learning(is_learning(presented_), step + 1);
  return projection;
}

std::vector<PlasticityReading> DeviceEngine::read_plasticity() const {
  std::vector<device::PlasticValues> values = plastic_values();
  std::vector<PlasticityReading> readings;
  for (std::size_t k = 0; k < values.size(); ++k) {
    PlasticityReading& reading = readings.emplace_back();
    reading.projection = network().plastic[k].projection;
    on_host(k, std::move(values[k])).read(static_cast<std::int64_t>(step_), reading);
  }
  return readings;
}

std::vector<LearningReading> DeviceEngine::read_learning() const {
  std::vector<device::PlasticValues> values = plastic_values();
  std::vector<LearningReading> readings;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const PlasticProjection projection = on_host(k, std::move(values[k]));
    readings.push_back({.projection = network().plastic[k].projection,
                        .changed = projection.changed(),
                        .eligibility = projection.has_eligibilities()
                                           ? projection.eligibility(static_cast<std::int64_t>(step_))
                                           : 0});
  }
  return readings;
}

std::vector<float> DeviceEngine::read_weights(std::uint32_t projection, std::uint32_t every) const {
  std::vector<float> weights;
  const std::vector<PlasticRows>& plastic = network().plastic;
  const auto rows = std::ranges::find(plastic, projection, &PlasticRows::projection);
  if (rows == plastic.end()) return weights;
  const auto k = static_cast<std::size_t>(rows - plastic.begin());
  weights.resize((rows->n_synapses() + every - 1) / every);
  on_host(k, std::move(plastic_values()[k])).read_weights(static_cast<std::int64_t>(step_), every, weights);
  return weights;
}

PlasticSynapses DeviceEngine::plastic_synapses(std::uint32_t projection, std::uint32_t every) const {
  const auto plastic = std::ranges::find(network().plastic, projection, &PlasticRows::projection);
  if (plastic == network().plastic.end()) return {};
  return plastic_[static_cast<std::size_t>(plastic - network().plastic.begin())].synapses(every);
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

std::unique_ptr<Engine> make_seated_engine(const ModelSpec& spec, const BuiltNetwork& built) {
  const EvaluatedModel given(spec, built.on_device->network());
  if (!built.on_device->can_add_up(given.arithmetic)) return built.on_device->make_alone(spec);
  return std::make_unique<DeviceEngine>(spec, given, built);
}

}  // namespace

CudaDevice find_cuda_device() {
  const device::DeviceInfo info = device::find_device();
  return {.available = info.available,
          .name = info.name,
          .reason = info.reason,
          .free_bytes = info.free_bytes,
          .make_executor = {
              .make = device::make_executor, .owners = info.owners, .draw_rows = device::draw_rows}};
}

bool built_with_cuda() {
  return device::kHasCuda;
}

std::uint64_t DevicePlan::bytes(std::uint64_t instances) const {
  const std::uint64_t by_size = synapse_bytes + transient_bytes + instances * instance_bytes();
  // The CUDA runtime's own: graphs, code, scratch memory, and what rounding up allocations takes.
  constexpr std::uint64_t kRuntimeBytes = std::uint64_t{256} << 20;
  return by_size + log_bytes + std::max(kRuntimeBytes, by_size / 50);
}

std::uint64_t DevicePlan::instances_in(std::uint64_t available_bytes) const {
  if (bytes(1) > available_bytes) return 0;
  // An instance takes a fiftieth more than its own; what the first ones leave of the least is not counted.
  const std::uint64_t each = instance_bytes() + instance_bytes() / 50 + 1;
  return 1 + (available_bytes - bytes(1)) / each;
}

DevicePlan plan_device_network(const ModelSpec& spec, int threads, const OwnerLimits& owners) {
  const DeviceLayout layout = choose_device_layout(spec, owners, 1);
  DevicePlan plan{.host = plan_network(spec, layout.shape, threads), .kernels = layout.why};
  // What is fetched of plastic synapses is there beside the state that is made of it; the host's engine,
  // which has as much, is there only where weights are looked at.
  plan.host.saved_bytes += plan.host.engine_synapse_bytes;
  std::uint64_t longest = 1;
  for (const ProjectionSpec& p : spec.projections)
    longest = std::max<std::uint64_t>(longest, delay_steps(range_of(p.delay_ms).high, spec.simulation.dt_ms));
  // In rows without gaps; while they are made, segments' sizes, and the host's rows or what drawing takes.
  const bool wide = spec.simulation.precision == Precision::float64;
  const double most = plan.host.n_row_synapses + 10 * std::sqrt(plan.host.n_row_synapses) + 100;
  plan.synapse_bytes = plan.host.pair_bit_bytes + 8 * plan.host.n_segments +
                       static_cast<std::uint64_t>(most * (wide ? 10 : 4));
  plan.transient_bytes = plan.host.synapse_bytes - plan.host.pair_bit_bytes + 4 * plan.host.n_segments;
  for (const ProjectionSpec& p : spec.projections) {
    if (!p.plasticity) continue;
    const DevicePlasticityPlan plastic = plan_device_plasticity(spec, p, layout.shape);
    plan.synapse_bytes += plastic.shared_bytes;
    plan.plastic_bytes += plastic.instance_bytes;
    plan.transient_bytes -= static_cast<std::uint64_t>(
        plastic_rows_bytes(p, spec.simulation.dt_ms, layout.shape));  // they go as they are
  }
  plan.transient_bytes = std::max(plan.transient_bytes,
                                  4 * plan.host.n_segments + static_cast<std::uint64_t>(drawing_bytes(spec)));
  plan.plastic_bytes += plan_device_regions(spec);
  plan.state_bytes = plan_state_bytes(spec, layout.shape) + plan_device_presented(spec);
  // Sums of 64 bits, as if they were needed: it is known only when the network stands.
  const std::uint64_t row = kMaxReceptors * sizeof(std::int64_t) * layout.ring_cells();
  plan.ring_bytes = std::bit_ceil(longest + 1) * row + layout.owner_bytes();
  // A single step of the log can need more than it is given: 9 bytes for every neuron, and a sample.
  plan.single_log_bytes = 9 * plan.host.n_neurons;
  for (const ReportSpec& report : spec.reports)
    plan.single_log_bytes += 2 * sizeof(float) * report.variables.size() * report.slice.size();
  plan.log_bytes =
      device::kLogBytes + sizeof(std::uint32_t) * std::max(device::kIdsAtOnce, plan.host.n_neurons);
  return plan;
}

BuiltNetwork build_device_network(const ModelSpec& spec, int threads, std::uint32_t instances,
                                  const MakeExecutor& make_executor, const BuildOptions& options) {
  const Stopwatch watch;
  BuiltNetwork built{.make_engine = make_seated_engine};
  built.on_device = std::make_shared<DeviceNetwork>(spec, threads, instances, make_executor, options,
                                                    built.connections, built.connections_s);
  built.seconds = watch.seconds() - built.connections_s;
  return built;
}

std::unique_ptr<Engine> make_device_engine(const ModelSpec& spec, int threads,
                                           const MakeExecutor& make_executor, const BuildOptions& options) {
  return make_engine(spec, build_device_network(spec, threads, 1, make_executor, options));
}

}  // namespace sharpwave
