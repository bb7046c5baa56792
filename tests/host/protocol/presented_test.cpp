// What the CPU engine does with what a protocol presents.
#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "host/base/error.hpp"
#include "host/engine/engine.hpp"
#include "tests/host/protocol/trained_network.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/statistics.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint32_t kSources = 40;

/// Parrots that repeat what sources fire, of which the spec says what is presented.
ModelSpec relayed(PoissonSourceSpec source, StimulusSpec stimulus) {
  ModelSpec spec;
  spec.simulation = {.dt_ms = 0.5, .steps = 1000, .seed = 5};
  spec.populations = {{.name = "input", .size = kSources, .kind = std::move(source)},
                      {.name = "relay", .size = kSources, .kind = ParrotSpec{}}};
  spec.projections = {projection(spec, 0, 1, ConnectionRule::one_to_one, 1, 0.5)};
  if (stimulus.size == 0) return spec;
  spec.protocol = std::make_shared<const ProtocolSpec>(
      ProtocolSpec{.stimuli = {std::move(stimulus)},
                   .phases = {{.name = "p", .stimulus = 0, .items = {0}, .duration_steps = 1000}}});
  return spec;
}

/// Rates level_rates_Hz[i % levels] of the sources.
ModelSpec with_rates(std::vector<double> level_rates_Hz, double largest_gain = 1) {
  StimulusSpec stimulus{.name = "s", .size = kSources, .n_items = 1};
  for (std::uint32_t i = 0; i < kSources; ++i)
    stimulus.levels.push_back(static_cast<std::uint16_t>(i % level_rates_Hz.size()));
  const double highest_Hz = *std::ranges::max_element(level_rates_Hz);
  stimulus.level_rates_Hz = std::move(level_rates_Hz);
  return relayed({.presented_up_to_Hz = highest_Hz * largest_gain}, std::move(stimulus));
}

std::vector<Spike> presented_spikes(const ModelSpec& spec, int threads, std::uint64_t steps,
                                    const Presented& what, std::uint64_t block = 100) {
  const auto engine = make_cpu_engine(spec, threads);
  engine->present(what);
  return simulate(*engine, steps, block);
}

TEST(Presented, EqualRatesGiveTheSpikesOfAPopulationWithThatRate) {
  constexpr double kRate_Hz = 700;
  const ModelSpec plain = relayed({.rate = {.rates_Hz = {kRate_Hz}}}, {});
  const std::vector<Spike> expected = simulate(plain, 1, 1000);
  ASSERT_GT(expected.size(), 1000U);
  for (const int threads : {1, 2, 3})
    EXPECT_EQ(presented_spikes(with_rates({kRate_Hz}), threads, 1000, {.stimulus = 0}), expected);
}

TEST(Presented, EachSourceHasItsOwnRateTimesTheGain) {
  constexpr double kGain = 1.5;
  constexpr std::uint64_t kSteps = 40'000;
  const std::vector<double> rates_Hz = {0, 20, 300};
  const auto spikes =
      presented_spikes(with_rates(rates_Hz, kGain), 1, kSteps, {.stimulus = 0, .gain = kGain}, 1000);
  std::vector<double> counts(kSources);
  for (const Spike& spike : spikes) ++counts[spike.id];
  for (std::uint32_t i = 0; i < kSources; ++i) {
    // The relays lag by a step: of the last one nothing arrives.
    const double mean = rates_Hz[i % 3] * kGain * 0.5e-3 * static_cast<double>(kSteps - 1);
    if (mean == 0)
      EXPECT_EQ(counts[i], 0);
    else
      EXPECT_GT(test::normal_two_sided_p((counts[i] - mean) / std::sqrt(mean)), test::kLevel / kSources) << i;
  }
}

