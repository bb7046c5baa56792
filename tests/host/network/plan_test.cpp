// Sizes that are known before anything is allocated.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "host/base/error.hpp"
#include "host/engine/engine.hpp"
#include "host/network/given_weights.hpp"
#include "host/network/plastic_rows.hpp"
#include "tests/host/network/built_network.hpp"
#include "tests/host/network/network_reading.hpp"
#include "tests/support/refusals.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

TEST(Plan, CountsNeuronsSourcesAndSynapses) {
  ModelSpec spec;
  spec.populations = {neurons("A", 100), parrots("P", 20), poisson_source("S", 7, 10)};
  project(spec, "all", 0, 1, ConnectionRule::all_to_all);
  project(spec, "in", 2, 0, ConnectionRule::fixed_indegree).degree = {3};
  const NetworkPlan plan = plan_network(spec, 1);
  EXPECT_EQ(plan.n_neurons, 120u);
  EXPECT_EQ(plan.n_virtual_sources, 7u);
  EXPECT_EQ(plan.n_synapses, 2300);
  EXPECT_TRUE(plan.synapses_exact);
  ASSERT_EQ(plan.projections.size(), 2u);
  EXPECT_EQ(plan.projections[1].name, "in");
  EXPECT_EQ(plan.projections[1].n_synapses, 300);
}

TEST(Plan, SaysWhenTheNumberOfSynapsesIsAnExpectation) {
  ModelSpec spec;
  spec.populations = {neurons("A", 100)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::pairwise_bernoulli);
  p.probability = 0.1;
  EXPECT_FALSE(plan_network(spec, 1).synapses_exact);
  p.rule = ConnectionRule::all_to_all;
  p.autapses = false;
  EXPECT_TRUE(plan_network(spec, 1).synapses_exact);
  p.target.start = 50;
  EXPECT_FALSE(plan_network(spec, 1).synapses_exact);  // partly overlapping slices
}

struct ShapeCase {
  const char* name;
  ModelSpec spec;
};

