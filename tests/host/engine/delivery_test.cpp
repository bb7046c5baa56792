// When a spike arrives, and what it does: by hand-computed cases.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

// One source with one spike; target i is reached after delays[i] steps by a jump that makes it fire at once.
ModelSpec one_spike(const std::vector<std::uint32_t>& delays, double spike_ms) {
  ModelSpec spec;
  const auto n = static_cast<std::uint32_t>(delays.size());
  spec.populations = {{.name = "source", .size = 1, .kind = SpikeSourceSpec{{0}, {spike_ms}}},
                      population("target", n, NeuronModel::iaf_psc_delta)};
  ProjectionSpec p = projection(spec, 0, 1, ConnectionRule::all_to_all, 20.0, 0);
  std::vector<double> ms;
  for (const std::uint32_t d : delays) ms.push_back(d * 0.1);
  p.delay_ms = ms;
  spec.projections = {p};
  return spec;
}

TEST(Delivery, ASpikeArrivesAfterExactlyItsDelay) {
  std::vector<std::uint32_t> delays;
  for (std::uint32_t i = 0; i < 400; ++i) delays.push_back(1 + i * 37 % 311);
  for (const Precision precision : {Precision::float32, Precision::float64})
    for (const int threads : {1, 2, 5})
      for (const std::uint64_t at : {0u, 1u, 2u, 17u, 64u}) {
        ModelSpec spec = one_spike(delays, static_cast<double>(at) * 0.1);
        spec.simulation.precision = precision;
        const std::vector<Spike> spikes = simulate(spec, threads, 400, 13);
        ASSERT_EQ(spikes.size(), delays.size());
        for (const Spike& spike : spikes)
          EXPECT_EQ(spike.step, at + delays[spike.id]) << "neuron " << spike.id;
      }
}

TEST(Delivery, ManyShortRowsUseWideSlotsAndArriveAtTheSameStep) {
  // 3,000 sources with two synapses each and delays of up to 25 ms: a step of its own would hold next to
  // none.
  ModelSpec spec;
  SpikeSourceSpec source;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    source.indices.push_back(i);
    source.times_ms.push_back(0.1 * (1 + i % 50));
  }
  spec.populations = {{.name = "source", .size = 3000, .kind = source},
                      population("target", 3000, NeuronModel::iaf_psc_delta)};
  ProjectionSpec p = projection(spec, 0, 1, ConnectionRule::one_to_one, 20.0, 0);
  std::vector<double> ms;
  for (std::uint32_t i = 0; i < 3000; ++i) ms.push_back(0.1 * (1 + i * 7 % 250));
  p.delay_ms = ms;
  spec.projections = {p};
  for (const int threads : {1, 2}) {
    const auto engine = make_cpu_engine(spec, threads);
    EXPECT_EQ(engine->construction().layout.find("slots of 1 step,"), std::string::npos)
        << engine->construction().layout;
    const std::vector<Spike> spikes = simulate(*engine, 320, 11);
    ASSERT_EQ(spikes.size(), 3000u);
    for (const Spike& spike : spikes) EXPECT_EQ(spike.step, 1 + spike.id % 50 + 1 + spike.id * 7 % 250);
  }
}

TEST(Delivery, ATimeOffTheGridIsRoundedUp) {
  const std::vector<Spike> spikes = simulate(one_spike({3}, 0.51), 1, 50);
  ASSERT_EQ(spikes.size(), 1u);
  EXPECT_EQ(spikes[0].step, 6u + 3u);
}

TEST(Delivery, MoreThan65535TargetsAreReached) {
  constexpr std::uint32_t kTargets = 70'001;
  ModelSpec spec = one_spike({2}, 0.1);
  spec.populations[1].size = kTargets;
  spec.projections[0].target = whole(spec, 1);
  spec.projections[0].delay_ms = Distribution::constant(0.2);
  const std::vector<Spike> spikes = simulate(spec, 1, 5);
  ASSERT_EQ(spikes.size(), kTargets);
  for (std::uint32_t i = 0; i < kTargets; ++i) EXPECT_EQ(spikes[i], (Spike{3, i}));
}

