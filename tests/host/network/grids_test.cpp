// The integer grids, and the proof that sums on them cannot overflow.
#include "host/network/grids.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/base/error.hpp"
#include "kernels/poisson.hpp"
#include "tests/host/network/built_network.hpp"
#include "tests/support/refusals.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

struct Proof {
  std::vector<PopulationPlace> places;
  Grids grids;
};

Proof prove(const ModelSpec& spec) {
  ThreadPool pool(2);
  StreamRegistry streams;
  Connectivities rules;
  for (const ProjectionSpec& p : spec.projections)
    rules.push_back(make_connectivity(spec, p, streams, pool, select_cpu_kernels()));
  Proof proof{.places = place_populations(spec), .grids = {}};
  const InDegrees in_degrees = in_degrees_of(spec, rules, pool);
  set_multiplicities(spec, in_degrees, proof.places);
  proof.grids = compute_grids(spec, proof.places, in_degrees);
  return proof;
}

bool has_wide_accumulators(const ModelSpec& spec) {
  return place_inputs(spec, build(spec, 2)).wide_accumulators;
}

std::string refusal(const auto& action) {
  return refusal_of(ExitCode::invalid_config, action);
}

bool names(const std::string& message, const std::string& what) {
  return message.find("'" + what + "'") != std::string::npos;
}

// `n` synapses of weight `weight` onto the single neuron of population 1.
ProjectionSpec& bundle(ModelSpec& spec, std::string name, std::uint32_t n, double weight) {
  auto& p = project(spec, std::move(name), 0, 1, ConnectionRule::fixed_indegree);
  p.degree = {n};
  p.weight = Distribution::constant(weight);
  return p;
}

ModelSpec onto_one_neuron() {
  ModelSpec spec;
  spec.populations = {neurons("A", 1), neurons("B", 1)};
  return spec;
}

// --- float32 ----------------------------------------------------------------------------------------------

TEST(Grids, EachProjectionOnTheFinestGridThatHoldsItsLargestWeight) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "EE", 1, 87.81);  // 87.81 * 2^8 = 22,479; * 2^9 is beyond 32,767
  bundle(spec, "doubled", 1, 175.62);
  bundle(spec, "IE", 1, -351.24);  // 2^6: 22,479
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.projections[0].exponent, 8);
  EXPECT_EQ(grids.projections[1].exponent, 7);
  EXPECT_EQ(grids.projections[2].exponent, 6);
  EXPECT_EQ(grids.exponents[1], (std::array<int, kMaxReceptors>{8, 6}));  // receptors: the finest of theirs
  EXPECT_EQ(grids.projections[0].shift[0], 0);
  EXPECT_EQ(grids.projections[1].shift[0], 1);
  EXPECT_EQ(grids.projections[2].shift[1], 0);
}

TEST(Grids, TheLargestWeightDecidesAtTheEndOf16Bits) {
  const auto exponent_of = [](double weight) {
    ModelSpec spec = onto_one_neuron();
    bundle(spec, "p", 1, weight);
    return prove(spec).grids.projections[0].exponent;
  };
  EXPECT_EQ(exponent_of(32767), 0);
  EXPECT_EQ(exponent_of(-32767), 0);
  EXPECT_EQ(exponent_of(32767.4), 0);
  EXPECT_EQ(exponent_of(32767.5), -1);  // rounds to even, 32768
  EXPECT_EQ(exponent_of(32768), -1);
  EXPECT_EQ(exponent_of(0.5), 15);  // 16,384: 2^16 would make 32,768
}

TEST(Grids, DrawnWeightsCountWithTheLargestThatCanBeDrawn) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "normal", 1, 0).weight = normal(1000, 100);  // up to 1634
  bundle(spec, "list", 1, 0).weight = std::vector<double>{-70.0};
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.projections[0].exponent, 4);  // 1634 * 16 = 26,144
  EXPECT_NEAR(grids.projections[0].largest[0], 1634, 1);
  EXPECT_EQ(grids.projections[0].largest[1], 0);
  EXPECT_EQ(grids.projections[1].exponent, 8);
  EXPECT_FALSE(grids.projections[1].occurs[0]);
  EXPECT_TRUE(grids.projections[1].occurs[1]);
}

