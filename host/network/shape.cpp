// The shape of the layout and its size, from the description alone.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "host/base/error.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/plasticity_plan.hpp"
#include "host/network/connectivity.hpp"
#include "host/network/distribution.hpp"
#include "host/network/given_weights.hpp"
#include "host/network/grids.hpp"
#include "host/network/network.hpp"
#include "host/network/neuron_models.hpp"
#include "host/network/plastic_rows.hpp"
#include "kernels/fixed_point.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kMaxCells = 65536;  // a cell is 16 bits
// int32 cells of a sub-block while they are added to: near L1, or well within L2 where single additions are
// what takes the time, and shorter segments would only add to it.
constexpr std::uint32_t kSubBlock = 20000;
constexpr std::uint32_t kSubBlockOfAdditions = 40000;
constexpr std::uint64_t kCellsInL1 = 10000;  // int32 cells; worth it as long as segments stay long
constexpr double kLongSegment = 64;
constexpr double kShortSegment = 8;             // synapses; below it padding and segment ends dominate
constexpr std::uint64_t kCellsInCache = 32768;  // grow slots only as long as their cells stay in L2
constexpr std::uint32_t kMaxDelaySteps = 1u << 22;
// Synapses per bit. Fewer are faster as synapses, and in float32 smaller. What pads a row to whole vectors
// counts as bits.
constexpr double kDensePairs = 1.0 / 32;

std::uint32_t cells_for(std::uint32_t n_neurons, std::uint32_t n_parts) {
  const std::uint32_t elements = (n_neurons + n_parts - 1) / n_parts + 1;  // and the dummy
  return (elements + 15) / 16 * 16;
}

// Expected synapses of one source of a population by delay step.
using DelayHistogram = std::map<std::uint32_t, double>;

void add_delays(const ProjectionSpec& p, double dt_ms, double per_source, DelayHistogram& histogram) {
  if (const auto* list = std::get_if<std::vector<double>>(&p.delay_ms)) {
    for (const double d : *list)
      histogram[delay_steps(d, dt_ms)] += per_source / static_cast<double>(list->size());
    return;
  }
  constexpr int kQuantiles = 256;
  const DrawParameters parameters = draw_parameters(std::get<Distribution>(p.delay_ms));
  for (int i = 0; i < kQuantiles; ++i)
    histogram[delay_steps(draw(parameters, (i + 0.5) / kQuantiles), dt_ms)] += per_source / kQuantiles;
}

// `group` says which histogram a projection belongs to, `count` how many of its synapses are meant.
template <class Group, class Count>
auto delays_by(const ModelSpec& spec, const Group& group, const Count& count) {
  std::map<decltype(group(spec.projections.front())), DelayHistogram> result;
  for (const ProjectionSpec& p : spec.projections) {
    const std::uint32_t size = spec.populations[p.source.population].size;
    const double n = size > 0 && !p.plasticity ? count(p) : 0;
    if (n > 0) add_delays(p, spec.simulation.dt_ms, n / size, result[group(p)]);
  }
  return result;
}

// A row has a channel for each receptor and shift of its projections' weights.
using ChannelKey = std::pair<int, int>;
using ChannelsBySign = std::array<std::optional<ChannelKey>, 2>;  // of one projection
std::vector<ChannelsBySign> channels_by_sign(const ModelSpec& spec,
                                             const std::vector<PopulationPlace>& places) {
  const bool wide = spec.simulation.precision == Precision::float64;  // no shifts then
  const Grids grids = wide ? Grids{} : narrow_grids(spec, places);
  std::vector<ChannelsBySign> channels(spec.projections.size());
  for (std::size_t k = 0; k < channels.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (p.plasticity) continue;
    const Range weights = range_of(p.weight);
    const PopulationPlace& target = places[p.target.population];
    if (wide && weights.high >= 0) channels[k][0] = {receptor_of(target, 1), 0};
    if (wide && weights.low < 0) channels[k][1] = {receptor_of(target, -1), 0};
    for (const std::size_t sign : {0u, 1u})
      if (!wide && grids.projections[k].occurs[sign])
        channels[k][sign] = {grids.projections[k].receptor[sign], grids.projections[k].shift[sign]};
  }
  return channels;
}