TEST(Delivery, AParrotRepeatsEverySpikeInTheSameStep) {
  ModelSpec spec;
  spec.populations = {{.name = "source", .size = 2, .kind = SpikeSourceSpec{{0, 1, 1}, {0.5, 0.5, 0.5}}},
                      {.name = "parrot", .size = 1, .kind = ParrotSpec{}},
                      {.name = "second", .size = 1, .kind = ParrotSpec{}}};
  // Weights are ignored, whatever their sign.
  spec.projections = {projection(spec, 0, 1, ConnectionRule::all_to_all, -7.0, 0.4),
                      projection(spec, 1, 2, ConnectionRule::one_to_one, 0.0, 0.2)};
  const std::vector<Spike> spikes = simulate(spec, 2, 30);
  const std::vector<Spike> expected = {{9, 0}, {9, 0}, {9, 0}, {11, 1}, {11, 1}, {11, 1}};
  EXPECT_EQ(spikes, expected);
}

TEST(Delivery, ParrotsInACycleAreRefused) {
  ModelSpec spec;
  spec.populations = {{.name = "a", .size = 1, .kind = ParrotSpec{}},
                      {.name = "b", .size = 1, .kind = ParrotSpec{}}};
  spec.projections = {projection(spec, 0, 1, ConnectionRule::one_to_one, 1, 1),
                      projection(spec, 1, 0, ConnectionRule::one_to_one, 1, 1)};
  EXPECT_ANY_THROW(static_cast<void>(make_cpu_engine(spec, 1)));
}

TEST(Update, RefractorinessLastsToTheStep) {
  // A drive that reaches the threshold in every step in which V is free: the interval is t_ref + one step.
  ModelSpec spec;
  for (const NeuronModel model :
       {NeuronModel::iaf_psc_delta, NeuronModel::iaf_psc_exp, NeuronModel::iaf_psc_alpha}) {
    PopulationSpec p = population(std::string(spec.populations.size() + 1, 'P'), 1, model);
    std::get<NeuronSpec>(p.kind).parameters[static_cast<std::size_t>(NeuronParameter::I_e)] =
        Distribution::constant(1e6);
    spec.populations.push_back(p);
  }
  std::vector<std::uint64_t> last(3);
  for (const Spike& spike : simulate(spec, 1, 200)) {
    EXPECT_EQ(spike.step, last[spike.id] == 0 ? 1 : last[spike.id] + 21);
    last[spike.id] = spike.step;
  }
  EXPECT_EQ(last, std::vector<std::uint64_t>(3, 1 + 9 * 21));
}

TEST(Update, ReachingTheThresholdExactlyIsASpike) {
  ModelSpec spec = one_spike({1, 1}, 0.1);
  spec.projections[0].weight = std::vector<double>{15.0, 15.0 - 0x1p-10};  // V_th - E_L is 15 mV
  const std::vector<Spike> spikes = simulate(spec, 1, 10);
  ASSERT_EQ(spikes.size(), 1u);
  EXPECT_EQ(spikes[0], (Spike{2, 0}));
}

TEST(Update, DrawnThresholdsBelowTheResetAndEndlessRefractorinessAreRefused) {
  const auto with = [](NeuronParameter parameter, const Distribution& value) {
    ModelSpec spec;
    spec.populations = {population("N", 5, NeuronModel::iaf_psc_exp)};
    std::get<NeuronSpec>(spec.populations[0].kind).parameters[static_cast<std::size_t>(parameter)] = value;
    return spec;
  };
  try {
    static_cast<void>(make_cpu_engine(with(NeuronParameter::V_th, normal(-90, 1)), 1));
    FAIL() << "V_th below V_reset was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    EXPECT_NE(std::string(error.what()).find("population 'N', neuron 0: V_reset"), std::string::npos)
        << error.what();
  }
  EXPECT_THROW(
      static_cast<void>(make_cpu_engine(with(NeuronParameter::t_ref, Distribution::constant(1e9)), 1)),
      Error);
}

}  // namespace
}  // namespace sharpwave::testing
