#include "host/watchdog/frozen_watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "host/base/error.hpp"
#include "host/watchdog/watchdog.hpp"
#include "tests/host/engine/taught_network.hpp"
#include "tests/host/run/fake_engine.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint64_t kWindow = 100;

/// Three, of which none is at a bound.
PlasticityReading synapses(PlasticityReading reading) {
  reading.histogram[7] = 3;
  return reading;
}

/// What learns is as the test says it is after each step.
class ScriptedEngine : public FakeEngine {
 public:
  [[nodiscard]] std::vector<PlasticityReading> read_plasticity() const override { return {reading(step())}; }
  [[nodiscard]] std::vector<ModulatorLevels> read_modulators() const override { return {levels(step())}; }

  std::function<PlasticityReading(std::uint64_t)> reading = [](std::uint64_t step) {
    return synapses({.updates = step, .unchanged_steps = step, .weight_sum = 7});
  };
  std::function<ModulatorLevels(std::uint64_t)> levels = [](std::uint64_t) { return ModulatorLevels(); };
};

/// FakeEngine's network, with a plastic projection and a region with dopamine.
ModelSpec learning_network() {
  ModelSpec spec = five_neurons(0, 1000);
  spec.watchdog.frozen_window_steps = kWindow;
  for (const WatchdogSign sign : {WatchdogSign::frozen_weights, WatchdogSign::frozen_modulator})
    spec.watchdog.actions[static_cast<std::size_t>(sign)] = WatchdogAction::warn;
  spec.projections = {{.name = "A_to_B",
                       .source = {.population = 0, .start = 0, .stop = 2},
                       .target = {.population = 2, .start = 0, .stop = 3},
                       .plasticity = StdpSpec{}}};
  spec.regions = {{.name = "r", .crosstalk = false}};
  spec.regions[0].modulators[0] = ModulatorSpec{.tau_phasic_ms = 1};
  return spec;
}

/// What a watch says of the steps up to `last`, in blocks of `most` at most.
std::vector<Finding> findings_of(FrozenWatch& watch, ScriptedEngine& engine, std::uint64_t last,
                                 std::uint64_t most = 1000) {
  std::vector<Finding> findings;
  Block block;
  while (engine.step() < last) {
    engine.advance(std::min({most, last - engine.step(), watch.steps_left(engine.step())}), block);
    watch.take(block, engine, findings);
  }
  return findings;
}

std::vector<Finding> findings_of(const ModelSpec& spec, ScriptedEngine& engine, std::uint64_t last,
                                 std::uint64_t most = 1000) {
  FrozenWatch watch(spec);
  watch.begin(engine, {});
  return findings_of(watch, engine, last, most);
}

TEST(FrozenWatch, NamesTheProjectionAtTheEndOfTheWindowAndOnce) {
  for (const std::uint64_t most : {1U, 7U, 1000U}) {
    ScriptedEngine engine;
    const auto findings = findings_of(learning_network(), engine, 5 * kWindow, most);
    ASSERT_EQ(findings.size(), 1U) << most;
    EXPECT_EQ(findings[0].sign, WatchdogSign::frozen_weights);
    EXPECT_EQ(findings[0].step, kWindow);
    EXPECT_EQ(findings[0].population, "B");
    EXPECT_EQ(findings[0].frozen.value().projection, "A_to_B");
    EXPECT_EQ(describe(findings[0], 0.1),
              "frozen_weights: no weight of A_to_B changed in the 10 ms up to step 100 (10 ms), though it "
              "learns and both sides fired");
  }
}

TEST(FrozenWatch, TellsItAgainOnceTheWeightsHaveMoved) {
  ScriptedEngine engine;
  engine.reading = [](std::uint64_t step) {  // a change in step 250
    return synapses({.updates = step,
                     .unchanged_steps = step < 250 ? step : step - 250,
                     .weight_sum = step < 250 ? 7U : 8});
  };
  std::vector<std::uint64_t> steps;
  for (const Finding& finding : findings_of(learning_network(), engine, 6 * kWindow))
    steps.push_back(finding.step);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{100, 400}));
}

TEST(FrozenWatch, ADifferenceInTheWeightsAloneIsAChange) {
  ScriptedEngine engine;
  engine.reading = [](std::uint64_t step) {  // of what targets have done since the last arrival
    return synapses({.updates = step, .unchanged_steps = step, .weight_sum = step / kWindow});
  };
  EXPECT_TRUE(findings_of(learning_network(), engine, 5 * kWindow).empty());
}