// Multapses: synapses whose pair is connected already. Of n draws from k pairs all but k (1 - exp(-n / k)).
double expected_multapses(const ProjectionSpec& p) {
  const bool draws = p.rule == ConnectionRule::fixed_indegree || p.rule == ConnectionRule::fixed_outdegree ||
                     p.rule == ConnectionRule::fixed_total_number;
  if (!draws || !p.multapses) return 0;
  const double pairs = static_cast<double>(p.source.size()) * p.target.size();
  const double n = expected_synapses(p);
  return n + pairs * std::expm1(-n / pairs);
}

DelayHistogram in_slots(const DelayHistogram& delays, std::uint32_t slot_width) {
  DelayHistogram slots;
  for (const auto& [step, n] : delays) slots[(step - 1) / slot_width] += n;
  return slots;
}

// Length of the segment that a synapse finds itself in, on average.
double mean_segment(const std::map<std::uint32_t, DelayHistogram>& delays, std::uint32_t n_parts,
                    std::uint32_t slot_width, const ModelSpec& spec) {
  double synapses = 0;
  double weighted = 0;
  for (const auto& [population, histogram] : delays)
    for (const auto& [slot, n] : in_slots(histogram, slot_width)) {
      const double all = n * spec.populations[population].size;
      synapses += all;
      weighted += all * n / n_parts;
    }
  return synapses > 0 ? weighted / synapses : 0;
}

// Expected chunks of a segment of n synapses and Poisson-distributed further ones of mean m.
double chunks_of_segment(std::uint32_t n, double m) {
  if (m > 64) return (n + m) / kChunk + (kChunk - 1) / (2.0 * kChunk);  // all remainders are equally likely
  double chunks = 0;
  double probability = std::exp(-m);
  for (std::uint32_t more = 0; more <= m + 10 * std::sqrt(m) + 10; ++more) {
    chunks += probability * ((n + more + kChunk - 1) / kChunk);
    probability *= m / (more + 1);
  }
  return chunks;
}

// Those of n_parts segments among which `fixed` synapses are spread evenly, and `drawn` ones at random.
double chunks_of_segments(double fixed, double drawn, std::uint32_t n_parts) {
  const auto n = static_cast<std::uint32_t>(fixed / n_parts);
  const double with_one_more = fixed - static_cast<double>(n) * n_parts;
  const double m = drawn / n_parts;
  return with_one_more * chunks_of_segment(n + 1, m) + (n_parts - with_one_more) * chunks_of_segment(n, m);
}

// Of all rows.
struct RowSizes {
  double n_segments = 0;
  double offset_bytes = 0;
};

RowSizes row_sizes(const ModelSpec& spec, const std::vector<ChannelsBySign>& channels,
                   const NetworkShape& shape) {
  struct Row {
    std::set<std::uint32_t> slots;
    std::set<ChannelKey> channels;
    double synapses = 0;
  };
  std::map<std::uint32_t, Row> row_of;
  for (std::size_t k = 0; k < spec.projections.size(); ++k) {
    const ProjectionSpec& p = spec.projections[k];
    if (p.plasticity) continue;
    Row& row = row_of[p.source.population];
    for (const std::uint32_t slot : used_slots(p, spec.simulation.dt_ms, shape.slot_width))
      row.slots.insert(slot);
    for (const auto& channel : channels[k])
      if (channel) row.channels.insert(*channel);
    row.synapses += expected_synapses(p) / std::max(1u, p.source.size());
  }
  RowSizes sizes;
  for (const auto& [population, row] : row_of) {
    const double n_rows = spec.populations[population].size;
    const double n_slots = *row.slots.rbegin() - *row.slots.begin() + 1.0;
    const double segments = n_slots * shape.n_parts() * static_cast<double>(row.channels.size());
    const double width = row.synapses > 60'000 ? 4 : 2;  // more chunks than 16 bits count need 32
    sizes.n_segments += n_rows * segments;
    sizes.offset_bytes += width * n_rows * (segments + 1);
  }
  return sizes;
}