TEST(Presented, WhereTheStepIsCutOrChangedIsNothingToTheOthers) {
  const ModelSpec spec = with_rates({100, 900});
  const auto whole = presented_spikes(spec, 1, 300, {.stimulus = 0});
  // Steps 101 to 203 without anything: before and after, the spikes are those of the run without a break.
  const auto engine = make_cpu_engine(spec, 2);
  engine->present({.stimulus = 0});
  std::vector<Spike> spikes = simulate(*engine, 101, 7);
  engine->present({.step = 101});
  const std::vector<Spike> pause = simulate(*engine, 102, 13);
  engine->present({.step = 203, .stimulus = 0});
  const std::vector<Spike> rest = simulate(*engine, 97, 10);
  spikes.insert(spikes.end(), pause.begin(), pause.end());
  spikes.insert(spikes.end(), rest.begin(), rest.end());
  std::vector<Spike> expected;
  for (const Spike& spike : whole)
    if (spike.step <= 102 || spike.step > 204) expected.push_back(spike);  // a step after the source
  ASSERT_GT(expected.size(), 100U);
  EXPECT_EQ(spikes, expected);
}

TEST(Presented, SpikesOfAnItemComeAtTheirStepsAfterItBegan) {
  StimulusSpec stimulus{.name = "s", .population = 0, .size = 3, .n_items = 2};
  stimulus.spike_begin = {0, 3, 4};
  stimulus.spike_steps = {1, 4, 4, 2};
  stimulus.spike_sources = {2, 0, 0, 1};
  ModelSpec spec;
  spec.simulation = {.dt_ms = 0.5, .steps = 100};
  spec.populations = {{.name = "input", .size = 3, .kind = SpikeSourceSpec{.presented = true}},
                      {.name = "relay", .size = 3, .kind = ParrotSpec{}}};
  spec.projections = {projection(spec, 0, 1, ConnectionRule::one_to_one, 1, 0.5)};
  spec.protocol = std::make_shared<const ProtocolSpec>(
      ProtocolSpec{.stimuli = {stimulus},
                   .phases = {{.name = "p", .stimulus = 0, .items = {0, 1}, .duration_steps = 10}}});
  for (const int threads : {1, 2}) {
    const auto engine = make_cpu_engine(spec, threads);
    engine->present({.stimulus = 0, .item = 0});
    std::vector<Spike> spikes = simulate(*engine, 10, 3);
    engine->present({.step = 10, .stimulus = 0, .item = 1});
    for (const Spike& spike : simulate(*engine, 10, 4)) spikes.push_back(spike);
    EXPECT_EQ(spikes, (std::vector<Spike>{{2, 2}, {5, 0}, {5, 0}, {13, 1}}));
  }
}

TEST(Presented, AStateGoesOnWithWhatIsPresentedAndUnderWay) {
  ModelSpec spec = with_rates({100, 900});
  spec.projections[0].delay_ms = Distribution::constant(6);  // longer than what is presented at a time
  const auto engine = make_cpu_engine(spec, 1);
  for (std::uint64_t step = 0; step < 60; step += 5) {
    engine->present({.step = step, .stimulus = step % 2 == 0 ? 0 : Presented::kNothing});
    simulate(*engine, step == 55 ? 2 : 5, 5);
  }
  const EngineState state = engine->save();
  EXPECT_GE(state.presented.size(), 3U);
  EXPECT_LE(state.presented.size(), 4U) << "older ones are let go of";
  const std::vector<Spike> expected = simulate(*engine, 50, 10);
  ASSERT_GT(expected.size(), 20U);
  for (const int threads : {1, 3}) {
    const auto other = make_cpu_engine(spec, threads);
    other->restore(state);
    EXPECT_EQ(other->save(), state);
    EXPECT_EQ(simulate(*other, 50, 10), expected);
  }
}