TEST(Grids, DeltaNeuronsHaveOneReceptorForBothSigns) {
  ModelSpec spec = onto_one_neuron();
  spec.populations[1] = neurons("B", 1, NeuronModel::iaf_psc_delta);
  bundle(spec, "E", 1, 0.1);   // 2^18: 26,214
  bundle(spec, "I", 1, -0.5);  // 2^15
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.exponents[1][0], 18);
  EXPECT_EQ(grids.projections[1].receptor[1], 0);
  EXPECT_EQ(grids.projections[1].shift[1], 3);
}

TEST(Grids, WeightsOfZeroAskForNoGrid) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "nothing", 5, 0);
  bundle(spec, "something", 1, 100);
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.exponents[1][0], 8);
  EXPECT_EQ(grids.projections[0].shift[0], 0);
  EXPECT_EQ(build(spec, 2).n_synapses, 6u);
}

TEST(Grids, PoissonInputsTakePartInTheReceptorsGrid) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "p", 1, 100);  // 2^8
  spec.inputs = {
      {.name = "fine", .target = whole(spec, 1), .kind = PoissonInputSpec{{{0}, {10}}, 1.0}},
      {.name = "coarse", .target = whole(spec, 1), .kind = PoissonInputSpec{{{0}, {10}}, 200.0}},
      {.name = "inhibition", .target = whole(spec, 1), .kind = PoissonInputSpec{{{0}, {10}}, -1.0}}};
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.exponents[1], (std::array<int, kMaxReceptors>{14, 14}));
  EXPECT_EQ(grids.projections[0].shift[0], 6);
  EXPECT_EQ(grids.inputs[0].units, 16384);
  EXPECT_EQ(grids.inputs[1].units, 200 << 14);
  EXPECT_EQ(grids.inputs[2].receptor, 1);
  EXPECT_EQ(grids.inputs[2].units, -16384);
}

TEST(Grids, Int64WhereTheWorstCaseExceedsInt32) {
  // 65,538 * 32,767 = 2^31 - 2
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "p", 65'538, 32767);
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.projections[0].degree = {65'539};
  EXPECT_TRUE(has_wide_accumulators(spec));
}

TEST(Grids, TheWorstCaseCountsEveryProjectionAndInput) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "p", 65'530, 32767);
  bundle(spec, "q", 8, 32767);
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.inputs = {{.name = "x", .target = whole(spec, 1), .kind = PoissonInputSpec{{{0}, {1.0}}, 32767}}};
  EXPECT_TRUE(has_wide_accumulators(spec));
  spec.inputs[0].kind = PoissonInputSpec{{{0}, {1.0}}, -32767};  // the other receptor
  EXPECT_FALSE(has_wide_accumulators(spec));
}

TEST(Grids, TheWorstCaseCountsSourcesThatSpikeSeveralTimesInAStep) {
  ModelSpec spec = onto_one_neuron();
  spec.populations[0] = spike_source("A", 1, {0, 0}, {1.0, 1.0});
  bundle(spec, "p", 32'769, 32767);
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.projections[0].degree = {32'770};
  EXPECT_TRUE(has_wide_accumulators(spec));
}

// The rare negative draws of a positive projection must not count as if they were as large as the positive.
TEST(Grids, TheTwoSignsOfAProjectionCountEachWithItsOwnLargestWeight) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "p", 100, 0).weight = normal(100, 20);  // -26.8 to 226.8
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    spec.simulation.precision = precision;
    EXPECT_EQ(build(spec, 2).n_synapses, 100u);
  }
}

// --- plastic projections ----------------------------------------------------------------------------------