// Of all rows, including padding.
double expected_chunks(const ModelSpec& spec, const std::vector<PopulationPlace>& places,
                       const std::vector<ChannelsBySign>& channels, const NetworkShape& shape) {
  const auto is_fixed = [](const ProjectionSpec& p) {
    const auto* delay = std::get_if<Distribution>(&p.delay_ms);
    return (p.rule == ConnectionRule::all_to_all || p.rule == ConnectionRule::one_to_one) &&
           delay != nullptr && delay->kind == Distribution::Kind::constant;
  };
  const auto in_rows = [&](const ProjectionSpec& p) {
    return p.plasticity || pair_bits_of(spec, p, places, shape) ? 0 : expected_synapses(p);
  };
  // Weights of both signs count where the positive ones are.
  const auto group = [&](const ProjectionSpec& p) {
    const auto& of_p = channels[static_cast<std::size_t>(&p - spec.projections.data())];
    return std::pair(p.source.population, of_p[0] ? of_p[0] : of_p[1]);
  };
  const auto fixed =
      delays_by(spec, group, [&](const ProjectionSpec& p) { return is_fixed(p) ? in_rows(p) : 0; });
  const auto drawn =
      delays_by(spec, group, [&](const ProjectionSpec& p) { return is_fixed(p) ? 0 : in_rows(p); });
  std::map<decltype(group(spec.projections.front())), std::map<std::uint32_t, std::pair<double, double>>>
      slots;
  for (const auto& [key, delays] : fixed)
    for (const auto& [slot, n] : in_slots(delays, shape.slot_width)) slots[key][slot].first = n;
  for (const auto& [key, delays] : drawn)
    for (const auto& [slot, n] : in_slots(delays, shape.slot_width)) slots[key][slot].second = n;
  double chunks = 0;
  for (const auto& [key, of_rows] : slots)
    for (const auto& [slot, n] : of_rows)
      chunks += spec.populations[key.first].size * chunks_of_segments(n.first, n.second, shape.n_parts());
  // Multapses beside bits are few, and some of their cells repeat: a chunk each, or full ones and one for
  // each segment.
  for (const ProjectionSpec& p : spec.projections)
    if (pair_bits_of(spec, p, places, shape).has_value()) {
      const double n = expected_multapses(p);
      chunks += std::min(n, n / kChunk + static_cast<double>(p.source.size()) * shape.n_parts());
    }
  // No chunk names a cell twice: in segments that would fit one chunk, a multapse of one delay takes another.
  std::map<decltype(group(spec.projections.front())), double> in_group;
  for (const ProjectionSpec& p : spec.projections) in_group[group(p)] += in_rows(p);
  for (const ProjectionSpec& p : spec.projections) {
    if (p.plasticity) continue;
    const double n_slots = std::max(1.0, static_cast<double>(slots[group(p)].size()));
    const double n_segments = n_slots * shape.n_parts() * spec.populations[p.source.population].size;
    if (in_rows(p) > 0 && in_group[group(p)] <= kChunk * n_segments)
      chunks += expected_multapses(p) / n_slots;
  }
  return chunks;
}

// Numbers of elements; all else as for one part.
NetworkShape sizes_of(const ModelSpec& spec) {
  NetworkShape shape;
  std::uint64_t n_neurons = 0;
  std::uint64_t n_sources = 0;
  for (const PopulationSpec& population : spec.populations) {
    n_sources += population.size;
    if (!population.is_virtual()) n_neurons += population.size;
  }
  static_cast<void>(place_populations(spec));  // refuses what has no ids
  shape.n_neurons = static_cast<std::uint32_t>(n_neurons);
  shape.n_sources = static_cast<std::uint32_t>(n_sources);
  return shape;
}

}  // namespace

std::uint32_t delay_steps(double delay_ms, double dt_ms) {
  // The product, as for drawn delays: the quotient rounds 0.35 ms at 0.1 ms to another step.
  const double steps = std::nearbyint(delay_ms * (1.0 / dt_ms));
  if (!(steps <= kMaxDelaySteps))
    throw Error(ExitCode::invalid_config, "a delay of " + std::to_string(delay_ms) + " ms is longer than " +
                                              std::to_string(kMaxDelaySteps) + " steps");
  return steps < 1 ? 1 : static_cast<std::uint32_t>(steps);
}

