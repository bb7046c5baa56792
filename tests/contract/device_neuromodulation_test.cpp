// What only networks with neuromodulators ask of a device.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "host/base/error.hpp"
#include "tests/contract/device_contract.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

class Neuromodulators : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }

  DeviceUnderTest device_ = device_under_test();
};

bool same(const ModulatorLevels& a, const ModulatorLevels& b) {
  return a.dopamine == b.dopamine && a.serotonin == b.serotonin && a.noradrenaline == b.noradrenaline &&
         a.acetylcholine == b.acetylcholine && a.prediction_error == b.prediction_error;
}

void expect_same_levels(const Engine& found, const Engine& expected) {
  const std::vector<ModulatorLevels> levels = found.read_modulators();
  const std::vector<ModulatorLevels> on_cpu = expected.read_modulators();
  EXPECT_TRUE(std::ranges::equal(levels, on_cpu, same)) << "after " << expected.step() << " steps";
}

/// Neurons that fire a lot; Poisson sources that fall silent, parrots, and files, all of them plastic.
ModelSpec silent_sources() {
  ModelSpec spec;
  spec.populations = {population("N", 40, NeuronModel::iaf_psc_delta),
                      {.name = "noise", .size = 50, .kind = PoissonSourceSpec{{{0, 5}, {900, 0}}}},
                      {.name = "drive", .size = 60, .kind = PoissonSourceSpec{{{0}, {2000}}}},
                      {.name = "relay", .size = 12, .kind = ParrotSpec{}},
                      {.name = "file",
                       .size = 4,
                       .kind = SpikeSourceSpec{{0, 1, 2, 1, 1, 3, 1, 2, 2, 2},
                                               {0.0, 0.1, 3.04, 5.0, 5.0, 5.0, 5.3, 14.0, 14.0, 19.0}}}};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::t_ref] = Distribution::constant(0);
  PoissonInputSpec drive;
  drive.rate.rates_Hz = {9000};
  drive.weight = 3;
  spec.inputs.push_back({"drive", whole(spec, 0), drive});
  ProjectionSpec relayed = projection(spec, 2, 3, ConnectionRule::fixed_indegree, 1, 0.4);
  relayed.degree = {10};
  spec.projections = {relayed};
  RegionSpec region{.name = "region"};
  for (auto& modulator : region.modulators) modulator = ModulatorSpec{.tau_tonic_ms = 3, .tau_phasic_ms = 2};
  region.targets = {{Modulator::serotonin, 60, 0.9}, {Modulator::serotonin, 130, 0.2}};
  region.rewards = {{30, 1.0}, {120, 0.0}};
  region.volumes = {{.source = {.population = 0, .start = 1, .stop = 39, .stride = 3},
                     .per_spike = 0.05,
                     .delay_steps = 7}};
  spec.regions = {region};
  const auto add = [&](std::uint32_t source, double delay_ms, bool axonal,
                       const EligibilitySpec& eligibility) {
    ProjectionSpec p = projection(spec, source, 0, ConnectionRule::pairwise_bernoulli, 1, delay_ms);
    p.name.append(std::to_string(spec.projections.size()));
    p.probability = 0.3;
    p.plasticity = StdpSpec{.axonal = axonal,
                            .A_plus = 0.02,
                            .A_minus = 0.03,
                            .tau_plus_ms = 0.3,
                            .tau_minus_ms = 0.2,
                            .w_max = 3,
                            .eligibility = eligibility};
    spec.projections.push_back(p);
  };
  const EligibilitySpec brief{.baseline = 0.4, .tau_ms = 0.3, .rate_per_s = 2000};
  EligibilitySpec stretched = brief;
  stretched.gated_tau_c = stretched.gated = true;
  add(1, 0.8, false, brief);
  add(3, 2.0, true, stretched);
  add(4, 1.7, false, stretched);
  add(0, 1.1, false, brief);
  spec.projections.back().delay_ms = redrawn(1.1, 0.6, 0.1, 3);
  return spec;
}