TEST(FrozenWatch, IsQuietWhereNothingHasToChange) {
  const auto is_quiet = [](const std::function<void(ModelSpec&, ScriptedEngine&)>& change) {
    ScriptedEngine engine;
    ModelSpec spec = learning_network();
    change(spec, engine);
    return findings_of(spec, engine, 5 * kWindow).empty();
  };
  const auto rule = [](ModelSpec& spec) -> StdpSpec& { return *spec.projections[0].plasticity; };
  EXPECT_FALSE(is_quiet([](ModelSpec&, ScriptedEngine&) {}));
  EXPECT_TRUE(is_quiet([](ModelSpec&, ScriptedEngine& engine) {
    engine.reading = [](std::uint64_t step) { return synapses({.unchanged_steps = step}); };
  })) << "no spike of the source arrived";
  EXPECT_TRUE(is_quiet([](ModelSpec&, ScriptedEngine& engine) {
    engine.reading = [](std::uint64_t step) {
      return synapses({.updates = step, .unchanged_steps = step, .at_min = 1, .at_max = 2});
    };
  })) << "all weights are at a bound";
  EXPECT_TRUE(is_quiet([](ModelSpec& spec, ScriptedEngine&) {
    spec.projections[0].target = {.population = 2, .start = 0, .stop = 0};
  })) << "no target fired";
  EXPECT_TRUE(is_quiet([&](ModelSpec& spec, ScriptedEngine&) { rule(spec).learning_switches = {}; }));
  EXPECT_TRUE(is_quiet([&](ModelSpec& spec, ScriptedEngine&) {
    rule(spec).learning_switches = {0, 90, 110, 190, 210, 290, 310, 390, 410, 490};
  })) << "learning was off in a part of each window";
  EXPECT_FALSE(is_quiet([&](ModelSpec& spec, ScriptedEngine&) {
    rule(spec).learning_switches = {200, 301};
  }));
  EXPECT_TRUE(
      is_quiet([&](ModelSpec& spec, ScriptedEngine&) { rule(spec).A_plus = rule(spec).A_minus = 0; }));
  EXPECT_TRUE(is_quiet([](ModelSpec& spec, ScriptedEngine&) {
    spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::frozen_weights)] = WatchdogAction::off;
  }));
  EXPECT_TRUE(is_quiet([](ModelSpec& spec, ScriptedEngine&) {
    spec.watchdog.frozen_window_steps = 5 * kWindow + 1;
  })) << "the run is shorter than the window";
}

TEST(FrozenWatch, AShutGateIsNoFault) {
  ModelSpec spec = learning_network();
  spec.projections[0].plasticity->eligibility = EligibilitySpec{.baseline = 0.5};
  ScriptedEngine shut;
  EXPECT_TRUE(findings_of(spec, shut, 3 * kWindow).empty()) << "dopamine stands at the rule's baseline";
  ScriptedEngine above;
  above.levels = [](std::uint64_t) { return ModulatorLevels{.dopamine = 0.6}; };
  EXPECT_EQ(findings_of(spec, above, 3 * kWindow).size(), 1U);
  ScriptedEngine pulsed;
  pulsed.levels = [](std::uint64_t step) { return ModulatorLevels{.dopamine = step == 194 ? 0.6 : 0.5}; };
  const auto findings = findings_of(spec, pulsed, 3 * kWindow);
  ASSERT_EQ(findings.size(), 1U) << "97 is the largest prime below 10 time constants";
  EXPECT_EQ(findings[0].step, 2 * kWindow);
}

TEST(FrozenWatch, AWindowThatWasNotSeenWholeIsNotJudged) {
  ScriptedEngine engine;
  Block block;
  engine.advance(30, block);
  const auto findings = findings_of(learning_network(), engine, 3 * kWindow);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].step, 2 * kWindow);
}

TEST(FrozenWatch, GoesOnFromItsState) {
  ModelSpec spec = learning_network();
  spec.regions[0].volumes = {{.source = {.population = 0, .start = 0, .stop = 2}, .per_spike = 0.1}};
  for (const std::uint64_t stop : {1U, 50U, 99U, 100U, 101U, 250U}) {
    ScriptedEngine engine;
    FrozenWatch first(spec);
    first.begin(engine, {});
    std::vector<Finding> findings = findings_of(first, engine, stop);
    FrozenWatch second(spec);
    second.begin(engine, first.state());
    const std::vector<Finding> later = findings_of(second, engine, 5 * kWindow);
    findings.insert(findings.end(), later.begin(), later.end());
    ASSERT_EQ(findings.size(), 2U) << stop;
    for (const Finding& finding : findings) EXPECT_EQ(finding.step, kWindow);
  }
  FrozenWatch of_another(five_neurons(0, 1000));
  ScriptedEngine engine;
  FrozenWatch watch(spec);
  watch.begin(engine, {});
  EXPECT_THROW(of_another.begin(engine, watch.state()), Error);
}