std::vector<std::uint32_t> used_slots(const ProjectionSpec& projection, double dt_ms,
                                      std::uint32_t slot_width) {
  std::set<std::uint32_t> slots;
  if (const auto* list = std::get_if<std::vector<double>>(&projection.delay_ms)) {
    for (const double d : *list) slots.insert((delay_steps(d, dt_ms) - 1) / slot_width);
  } else {
    const Range range = range_of(projection.delay_ms);
    const std::uint32_t last = (delay_steps(range.high, dt_ms) - 1) / slot_width;
    for (std::uint32_t s = (delay_steps(range.low, dt_ms) - 1) / slot_width; s <= last; ++s) slots.insert(s);
  }
  return {slots.begin(), slots.end()};
}

std::vector<PopulationPlace> place_populations(const ModelSpec& spec) {
  std::vector<PopulationPlace> places(spec.populations.size());
  std::uint64_t next = 0;
  for (const bool virtual_ones : {false, true})
    for (std::size_t i = 0; i < places.size(); ++i) {
      const PopulationSpec& population = spec.populations[i];
      if (population.is_virtual() != virtual_ones) continue;
      places[i].first_source = static_cast<std::uint32_t>(next);
      next += population.size;
      if (next > kMostElements)
        throw Error(ExitCode::invalid_config, "population '" + population.name + "': more than " +
                                                  std::to_string(kMostElements) + " elements in all");
      if (const NeuronSpec* neurons = population.neurons())
        places[i].n_receptors = model_info(neurons->model).n_receptors;
      else if (!virtual_ones)
        places[i].n_receptors = 1;
    }
  return places;
}

NetworkShape choose_shape(const ModelSpec& spec, int threads) {
  NetworkShape shape = sizes_of(spec);
  shape.n_groups = static_cast<std::uint32_t>(threads);
  const std::uint32_t per_group = (shape.n_neurons + shape.n_groups - 1) / shape.n_groups;
  const std::uint32_t sub_block = scatters_slowly() ? kSubBlockOfAdditions : kSubBlock;
  shape.n_sub_blocks = std::max(1u, (per_group + sub_block - 1) / sub_block);
  const auto source = [](const ProjectionSpec& p) { return p.source.population; };
  const auto delays = delays_by(spec, source, expected_synapses);
  const auto cells = [&](std::uint32_t sub_blocks) {
    return std::uint64_t{cells_for(shape.n_neurons, shape.n_groups * sub_blocks)};
  };
  const auto is_short = [&](std::uint32_t slot_width) {
    return mean_segment(delays, shape.n_parts(), slot_width, spec) < kShortSegment;
  };
  std::uint32_t longest = 1;
  for (const auto& [population, histogram] : delays) longest = std::max(longest, histogram.rbegin()->first);
  const bool has_plastic =
      std::ranges::any_of(spec.projections, [](const auto& p) { return p.plasticity.has_value(); });
  const auto widen_slots = [&](std::uint64_t limit) {
    while (!has_plastic && shape.slot_width < longest && is_short(shape.slot_width) &&
           2 * shape.slot_width * cells(shape.n_sub_blocks) <= limit)
      shape.slot_width *= 2;
  };
  while (cells(shape.n_sub_blocks) > kCellsInL1 &&
         mean_segment(delays, shape.n_groups * 2 * shape.n_sub_blocks, 1, spec) >= kLongSegment)
    shape.n_sub_blocks *= 2;
  widen_slots(kCellsInCache);
  while (shape.n_sub_blocks > 1 && is_short(shape.slot_width) &&
         shape.slot_width * cells((shape.n_sub_blocks + 1) / 2) <= kMaxCells)
    shape.n_sub_blocks = (shape.n_sub_blocks + 1) / 2;
  widen_slots(kMaxCells);
  shape.cells_per_step = static_cast<std::uint32_t>(cells(shape.n_sub_blocks));
  return shape;
}

