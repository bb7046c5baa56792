#include "host/service/live_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/config/config.hpp"

namespace sharpwave::service {
namespace {

constexpr const char* kNetwork = R"(
simulation: {duration: 100, dt: 0.1, seed: 1}
populations:
  E: {model: iaf_psc_exp, size: 1000}
  I: {model: iaf_psc_exp, size: 250}
  few: {model: iaf_psc_exp, size: 2}
inputs: [{type: poisson, rate: 8000, target: E, weight: 50}]
neuromodulators: {brain: {dopamine: {}}}
)";

class LiveRunTest : public ::testing::Test {
 protected:
  LiveRunTest() { live_.begin("a run", spec_); }
  /// As the host loop does.
  void advance(Engine& engine, std::uint64_t n_steps) {
    const RunObserver::Wishes wishes = live_.wishes(is_new_);
    is_new_ = false;
    if (wishes.reports) engine.record(*wishes.reports);
    for (const RunObserver::Reward& reward : wishes.rewards) engine.give_reward(reward.region, reward.reward);
    engine.advance(n_steps, block_);
    n_spikes_ += block_.ids.size();
    live_.look(engine, block_, block_.reports);
  }
  ModelSpec spec_ = load_config_text(kNetwork, "test.yaml");
  std::unique_ptr<Engine> engine_ = make_cpu_engine(spec_, 1);
  LiveRun live_;
  Block block_;
  std::uint64_t n_spikes_ = 0;
  bool is_new_ = true;
};

TEST_F(LiveRunTest, RowsAreSharedOutBySizeAndEachPopulationHasOne) {
  const auto populations = live_.populations();
  ASSERT_EQ(populations.size(), 3U);
  std::uint32_t next = 0;
  for (const auto& population : populations) {
    EXPECT_EQ(population.first_row, next);
    EXPECT_GE(population.rows, 1U);
    EXPECT_LE(population.rows, population.size);
    next += population.rows;
  }
  EXPECT_LE(next, LiveRun::kRows);
  EXPECT_NEAR(populations[0].rows / static_cast<double>(populations[1].rows), 4, .2);
}

TEST_F(LiveRunTest, EachSpikeIsInTheMillisecondInWhichItsStepBegins) {
  for (const std::uint64_t n : {1U, 7U, 492U, 500U}) advance(*engine_, n);
  std::uint64_t first = 0;
  const auto columns = live_.columns(first);
  EXPECT_EQ(first, 0U);
  EXPECT_EQ(columns.size(), 99U) << "the last one may still get spikes";
  advance(*engine_, 10);
  std::uint64_t counted = 0;
  for (const auto& column : live_.columns(first)) {
    std::uint64_t n = 0;
    for (const std::uint32_t spikes : column.spikes) n += spikes;
    std::uint64_t rows = 0;
    for (const std::uint64_t bits : column.rows) rows += static_cast<std::uint64_t>(std::popcount(bits));
    EXPECT_LE(rows, n);
    EXPECT_EQ(rows == 0, n == 0);
    counted += n;
  }
  EXPECT_EQ(counted, n_spikes_ - block_.ids.size());
  EXPECT_GT(counted, 0U);
  const auto rates = live_.rates();
  EXPECT_EQ(rates[0].first, "E");
  EXPECT_NEAR(rates[0].second, static_cast<double>(counted) / .1 / 1000, 1e-9);
  EXPECT_EQ(rates[1].second, 0);
}

TEST_F(LiveRunTest, ANeuronThatIsChosenIsSampledInEachStep) {
  advance(*engine_, 100);
  const ChosenNeuron neuron{.population = "E", .index = 3};
  EXPECT_EQ(live_.trace(neuron, 0), std::nullopt);
  EXPECT_TRUE(live_.choose({neuron, {.population = "few", .index = 1}}));
  advance(*engine_, 50);
  const auto trace = live_.trace(neuron, 0);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->V_mV.size(), 50U);
  EXPECT_NEAR(trace->begin_ms, 10.1, 1e-9);
  EXPECT_NEAR(trace->step_ms, .1, 1e-12);
  for (const float V_mV : trace->V_mV) EXPECT_TRUE(V_mV <= -50 && V_mV > -90) << V_mV;
  advance(*engine_, 20);
  EXPECT_EQ(live_.trace(neuron, 15.)->V_mV.size(), 20U) << "after the step that ends at 15 ms";
  EXPECT_EQ(live_.trace(neuron, 17.)->V_mV.size(), 0U);
  for (const ChosenNeuron& none : {ChosenNeuron{"E", 1000}, ChosenNeuron{"none", 0}, ChosenNeuron{"", 0}})
    EXPECT_FALSE(live_.choose({none}));
  std::vector<ChosenNeuron> many;
  for (std::uint32_t i = 0; i <= LiveRun::kMostNeurons; ++i) many.push_back({"E", i});
  EXPECT_FALSE(live_.choose(many));
}

TEST_F(LiveRunTest, LookingChangesNothing) {
  const auto alone = make_cpu_engine(spec_, 1);
  Block block;
  for (int i = 0; i < 5; ++i) {
    if (i == 2) {
      EXPECT_TRUE(live_.choose({{.population = "E", .index = 0}}));
    }
    static_cast<void>(live_.weights());
    advance(*engine_, 100);
    alone->advance(100, block);
    EXPECT_EQ(block_.ids, block.ids);
  }
}

TEST_F(LiveRunTest, ARewardComesWithTheNextBlock) {
  EXPECT_FALSE(live_.give_reward("none", 1));
  advance(*engine_, 10);
  const double before = engine_->read_modulators().at(0).dopamine;
  EXPECT_TRUE(live_.give_reward("brain", 1));
  advance(*engine_, 10);
  EXPECT_GT(engine_->read_modulators().at(0).dopamine, before + .01);
  live_.end();
  EXPECT_FALSE(live_.give_reward("brain", 1));
  EXPECT_FALSE(live_.choose({{.population = "E", .index = 0}}));
  EXPECT_FALSE(live_.is_running());
}

TEST_F(LiveRunTest, WhatIsKeptIsBounded) {
  Block silent;
  silent.n_steps = 1000;
  silent.offsets.assign(1001, 0);
  for (int i = 0; i < 700; ++i) {
    silent.first_step = static_cast<std::uint64_t>(i) * 1000 + 1;
    live_.look(*engine_, silent, {});
  }
  std::uint64_t first = 0;
  EXPECT_EQ(live_.columns(first).size(), LiveRun::kMostColumns - 1);
  EXPECT_EQ(first, 10'000U);
}

}  // namespace
}  // namespace sharpwave::service