/// The steps in which dopamine was found to stand still.
std::vector<std::uint64_t> still(const ModelSpec& spec, ScriptedEngine& engine) {
  std::vector<std::uint64_t> steps;
  for (const Finding& finding : findings_of(spec, engine, 5 * kWindow))
    if (finding.sign == WatchdogSign::frozen_modulator) steps.push_back(finding.step);
  return steps;
}

using Steps = std::vector<std::uint64_t>;

VolumeSpec dopamine_of_A() {
  return {
      .modulator = Modulator::dopamine, .source = {.population = 0, .start = 0, .stop = 2}, .per_spike = 0.1};
}

TEST(FrozenModulator, IsOneThatSomethingDrove) {
  const auto found = [](const std::function<void(RegionSpec&)>& drive) {
    ModelSpec spec = learning_network();
    drive(spec.regions[0]);
    ScriptedEngine engine;
    return still(spec, engine);
  };
  constexpr auto kDopamine = Modulator::dopamine;
  EXPECT_EQ(found([](RegionSpec&) {}), Steps{}) << "nothing did";
  EXPECT_EQ(found([](RegionSpec& r) { r.volumes = {dopamine_of_A()}; }), Steps{100});
  EXPECT_EQ(found([](RegionSpec& r) {
              r.volumes = {dopamine_of_A()};
              r.volumes[0].modulator = Modulator::serotonin;
            }),
            Steps{})
      << "of another";
  EXPECT_EQ(found([](RegionSpec& r) {
              r.volumes = {dopamine_of_A()};
              r.volumes[0].source.population = 1;
            }),
            Steps{})
      << "whose spikes are not seen";
  // The last neuron fires in every fifth step; what it does in step 5 may arrive behind the window.
  const auto volume_of_last = [](std::uint64_t delay) {
    return VolumeSpec{
        .source = {.population = 2, .start = 2, .stop = 3}, .per_spike = 0.1, .delay_steps = delay};
  };
  EXPECT_EQ(found([&](RegionSpec& r) { r.volumes = {volume_of_last(95)}; }), Steps{100});
  EXPECT_EQ(found([&](RegionSpec& r) { r.volumes = {volume_of_last(96)}; }), Steps{});
  EXPECT_EQ(found([](RegionSpec& r) { r.triggers = {{.modulator = kDopamine, .amount = 0.1}}; }), Steps{});
  EXPECT_EQ(found([](RegionSpec& r) { r.pulses = {{kDopamine, 300, 0.1}}; }), Steps{300});
  EXPECT_EQ(found([](RegionSpec& r) { r.pulses = {{kDopamine, 501, 0.1}}; }), Steps{}) << "still to come";
  EXPECT_EQ(found([](RegionSpec& r) { r.rewards = {{201, 1}}; }), Steps{300});
  EXPECT_EQ(found([](RegionSpec& r) {
              r.volumes = {dopamine_of_A()};
              r.modulators[0]->min = r.modulators[0]->max;
            }),
            Steps{})
      << "it is held on purpose";
}

TEST(FrozenModulator, IsNamedWithItsRegionAndLevel) {
  ModelSpec spec = learning_network();
  spec.regions[0].volumes = {dopamine_of_A()};
  spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::frozen_weights)] = WatchdogAction::off;
  ScriptedEngine engine;
  const auto findings = findings_of(spec, engine, 3 * kWindow);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].population, "");
  EXPECT_EQ(describe(findings[0], 0.1),
            "frozen_modulator: dopamine of r stood at 0.5 for the 10 ms up to step 100 (10 ms), though "
            "something drove it");
}