/// As bundle(), with weights that may grow to `w_max`.
ProjectionSpec& plastic_bundle(ModelSpec& spec, std::string name, std::uint32_t n, double weight,
                               double w_max) {
  ProjectionSpec& p = bundle(spec, std::move(name), n, weight);
  p.plasticity = StdpSpec{.w_max = w_max};
  return p;
}

TEST(Grids, PlasticWeightsCountWithTheLargestThatTheyCanBecome) {
  for (const double sign : {1.0, -1.0}) {
    ModelSpec spec = onto_one_neuron();
    plastic_bundle(spec, "p", 1, sign * 1, 351.24);  // 2^6: 22,479
    const Grids grids = prove(spec).grids;
    const std::size_t receptor = sign > 0 ? 0 : 1;
    EXPECT_EQ(grids.projections[0].exponent, 6);
    EXPECT_EQ(grids.exponents[1][receptor], 6);
    EXPECT_EQ(grids.projections[0].largest[receptor], 351.24);
    EXPECT_EQ(grids.projections[0].largest[1 - receptor], 0) << "they keep their sign";
    EXPECT_EQ(build(spec, 2).plastic[0].units_per_weight, sign * 64);
  }
}

// Of the next finer grid the largest weight would need more than 32,767 units: so one unit is at most
// w_max / 16,383.75, and what rounding to the nearest takes from a weight is half of that. Others onto the
// receptor can only make the grid finer.
TEST(Grids, RoundingTakesAShareOfWMaxFromPlasticWeights) {
  for (const double w_max : {1e-3, 0.1, 1.0, 87.81, 32767.0, 32767.4, 32767.5, 1e9})
    for (const double other : {0.0, 1e-4 * w_max, 100 * w_max}) {
      ModelSpec spec = onto_one_neuron();
      plastic_bundle(spec, "p", 1, w_max / 2, w_max);
      bundle(spec, "q", 1, other);
      const double units_per_weight = build(spec, 2).plastic[0].units_per_weight;
      EXPECT_EQ(std::exp2(std::round(std::log2(units_per_weight))), units_per_weight);
      for (int k = 0; k <= 1000; ++k) {
        const auto w = static_cast<double>(static_cast<float>(w_max * k / 1000));
        const double delivered = std::nearbyint(w * units_per_weight) / units_per_weight;
        ASSERT_LE(std::abs(delivered - w), w_max / 32767.5) << w << " of " << w_max << " beside " << other;
      }
    }
}

