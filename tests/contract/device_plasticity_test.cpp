// What only networks with plastic projections ask of a device.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/contract/device_contract.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

class Plasticity : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }

  DeviceUnderTest device_ = device_under_test();
};

void add_plastic(ModelSpec& spec, std::uint32_t source, double weight, double delay_ms, StdpSpec rule) {
  ProjectionSpec p = projection(spec, source, 0, ConnectionRule::pairwise_bernoulli, weight, delay_ms);
  p.name.append(std::to_string(spec.projections.size()));
  p.probability = 0.3;
  rule.w_max = 3 * weight;
  p.plasticity = rule;
  spec.projections.push_back(p);
}

/// Neurons that fire a lot.
ModelSpec busy(std::uint32_t size) {
  ModelSpec spec;
  spec.populations = {population("N", size, NeuronModel::iaf_psc_delta)};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::t_ref] = Distribution::constant(0);
  PoissonInputSpec drive;
  drive.rate.rates_Hz = {9000};
  drive.weight = 3;
  spec.inputs.push_back({"drive", whole(spec, 0), drive});
  return spec;
}

/// Poisson sources and files that nobody else hears, parrots with several spikes in a step, neurons. Traces
/// are gone after 84 steps; the Poisson sources fall silent before.
ModelSpec sources_of_every_kind() {
  ModelSpec spec = busy(40);
  spec.populations.push_back({.name = "noise", .size = 50, .kind = PoissonSourceSpec{{{0, 5}, {900, 0}}}});
  spec.populations.push_back({.name = "drive", .size = 90, .kind = PoissonSourceSpec{{{0}, {2000}}}});
  spec.populations.push_back({.name = "relay", .size = 12, .kind = ParrotSpec{}});
  spec.populations.push_back(
      {.name = "file",
       .size = 4,
       .kind = SpikeSourceSpec{{0, 1, 2, 1, 1, 3, 1, 2, 2, 2},
                               {0.0, 0.1, 3.04, 5.0, 5.0, 5.0, 5.3, 14.0, 14.0, 19.0}}});
  ProjectionSpec relayed = projection(spec, 2, 3, ConnectionRule::fixed_indegree, 1, 0.4);
  relayed.degree = {10};
  spec.projections.push_back(relayed);
  StdpSpec rule{.A_plus = 0.02, .A_minus = 0.03, .tau_plus_ms = 0.3, .tau_minus_ms = 0.2};
  add_plastic(spec, 0, 0.5, 1.1, rule);
  spec.projections.back().delay_ms = redrawn(1.1, 0.6, 0.1, 3);
  spec.projections.back().source = {0, 1, 38, 3};
  spec.projections.back().target = {0, 5, 33, 2};
  rule.pairing = StdpPairing::presynaptic;
  add_plastic(spec, 1, 2, 0.8, rule);
  rule.pairing = StdpPairing::restricted;
  rule.axonal = true;
  add_plastic(spec, 3, 0.7, 2.0, rule);
  rule.axonal = false;
  rule.pairing = StdpPairing::symmetric;
  add_plastic(spec, 4, 1.5, 1.7, rule);
  rule.pairing = StdpPairing::all_to_all;
  rule.triplet_plus = 0.01;
  rule.tau_slow_plus_ms = rule.tau_slow_minus_ms = 0.3;
  add_plastic(spec, 3, 0.4, 0.1, rule);
  return spec;
}

/// @param silent  sources that have let go.
void expect_as_on_the_cpu(const DeviceUnderTest& device, const ModelSpec& spec, std::uint64_t steps,
                          std::size_t* silent = nullptr) {
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = device.make(spec);
  const std::uint64_t block = steps / 5 + 1;
  std::size_t n_spikes = 0;
  for (std::uint64_t done = 0; done < steps; done += block) {
    const std::vector<Spike> expected = simulate(*cpu, block, block);
    n_spikes += expected.size();
    EXPECT_EQ(simulate(*engine, block, block), expected);
    EXPECT_TRUE(engine->save() == cpu->save()) << "after " << done + block << " steps";
  }
  EXPECT_GT(n_spikes, 100u) << "the network is too quiet to show anything";
  if (silent == nullptr) return;
  *silent = 0;
  for (const PlasticState& plastic : cpu->save().plastic)
    *silent += static_cast<std::size_t>(std::ranges::count(plastic.source_last_age, PlasticState::kNever));
}

