// What only protocols ask of a device: rates and spikes that are presented, learning that is switched, and
// trials that follow from spikes.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "host/protocol/protocol_run.hpp"
#include "tests/contract/device_contract.hpp"
#include "tests/host/protocol/trained_network.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

class Protocols : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }

  DeviceUnderTest device_ = device_under_test();
};

// --- whole protocols --------------------------------------------------------------------------------------

/// What a protocol has brought, as far as it was led.
struct Course {
  std::vector<Spike> spikes;
  std::vector<Trial> trials;
};

void append(const Block& block, std::vector<Spike>& spikes) {
  for (std::uint64_t i = 0; i < block.n_steps; ++i)
    for (std::uint64_t k = block.offsets[i]; k < block.offsets[i + 1]; ++k)
      spikes.push_back({block.first_step + i, block.ids[k]});
}

/// Until `last_step`, or its end, in blocks of at most so many steps.
void lead(Engine& engine, ProtocolRun& run, std::uint64_t last_step, std::uint64_t longest_block,
          Course& course) {
  Block block;
  while (!run.is_over() && engine.step() < last_step) {
    if (const std::optional<Presented> due = run.due(engine.step())) engine.present(*due);
    engine.advance(std::min({run.steps_left(engine.step()), last_step - engine.step(), longest_block}),
                   block);
    append(block, course.spikes);
    if (const std::optional<Trial> trial = run.take(block)) course.trials.push_back(*trial);
  }
}

constexpr std::uint64_t kToTheEnd = 1'000'000;

TEST_F(Protocols, GiveTheTrialsOfTheCpu) {
  const ModelSpec spec = trained_network();
  const auto cpu = make_cpu_engine(spec, 1);
  ProtocolRun on_cpu(spec);
  Course expected;
  lead(*cpu, on_cpu, kToTheEnd, 100, expected);
  ASSERT_EQ(expected.trials.size(), spec.protocol->n_trials());
  ASSERT_GT(on_cpu.results()[0].repeats, 0u) << "nothing is repeated";
  const auto engine = device_.make(spec);
  ProtocolRun run(spec);
  Course found;
  lead(*engine, run, kToTheEnd, 17, found);
  EXPECT_EQ(digest_of(found.spikes), digest_of(expected.spikes));
  EXPECT_EQ(found.trials, expected.trials);
  EXPECT_EQ(run.results(), on_cpu.results());
  EXPECT_TRUE(run.state() == on_cpu.state());
  EXPECT_EQ(engine->read_weights(0, 1), cpu->read_weights(0, 1));
  EXPECT_TRUE(engine->read_plasticity() == cpu->read_plasticity());
  EXPECT_TRUE(engine->save() == cpu->save());
}

/// From the CPU to the device in the middle of the protocol, and back.
void expect_to_go_on_elsewhere(const DeviceUnderTest& device, const ModelSpec& spec,
                               const std::vector<std::uint64_t>& cuts) {
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = device.make(spec);
  ProtocolRun whole(spec);
  Course until_now;
  bool stood_still = false;
  for (const std::uint64_t step : cuts) {
    SCOPED_TRACE("after step " + std::to_string(step));
    lead(*cpu, whole, step, 100, until_now);
    ASSERT_EQ(cpu->step(), step) << "the protocol is over too soon";
    const EngineState state = cpu->save();
    stood_still |= !state.presented.back().learning;
    engine->restore(state);
    EXPECT_TRUE(engine->save() == state);
    EXPECT_EQ(engine->read_weights(0, 1), cpu->read_weights(0, 1));
    EXPECT_TRUE(engine->read_plasticity() == cpu->read_plasticity());

    const auto further = make_cpu_engine(spec, 1);
    further->restore(state);
    ProtocolRun on_cpu(spec, whole.state(), step);
    ProtocolRun on_device(spec, whole.state(), step);
    Course expected, found;
    lead(*further, on_cpu, step + 65, 100, expected);
    lead(*engine, on_device, step + 65, 29, found);
    EXPECT_EQ(found.spikes, expected.spikes);
    EXPECT_EQ(found.trials, expected.trials);
    EXPECT_TRUE(engine->save() == further->save());

    const auto back = make_cpu_engine(spec, 1);
    back->restore(engine->save());
    lead(*further, on_cpu, step + 130, 100, expected);
    lead(*back, on_device, step + 130, 100, found);
    EXPECT_EQ(found.spikes, expected.spikes);
    EXPECT_TRUE(back->save() == further->save());
  }
  EXPECT_TRUE(stood_still) << "no state is of a phase without learning";
}