// Eligibilities are followed up, several times, and let go; the CPU's state after each block is the device's.
TEST_F(Neuromodulators, FollowSilentSourcesUpAndLetThemGo) {
  const ModelSpec spec = silent_sources();
  const auto cpu = make_cpu_engine(spec, 1);
  const auto device = device_.make(spec);
  std::size_t n_followed = 0;
  for (const std::uint64_t block : {40u, 1u, 39u, 140u, 80u}) {
    const std::vector<Spike> expected = simulate(*cpu, block, block);
    EXPECT_GT(expected.size(), 10u);
    EXPECT_EQ(simulate(*device, block, block), expected);
    EXPECT_TRUE(device->save() == cpu->save()) << "after " << cpu->step() << " steps";
    expect_same_levels(*device, *cpu);
    EXPECT_EQ(device->read_plasticity(), cpu->read_plasticity());
    for (const PlasticState& plastic : cpu->save().plastic)
      for (std::size_t i = 0; i < plastic.source_last_age.size(); ++i)
        n_followed += plastic.source_since_age[i] < plastic.source_last_age[i] ? 1 : 0;
  }
  EXPECT_GT(n_followed, 20u) << "none was followed up";
  const std::vector<std::uint64_t> ages = cpu->save().plastic[0].source_last_age;
  EXPECT_GT(std::ranges::count(ages, PlasticState::kNever), 10) << "none has let go";
}

/// Regions listen to a Poisson source, to parrots, and to a file, which nobody else hears.
ModelSpec overheard() {
  ModelSpec spec = silent_sources();
  spec.projections.resize(1);
  spec.populations[1].kind = PoissonSourceSpec{{{0}, {700}}};
  RegionSpec& region = spec.regions[0];
  region.crosstalk = false;
  for (auto& modulator : region.modulators) modulator->max = 1000;
  region.volumes = {{.source = whole(spec, 1), .per_spike = 0.01, .delay_steps = 1},
                    {.source = {.population = 3, .start = 1, .stop = 11, .stride = 3},
                     .per_spike = 0.002,
                     .delay_steps = 9},
                    {.modulator = Modulator::serotonin,
                     .source = {.population = 4, .start = 1, .stop = 3},
                     .per_spike = 0.3,
                     .delay_steps = 5}};
  region.triggers = {{.source = {.population = 4, .start = 1, .stop = 2},
                      .target = {.population = 1, .start = 7, .stop = 8},
                      .window_steps = 30,
                      .least_delay_steps = 3,
                      .most_delay_steps = 20,
                      .modulator = Modulator::acetylcholine,
                      .amount = 0.2}};
  return spec;
}

TEST_F(Neuromodulators, HearSourcesThatNobodyElseHears) {
  const ModelSpec spec = overheard();
  const auto cpu = make_cpu_engine(spec, 1);
  const auto device = device_.make(spec);
  for (int block = 0; block < 5; ++block) {
    EXPECT_EQ(simulate(*device, 40, 40), simulate(*cpu, 40, 40));
    expect_same_levels(*device, *cpu);
    EXPECT_TRUE(device->save() == cpu->save());
  }
  const RegionState state = cpu->save().regions[0];
  EXPECT_GT(state.trigger_draws[0], 0u) << "nothing was drawn";
  ModelSpec deaf = spec;
  deaf.regions[0].volumes.erase(deaf.regions[0].volumes.begin());
  const auto without = make_cpu_engine(deaf, 1);
  simulate(*without, 200, 200);
  EXPECT_GT(state.level_phasic[0], without->save().regions[0].level_phasic[0] + 0.05)
      << "no spike of the Poisson sources was heard";
}