NetworkShape device_shape(const ModelSpec& spec) {
  NetworkShape shape = sizes_of(spec);
  while (cells_for(shape.n_neurons, shape.n_sub_blocks) > kMaxCells) ++shape.n_sub_blocks;
  shape.cells_per_step = cells_for(shape.n_neurons, shape.n_sub_blocks);
  return shape;
}

NetworkShape owner_shape(const ModelSpec& spec, std::uint32_t most_owners) {
  constexpr std::uint32_t kLeastNeurons = 15;  // with the dummy, the least cells that a step has
  NetworkShape shape = sizes_of(spec);
  shape.n_groups = std::clamp((shape.n_neurons + kLeastNeurons - 1) / kLeastNeurons, 1u, most_owners);
  shape.cells_per_step = cells_for(shape.n_neurons, shape.n_groups);
  std::uint32_t longest = 2;
  for (const auto& by_delay : delays_by_receptor(spec).synapses)
    longest = std::max(longest, static_cast<std::uint32_t>(by_delay.size()));
  while (shape.slot_width < longest && 2ull * shape.slot_width * shape.cells_per_step <= kMaxCells)
    shape.slot_width *= 2;
  return shape;
}

DelaysByReceptor delays_by_receptor(const ModelSpec& spec) {
  const std::vector<PopulationPlace> places = place_populations(spec);
  DelaysByReceptor delays{.shortest = kMaxDelaySteps};
  for (const ProjectionSpec& p : spec.projections) {
    const std::uint32_t n_sources = spec.populations[p.source.population].size;
    if (p.plasticity || n_sources == 0 || expected_synapses(p) <= 0) continue;
    const Range steps = range_of(p.delay_ms);
    const std::uint32_t longest = delay_steps(steps.high, spec.simulation.dt_ms);
    delays.shortest = std::min(delays.shortest, delay_steps(steps.low, spec.simulation.dt_ms));
    DelayHistogram histogram;
    add_delays(p, spec.simulation.dt_ms, expected_synapses(p), histogram);
    const Range weights = range_of(p.weight);
    const PopulationPlace& target = places[p.target.population];
    std::set<int> receptors;  // of both where the weight may have either sign
    if (weights.high >= 0) receptors.insert(receptor_of(target, 1));
    if (weights.low < 0) receptors.insert(receptor_of(target, -1));
    for (const int receptor : receptors) {
      std::vector<double>& synapses = delays.synapses[static_cast<std::size_t>(receptor)];
      synapses.resize(std::max<std::size_t>(synapses.size(), longest));
      for (const auto& [step, n] : histogram) synapses[step - 1] += n;
    }
  }
  return delays;
}

std::optional<PairBits> pair_bits_of(const ModelSpec& spec, const ProjectionSpec& p,
                                     const std::vector<PopulationPlace>& places, const NetworkShape& shape) {
  const auto* delay = std::get_if<Distribution>(&p.delay_ms);
  const auto* weight = std::get_if<Distribution>(&p.weight);
  const bool parrots = std::holds_alternative<ParrotSpec>(spec.populations[p.target.population].kind);
  if (delay == nullptr || delay->kind != Distribution::Kind::constant) return {};
  if (!parrots && (weight == nullptr || weight->kind != Distribution::Kind::constant)) return {};
  if (shape.slot_width > 1 || p.rule == ConnectionRule::explicit_list || p.plasticity) return {};
  if (p.source.size() == 0 || p.target.size() == 0) return {};
  const std::uint32_t first = places[p.target.population].first_source;
  PairBits pairs{.source = p.source};
  pairs.first_element = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t end = 0;
  for (std::uint32_t part = 0; part < shape.n_parts(); ++part) {
    pairs.first_element = std::min(pairs.first_element, shape.first_element(part, first + p.target.start));
    end = std::max(end, shape.first_element(part, first + p.target.stop));
  }
  pairs.n_elements = end - pairs.first_element;
  const double bits = 64.0 * pairs.words() * shape.n_parts() * p.source.size();
  if (expected_synapses(p) < kDensePairs * bits) return {};
  return pairs;
}

