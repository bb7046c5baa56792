// What is recorded, when, and that recording changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

struct Recorded {
  std::vector<std::uint64_t> steps;
  std::vector<float> values;
};

Recorded record(const ModelSpec& spec, int threads, std::uint64_t steps, std::uint64_t block) {
  const auto engine = make_cpu_engine(spec, threads);
  Recorded all;
  Block out;
  for (std::uint64_t done = 0; done < steps; done += block) {
    engine->advance(std::min(block, steps - done), out);
    all.steps.insert(all.steps.end(), out.reports[0].steps.begin(), out.reports[0].steps.end());
    all.values.insert(all.values.end(), out.reports[0].values.begin(), out.reports[0].values.end());
  }
  return all;
}

ModelSpec recorded_network() {
  ModelSpec spec = contract_networks()[0].spec;
  spec.reports.push_back({.name = "r",
                          .slice = {1, 3, 190, 5},
                          .variables = {StateVariable::V_m, StateVariable::I_syn_in},
                          .times = {.first_step = 20, .last_step = 300, .interval = 7}});
  return spec;
}

TEST(Reports, SampleEveryIntervalWithinTheirWindow) {
  const Recorded r = record(recorded_network(), 2, 400, 33);
  ASSERT_EQ(r.steps.size(), 40u);
  for (std::size_t i = 0; i < r.steps.size(); ++i) EXPECT_EQ(r.steps[i], 20 + 7 * (i + 1));
  EXPECT_EQ(r.values.size(), r.steps.size() * 2 * recorded_network().reports[0].slice.size());
}

TEST(Reports, AreTheSameOnAnyNumberOfThreadsAndForAnyBlocks) {
  const Recorded one = record(recorded_network(), 1, 400, 400);
  for (const int threads : {2, 3})
    for (const std::uint64_t block : {1u, 50u})
      EXPECT_EQ(record(recorded_network(), threads, 400, block).values, one.values);
}

TEST(Reports, DoNotChangeTheSpikes) {
  const ModelSpec spec = contract_networks()[0].spec;
  EXPECT_TRUE(simulate(recorded_network(), 2, 600) == simulate(spec, 2, 600));
}

TEST(Reports, CanBeReplacedBetweenBlocks) {
  ModelSpec spec = recorded_network();
  const auto engine = make_cpu_engine(contract_networks()[0].spec, 2);
  const auto whole = make_cpu_engine(spec, 1);
  Block out;
  Block expected;
  for (const std::uint64_t block : {50u, 70u, 33u}) {
    engine->advance(block, out);
    whole->advance(block, expected);
    ASSERT_EQ(out.ids, expected.ids);
    if (engine->step() == 50) {  // from nothing, in the middle of the window
      EXPECT_TRUE(out.reports.empty());
      engine->record(spec.reports);
      continue;
    }
    ASSERT_EQ(out.reports.size(), 1u);
    EXPECT_FALSE(out.reports[0].values.empty());
    EXPECT_EQ(out.reports[0].steps, expected.reports[0].steps);
    EXPECT_EQ(out.reports[0].values, expected.reports[0].values);
  }
  engine->record({});
  engine->advance(10, out);
  EXPECT_TRUE(out.reports.empty());
}

TEST(Reports, ShowAThresholdThatWasGivenDecayEvenWhereSpikesAddNothing) {
  ModelSpec spec;
  spec.populations = {population("N", 1, NeuronModel::iaf_cond_exp)};
  auto& neurons = std::get<NeuronSpec>(spec.populations[0].kind);
  neurons[StateVariable::theta] = Distribution::constant(8);
  neurons[NeuronParameter::tau_theta] = Distribution::constant(10);
  spec.reports.push_back({.name = "r",
                          .slice = {0, 0, 1, 1},
                          .variables = {StateVariable::theta},
                          .times = {.last_step = 100, .interval = 50}});
  const Recorded r = record(spec, 1, 100, 100);
  ASSERT_EQ(r.values.size(), 2u);
  EXPECT_NEAR(r.values[0], 8 * std::exp(-0.5), 1e-5);
  EXPECT_NEAR(r.values[1], 8 * std::exp(-1.0), 1e-5);
}

TEST(Reports, ShowVResetWhileTheNeuronIsRefractory) {
  ModelSpec spec;
  spec.populations = {{.name = "source", .size = 1, .kind = SpikeSourceSpec{{0}, {0.1}}},
                      population("N", 1, NeuronModel::iaf_psc_exp)};
  auto& neurons = std::get<NeuronSpec>(spec.populations[1].kind);
  neurons.parameters[static_cast<std::size_t>(NeuronParameter::V_reset)] = Distribution::constant(-62);
  neurons.initial[0] = Distribution::constant(-54);  // above the threshold: fires in the first step
  spec.projections = {projection(spec, 0, 1, ConnectionRule::all_to_all, 100, 0.5)};
  spec.reports.push_back(
      {.name = "r", .slice = {1, 0, 1, 1}, .variables = {StateVariable::V_m, StateVariable::I_syn_ex}});
  const Recorded r = record(spec, 1, 30, 30);
  for (std::size_t step = 1; step <= 21; ++step) EXPECT_EQ(r.values[2 * (step - 1)], -62.0f) << step;
  EXPECT_NE(r.values[2 * 21], -62.0f);
  EXPECT_EQ(r.values[2 * 4 + 1], 0.0f);
  EXPECT_EQ(r.values[2 * 5 + 1], 100.0f);  // arrives in step 1 + 5, whatever V does
  EXPECT_LT(r.values[2 * 6 + 1], 100.0f);
}

}  // namespace
}  // namespace sharpwave::testing
