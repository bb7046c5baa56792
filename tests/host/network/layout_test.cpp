// The built network holds exactly the synapses of its rules, whatever the layout.
#include <gtest/gtest.h>

#include <cmath>

#include "host/base/error.hpp"
#include "tests/host/network/built_network.hpp"
#include "tests/host/network/network_reading.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

using Bounds = Distribution::Bounds;

void expect_sound(const Network& net, const Reading& reading, const std::vector<Synapse>& expected) {
  EXPECT_EQ(reading.repeated_cells, 0u);
  EXPECT_EQ(reading.misplaced, 0u);
  EXPECT_EQ(reading.weighty_padding, 0u);
  EXPECT_EQ(reading.overlapping_rows, 0u);
  EXPECT_EQ(net.n_synapses, expected.size());
  std::vector<std::uint32_t> out_degrees(net.shape.n_sources);
  for (const Synapse& synapse : expected) ++out_degrees[synapse.source];
  EXPECT_EQ(net.out_degrees, out_degrees);
  EXPECT_TRUE(reading.synapses == expected) << reading.synapses.size() << " against " << expected.size();
}

void expect_sound_at_all_thread_counts(const ModelSpec& spec) {
  const auto expected = expected_network(spec);
  for (const int threads : {1, 2, 3, 7}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    const Network net = build(spec, threads);
    expect_sound(net, read_network(net), expected);
  }
}

// Every rule, kind of source, distribution, list, and both signs.
ModelSpec every_rule(Precision precision) {
  ModelSpec spec;
  spec.simulation.precision = precision;
  spec.populations = {poisson_source("noise", 40, 100),
                      neurons("E", 500),
                      neurons("I", 201, NeuronModel::iaf_psc_alpha),
                      parrots("parrot", 37),
                      neurons("D", 300, NeuronModel::iaf_psc_delta),
                      spike_source("file", 3, {0, 0, 2}, {1.0, 1.0, 2.0})};
  auto& ee = project(spec, "EE", 1, 1, ConnectionRule::fixed_total_number);
  ee.total = 20'000;
  ee.weight = bounded(normal(87.81, 8.781), Bounds::redraw, 0, 1e9);
  ee.delay_ms = bounded(normal(1.5, 0.75), Bounds::redraw, 0.1, 1e9);
  auto& ei = project(spec, "EI", 1, 2, ConnectionRule::fixed_indegree);
  ei.degree = {30};
  ei.weight = normal(3, 5);  // both signs in one projection
  ei.delay_ms = uniform(0.1, 3);
  auto& ie = project(spec, "IE", 2, 1, ConnectionRule::pairwise_bernoulli);
  ie.probability = 0.05;
  ie.weight = lognormal(1, 1);
  ie.delay_ms = bounded(lognormal(0, 0.5), Bounds::clip, 0.1, 0.35);
  auto& ii = project(spec, "II", 2, 2, ConnectionRule::fixed_outdegree);
  ii.degree = {20};
  ii.autapses = ii.multapses = false;
  ii.source.stride = 2;
  ii.weight = Distribution::constant(-351.24);
  project(spec, "to parrots", 0, 3, ConnectionRule::all_to_all).delay_ms = Distribution::constant(0.1);
  auto& pd = project(spec, "from parrots", 3, 4, ConnectionRule::all_to_all);
  pd.weight = std::vector<double>(300, 0.0);
  pd.delay_ms = std::vector<double>(300, 0.0);
  for (int t = 0; t < 300; ++t) {
    std::get<std::vector<double>>(pd.weight)[static_cast<std::size_t>(t)] = 0.1 * (t - 150);
    std::get<std::vector<double>>(pd.delay_ms)[static_cast<std::size_t>(t)] = 0.1 * (1 + t % 20);
  }
  auto& list = project(spec, "edges", 5, 1, ConnectionRule::explicit_list);
  list.edge_sources = {2, 0, 0, 2};
  list.edge_targets = {499, 7, 7, 0};
  list.weight = std::vector<double>{1, -2, 3, -4};
  list.delay_ms = std::vector<double>{0.4, 0.3, 0.2, 70.0};
  project(spec, "D alone", 4, 4, ConnectionRule::one_to_one).weight = Distribution::constant(0);
  return spec;
}

TEST(Layout, MixedNetworkInFloat32) {
  expect_sound_at_all_thread_counts(every_rule(Precision::float32));
}