TEST_F(Protocols, GoOnElsewhereAsIfNothingHadBeen) {
  // Within a presentation, at its end, within the rest and behind it; while nothing is learnt.
  expect_to_go_on_elsewhere(device_, trained_network(), {1, 23, 40, 41, 60, 110, 255, 680, 850, 930});
  // Pairs, which the CPU brings up to date in rows.
  ModelSpec pairs = trained_network();
  pairs.projections[0].plasticity->triplet_plus = 0;
  pairs.projections[0].plasticity->A_plus = 0.02;
  pairs.simulation.precision = Precision::float64;
  expect_to_go_on_elsewhere(device_, pairs, {61, 290, 1300});
}

// As `--from` does: what was learnt and is under way, at step 0 of a protocol that begins.
TEST_F(Protocols, BeginAnewWithWhatWasLearnt) {
  const ModelSpec spec = trained_network();
  const auto cpu = make_cpu_engine(spec, 1);
  ProtocolRun before(spec);
  Course learnt;
  lead(*cpu, before, 95, 100, learnt);
  EngineState state = cpu->save();
  state.step = 0;
  state.presented.clear();
  const auto engine = device_.make(spec);
  cpu->restore(state);
  engine->restore(state);
  EXPECT_TRUE(engine->save() == cpu->save());
  ProtocolRun on_cpu(spec), on_device(spec);
  Course expected, found;
  lead(*cpu, on_cpu, 90, 100, expected);
  lead(*engine, on_device, 90, 100, found);
  ASSERT_GT(expected.spikes.size(), 5u);
  EXPECT_EQ(found.spikes, expected.spikes);
  EXPECT_EQ(found.trials, expected.trials);
  EXPECT_TRUE(engine->save() == cpu->save());
}

TEST_F(Protocols, OfInstancesKnowNothingOfEachOther) {
  const ModelSpec spec = trained_network();
  std::vector<ModelSpec> specs(3, spec);
  specs[1].simulation.seed += 1;
  ProtocolSpec other = *spec.protocol;
  std::ranges::reverse(other.phases[0].items);
  other.phases[0].learning = false;
  specs[2].protocol = std::make_shared<const ProtocolSpec>(other);
  const BuiltNetwork built = build_device_network(spec, 1, 3, device_.make_executor);
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<ProtocolRun> runs;
  std::vector<Course> courses(3);
  for (const ModelSpec& instance : specs) {
    engines.push_back(make_engine(instance, built));
    runs.emplace_back(instance);
  }
  constexpr std::uint64_t kSteps = 200;
  for (const std::uint64_t until : {std::uint64_t{70}, kSteps})
    for (std::size_t i = 0; i < 3; ++i) lead(*engines[i], runs[i], until, 40, courses[i]);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto cpu = make_cpu_engine(specs[i], 1);
    ProtocolRun run(specs[i]);
    Course expected;
    lead(*cpu, run, kSteps, 100, expected);
    ASSERT_GT(expected.spikes.size(), 10u);
    EXPECT_EQ(courses[i].spikes, expected.spikes) << "instance " << i;
    EXPECT_TRUE(engines[i]->save() == cpu->save()) << "instance " << i;
  }
}

// --- what is presented ------------------------------------------------------------------------------------

/// What is presented is told to both, and they do the same.
void expect_as_on_the_cpu(const DeviceUnderTest& device, const ModelSpec& spec,
                          const std::vector<Presented>& course, std::uint64_t last_step) {
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = device.make(spec);
  std::size_t n_spikes = 0;
  for (std::size_t k = 0; k < course.size(); ++k) {
    SCOPED_TRACE("from step " + std::to_string(course[k].step));
    ASSERT_EQ(cpu->step(), course[k].step);
    const std::uint64_t until = k + 1 < course.size() ? course[k + 1].step : last_step;
    cpu->present(course[k]);
    engine->present(course[k]);
    const std::vector<Spike> expected = simulate(*cpu, until - course[k].step, 50);
    n_spikes += expected.size();
    EXPECT_EQ(simulate(*engine, until - course[k].step, 9), expected);
    const EngineState state = cpu->save();
    EXPECT_TRUE(engine->save() == state);
    for (std::uint32_t p = 0; p < spec.projections.size(); ++p)
      EXPECT_EQ(engine->read_weights(p, 1), cpu->read_weights(p, 1));
    EXPECT_TRUE(engine->read_plasticity() == cpu->read_plasticity());
    const auto again = device.make(spec);
    again->restore(state);
    EXPECT_TRUE(again->save() == state);
    const auto further = make_cpu_engine(spec, 1);
    further->restore(state);
    EXPECT_EQ(simulate(*again, 30, 30), simulate(*further, 30, 30));
    EXPECT_TRUE(again->save() == further->save());
  }
  EXPECT_GT(n_spikes, 100u) << "the network is too quiet to show anything";
}

