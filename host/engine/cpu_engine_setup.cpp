#include <algorithm>
#include <cmath>
#include <cstring>

#include "host/base/error.hpp"
#include "host/engine/cpu_engine.hpp"
#include "host/network/grids.hpp"
#include "host/network/neuron_models.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

int state_count(UpdateModel model) {
  return with_model(model, []<UpdateModel kModel>(std::integral_constant<UpdateModel, kModel>) {
    return static_cast<int>(ModelType<kModel, double>::kState.size());
  });
}

}  // namespace

BuiltNetwork build_cpu_network(const ModelSpec& spec, int threads_each, int threads,
                               const BuildOptions& options) {
  const Stopwatch watch;
  ThreadPool pool(threads);
  BuiltNetwork built{
      .make_engine = [](const ModelSpec& of, const BuiltNetwork& from) -> std::unique_ptr<Engine> {
        return std::make_unique<CpuEngine>(of, from);
      }};
  built.on_cpu = std::make_shared<const Network>(
      build_network(spec, choose_shape(spec, threads_each), pool, select_cpu_kernels(), options.stop));
  built.seconds = watch.seconds();
  if (!options.connection_statistics) return built;
  const Stopwatch counting;
  built.connections = count_connections(spec, *built.on_cpu, pool);
  built.connections_s = counting.seconds();
  return built;
}

std::unique_ptr<Engine> make_cpu_engine(const ModelSpec& spec, int threads, const BuildOptions& options) {
  return make_engine(spec, build_cpu_network(spec, threads, threads, options));
}

CpuEngine::CpuEngine(const ModelSpec& spec, const BuiltNetwork& built)
    : spec_(spec),
      pool_(static_cast<int>(built.on_cpu->shape.n_groups)),
      kernels_(select_cpu_kernels()),
      network_(built.on_cpu),
      net_(*network_),
      given_(spec_, net_),
      layout_(spec_, net_, given_) {
  const Stopwatch watch;
  arithmetic_ = given_.arithmetic;
  real_size_ = arithmetic_ == Arithmetic::double_int64 ? sizeof(double) : sizeof(float);
  accumulator_size_ = arithmetic_ == Arithmetic::float_int32 ? sizeof(std::int32_t) : sizeof(std::int64_t);
  depth_ = longest_flight(net_) + 2;
  bound_mV_ = bound_mV(spec_);
  largest_real_ = largest_real(spec_.simulation.precision);
  file_spikes_ = file_spikes(spec_, net_);
  round_steps_ = round_steps(spec_, net_);
  learns_ = !net_.plastic.empty() || !spec_.regions.empty();
  threads_ = std::vector<ThreadState>(net_.shape.n_groups);
  // Each thread touches its own state first, so that the pages are near it.
  pool_.run([&](int thread) { make_thread(thread); });
  prepare_reports();
  describe();
  report_.seconds = built.seconds + watch.seconds();
  report_.connections = built.connections;
  report_.connections_s = built.connections_s;
}

void CpuEngine::make_thread(int thread) {
  ThreadState& t = threads_[static_cast<std::size_t>(thread)];
  const NetworkShape& shape = net_.shape;
  t.parts.resize(shape.n_sub_blocks);
  for (std::uint32_t s = 0; s < shape.n_sub_blocks; ++s)
    make_part(t.parts[s], static_cast<std::uint32_t>(thread) * shape.n_sub_blocks + s);
  t.modulation.emplace(spec_, net_);
  for (const PlasticRows& rows : net_.plastic)
    t.plastic.emplace_back(spec_, net_, rows, t.parts.front().index, shape.n_sub_blocks, kernels_,
                           *t.modulation);
  t.presented.emplace(spec_, net_, thread, static_cast<std::uint64_t>(pool_.size()));
  t.flying.assign(net_.classes.size(), std::vector<FlightQueue>(shape.slot_width));
  t.departures.assign(net_.classes.size(), std::vector<std::uint32_t>(depth_));
  t.recent.resize(net_.classes.size());
  for (const PairBits& pairs : net_.pair_bits) t.recent[pairs.source_class].resize(depth_);
  t.lists.clear();
  for (std::uint32_t s = 0; s < shape.n_sub_blocks; ++s) t.lists.emplace_back(net_.channels.size());
  t.cursors.resize(shape.n_sub_blocks * net_.channels.size());
  const auto n_threads = static_cast<std::uint64_t>(pool_.size());
  for (std::uint32_t i = 0; i < spec_.populations.size(); ++i) {
    const auto* sources = std::get_if<PoissonSourceSpec>(&spec_.populations[i].kind);
    if (sources == nullptr || sources->presented_up_to_Hz) continue;
    if (!is_heard(spec_, net_, i)) continue;
    const std::uint64_t size = spec_.populations[i].size;
    const auto begin = static_cast<std::uint32_t>(size * static_cast<std::uint64_t>(thread) / n_threads);
    const auto end = static_cast<std::uint32_t>(size * static_cast<std::uint64_t>(thread + 1) / n_threads);
    if (begin == end) continue;
    PoissonTargets share{.input = i, .begin = begin, .n = end - begin, .first_index = begin};
    share.counts.resize(share.n);
    t.poisson_sources.push_back(std::move(share));
  }
}