TEST_F(Neuromodulators, LookingGivesWhatTheCpuGivesAndChangesNothing) {
  for (const NamedNetwork& network : modulated_networks()) {
    SCOPED_TRACE(network.name);
    const auto cpu = make_cpu_engine(network.spec, 1);
    const auto device = device_.make(network.spec);
    static_cast<void>(simulate(*cpu, 90, 90));
    device->restore(cpu->save());
    expect_same_levels(*device, *cpu);
    EXPECT_EQ(simulate(*device, 20, 20), simulate(*cpu, 20, 20));
    const EngineState before = device->save();
    expect_same_levels(*device, *cpu);
    EXPECT_EQ(device->read_plasticity(), cpu->read_plasticity());
    for (std::uint32_t k = 0; k < network.spec.projections.size(); ++k)
      EXPECT_EQ(device->read_weights(k, 3), cpu->read_weights(k, 3));
    EXPECT_TRUE(device->save() == before);
  }
}

// Each with its seed, and with neuromodulators and rules of its own.
TEST_F(Neuromodulators, OfInstancesAreTheirOwn) {
  const ModelSpec spec = modulated_networks()[0].spec;
  std::vector<ModelSpec> specs(4, spec);
  specs[1].simulation.seed += 1;
  specs[2].regions[0].volumes[0].per_spike = 0.1;
  specs[2].regions[0].rewards = {{20, 1.0}, {70, 0.0}};
  specs[2].regions[1].modulators[0]->baseline = 0.6;
  specs[3].projections[2].plasticity->rate_region.reset();
  specs[3].projections[0].plasticity->eligibility->region = 0;
  specs[3].populations[0].input_gain.reset();
  const BuiltNetwork built = build_device_network(spec, 1, 4, device_.make_executor);
  std::vector<std::unique_ptr<Engine>> engines;
  for (const ModelSpec& instance : specs) engines.push_back(make_engine(instance, built));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto cpu = make_cpu_engine(specs[i], 1);
    EXPECT_EQ(simulate(*engines[i], 100, 40), simulate(*cpu, 100, 100));
    expect_same_levels(*engines[i], *cpu);
    EXPECT_TRUE(engines[i]->save() == cpu->save()) << "instance " << i;
  }
  EXPECT_NE(engines[0]->save().regions, engines[2]->save().regions);
}

// In the next step, on either side, after a move between them as well.
TEST_F(Neuromodulators, TakeWhatIsGivenFromOutside) {
  const ModelSpec spec = modulated_networks()[0].spec;
  const auto cpu = make_cpu_engine(spec, 1);
  const auto device = device_.make(spec);
  const auto give = [](Engine& engine) {
    engine.give_reward(0, 0.9);
    engine.give_reward(1, -0.2);
    engine.give_novelty(0, 0.5, 0.1);
    engine.give_reward(0, 0.3);
  };
  for (const std::uint64_t block : {89u, 1u, 30u}) {
    EXPECT_EQ(simulate(*device, block, block), simulate(*cpu, block, block));
    expect_same_levels(*device, *cpu);
    give(*cpu);
    give(*device);
    EXPECT_TRUE(device->save() == cpu->save());
  }
  const EngineState given = cpu->save();
  EXPECT_EQ(given.regions[0].given, (std::vector<double>{1, 0.9 + 0.3, 0.7 * 0.5 + 0.3 * 0.1}));
  const auto again = device_.make(spec);
  again->restore(given);
  EXPECT_TRUE(again->save() == given);
  const std::vector<Spike> expected = simulate(*cpu, 30, 30);
  EXPECT_EQ(simulate(*again, 30, 7), expected);
  EXPECT_EQ(simulate(*device, 30, 30), expected);
  EXPECT_TRUE(again->save() == cpu->save());
  EXPECT_TRUE(device->save() == cpu->save());
  EXPECT_THROW(device->give_novelty(1, 0.5, 0.5), Error) << "it has no noradrenaline";
}

}  // namespace
}  // namespace sharpwave::testing