double expected_row_synapses(const ModelSpec& spec, const ProjectionSpec& p,
                             const std::vector<PopulationPlace>& places, const NetworkShape& shape) {
  if (p.plasticity) return 0;
  return pair_bits_of(spec, p, places, shape).has_value() ? expected_multapses(p) : expected_synapses(p);
}

NetworkPlan plan_network(const ModelSpec& spec, int threads) {
  return plan_network(spec, choose_shape(spec, threads), threads);
}

NetworkPlan plan_network(const ModelSpec& spec, const NetworkShape& shape, int threads) {
  constexpr double kGivenWeightBytes = 28;  // of a synapse that is read, its place in an order included
  NetworkPlan plan;
  plan.n_neurons = shape.n_neurons;
  plan.n_virtual_sources = shape.n_sources - shape.n_neurons;
  const std::vector<PopulationPlace> places = place_populations(spec);
  double transient = 0;
  double bit_bytes = 0;
  double plastic_bytes = 0;
  PlasticityPlan of_engine;
  for (const ProjectionSpec& p : spec.projections) {
    const double n = expected_synapses(p);
    if (p.plasticity) {
      plastic_bytes += plastic_rows_bytes(p, spec.simulation.dt_ms, shape);
      const PlasticityPlan plan_of_p = plan_plasticity(spec, p, shape);
      of_engine.synapses += plan_of_p.synapses;
      of_engine.history += plan_of_p.history;
      of_engine.saving = std::max(of_engine.saving, plan_of_p.saving);
    }
    if (p.given_weights) transient += kGivenWeightBytes * static_cast<double>(p.given_weights->n);
    if (const auto pairs = pair_bits_of(spec, p, places, shape))
      bit_bytes += 8.0 * pairs->words() * shape.n_parts() * p.source.size();
    plan.projections.push_back({p.name, n});
    plan.n_synapses += n;
    plan.n_row_synapses += expected_row_synapses(spec, p, places, shape);
    plan.synapses_exact = plan.synapses_exact && synapse_count_is_exact(p);
    transient += transient_bytes(p);
  }
  const bool wide = spec.simulation.precision == Precision::float64;
  const std::vector<ChannelsBySign> channels = channels_by_sign(spec, places);
  const RowSizes rows = row_sizes(spec, channels, shape);
  const double n_chunks = expected_chunks(spec, places, channels, shape);
  const double synapse_bytes = bit_bytes + plastic_bytes + 1.1 * n_chunks * kChunk * (wide ? 10 : 4) +
                               4.0 * shape.n_sources + rows.offset_bytes;
  plan.pair_bit_bytes = static_cast<std::uint64_t>(bit_bytes);
  plan.n_segments = static_cast<std::uint64_t>(std::min(rows.n_segments, 1e18));
  transient += shape.n_neurons * 8.0 * kMaxReceptors * threads;
  constexpr double kLargest = 1e18;
  if (!(synapse_bytes + transient < kLargest))
    throw Error(ExitCode::no_room, "the network needs more than 10^18 bytes");
  plan.synapse_bytes = static_cast<std::uint64_t>(synapse_bytes);
  const double state = saved_state_bytes(spec, shape);
  const StateCopies copies = plan_state_copies(spec);
  transient += static_cast<double>(copies.rebuilding) * state;
  plan.engine_synapse_bytes = static_cast<std::uint64_t>(of_engine.synapses);
  plan.shared_bytes = kProgramBytes + static_cast<std::uint64_t>(stimuli_bytes(spec));
  plan.state_bytes = plan_state_bytes(spec, shape) + static_cast<std::uint64_t>(of_engine.history);
  constexpr double kRoundedUp = 1.03;  // to pages, and what HDF5 has for itself
  plan.saved_bytes = static_cast<std::uint64_t>(
      kRoundedUp * (static_cast<double>(copies.running) * state + of_engine.saving));
  plan.transient_bytes = static_cast<std::uint64_t>(transient);
  return plan;
}

}  // namespace sharpwave