TEST(FrozenModulator, IsNotOneThatMovesBetweenTheEnds) {
  ModelSpec spec = learning_network();
  spec.regions[0].volumes = {dopamine_of_A()};
  ScriptedEngine released;  // in step 130, with 10 steps of time constant, to nothing before the window ends
  released.levels = [](std::uint64_t step) {
    return ModulatorLevels{
        .dopamine = step < 130 || step >= 199 ? 0.5 : 0.5 + std::exp(-0.1 * static_cast<double>(step - 130))};
  };
  EXPECT_EQ(still(spec, released), (Steps{100, 300})) << "it has moved in the second window";
  ScriptedEngine periodic;  // a release in the middle of each window shows the same level at its ends
  periodic.levels = [](std::uint64_t step) {
    return ModulatorLevels{.dopamine = 0.5 + std::exp(-0.1 * static_cast<double>((step + 50) % 100))};
  };
  EXPECT_EQ(still(spec, periodic), Steps{});
  ScriptedEngine expected;  // rewards that release nothing
  expected.levels = [](std::uint64_t step) {
    return ModulatorLevels{.prediction_error = step % 100 == 97 ? 0.04 : 0.0};
  };
  EXPECT_EQ(still(spec, expected), (Steps{200})) << "97 is looked at, 197 is not";
}

// --- over an engine ---------------------------------------------------------------------------------------

struct Told {
  std::vector<std::pair<std::uint64_t, std::string>> findings;
  std::optional<Finding> ended_by;
  WatchState state;
};

/// From where `start` and the engine's state say.
Told watch_over(Engine& engine, const ModelSpec& spec, const WatchState& start, std::uint64_t last,
                std::uint64_t most) {
  Told told;
  Watchdog watchdog(engine, spec, start, {}, [&](const Finding& finding) {
    told.findings.emplace_back(finding.step, finding.frozen ? finding.frozen->projection : "");
    EXPECT_FALSE(finding.history) << "there is nothing to be seen in 50 ms";
  });
  Block block;
  while (engine.step() < last && !told.ended_by)
    told.ended_by = watchdog.advance(std::min(most, last - engine.step()), block);
  told.state = watchdog.state();
  return told;
}

/// Changes that a float of 32 bits does not see.
ModelSpec too_slow() {
  ModelSpec spec = taught({.A_plus = 1e-12, .A_minus = 1e-12, .w_min = 0, .w_max = 1e-3}, 1, 2000, 0.02).spec;
  spec.simulation.steps = 2000;
  spec.projections[0].name = "plastic";
  spec.watchdog.frozen_window_steps = 500;
  for (const WatchdogSign sign : {WatchdogSign::silent, WatchdogSign::runaway, WatchdogSign::anomaly})
    spec.watchdog.actions[static_cast<std::size_t>(sign)] = WatchdogAction::off;
  return spec;
}

TEST(FrozenWeights, AreFoundOnAnyNumberOfThreads) {
  const ModelSpec spec = too_slow();
  for (const int threads : {1, 3}) {
    const auto engine = make_cpu_engine(spec, threads);
    const Told told = watch_over(*engine, spec, {}, 2000, threads == 1 ? 2000 : 37);
    using Findings = std::vector<std::pair<std::uint64_t, std::string>>;
    EXPECT_EQ(told.findings, (Findings{{500, "plastic"}}));
  }
}

TEST(FrozenWeights, AreNotFoundInANetworkThatLearns) {
  ModelSpec spec = too_slow();
  spec.projections[0].plasticity->A_minus = 0.01;
  const auto engine = make_cpu_engine(spec, 1);
  EXPECT_TRUE(watch_over(*engine, spec, {}, 2000, 2000).findings.empty());
}

TEST(FrozenWeights, AreToldOnceAlsoAfterAResume) {
  const ModelSpec spec = too_slow();
  for (const std::uint64_t stop : {499U, 500U, 750U}) {
    const auto engine = make_cpu_engine(spec, 2);
    const Told before = watch_over(*engine, spec, {}, stop, 111);
    const auto resumed = make_cpu_engine(spec, 1);
    resumed->restore(engine->save());
    const Told after = watch_over(*resumed, spec, before.state, 2000, 2000);
    EXPECT_EQ(before.findings.size() + after.findings.size(), 1U) << stop;
  }
}

TEST(FrozenWeights, HaltTheRunWhereTheyAreToDoSo) {
  ModelSpec spec = too_slow();
  spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::frozen_weights)] = WatchdogAction::halt;
  const auto engine = make_cpu_engine(spec, 1);
  const Told told = watch_over(*engine, spec, {}, 2000, 2000);
  ASSERT_TRUE(told.ended_by);
  EXPECT_EQ(told.ended_by->step, 500U);
  EXPECT_EQ(engine->step(), 500U);
  EXPECT_EQ(exit_code_of(told.ended_by->sign), ExitCode::frozen);
  EXPECT_TRUE(is_of_watchdog(ExitCode::frozen));
}

}  // namespace
}  // namespace sharpwave::testing