TEST(Presented, AStateOfAnotherProtocolIsRefused) {
  const auto engine = make_cpu_engine(with_rates({100}), 1);
  const EngineState state = engine->save();
  for (const Presented& wrong :
       {Presented{.stimulus = 1}, Presented{.stimulus = 0, .item = 1}, Presented{.stimulus = 0, .gain = 1.01},
        Presented{.stimulus = 0, .gain = -1}, Presented{.step = 1}}) {
    EngineState changed = state;
    changed.presented = {wrong};
    EXPECT_THROW(engine->restore(changed), Error);
  }
}

/// Weights that are present, and the raw theta.
struct Learnt {
  std::vector<float> weights;
  Reals theta;
  bool operator==(const Learnt&) const = default;
};

Learnt learnt(const Engine& engine) {
  return {engine.read_weights(0, 1), engine.save().populations.at(0).variables.at(3).values};
}

TEST(Presented, WithoutLearningWeightsAndThresholdsStayBitForBit) {
  const ModelSpec spec = trained_network();
  for (const int threads : {1, 2}) {
    const auto engine = make_cpu_engine(spec, threads);
    engine->present({.stimulus = 0, .item = 0});
    const Learnt first = learnt(*engine);
    simulate(*engine, 130, 40);
    const Learnt taught = learnt(*engine);
    EXPECT_NE(taught.weights, first.weights);
    EXPECT_NE(taught.theta, first.theta);
    // What is on the way still finds its synapses learning.
    engine->present({.step = 130, .learning = false});
    simulate(*engine, 20, 40);
    const Learnt settled = learnt(*engine);
    EXPECT_EQ(settled.theta, taught.theta);
    engine->present({.step = 150, .stimulus = 0, .item = 1, .learning = false});
    EXPECT_GT(simulate(*engine, 300, 40).size(), 50U);
    EXPECT_EQ(learnt(*engine), settled);
    const EngineState state = engine->save();
    engine->present({.step = 450, .stimulus = 0, .item = 1});
    const std::vector<Spike> expected = simulate(*engine, 200, 40);
    EXPECT_NE(learnt(*engine).weights, settled.weights);
    const auto other = make_cpu_engine(spec, 3);
    other->restore(state);
    EXPECT_EQ(learnt(*other), settled);
    other->present({.step = 450, .stimulus = 0, .item = 1});
    EXPECT_EQ(simulate(*other, 200, 33), expected);
    EXPECT_EQ(other->save(), engine->save());
  }
}

TEST(Presented, WhatIsLearntIsTheSameOnAnyThreadsAndAfterARestoreAnywhere) {
  // Of pairs, which are brought up to date in rows, too.
  for (const double triplet_plus : {0.0, 0.1}) {
    ModelSpec spec = trained_network();
    spec.projections[0].plasticity->triplet_plus = triplet_plus;
    spec.projections[0].plasticity->A_plus = triplet_plus == 0 ? 0.02 : 0;
    const auto present = [](Engine& engine) {
      const std::uint64_t step = engine.step();
      engine.present({.step = step,
                      .stimulus = 0,
                      .item = static_cast<std::uint32_t>(step / 50 % kItems),
                      .learning = step / 50 % 3 != 1});
    };
    const auto whole = make_cpu_engine(spec, 1);
    std::vector<EngineState> states;
    std::vector<Learnt> after;
    for (int k = 0; k < 12; ++k) {
      states.push_back(whole->save());
      present(*whole);
      simulate(*whole, 50, 50);
      after.push_back(learnt(*whole));
    }
    EXPECT_NE(after.front().weights, after.back().weights);
    for (const int threads : {1, 2, 3}) {
      const auto engine = make_cpu_engine(spec, threads);
      for (std::size_t k = 0; k < states.size(); ++k) {
        if (threads > 1) engine->restore(states[k]);
        EXPECT_EQ(engine->save(), states[k]);
        present(*engine);
        simulate(*engine, 50, 7);
        EXPECT_EQ(learnt(*engine), after[k]) << k;
      }
    }
  }
}

}  // namespace
}  // namespace sharpwave::testing