TEST_F(Plasticity, HearsSourcesOfEveryKindAndLetsThemGo) {
  ModelSpec spec = sources_of_every_kind();
  std::size_t silent = 0;
  expect_as_on_the_cpu(device_, spec, 200, &silent);
  EXPECT_GT(silent, 50u) << "none was silent for long enough";
  spec.simulation.precision = Precision::float64;
  expect_as_on_the_cpu(device_, spec, 120);
}

// Ten times as many spikes of the targets as there is room for at first: nothing of them is forgotten.
TEST_F(Plasticity, HasRoomForAllThatTheTargetsFire) {
  ModelSpec spec = busy(30);
  std::get<PoissonInputSpec>(spec.inputs[0].kind).weight = 30;
  StdpSpec rule{.A_plus = 0.02, .A_minus = 0.03, .tau_plus_ms = 30, .tau_minus_ms = 20};
  spec.populations.push_back(
      {.name = "file", .size = 3, .kind = SpikeSourceSpec{{0, 0, 1}, {0.1, 19.0, 12}}});
  add_plastic(spec, 1, 0.1, 1.0, rule);
  expect_as_on_the_cpu(device_, spec, 200);
  const auto engine = device_.make(spec);
  static_cast<void>(simulate(*engine, 180, 180));
  const std::size_t n_posts = engine->save().plastic[0].post_neuron.size();
  EXPECT_GT(n_posts, 80u * 30) << "there was room at first";
  const auto again = device_.make(spec);
  again->restore(engine->save());
  EXPECT_TRUE(again->save() == engine->save());
  EXPECT_EQ(simulate(*again, 50, 50), simulate(*engine, 50, 50));
  EXPECT_TRUE(again->save() == engine->save());
}

using Looking = Plasticity;
TEST_F(Looking, GivesWhatTheCpuGivesAndChangesNothing) {
  for (const NamedNetwork& network : plastic_networks()) {
    SCOPED_TRACE(network.name);
    const auto cpu = make_cpu_engine(network.spec, 1);
    const auto device = device_.make(network.spec);
    static_cast<void>(simulate(*cpu, 90, 90));
    device->restore(cpu->save());
    EXPECT_EQ(simulate(*device, 20, 20), simulate(*cpu, 20, 20));
    const EngineState before = device->save();
    const std::vector<PlasticityReading> expected = cpu->read_plasticity();
    EXPECT_GT(expected.at(0).potentiations, 50u);
    EXPECT_TRUE(device->read_plasticity() == expected);
    for (std::uint32_t k = 0; k < network.spec.projections.size(); ++k)
      for (const std::uint32_t every : {1u, 7u}) {
        EXPECT_EQ(device->read_weights(k, every), cpu->read_weights(k, every));
        const PlasticSynapses found = device->plastic_synapses(k, every);
        const PlasticSynapses synapses = cpu->plastic_synapses(k, every);
        EXPECT_EQ(found.sources, synapses.sources);
        EXPECT_EQ(found.targets, synapses.targets);
        EXPECT_EQ(found.delay_steps, synapses.delay_steps);
      }
    EXPECT_TRUE(device->save() == before);
  }
}