TEST(Grids, TheWorstCaseCountsPlasticWeightsAtTheirBound) {
  ModelSpec spec = onto_one_neuron();
  plastic_bundle(spec, "p", 65'538, 1, 32767);  // 2^31 - 2
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.projections[0].degree = {65'539};
  EXPECT_TRUE(has_wide_accumulators(spec));
  spec.projections[0].degree = {65'530};
  bundle(spec, "q", 8, 32767);
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.projections[1].degree = {9};
  EXPECT_TRUE(has_wide_accumulators(spec));
  spec.projections.pop_back();
  spec.populations[0] = spike_source("A", 1, {0, 0}, {1.0, 1.0});
  spec.projections[0].degree = {32'769};
  EXPECT_FALSE(has_wide_accumulators(spec));
  spec.projections[0].degree = {32'770};
  EXPECT_TRUE(has_wide_accumulators(spec));
}

// Weights are floats: at their bound they are the float next to w_max, which may be above it.
TEST(Grids, TheWorstCaseCountsTheFloatThatPlasticWeightsReach) {
  ModelSpec spec;
  spec.populations = {neurons("A", 1), neurons("B", 2)};
  // 1 asks for 2^14 units onto the other neuron, so that those of w_max are 2^31 - 64; as a float it is 2^17.
  const double w_max = 0x1p17 - 0x1p-8;
  ASSERT_EQ(static_cast<float>(w_max), 0x1p17F);
  auto& fine = project(spec, "fine", 0, 1, ConnectionRule::explicit_list);
  fine.edge_sources = {0};
  fine.edge_targets = {0};
  auto& plastic = project(spec, "plastic", 0, 1, ConnectionRule::explicit_list);
  plastic.edge_sources = {0};
  plastic.edge_targets = {1};
  plastic.weight = Distribution::constant(1024);
  plastic.plasticity = StdpSpec{.w_max = w_max};
  EXPECT_EQ(build(spec, 2).plastic[0].units_per_weight, 0x1p14);
  EXPECT_TRUE(has_wide_accumulators(spec)) << "2^31 is beyond int32";
  spec.projections[1].plasticity->w_max = 0x1p17 - 0x1p-7;  // a float
  EXPECT_FALSE(has_wide_accumulators(spec));
}

TEST(Grids, PlasticWeightsThatCanExceed64BitsAreRefused) {
  for (const std::uint32_t n : {15u, 16u, 33u}) {  // as WhatCanExceed64BitsIsRefused
    ModelSpec spec = onto_one_neuron();
    bundle(spec, "small", 1, 1);
    plastic_bundle(spec, "large", n, 0x1p40, 0x1p45);
    const std::string message = refusal([&] { (void)build(spec, 2); });
    if (n == 15)
      EXPECT_EQ(message, "");
    else
      EXPECT_NE(message.find("64 bits"), std::string::npos) << n << ": " << message;
  }
  ModelSpec spec = onto_one_neuron();
  plastic_bundle(spec, "huge", 1, 0x1p70, 0x1p79);
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "huge"));
}

TEST(Grids, Float64TakesTheFinestGridThatHoldsPlasticWeightsAtTheirBound) {
  ModelSpec spec = onto_one_neuron();
  spec.simulation.precision = Precision::float64;
  plastic_bundle(spec, "p", 10, 0.25, 1.0);
  plastic_bundle(spec, "q", 2, -0.25, 3.0);
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.exponents[1], (std::array<int, kMaxReceptors>{58, 59}));  // 10 and 6 below 2^62
  EXPECT_EQ(build(spec, 2).plastic[1].units_per_weight, -0x1p59);
}

// --- refusals ---------------------------------------------------------------------------------------------

TEST(Grids, WhatCanExceed64BitsIsRefused) {
  // 1 -> 2^14 units; 2^45 -> 2^59 units each: 16 of them are 2^63.
  for (const std::uint32_t n : {15u, 16u, 31u, 32u, 33u, 64u}) {
    ModelSpec spec = onto_one_neuron();
    bundle(spec, "small", 1, 1);
    bundle(spec, "large", n, 0x1p45);
    const std::string message = refusal([&] { (void)build(spec, 2); });
    if (n == 15)
      EXPECT_EQ(message, "");
    else
      EXPECT_NE(message.find("64 bits"), std::string::npos) << n << ": " << message;
  }
}

TEST(Grids, WhatCanExceed64BitsByMultiplicityIsRefused) {
  for (const std::uint32_t multiplicity : {15u, 16u, 32u, 64u}) {
    ModelSpec spec = onto_one_neuron();
    spec.populations[0] = spike_source("A", 1, std::vector<std::uint32_t>(multiplicity, 0),
                                       std::vector<double>(multiplicity, 1.0));
    bundle(spec, "small", 1, 1);
    bundle(spec, "large", 1, 0x1p45);
    const std::string message = refusal([&] { (void)build(spec, 2); });
    if (multiplicity == 15)
      EXPECT_EQ(message, "");
    else
      EXPECT_NE(message.find("64 bits"), std::string::npos) << multiplicity << ": " << message;
  }
}

TEST(Grids, WeightsTooFarApartAreRefused) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "small", 1, 1);
  bundle(spec, "large", 1, 0x1p46);
  EXPECT_EQ(refusal([&] { prove(spec); }), "");
  spec.projections[1].weight = Distribution::constant(0x1p47);
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "large"));
  spec.projections.pop_back();
  spec.inputs = {{.name = "strong", .target = whole(spec, 1), .kind = PoissonInputSpec{{{0}, {10}}, 0x1p47}}};
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "strong"));
}