TEST(Layout, MixedNetworkInFloat64) {
  const ModelSpec spec = every_rule(Precision::float64);
  expect_sound_at_all_thread_counts(spec);
  EXPECT_TRUE(place_inputs(spec, build(spec, 1)).wide_accumulators);
}

TEST(Layout, DenseNetworkHasASlotForEveryStep) {
  ModelSpec spec;
  spec.populations = {neurons("A", 300)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::all_to_all);
  p.delay_ms = uniform(0.1, 0.4);
  p.weight = normal(1, 0.1);
  EXPECT_EQ(choose_shape(spec, 1).slot_width, 1u);
  expect_sound_at_all_thread_counts(spec);
}

// Slices, both signs, parrots, repeated pairs and no weight at all, held as bits.
ModelSpec dense(Precision precision) {
  ModelSpec spec;
  spec.simulation.precision = precision;
  spec.populations = {neurons("A", 2100), parrots("P", 50), neurons("D", 900, NeuronModel::iaf_psc_delta)};
  auto& repeated = project(spec, "repeated", 0, 0, ConnectionRule::fixed_indegree);
  repeated.degree = {700};
  repeated.weight = Distribution::constant(-1.5);
  repeated.delay_ms = Distribution::constant(0.4);
  auto& slices = project(spec, "slices", 0, 2, ConnectionRule::pairwise_bernoulli);
  slices.probability = 0.1;
  slices.source = {.population = 0, .start = 30, .stop = 2000, .stride = 7};
  slices.target = {.population = 2, .start = 111, .stop = 800, .stride = 2};
  project(spec, "to parrots", 2, 1, ConnectionRule::all_to_all).weight = uniform(-3, 2);
  project(spec, "from parrots", 1, 0, ConnectionRule::all_to_all).weight = Distribution::constant(0);
  return spec;
}

TEST(Layout, DensePairsOfOneWeightAndDelayAreBits) {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const ModelSpec spec = dense(precision);
    expect_sound_at_all_thread_counts(spec);
    const Network net = build(spec, 2);
    EXPECT_EQ(net.pair_bits.size(), 4u);
    const Reading reading = read_network(net);
    // 700 draws from 2100 sources repeat 700 - 2100 (1 - exp(-1/3)) of them; all other rules repeat none.
    const double repeats = 2100 * (700 + 2100 * std::expm1(-1.0 / 3));
    EXPECT_NEAR(static_cast<double>(reading.synapses.size() - reading.n_bits), repeats, 0.02 * repeats);
  }
}

TEST(Layout, SparsePairsDrawnWeightsAndDrawnDelaysAreNotBits) {
  ModelSpec spec;
  spec.populations = {neurons("A", 1000)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::pairwise_bernoulli);
  const auto bits = [&] { return read_network(build(spec, 1)).n_bits; };
  p.probability = 0.1;
  EXPECT_GT(bits(), 0u);
  p.probability = 0.01;
  EXPECT_EQ(bits(), 0u);
  p.probability = 0.1;
  p.weight = normal(1, 0.1);
  EXPECT_EQ(bits(), 0u);
  p.weight = Distribution::constant(1);
  p.delay_ms = uniform(0.1, 0.4);
  EXPECT_EQ(bits(), 0u);
}