// More targets than an element of a row tells apart.
TEST_F(Plasticity, ReachesNeuronsInSeveralParts) {
  ModelSpec spec = busy(66'000);
  spec.populations.push_back({.name = "noise", .size = 5, .kind = PoissonSourceSpec{{{0}, {500}}}});
  StdpSpec rule{.A_plus = 0.02, .A_minus = 0.03};
  rule.w_max = 3;
  ProjectionSpec p = projection(spec, 1, 0, ConnectionRule::fixed_outdegree, 1, 0.3);
  p.degree = {5000};
  p.delay_ms = redrawn(0.3, 0.2, 0.1, 0.8);
  p.plasticity = rule;
  spec.projections.push_back(p);
  expect_as_on_the_cpu(device_, spec, 24);
}

/// The projections of sources_of_every_kind(), scaled towards sums, rates and a weight, at intervals that end
/// within graphs of steps and at their ends, shorter and longer than delays.
ModelSpec scaled_sources() {
  ModelSpec spec = sources_of_every_kind();
  const auto scale = [&](std::size_t k, const HomeostasisSpec& homeostasis) {
    spec.projections.at(spec.projections.size() - 5 + k).plasticity->homeostasis = homeostasis;
  };
  scale(0, {.interval_steps = 7, .total = 2.5});
  scale(1, {.interval_steps = 32, .target_rate_Hz = 4000, .strength = 0.2});
  scale(2, {.interval_steps = 1, .target_rate_Hz = 3000, .strength = 0.02});
  scale(3, {.interval_steps = 45, .relax_to = 0.4, .relaxation_rate_per_s = 50});
  scale(4, {.interval_steps = 64, .total = 0.7});
  return spec;
}

TEST_F(Plasticity, ScalesWeightsOfEveryKindOfSource) {
  ModelSpec spec = scaled_sources();
  std::size_t silent = 0;
  expect_as_on_the_cpu(device_, spec, 200, &silent);
  EXPECT_GT(silent, 50u) << "none was silent for long enough";
  spec.simulation.precision = Precision::float64;
  for (ProjectionSpec& p : spec.projections)
    if (p.plasticity) p.plasticity->learning_switches = {20, 60, 64, 100};
  expect_as_on_the_cpu(device_, spec, 120);
}

TEST_F(Plasticity, GoesOnScalingFromAnyState) {
  const ModelSpec spec = scaled_sources();
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = device_.make(spec);
  std::uint64_t now = 0;
  for (const std::uint64_t steps : {31, 1, 3, 29, 1, 26}) {
    static_cast<void>(simulate(*cpu, steps, steps));
    now += steps;
    engine->restore(cpu->save());
    EXPECT_TRUE(engine->save() == cpu->save()) << "after " << now;
    EXPECT_EQ(engine->read_weights(1, 1), cpu->read_weights(1, 1)) << "after " << now;
    const auto further = make_cpu_engine(spec, 1);
    further->restore(cpu->save());
    EXPECT_EQ(simulate(*engine, 50, 50), simulate(*further, 50, 50));
    EXPECT_TRUE(engine->save() == further->save()) << "from " << now;
  }
}

// Of one network: each with weights of its own, and a rule.
TEST_F(Plasticity, InstancesLearnByThemselves) {
  const ModelSpec spec = sources_of_every_kind();
  std::vector<ModelSpec> specs(3, spec);
  specs[1].simulation.seed += 1;
  specs[2].projections[2].plasticity->pairing = StdpPairing::all_to_all;
  specs[2].projections[1].plasticity->A_plus = 0.1;
  specs[1].projections[3].plasticity->homeostasis = HomeostasisSpec{.interval_steps = 9, .total = 3};
  const BuiltNetwork built = build_device_network(spec, 1, 3, device_.make_executor);
  std::vector<std::unique_ptr<Engine>> engines;
  for (const ModelSpec& instance : specs) engines.push_back(make_engine(instance, built));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto cpu = make_cpu_engine(specs[i], 1);
    EXPECT_EQ(simulate(*engines[i], 100, 40), simulate(*cpu, 100, 100));
    EXPECT_TRUE(engines[i]->save() == cpu->save()) << "instance " << i;
  }
  EXPECT_NE(engines[0]->save().plastic[0].weights, engines[2]->save().plastic[0].weights);
}

}  // namespace
}  // namespace sharpwave::testing