/// Rates, spikes and files for parrots, neurons that learn, and a region that hears them; delays are longer
/// than what is presented at a time.
ModelSpec network_of_presented_sources() {
  ModelSpec spec;
  spec.simulation = {.dt_ms = 0.5, .steps = 1000, .seed = 3};
  spec.populations = {
      {.name = "rates", .size = 70, .kind = PoissonSourceSpec{.presented_up_to_Hz = 1800}},
      {.name = "other", .size = 5, .kind = PoissonSourceSpec{.presented_up_to_Hz = 600}},
      {.name = "spikes", .size = 4, .kind = SpikeSourceSpec{.presented = true}},
      {.name = "file", .size = 3, .kind = SpikeSourceSpec{{0, 2, 2, 1, 0}, {0.0, 3.0, 3.0, 21.5, 40}}},
      {.name = "relay", .size = 9, .kind = ParrotSpec{}},
      population("N", 20, NeuronModel::iaf_psc_delta),
      {.name = "unheard", .size = 6, .kind = PoissonSourceSpec{.presented_up_to_Hz = 100}}};
  const auto connect = [&](std::uint32_t source, std::uint32_t target, double weight, double delay_ms) {
    ProjectionSpec p = projection(spec, source, target, ConnectionRule::pairwise_bernoulli, weight, delay_ms);
    p.name += std::to_string(spec.projections.size());
    p.probability = 0.5;
    spec.projections.push_back(p);
  };
  connect(0, 4, 1, 0.5);
  connect(2, 4, 1, 6);
  connect(3, 4, 1, 1.5);
  connect(0, 5, 1.5, 1);
  connect(1, 5, 4, 8);
  const auto teach = [&](std::uint32_t source, double weight, double delay_ms, bool axonal) {
    connect(source, 5, weight, delay_ms);
    spec.projections.back().plasticity = StdpSpec{.axonal = axonal,
                                                  .A_plus = 0.05,
                                                  .A_minus = 0.04,
                                                  .tau_plus_ms = 4,
                                                  .tau_minus_ms = 3,
                                                  .w_max = 3 * weight};
  };
  teach(2, 6, 5, false);
  teach(0, 1, 7, true);
  teach(3, 5, 1, true);
  spec.projections.back().plasticity->homeostasis =
      HomeostasisSpec{.interval_steps = 11, .target_rate_Hz = 300, .strength = 0.1};
  RegionSpec region{.name = "all"};
  region.modulators[static_cast<std::size_t>(Modulator::dopamine)] =
      ModulatorSpec{.tau_tonic_ms = 20, .tau_phasic_ms = 5};
  for (const std::uint32_t source : {0u, 2u})
    region.volumes.push_back({.modulator = Modulator::dopamine,
                              .source = whole(spec, source),
                              .per_spike = 0.01,
                              .delay_steps = 3});
  spec.regions = {region};
  spec.projections[5].plasticity->rate_region = 0;

  const auto rates = [&](std::uint32_t population, std::vector<double> levels_Hz) {
    const std::uint32_t size = spec.populations[population].size;
    StimulusSpec stimulus{.name = "s", .population = population, .size = size, .n_items = 3};
    for (std::uint32_t i = 0; i < 3 * size; ++i)
      stimulus.levels.push_back(static_cast<std::uint16_t>((i + i / size) % levels_Hz.size()));
    stimulus.level_rates_Hz = std::move(levels_Hz);
    return stimulus;
  };
  // Several spikes of a source in a step, an item that outlasts its presentation, an empty one.
  StimulusSpec spikes{.name = "t", .population = 2, .size = 4, .n_items = 3};
  spikes.spike_begin = {0, 9, 13, 13};
  spikes.spike_steps = {1, 1, 2, 5, 5, 5, 6, 20, 41, 2, 3, 3, 9};
  spikes.spike_sources = {0, 3, 1, 2, 2, 2, 0, 1, 3, 3, 0, 1, 2};
  spec.protocol = std::make_shared<const ProtocolSpec>(
      ProtocolSpec{.stimuli = {rates(0, {0, 20, 300, 1200}), rates(1, {600}), spikes, rates(6, {100})},
                   .phases = {{.name = "p", .stimulus = 0, .items = {0}, .duration_steps = 1000}}});
  return spec;
}

