// Construction directly into the final layout: each thread makes whole rows in its own cache and writes each
// once. Where a row lies depends on threads; what it holds does not.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "host/base/error.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/distribution.hpp"
#include "host/network/grids.hpp"
#include "host/network/network.hpp"
#include "host/network/plastic_rows.hpp"
#include "host/network/row_builder.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

// Chunks that a thread takes at a time: at most 1 MiB of synapses, less for small networks.
constexpr std::uint64_t kMaxAllocation = 1u << 15;

std::uint32_t channel_of(Network& net, SourceClass& c, Channel channel) {
  auto known = std::find(net.channels.begin(), net.channels.end(), channel);
  if (known == net.channels.end()) known = net.channels.insert(known, channel);
  const auto id = static_cast<std::size_t>(known - net.channels.begin());
  SHARPWAVE_ASSERT(id < 256);
  auto own = std::find(c.channels.begin(), c.channels.end(), static_cast<std::uint8_t>(id));
  if (own == c.channels.end()) own = c.channels.insert(own, static_cast<std::uint8_t>(id));
  return static_cast<std::uint32_t>(own - c.channels.begin());
}

// Makes the bits of a projection that is held so; returns their index, or -1. The plan must be complete.
int add_pair_bits(Construction& c, const RowPlan& plan, std::uint32_t source_class) {
  const ProjectionSpec& p = *plan.projection;
  std::optional<PairBits> pairs = pair_bits_of(c.spec, p, c.net.places, c.net.shape);
  if (!pairs.has_value()) return -1;
  const double weight = plan.to_parrot ? 1 : plan.weight.a;
  const std::size_t sign = weight < 0 ? 1 : 0;
  pairs->source_class = source_class;
  pairs->delay = plan.first_delay;
  pairs->receptor = plan.grid->receptor[sign];
  pairs->units = to_grid(weight, plan.exponent[sign]) << plan.grid->shift[sign];
  c.net.pair_bits.push_back(std::move(*pairs));
  return static_cast<int>(c.net.pair_bits.size()) - 1;
}

constexpr auto kMostUnits = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

[[noreturn]] void refuse_sums_beyond_64_bits() {
  throw Error(ExitCode::invalid_config,
              "the synaptic input of one neuron in one step can exceed 64 bits on its grid: "
              "the weights onto one receptor differ too much");
}

}  // namespace

void make_classes(Construction& construction, const Grids& grids, const Connectivities& connectivities) {
  const ModelSpec& spec = construction.spec;
  Network& net = construction.net;
  const bool wide_weights = construction.wide_weights;
  const NetworkShape& shape = net.shape;
  net.class_of_population.assign(spec.populations.size(), -1);
  std::vector<std::uint32_t> order(spec.populations.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return net.places[x].first_source < net.places[y].first_source;
  });
  for (const std::uint32_t population : order) {
    SourceClass c{.population = population,
                  .first_source = net.places[population].first_source,
                  .n_sources = spec.populations[population].size};
    std::vector<RowPlan> class_plans;
    for (std::size_t k = 0; k < spec.projections.size(); ++k) {
      const ProjectionSpec& p = spec.projections[k];
      if (p.source.population != population || p.source.size() == 0 || p.target.size() == 0) continue;
      if (p.plasticity) continue;
      RowPlan plan{
          .projection = &p,
          .connectivity = connectivities.empty() ? nullptr : connectivities[k].get(),
          .grid = &grids.projections[k],
          .target_first = net.places[p.target.population].first_source,
          .to_parrot = std::holds_alternative<ParrotSpec>(spec.populations[p.target.population].kind)};
      set_draws(plan, spec.simulation.dt_ms);
      net.longest_delay = std::max(net.longest_delay, plan.last_delay);
      for (const std::size_t sign : {0u, 1u}) {
        if (!plan.grid->occurs[sign]) continue;
        const int receptor = plan.grid->receptor[sign];
        plan.channel[sign] = channel_of(net, c, {receptor, plan.grid->shift[sign]});
        const int receptor_exponent =
            grids.exponents[p.target.population][static_cast<std::size_t>(receptor)];
        plan.exponent[sign] = wide_weights ? receptor_exponent : plan.grid->exponent;
        const auto units = static_cast<std::uint64_t>(to_grid(plan.grid->largest[sign], plan.exponent[sign]));
        if (__builtin_mul_overflow(net.places[population].multiplicity, units << plan.grid->shift[sign],
                                   &plan.burden[sign]))
          plan.burden[sign] = std::numeric_limits<std::uint64_t>::max();
      }
      if (!plan.grid->occurs[0]) plan.exponent[0] = plan.exponent[1];
      for (const std::uint32_t slot : used_slots(p, spec.simulation.dt_ms, shape.slot_width))
        c.slots.push_back(slot);
      plan.pair_bits = add_pair_bits(construction, plan, static_cast<std::uint32_t>(net.classes.size()));
      class_plans.push_back(plan);
    }
    if (class_plans.empty()) continue;
    std::sort(c.slots.begin(), c.slots.end());
    const std::uint32_t first_slot = c.slots.front();
    c.slots.resize(c.slots.back() - first_slot + std::size_t{1});
    std::iota(c.slots.begin(), c.slots.end(), first_slot);
    c.stride = shape.n_groups * static_cast<std::uint32_t>(c.slots.size()) * c.segments_per_slot(shape) + 1;
    net.class_of_population[population] = static_cast<int>(net.classes.size());
    net.classes.push_back(std::move(c));
    construction.plans.push_back(std::move(class_plans));
  }
}