std::vector<ShapeCase> shapes() {
  std::vector<ShapeCase> cases;
  const auto add = [&](const char* name, std::uint32_t size, ConnectionRule rule) -> ProjectionSpec& {
    ModelSpec spec;
    spec.populations = {neurons("A", size)};
    cases.push_back({name, std::move(spec)});
    return project(cases.back().spec, "p", 0, 0, rule);
  };
  add("bits", 500, ConnectionRule::all_to_all);
  add("dense", 500, ConnectionRule::all_to_all).weight = normal(1, 0.1);
  auto& microcircuit = add("microcircuit", 8000, ConnectionRule::fixed_total_number);
  microcircuit.total = 1'000'000;
  microcircuit.delay_ms = bounded(normal(1.5, 0.75), Distribution::Bounds::redraw, 0.1, 1e9);
  auto& sparse = add("sparse", 4000, ConnectionRule::pairwise_bernoulli);
  sparse.probability = 0.02;
  sparse.delay_ms = uniform(0.1, 5);
  add("brunel", 5000, ConnectionRule::fixed_indegree).degree = {200};
  add("multapses beside bits", 300, ConnectionRule::fixed_indegree).degree = {600};
  add("one to one", 20'000, ConnectionRule::one_to_one);
  auto& few = add("few targets", 20'000, ConnectionRule::all_to_all);
  few.weight = normal(1, 0.1);
  few.target.stop = 9;
  auto& long_delays = add("long delays", 3000, ConnectionRule::fixed_outdegree);
  long_delays.degree = {100};
  long_delays.delay_ms = lognormal(2, 0.5);
  // One weight, shifted by another number of bits onto the grid of each target: a channel for each.
  auto& to_itself = add("shifts", 400, ConnectionRule::fixed_outdegree);
  to_itself.degree = {20};
  ModelSpec& shifts = cases.back().spec;
  for (std::uint32_t k = 1; k <= 8; ++k) {
    const std::string name(1, static_cast<char>('A' + k));
    shifts.populations.push_back(neurons(name, 50));
    auto& large = project(shifts, std::string("to ").append(name), 0, k, ConnectionRule::fixed_outdegree);
    large.degree = {5};
    large.weight = Distribution::constant(100);
    auto& small = project(shifts, std::string("within ").append(name), k, k, ConnectionRule::fixed_outdegree);
    small.degree = {5};
    small.weight = Distribution::constant(100.0 / (1 << k));
  }
  return cases;
}

// The estimate is what is refused by: never below what is used, and not so far above that it refuses what
// would fit.
TEST(Plan, SynapseBytesCoverWhatIsUsed) {
  for (ShapeCase& c : shapes())
    for (const Precision precision : {Precision::float32, Precision::float64})
      for (const int threads : {1, 3}) {
        c.spec.simulation.precision = precision;
        ThreadPool pool(threads);
        const Network net = build(c.spec, pool);
        const auto used = static_cast<double>(read_network(net).bytes(net));
        const auto planned = static_cast<double>(plan_network(c.spec, threads).synapse_bytes);
        EXPECT_GE(planned / used, 1.0) << c.name << ", " << threads << " threads";
        EXPECT_LE(planned / used, 1.4) << c.name << ", " << threads << " threads";
      }
}

// As in configs/brunel_stdp.yaml, at a tenth of its size and connections.
ModelSpec like_brunel_stdp(const StdpSpec& rule) {
  ModelSpec spec;
  spec.populations = {neurons("E", 1000, NeuronModel::iaf_psc_delta),
                      neurons("I", 250, NeuronModel::iaf_psc_delta)};
  auto& plastic = project(spec, "E->E", 0, 0, ConnectionRule::fixed_indegree);
  plastic.degree = {100};
  plastic.weight = Distribution::constant(0.1);
  plastic.delay_ms = Distribution::constant(1.5);
  plastic.plasticity = rule;
  project(spec, "E->I", 0, 1, ConnectionRule::fixed_indegree).degree = {100};
  return spec;
}

// All that there is of a plastic synapse on the CPU: its row, what an engine has of it, and its share of the
// offsets. The bounds: 12 bytes, with eligibility traces 16.
TEST(Plan, PlasticSynapsesTakeTheBytesThatAreStated) {
  StdpSpec presynaptic{.pairing = StdpPairing::presynaptic, .w_max = 0.2};
  StdpSpec eligible{.w_max = 0.2};
  eligible.eligibility = EligibilitySpec{};
  struct RuleCase {
    const char* name;
    StdpSpec rule;
    double bytes;  // without offsets
    double most;
  };
  for (const RuleCase& c :
       {RuleCase{"pairs", {.w_max = 0.2}, 10, 12}, RuleCase{"presynaptic", presynaptic, 14, 16},
        RuleCase{"eligibility", eligible, 14, 16}})
    for (const int threads : {1, 2, 4}) {
      SCOPED_TRACE(std::string(c.name) + ", " + std::to_string(threads) + " threads");
      ModelSpec spec = like_brunel_stdp(c.rule);
      ThreadPool pool(threads);
      const NetworkShape shape = choose_shape(spec, threads);
      const Network net = build_network(spec, shape, pool, select_cpu_kernels());
      const ProjectionSpec& p = spec.projections[0];
      const PlasticRows& rows = net.plastic.at(0);
      const double stated = bytes_per_plastic_synapse(p, spec.simulation.dt_ms, shape);
      EXPECT_DOUBLE_EQ(stated, c.bytes + 4.0 * 1001 * shape.n_parts() / 1e5);
      EXPECT_LE(stated, c.most);
      std::size_t in_rows = 0;
      for (const PlasticRows::OfPart& part : rows.parts)
        in_rows += part.begin.size() * sizeof(part.begin[0]) +
                   part.elements.size() * sizeof(part.elements[0]) +
                   part.weights.size() * sizeof(part.weights[0]);
      const std::size_t traces = c.bytes > 10 ? sizeof(float) : 0;
      const std::size_t of_engine = rows.n_synapses() * (sizeof(float) + traces);
      EXPECT_EQ(plastic_bytes(spec, rows), in_rows + of_engine);
      EXPECT_DOUBLE_EQ(stated * 1e5, static_cast<double>(in_rows + of_engine));
      EXPECT_DOUBLE_EQ(plastic_rows_bytes(p, spec.simulation.dt_ms, shape), stated * 1e5)
          << "the number is exact";
      spec.projections.pop_back();
      EXPECT_GE(plan_network(spec, threads).synapse_bytes, in_rows + of_engine);
    }
}

TEST(Plan, GivenWeightsNeedRoomWhileTheyArePlaced) {
  ModelSpec spec = like_brunel_stdp({.w_max = 0.2});
  const std::uint64_t before = plan_network(spec, 1).transient_bytes;
  spec.projections[0].given_weights = std::make_shared<const GivenWeights>(GivenWeights{.n = 100'000});
  EXPECT_EQ(plan_network(spec, 1).transient_bytes, before + 2'800'000);
}

TEST(Plan, PairsAsBitsReserveNoRoomForSynapses) {
  ModelSpec spec;
  spec.populations = {neurons("A", 190'000), neurons("B", 32)};
  auto& p = project(spec, "p", 1, 0, ConnectionRule::pairwise_bernoulli);
  p.probability = 0.9;
  ThreadPool pool(1);
  const Network net = build(spec, pool);
  EXPECT_GT(net.n_synapses, 5'000'000u);
  EXPECT_LT(net.synapses.size(), 100'000u);
}

TEST(Plan, HugeNetworksAreReportedAndNotBuilt) {
  ModelSpec spec;
  spec.populations = {neurons("A", 1'000'000)};
  project(spec, "p", 0, 0, ConnectionRule::all_to_all).weight = normal(1, 0.1);
  const NetworkPlan plan = plan_network(spec, 4);
  EXPECT_EQ(plan.n_synapses, 1e12);
  EXPECT_GE(plan.synapse_bytes, 4'000'000'000'000u);
  EXPECT_LE(plan.synapse_bytes, 5'600'000'000'000u);
  ThreadPool pool(1);
  EXPECT_EQ(code_of([&] { (void)build(spec, pool); }), ExitCode::no_room);
}

TEST(Plan, SizesBeyondEveryNumberAreRefused) {
  ModelSpec spec;
  spec.populations = {neurons("A", 1000)};
  project(spec, "p", 0, 0, ConnectionRule::fixed_total_number).total = 1'000'000'000'000'000'000u;
  EXPECT_EQ(code_of([&] { (void)plan_network(spec, 1); }), ExitCode::no_room);
  spec.projections.clear();
  spec.populations.assign(2, neurons("B", 2'147'483'648u));
  EXPECT_EQ(code_of([&] { (void)plan_network(spec, 1); }), ExitCode::invalid_config);
}

TEST(Plan, DelaysBeyondTheLongestAreRefused) {
  ModelSpec spec;
  spec.populations = {neurons("A", 10)};
  project(spec, "p", 0, 0, ConnectionRule::all_to_all).delay_ms = Distribution::constant(1e7);
  EXPECT_EQ(code_of([&] { (void)plan_network(spec, 1); }), ExitCode::invalid_config);
}

}  // namespace
}  // namespace sharpwave::test