TEST_F(Protocols, PresentRatesAndSpikesToWhoeverHearsThem) {
  const std::vector<Presented> course = {
      {.step = 0},
      {.step = 4, .stimulus = 2, .item = 0},
      {.step = 14, .stimulus = 0, .item = 0},
      {.step = 19, .stimulus = 2, .item = 1, .learning = false},
      {.step = 22, .stimulus = 2, .item = 0},
      {.step = 70, .stimulus = 0, .item = 1, .gain = 1.5},
      {.step = 75, .stimulus = 1, .item = 2, .learning = false},
      {.step = 83, .stimulus = 3, .item = 1},
      {.step = 84, .stimulus = 0, .item = 2, .gain = 0},
      {.step = 90, .stimulus = 0, .item = 2, .gain = 0.7},
      {.step = 130, .stimulus = 2, .item = 2},
      {.step = 135, .learning = false},
  };
  ModelSpec spec = network_of_presented_sources();
  expect_as_on_the_cpu(device_, spec, course, 150);
  spec.simulation.precision = Precision::float64;
  expect_as_on_the_cpu(device_, spec, {course.begin(), course.begin() + 6}, 80);
}

// What was told last before a step is what counts, and one that was restored forgets what it was told.
TEST_F(Protocols, WhatIsPresentedIsReplaced) {
  const ModelSpec spec = network_of_presented_sources();
  const auto cpu = make_cpu_engine(spec, 1);
  const auto engine = device_.make(spec);
  const EngineState first = cpu->save();
  for (Engine* each : {cpu.get(), engine.get()}) {
    each->present({.stimulus = 2, .item = 1, .learning = false});
    each->present({.stimulus = 0, .item = 1});
  }
  EXPECT_TRUE(engine->save() == cpu->save());
  EXPECT_EQ(simulate(*engine, 40, 40), simulate(*cpu, 40, 40));
  EXPECT_TRUE(engine->save() == cpu->save());
  engine->present({.step = 40, .stimulus = 0, .item = 0, .learning = false});
  engine->restore(first);
  EXPECT_TRUE(engine->save() == first);
  const auto silent = make_cpu_engine(spec, 1);
  EXPECT_EQ(simulate(*engine, 60, 60), simulate(*silent, 60, 60));
  EXPECT_TRUE(engine->save() == silent->save());
}

// Where weights are scaled, while levels gate what is learnt, and beside the windows of the rules.
TEST_F(Protocols, LearningIsSwitchedInEveryRule) {
  std::vector<NamedNetwork> networks = plastic_networks();
  const std::set<std::string> chosen = {"stdp_rows", "stdp_other_rules", "stdp_scaled"};
  std::erase_if(networks, [&](const NamedNetwork& network) { return !chosen.contains(network.name); });
  ASSERT_EQ(networks.size(), chosen.size());
  for (NamedNetwork& network : modulated_networks()) networks.push_back(std::move(network));
  for (NamedNetwork& network : networks) {
    SCOPED_TRACE(network.name);
    network.spec.protocol = std::make_shared<const ProtocolSpec>(
        ProtocolSpec{.stimuli = {}, .phases = {{.name = "rest", .rest_steps = 1000}}});
    const auto cpu = make_cpu_engine(network.spec, 1);
    const auto engine = device_.make(network.spec);
    for (const std::uint64_t until : {33, 64, 81}) {
      const Presented presented{.step = cpu->step(), .learning = until % 2 == 0};
      cpu->present(presented);
      engine->present(presented);
      const std::uint64_t steps = until - cpu->step();
      EXPECT_EQ(simulate(*engine, steps, steps), simulate(*cpu, steps, steps));
      EXPECT_TRUE(engine->save() == cpu->save()) << "after " << until;
      EXPECT_TRUE(engine->read_plasticity() == cpu->read_plasticity()) << "after " << until;
      const auto on_device = device_.make(network.spec);  // with gates in the state, learning or not
      on_device->restore(cpu->save());
      const auto on_cpu = make_cpu_engine(network.spec, 1);
      on_cpu->restore(cpu->save());
      EXPECT_EQ(simulate(*on_device, 20, 20), simulate(*on_cpu, 20, 20));
      EXPECT_TRUE(on_device->save() == on_cpu->save()) << "from " << until;
    }
    for (const PlasticityReading& reading : cpu->read_plasticity())
      EXPECT_GT(reading.potentiations + reading.depressions, 0u) << "projection " << reading.projection;
  }
}

}  // namespace
}  // namespace sharpwave::testing