double most_row_synapses(const Construction& construction) {
  double upper = 0;
  for (const ProjectionSpec& p : construction.spec.projections) {
    const double n =
        expected_row_synapses(construction.spec, p, construction.net.places, construction.net.shape);
    const bool exact = synapse_count_is_exact(p) && n == expected_synapses(p);
    upper += exact ? n : n + 10 * std::sqrt(n) + 100;
  }
  return upper;
}

void expect_no_stop(const std::function<bool()>& stop) {
  if (stop && stop())
    throw Error(ExitCode::interrupted, "interrupted while the network was built; no file was written");
}

void expect_addressable(double n_synapses) {
  if (!(n_synapses < 4294967295.0 * 8))
    throw Error(ExitCode::no_room, "the network has more synapses than can be addressed (3.4e10)");
}

namespace {

void build_rows(Construction& construction, ThreadPool& pool, bool wide_offsets) {
  Network& net = construction.net;
  double upper = most_row_synapses(construction);  // every chunk holds at least one synapse
  const std::uint64_t allocation = construction.allocation =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(upper) / 1024, 64, kMaxAllocation);
  upper += static_cast<double>(pool.size()) * 2 * static_cast<double>(allocation);
  expect_addressable(upper);
  // Of each allocation at most an eighth is left behind, and the last one of each thread.
  const auto capacity = static_cast<std::uint64_t>(upper * 1.25);
  ChunkArena arena(capacity);
  net.row_begin = HugeBuffer<std::uint32_t>(net.shape.n_sources);
  net.out_degrees.assign(net.shape.n_sources, 0);
  if (construction.wide_weights) {
    net.wide_cells = HugeBuffer<std::uint16_t>(capacity * kChunk);
    net.wide_weights = HugeBuffer<std::int64_t>(capacity * kChunk);
  } else {
    net.synapses = HugeBuffer<std::uint32_t>(capacity * kChunk);
  }
  construction.burdens.assign(static_cast<std::size_t>(pool.size()), {});
  construction.burden_overflow = false;
  construction.connectivity_sum = 0;
  for (PairBits& pairs : net.pair_bits)
    pairs.bits =
        HugeBuffer<std::uint64_t>(std::size_t{pairs.source.size()} * net.shape.n_parts() * pairs.words());
  for (SourceClass& c : net.classes) {
    c.offsets16 = HugeBuffer<std::uint16_t>(wide_offsets ? 0 : std::size_t{c.n_sources} * c.stride);
    c.offsets32 = HugeBuffer<std::uint32_t>(wide_offsets ? std::size_t{c.n_sources} * c.stride : 0);
  }
  std::atomic<std::uint32_t> next{0};
  constexpr std::uint32_t kRows = 32;
  pool.run([&](int thread) {
    construction.burdens[static_cast<std::size_t>(thread)].resize(std::size_t{net.shape.n_neurons} *
                                                                  kMaxReceptors);
    RowBuilder rows(construction, arena, thread);
    for (;;) {
      expect_no_stop(construction.stop);
      // Work is handed out by position in the sequence of all classes' sources.
      std::uint32_t begin = next.fetch_add(kRows, std::memory_order_relaxed);
      std::uint32_t left = kRows;
      bool any = false;
      for (std::size_t k = 0; k < net.classes.size() && left > 0; ++k) {
        SourceClass& c = net.classes[k];
        if (begin >= c.n_sources) {
          begin -= c.n_sources;
          continue;
        }
        any = true;
        for (; begin < c.n_sources && left > 0; ++begin, --left) {
          if (wide_offsets)
            rows.build(c, construction.plans[k], begin, c.offsets32.data() + std::size_t{begin} * c.stride);
          else
            rows.build(c, construction.plans[k], begin, c.offsets16.data() + std::size_t{begin} * c.stride);
        }
        begin = 0;
      }
      if (!any) return;
    }
  });
  net.n_chunks = arena.used();
}

}  // namespace