void CpuEngine::make_part(Part& part, std::uint32_t index) {
  const NetworkShape& shape = net_.shape;
  part.index = index;
  part.size = shape.part_size(index);
  int n_states = 0;
  int n_receptors = 1;
  for (std::size_t i = 0; i < given_.parameters.size(); ++i) {
    if (spec_.populations[i].neurons() == nullptr) continue;
    n_states = std::max(n_states, state_count(given_.parameters[i].model));
    n_receptors = std::max(n_receptors, net_.places[i].n_receptors);
  }
  for (int k = 0; k < n_states; ++k) part.state.emplace_back(part.size * real_size_);
  part.refractory = HugeBuffer<std::int32_t>(part.size);
  const std::size_t rows = shape.slot_width > 1 ? 2 * std::size_t{shape.slot_width} : 1;
  for (int r = 0; r < n_receptors; ++r)
    part.accumulators.emplace_back(rows * shape.cells_per_step * accumulator_size_);
  part.spikes[0].end_step();  // nobody has fired in step 0
  for (std::uint32_t i = 0; i < spec_.populations.size(); ++i)
    if (!spec_.populations[i].is_virtual()) add_segment(part, i);
  std::sort(part.segments.begin(), part.segments.end(),
            [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
  add_poisson_targets(part);
}

void CpuEngine::add_segment(Part& part, std::uint32_t population) {
  const NetworkShape& shape = net_.shape;
  const std::uint32_t n_parts = shape.n_parts();
  const std::uint32_t first = net_.places[population].first_source;
  Segment segment{.population = population, .begin = shape.first_element(part.index, first)};
  segment.n = shape.first_element(part.index, first + spec_.populations[population].size) - segment.begin;
  if (segment.n == 0) return;
  segment.first_index = segment.begin * n_parts + part.index - first;
  UpdateArguments& u = segment.update;
  u.n = static_cast<std::int32_t>(segment.n);
  u.first_id = first + segment.first_index;
  u.id_stride = n_parts;
  segment.parrots = spec_.populations[population].neurons() == nullptr;
  if (segment.parrots) {
    part.segments.push_back(std::move(segment));
    return;
  }
  const PopulationParameters& given = given_.parameters[population];
  const std::uint32_t n_values = given.per_neuron ? segment.n : 1;
  const auto index = [&](std::uint32_t i) { return segment.first_index + i * n_parts; };
  for (std::size_t k = 0; k < given.values.size(); ++k) {
    Bytes& values = segment.parameters.emplace_back(n_values * real_size_);
    for (std::uint32_t i = 0; i < n_values; ++i)
      store_real(values, i, real_size_, PopulationParameters::at(given.values[k], index(i)));
    u.parameters[k] = values.data();
  }
  for (std::uint32_t i = 0; i < n_values; ++i)
    segment.t_ref_steps.push_back(given.per_neuron ? given.t_ref_steps[index(i)] : given.t_ref_steps[0]);
  u.t_ref_steps = segment.t_ref_steps.data();
  u.substeps = given.substeps;
  segment.bias = Bytes(n_values * real_size_);
  u.bias = segment.bias.data();
  set_bias(segment, 1);
  for (int k = 0; k < state_count(given.model); ++k) {
    Bytes& state = part.state[static_cast<std::size_t>(k)];
    u.state[k] = state.data() + segment.begin * real_size_;
    if (k >= static_cast<int>(given.initial.size())) continue;  // not a variable that can be set
    for (std::uint32_t i = 0; i < segment.n; ++i)
      store_real(state, segment.begin + i, real_size_,
                 PopulationParameters::at(given.initial[static_cast<std::size_t>(k)], index(i)));
  }
  u.refractory = part.refractory.data() + segment.begin;
  for (int r = 0; r < net_.places[population].n_receptors; ++r)
    u.input_scale[r] = power_of_two(-net_.exponents[population][static_cast<std::size_t>(r)]);
  part.segments.push_back(std::move(segment));
}

void CpuEngine::add_poisson_targets(Part& part) {
  const NetworkShape& shape = net_.shape;
  for (std::uint32_t k = 0; k < spec_.inputs.size(); ++k) {
    const InputSpec& input = spec_.inputs[k];
    if (input.spikes() == nullptr || input.target.size() == 0) continue;
    const std::uint32_t first = net_.places[input.target.population].first_source;
    PoissonTargets targets{.input = k, .begin = shape.first_element(part.index, first + input.target.start)};
    targets.n = shape.first_element(part.index, first + input.target.stop) - targets.begin;
    if (targets.n == 0) continue;
    targets.first_index = targets.begin * shape.n_parts() + part.index - first;
    targets.all = input.target.stride == 1;
    for (std::uint32_t i = 0; i < targets.n && !targets.all; ++i)
      if ((targets.first_index + i * shape.n_parts() - input.target.start) % input.target.stride == 0)
        targets.chosen.push_back(i);
    if (!targets.all && targets.chosen.empty()) continue;
    targets.counts.resize(targets.n);
    part.poisson.push_back(std::move(targets));
  }
}

void CpuEngine::describe() {
  report_ = report_construction(spec_, net_, arithmetic_);
  char line[200];
  std::snprintf(line, sizeof line,
                "%u thread%s x %u sub-blocks, slots of %u step%s, %.2f bytes a synapse, %s",
                net_.shape.n_groups, net_.shape.n_groups == 1 ? "" : "s", net_.shape.n_sub_blocks,
                net_.shape.slot_width, net_.shape.slot_width == 1 ? "" : "s", report_.bytes_per_synapse(),
                kernels_.name);
  report_.layout = line;
}

}  // namespace sharpwave