TEST(Layout, MoreThan65535Targets) {
  ModelSpec spec;
  spec.populations = {neurons("A", 70'000), neurons("B", 3)};
  project(spec, "p", 1, 0, ConnectionRule::all_to_all).weight = normal(1, 0.1);
  EXPECT_EQ(choose_shape(spec, 1).n_sub_blocks, 8u);  // 8,750 cells each, in the first-level cache
  EXPECT_EQ(choose_shape(spec, 7).n_sub_blocks, 2u);
  expect_sound_at_all_thread_counts(spec);
}

// Where scatters are slow sub-blocks are so large that slots are widened only where there is one.
TEST(Layout, SparseLongDelaysMakeWideSlotsAndSubBlocks) {
  ModelSpec spec;
  spec.populations = {neurons("A", scatters_slowly() ? 30'000 : 45'000), neurons("B", 60)};
  auto& p = project(spec, "p", 1, 0, ConnectionRule::fixed_outdegree);
  p.degree = {200};
  p.delay_ms = uniform(0.1, 20);
  p.weight = normal(1, 0.1);
  const NetworkShape shape = choose_shape(spec, 1);
  EXPECT_EQ(shape.n_sub_blocks > 1, !scatters_slowly());
  EXPECT_GT(shape.slot_width, 1u);
  EXPECT_LE(shape.slot_width * shape.cells_per_step, 65'536u);
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    spec.simulation.precision = precision;
    expect_sound_at_all_thread_counts(spec);
  }
}

TEST(Layout, ManyMultapsesOntoOneTargetAreDealtOverChunks) {
  ModelSpec spec;
  spec.populations = {neurons("A", 50)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::explicit_list);
  p.edge_sources.assign(1000, 4);
  p.edge_targets.assign(1000, 9);
  for (std::uint32_t t = 0; t < 50; ++t) {
    p.edge_sources.insert(p.edge_sources.end(), 3, 4);
    p.edge_targets.insert(p.edge_targets.end(), 3, t);
  }
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    spec.simulation.precision = precision;
    expect_sound_at_all_thread_counts(spec);
  }
  EXPECT_EQ(read_network(build(spec, 1)).n_chunks, 1003u);  // as many as the target occurs
}

// Each of these rows takes more than half of what a thread allocates at a time.
TEST(Layout, LongRowsFitTheReservation) {
  ModelSpec spec;
  spec.populations = {neurons("A", 16), neurons("B", 1)};
  project(spec, "p", 0, 1, ConnectionRule::fixed_outdegree).degree = {20'000};
  const Network net = build(spec, 2);
  expect_sound(net, read_network(net), expected_network(spec));
}

TEST(Layout, RowsOfMoreThan65535ChunksHave32BitOffsets) {
  ModelSpec spec;
  spec.populations = {neurons("A", 2), neurons("B", 1)};
  auto& p = project(spec, "p", 0, 1, ConnectionRule::fixed_outdegree);
  p.weight = normal(1, 0.1);
  p.degree = {65'535, 10};
  EXPECT_EQ(build(spec, 1).classes[0].offsets32.size(), 0u);
  p.degree = {65'536, 10};
  const Network net = build(spec, 2);
  EXPECT_GT(net.classes[0].offsets32.size(), 0u);
  expect_sound(net, read_network(net), expected_network(spec));
}

// 0.35 / 0.1 rounds to 3 steps and 0.35 * (1 / 0.1) to 4.
TEST(Layout, DelaysAtABoundBetweenTwoStepsStayInTheirSlots) {
  ModelSpec spec;
  spec.populations = {neurons("A", 400)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::all_to_all);
  p.delay_ms = bounded(normal(0.3, 0.1), Bounds::clip, 0.1, 0.35);
  EXPECT_EQ(choose_shape(spec, 1).slot_width, 1u);
  expect_sound_at_all_thread_counts(spec);
}

TEST(Layout, NetworksWithNothingInThem) {
  ModelSpec spec;
  spec.populations = {neurons("A", 3), neurons("nobody", 0)};
  expect_sound_at_all_thread_counts(spec);
  auto& edges = project(spec, "no edges", 0, 0, ConnectionRule::explicit_list);
  edges.weight = std::vector<double>{};
  edges.delay_ms = std::vector<double>{};
  project(spec, "no source", 1, 0, ConnectionRule::all_to_all);
  project(spec, "no target", 0, 1, ConnectionRule::all_to_all);
  project(spec, "never", 0, 0, ConnectionRule::pairwise_bernoulli);
  expect_sound_at_all_thread_counts(spec);
}

TEST(Layout, PartsPartitionTheNeurons) {
  ModelSpec spec;
  spec.populations = {neurons("A", 1003)};
  for (const int threads : {1, 2, 3, 7}) {
    const NetworkShape shape = choose_shape(spec, threads);
    std::uint32_t total = 0;
    for (std::uint32_t part = 0; part < shape.n_parts(); ++part) {
      total += shape.part_size(part);
      EXPECT_LT(shape.part_size(part), shape.cells_per_step);  // the last cell is the dummy
      for (std::uint32_t id = 0; id < 1003; ++id) {
        const std::uint32_t element = shape.first_element(part, id);
        EXPECT_GE(element * shape.n_parts() + part, id);
        if (element > 0) {
          EXPECT_LT((element - 1) * shape.n_parts() + part, id);
        }
      }
    }
    EXPECT_EQ(total, 1003u);
  }
}

TEST(Layout, ProjectionsOfOneNameAreRefused) {
  ModelSpec spec;
  spec.populations = {neurons("A", 3)};
  project(spec, "twice", 0, 0, ConnectionRule::all_to_all);
  project(spec, "twice", 0, 0, ConnectionRule::all_to_all);
  EXPECT_THROW(build(spec, 1), Error);
}

}  // namespace
}  // namespace sharpwave::test