std::vector<std::uint64_t> all_burdens(const Construction& construction) {
  std::vector<std::uint64_t> all(std::size_t{construction.net.shape.n_neurons} * kMaxReceptors);
  bool overflow = construction.burden_overflow;
  for (const auto& of_thread : construction.burdens)
    for (std::size_t i = 0; i < of_thread.size(); ++i)
      overflow |= __builtin_add_overflow(all[i], of_thread[i], &all[i]) || all[i] > kMostUnits;
  if (overflow) refuse_sums_beyond_64_bits();
  return all;
}

Network build_network(const ModelSpec& spec, const NetworkShape& shape, ThreadPool& pool,
                      const CpuKernels& kernels, const std::function<bool()>& stop) {
  Network net;
  net.shape = shape;
  net.places = place_populations(spec);
  StreamRegistry streams;
  Connectivities connectivities;
  for (const ProjectionSpec& p : spec.projections)
    connectivities.push_back(make_connectivity(spec, p, streams, pool, kernels));
  const InDegrees in_degrees = in_degrees_of(spec, connectivities, pool);
  set_multiplicities(spec, in_degrees, net.places);
  const Grids grids = compute_grids(spec, net.places, in_degrees);
  net.exponents = grids.exponents;
  Construction construction{.spec = spec,
                            .kernels = kernels,
                            .net = net,
                            .stop = stop,
                            .wide_weights = spec.simulation.precision == Precision::float64};
  make_classes(construction, grids, connectivities);
  try {
    build_rows(construction, pool, false);
  } catch (const OffsetOverflow&) {
    build_rows(construction, pool, true);
  }
  build_plastic_rows(construction, grids, connectivities, pool);
  net.connectivity_sum = construction.connectivity_sum;
  net.n_synapses = std::accumulate(net.out_degrees.begin(), net.out_degrees.end(), std::uint64_t{0});
  net.burdens = all_burdens(construction);
  return net;
}

PlacedInputs place_inputs(const ModelSpec& spec, const Network& net) {
  PlacedInputs placed{.weights = input_weights(spec, net.places, net.exponents)};
  std::vector<unsigned __int128> sums(net.burdens.begin(), net.burdens.end());
  for (std::size_t k = 0; k < spec.inputs.size(); ++k) {
    const InputSpec& input = spec.inputs[k];
    const PoissonInputSpec* poisson = input.spikes();
    if (poisson == nullptr) continue;
    const std::uint64_t count =
        largest_poisson_count(poisson->rate, spec.simulation.dt_ms, "input '" + input.name + "'");
    const InputWeight& weight = placed.weights[k];
    const double gain = largest_external_gain(spec, input.target.population);
    const double gained = std::ceil(std::abs(static_cast<double>(weight.units)) * gain);
    if (!(gained < 0x1p63)) refuse_sums_beyond_64_bits();
    const auto each = static_cast<std::uint64_t>(gained);
    for (std::uint32_t j = 0; j < input.target.size(); ++j)
      sums[(std::size_t{net.places[input.target.population].first_source} + input.target[j]) * kMaxReceptors +
           static_cast<std::size_t>(weight.receptor)] += static_cast<unsigned __int128>(each) * count;
  }
  unsigned __int128 worst = 0;
  for (const auto& sum : sums) worst = std::max(worst, sum);
  if (worst > kMostUnits) refuse_sums_beyond_64_bits();
  placed.wide_accumulators = spec.simulation.precision == Precision::float64 ||
                             worst > static_cast<unsigned __int128>(std::numeric_limits<std::int32_t>::max());
  return placed;
}

}  // namespace sharpwave