TEST(Grids, WeightsBeyondEveryGridAreRefused) {
  ModelSpec spec = onto_one_neuron();
  bundle(spec, "huge", 1, 0x1p79);
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "huge"));
  spec.simulation.precision = Precision::float64;
  spec.projections[0].weight = Distribution::constant(0x1p127);
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "B"));
}

// --- float64 ----------------------------------------------------------------------------------------------

TEST(Grids, Float64TakesTheFinestGridThatHoldsTheWorstStep) {
  ModelSpec spec = onto_one_neuron();
  spec.simulation.precision = Precision::float64;
  bundle(spec, "p", 10, 1.0);
  bundle(spec, "q", 2, -3.0);
  const Grids grids = prove(spec).grids;
  EXPECT_EQ(grids.exponents[1], (std::array<int, kMaxReceptors>{58, 59}));  // 10 and 6 below 2^62
  EXPECT_TRUE(has_wide_accumulators(spec));
}

TEST(Grids, Float64CountsMultiplicityAndInputs) {
  ModelSpec spec = onto_one_neuron();
  spec.simulation.precision = Precision::float64;
  spec.populations[0] = spike_source("A", 1, {0, 0}, {1.0, 1.0});
  bundle(spec, "p", 1, 1.0);  // at most 2: 2^60 makes 2^61
  EXPECT_EQ(prove(spec).grids.exponents[1][0], 60);
  const PoissonInputSpec input{{{0}, {100}}, 3.0};
  spec.inputs = {{.name = "x", .target = whole(spec, 1), .kind = input}};
  const double worst = 2 + 3.0 * largest_poisson_count(input.rate, 0.1, "x");
  const int exponent = prove(spec).grids.exponents[1][0];
  EXPECT_LT(worst * std::exp2(exponent), 0x1p62);
  EXPECT_GE(worst * std::exp2(exponent + 1), 0x1p62);
  EXPECT_EQ(prove(spec).grids.inputs[0].units, std::int64_t{3} << exponent);
}

TEST(Grids, CopiesOfATrainCountAsTheTrain) {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    ModelSpec spec = onto_one_neuron();
    spec.simulation.precision = precision;
    const PoissonInputSpec mother{{{0}, {100'000}}, 3.0};
    spec.inputs = {{.name = "x", .target = whole(spec, 1), .kind = mother}};
    const Grids independent = prove(spec).grids;
    const bool wide = has_wide_accumulators(spec);
    spec.inputs[0].kind = MipInputSpec{mother, 0.01};
    EXPECT_EQ(prove(spec).grids.exponents, independent.exponents);
    EXPECT_EQ(prove(spec).grids.inputs[0].units, independent.inputs[0].units);
    EXPECT_EQ(has_wide_accumulators(spec), wide);
  }
}

// --- multiplicities ---------------------------------------------------------------------------------------

TEST(Multiplicities, OneForNeuronsAndTheCountAfterRoundingForSpikeSources) {
  ModelSpec spec;
  spec.populations = {neurons("N", 5), spike_source("S", 3, {0, 1, 1, 2, 1}, {0.95, 1.0, 1.01, 1.04, 1.1}),
                      spike_source("silent", 3, {}, {})};
  const auto places = prove(spec).places;
  EXPECT_EQ(places[0].multiplicity, 1u);
  EXPECT_EQ(places[1].multiplicity, 2u);  // source 1 at step 11: 1.01 is rounded up to 1.1
  EXPECT_EQ(places[2].multiplicity, 0u);
}

TEST(Multiplicities, TheEndOfTheTableForPoissonSourcesAtTheirHighestRate) {
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  ModelSpec spec;
  spec.populations = {poisson_source("P", 5, 0)};
  spec.populations[0].kind = PoissonSourceSpec{.rate = {{0, 10, 20}, {10, 8000, 20}}};
  EXPECT_EQ(prove(spec).places[0].multiplicity, static_cast<std::uint64_t>(poisson_table(0.8, thresholds)));
}

TEST(Multiplicities, RatesBeyondTheTablesAreRefused) {
  ModelSpec spec;
  spec.populations = {poisson_source("P", 5, 5.13e6)};  // 513 a step
  EXPECT_TRUE(names(refusal([&] { prove(spec); }), "P"));
  spec.populations = {poisson_source("P", 5, 5.12e6)};
  EXPECT_EQ(refusal([&] { prove(spec); }), "");
}

TEST(Multiplicities, ParrotsPassOnWhatCanReachThem) {
  ModelSpec spec;
  spec.populations = {spike_source("S", 2, {0, 0, 0, 1}, {1, 1, 1, 1}), parrots("first", 2),
                      parrots("second", 3), neurons("N", 4)};
  auto& edges = project(spec, "in", 0, 1, ConnectionRule::explicit_list);
  edges.edge_sources = {0, 0, 1};
  edges.edge_targets = {1, 1, 0};
  project(spec, "from neurons", 3, 1, ConnectionRule::all_to_all);
  project(spec, "on", 1, 2, ConnectionRule::all_to_all);
  const auto places = prove(spec).places;
  EXPECT_EQ(places[1].multiplicity, 3u * 2 + 4);  // by source population, twice; and four neurons
  EXPECT_EQ(places[2].multiplicity, 2u * 10);
}

TEST(Multiplicities, ParrotsWithPoissonInput) {
  ModelSpec spec;
  spec.populations = {parrots("P", 2)};
  const PoissonInputSpec input{{{0}, {1000}}, 1.0};
  spec.inputs = {{.name = "x", .target = whole(spec, 0), .kind = input}};
  EXPECT_EQ(prove(spec).places[0].multiplicity, largest_poisson_count(input.rate, 0.1, "x"));
}

// A target may get every event of the mother train.
TEST(Multiplicities, ParrotsWithCopiesOfATrain) {
  ModelSpec spec;
  spec.populations = {parrots("P", 2)};
  const MipInputSpec input{{{{0}, {1000}}, 1.0}, 0.01};
  spec.inputs = {{.name = "x", .target = whole(spec, 0), .kind = input}};
  EXPECT_EQ(prove(spec).places[0].multiplicity, largest_poisson_count(input.mother.rate, 0.1, "x"));
}

TEST(Multiplicities, CyclesOfParrotsAreRefused) {
  ModelSpec spec;
  spec.populations = {parrots("P", 2), parrots("Q", 2), parrots("R", 2)};
  project(spec, "PQ", 0, 1, ConnectionRule::one_to_one);
  project(spec, "QR", 1, 2, ConnectionRule::one_to_one);
  EXPECT_EQ(refusal([&] { prove(spec); }), "");
  project(spec, "RP", 2, 0, ConnectionRule::one_to_one);
  const std::string message = refusal([&] { prove(spec); });
  EXPECT_NE(message.find("cycle"), std::string::npos) << message;
}

TEST(Multiplicities, AParrotThatCouldReceiveMoreSpikesThanCanBeCountedIsRefused) {
  ModelSpec spec;
  spec.populations = {poisson_source("S", 1, 1e6)};
  for (std::uint32_t i = 1; i <= 8; ++i) {  // each step multiplies by 50 or more
    spec.populations.push_back(parrots(std::string(i, 'P'), 1));
    project(spec, std::string(i, 'p'), i - 1, i, ConnectionRule::fixed_indegree).degree = {50};
  }
  EXPECT_NE(refusal([&] { prove(spec); }).find("2,147,483,647"), std::string::npos);
}

}  // namespace
}  // namespace sharpwave::test
