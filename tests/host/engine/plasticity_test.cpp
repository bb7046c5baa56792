// Plastic projections in the engine: each synapse against a reference that looks at its pairs alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/host/engine/rule_reference.hpp"
#include "tests/host/engine/taught_network.hpp"
#include "tests/reference/stdp_reference.hpp"

namespace sharpwave::testing {
namespace {

std::vector<NamedRule> plastic_rules() {
  std::vector<NamedRule> all;
  const char* const names[] = {"all_to_all", "symmetric", "presynaptic", "restricted"};
  for (int pairing = 0; pairing < 4; ++pairing)
    for (const bool axonal : {false, true}) {
      StdpSpec rule{.pairing = static_cast<StdpPairing>(pairing),
                    .axonal = axonal,
                    .A_plus = 0.05,
                    .A_minus = 0.04,
                    .tau_plus_ms = 3,
                    .tau_minus_ms = 5,
                    .w_max = 1e-3};
      all.push_back({std::string(names[pairing]) + (axonal ? "_axonal" : "_dendritic"), rule});
      rule.mu_plus = 0.5;
      rule.mu_minus = 1;
      all.push_back({all.back().name + "_power_law_inhibitory", rule, -1});
    }
  StdpSpec rule{.A_plus = 0.02,
                .A_minus = 0.03,
                .triplet_plus = 0.04,
                .triplet_minus = 0.02,
                .tau_plus_ms = 3,
                .tau_minus_ms = 5,
                .tau_slow_plus_ms = 8,
                .tau_slow_minus_ms = 10,
                .w_max = 1e-3};
  all.push_back({"triplets", rule});
  rule = {.axonal = true, .A_plus = 0.005, .A_minus = -0.005, .per_pre = 0.04, .w_max = 1e-3};
  all.push_back({"any_two_inhibitory", rule, -1});
  rule = {.A_plus = 0.0005, .A_minus = -0.0005, .w_max = 1e-3};  // which nothing weakens
  all.push_back({"any_two_alone", rule});
  for (const bool axonal : {false, true}) {
    rule = {.axonal = axonal,
            .power_law = true,
            .A_plus = 0.05,
            .A_minus = 0.04,
            .tau_plus_ms = 3,
            .tau_minus_ms = 5,
            .mu_plus = 0.4,
            .mu_minus = 1,
            .w_max = 1e-3};
    all.push_back({axonal ? "power_law_axonal" : "power_law", rule});
  }
  rule = {.A_plus = 0.05, .A_minus = 0.04, .tau_plus_ms = 3, .tau_minus_ms = 5, .w_max = 1e-3};
  rule.learning_switches = {0, 400, 450, 800, 1700, 2500, 9000, 12000};
  all.push_back({"in_windows", rule});
  return all;
}

class Plasticity : public ::testing::TestWithParam<NamedRule> {};

TEST_P(Plasticity, EverySynapseFollowsItsPairs) {
  const StdpSpec& rule = GetParam().rule;
  for (const double probability :
       {0.0008, 0.02}) {  // often silent for longer than any trace lasts, and never
    const int steps = probability < 0.01 ? 20000 : 3000;
    const Taught t = taught(rule, GetParam().sign, steps, probability);
    for (const int threads : {1, 2}) {
      const auto engine = make_cpu_engine(t.spec, threads);
      std::vector<std::vector<int>> posts(kTargets);
      for (const Spike& spike : simulate(*engine, static_cast<std::uint64_t>(steps), 97))
        posts[spike.id].push_back(static_cast<int>(spike.step));
      const EngineState state = engine->save();
      ASSERT_EQ(state.plastic.size(), 1u);
      ASSERT_EQ(state.plastic[0].weights.size(), kSources * kTargets);
      std::size_t n_changed = 0;
      for (std::uint32_t i = 0; i < kSources; ++i)
        for (std::uint32_t j = 0; j < kTargets; ++j) {
          const int delay = static_cast<int>(1 + 4 * j);
          std::vector<int> pre = steps_of(t.sources, i);
          std::erase_if(pre, [&](int step) { return step + delay > steps; });
          // One that has been silent for long has let go: its synapses know all that the target has done.
          if (pre.empty()) continue;
          const bool has_let_go = state.plastic[0].source_last_age[i] == PlasticState::kNever;
          const double expected = has_let_go
                                      ? reference::weight_after(setup_of(rule, delay), pre, posts[j])
                                      : reference::weights_of(setup_of(rule, delay), pre, posts[j]).back();
          const double seen = state.plastic[0].weights[i * kTargets + j];
          ASSERT_NEAR(seen, expected, 2e-5 * rule.w_max) << i << " -> " << j << ", p " << probability;
          if (std::abs(seen - 5e-4) > 1e-6) ++n_changed;
        }
      EXPECT_GT(n_changed, kSources * kTargets / 4);
    }
  }
}

// At any moment, and not only when a spike has arrived.
TEST_P(Plasticity, IsReadAsItIsNow) {
  const StdpSpec& rule = GetParam().rule;
  const Taught t = taught(rule, GetParam().sign, 3000, 0.02);
  const auto engine = make_cpu_engine(t.spec, 2);
  const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
  ASSERT_EQ(synapses.sources.size(), kSources * kTargets);
  std::vector<std::vector<int>> posts(kTargets);
  int now = 0;
  for (const int steps : {200, 1, 2, 7, 1500}) {
    for (const Spike& spike : simulate(*engine, static_cast<std::uint64_t>(steps), 97))
      posts[spike.id].push_back(static_cast<int>(spike.step));
    now += steps;
    const EngineState before = engine->save();
    const std::vector<float> weights = engine->read_weights(0, 1);
    EXPECT_EQ(engine->save(), before) << "looking has changed something";
    ASSERT_EQ(weights.size(), synapses.sources.size());
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const int delay = static_cast<int>(synapses.delay_steps[k]);
      EXPECT_EQ(delay, static_cast<int>(1 + 4 * synapses.targets[k]));
      std::vector<int> pre = steps_of(t.sources, synapses.sources[k]);
      std::vector<int> post = posts[synapses.targets[k]];
      // What a spike does in the step itself is seen after the next one.
      std::erase_if(pre, [&](int step) { return rule.axonal ? step + delay > now : step >= now; });
      std::erase_if(post, [&](int step) { return !rule.axonal && step + delay > now; });
      ASSERT_NEAR(weights[k], reference::weight_after(setup_of(rule, delay), pre, post), 2e-5 * rule.w_max)
          << synapses.sources[k] << " -> " << synapses.targets[k] << " after " << now;
    }
    const std::vector<float> some = engine->read_weights(0, 7);
    ASSERT_EQ(some.size(), (weights.size() + 6) / 7);
    for (std::size_t k = 0; k < some.size(); ++k) EXPECT_EQ(some[k], weights[7 * k]);
  }
}

// One spike of each source, learning off: what is read at a glance and one by one is what they were at first.
TEST_P(Plasticity, NothingIsSeenToBeLearntWhereLearningIsOff) {
  StdpSpec rule = GetParam().rule;
  rule.learning_switches = {500};
  Taught t = taught(rule, GetParam().sign, 400, 0.02);
  auto& sources = std::get<SpikeSourceSpec>(t.spec.populations[0].kind);
  sources = {};
  for (std::uint32_t source = 0; source < kSources; ++source) {
    sources.indices.push_back(source);
    sources.times_ms.push_back(10.0);
  }
  const auto engine = make_cpu_engine(t.spec, 1);
  static_cast<void>(simulate(*engine, 400, 97));
  for (const float w : engine->read_weights(0, 1)) ASSERT_EQ(w, 5e-4F);
  const PlasticityReading reading = engine->read_plasticity()[0];
  EXPECT_EQ(reading.raised + reading.lowered, 0U);
  std::uint64_t n_others = 0;
  for (std::size_t k = 0; k < reading.histogram.size(); ++k)
    if (reading.histogram[k] != kSources * kTargets) n_others += reading.histogram[k];
  EXPECT_EQ(n_others, 0U) << "not all weights are in one bin";
}

TEST_P(Plasticity, IsCountedTheSameOnAnyThreadsAndAfterARestore) {
  const StdpSpec& rule = GetParam().rule;
  const Taught t = taught(rule, GetParam().sign, 3000, 0.02);
  const auto engine = make_cpu_engine(t.spec, 1);
  static_cast<void>(simulate(*engine, 1500, 97));
  const EngineState half = engine->save();
  static_cast<void>(simulate(*engine, 1500, 97));
  const std::vector<PlasticityReading> readings = engine->read_plasticity();
  ASSERT_EQ(readings.size(), 1U);
  const PlasticityReading& r = readings[0];

  std::uint64_t arrivals = 0;
  for (std::size_t k = 0; k < t.sources.indices.size(); ++k)
    for (std::uint32_t j = 0; j < kTargets; ++j)
      arrivals +=
          static_cast<int>(t.sources.times_ms[k] * 10 + 0.5) + 1 + 4 * static_cast<int>(j) <= 3000 ? 1 : 0;
  EXPECT_EQ(r.updates, arrivals);
  EXPECT_GT(r.potentiations, 100U);
  if (rule.A_minus > 0 || rule.per_pre > 0) {
    EXPECT_GT(r.depressions, 100U);
  } else {
    EXPECT_EQ(r.depressions, 0U);
  }
  EXPECT_LE(r.depressions, r.updates);
  double change = 0;  // also by what no spike of the source has found yet
  const EngineState end = engine->save();
  for (const float w : engine->read_weights(0, 1)) change += static_cast<double>(w) - 5e-4;
  const double counted = (static_cast<double>(r.raised) - static_cast<double>(r.lowered)) *
                         PlasticityReading::kUnit * rule.w_max;
  EXPECT_NEAR(counted, change, 1e-5 * rule.w_max * kSources * kTargets);

  const std::vector<float> weights = engine->read_weights(0, 1);
  double sum = 0;
  std::vector<std::uint64_t> histogram(PlasticityReading::kBins);
  for (const float w : weights) {
    sum += static_cast<double>(w);
    const auto bin = static_cast<std::size_t>(static_cast<double>(w) /
                                              static_cast<double>(static_cast<float>(rule.w_max)) * 50);
    ++histogram[std::min<std::size_t>(bin, 49)];
  }
  EXPECT_NEAR(static_cast<double>(r.weight_sum) * PlasticityReading::kUnit * rule.w_max, sum, 1e-6 * sum);
  EXPECT_EQ(std::vector<std::uint64_t>(r.histogram.begin(), r.histogram.end()), histogram);
  EXPECT_EQ(r.at_max, std::count(weights.begin(), weights.end(), static_cast<float>(rule.w_max)));
  EXPECT_EQ(r.at_min, std::count(weights.begin(), weights.end(), 0.0F));
  if (rule.learning_switches.size() == 1) {
    EXPECT_LT(r.unchanged_steps, 100U);
  }

  for (const int threads : {1, 3}) {
    const auto other = make_cpu_engine(t.spec, threads);
    static_cast<void>(simulate(*other, 3000, 500));
    EXPECT_EQ(other->read_plasticity(), readings) << threads;
    other->restore(half);
    static_cast<void>(simulate(*other, 1500, 31));
    EXPECT_EQ(other->read_plasticity(), readings) << threads << ", restored";
  }
}

/// All sources fire in step 10; what the target's potential has jumped by in step 15.
double jump_by_all_at_once(std::uint32_t n, double weight, double w_max, double finer) {
  ModelSpec spec;
  SpikeSourceSpec source;
  for (std::uint32_t i = 0; i < n; ++i) {
    source.indices.push_back(i);
    source.times_ms.push_back(1.0);
  }
  spec.populations = {{.name = "source", .size = n, .kind = source},
                      population("target", 2, NeuronModel::iaf_psc_delta)};
  auto& target = std::get<NeuronSpec>(spec.populations[1].kind);
  target[NeuronParameter::V_th] = Distribution::constant(1e9);
  spec.projections = {projection(spec, 0, 1, ConnectionRule::all_to_all, weight, 0.5),
                      projection(spec, 0, 1, ConnectionRule::one_to_one, finer, 0.1)};
  spec.projections[0].target.start = 1;
  spec.projections[0].plasticity = StdpSpec{.w_max = w_max};
  spec.projections[1].name = "finer";
  spec.projections[1].target.stop = 1;  // it makes the grid finer, and is the other neuron's
  spec.projections[1].source.stop = 1;
  const auto engine = make_cpu_engine(spec, 1);
  static_cast<void>(simulate(*engine, 15, 15));
  return std::get<std::vector<float>>(engine->save().populations[0].variables[0].values)[1];
}

// Of each weight half a unit is lost at most, and a unit is w_max / 16,383.75 or finer; the potential is a
// float.
TEST(PlasticDelivery, OfManyWeightsAtTheirBoundLosesNothing) {
  for (const double w_max : {0.1, 0.7, 32767.4, 1e5})
    for (const double sign : {1.0, -1.0})
      for (const std::uint32_t n : {1U, 12U, 1000U}) {
        const double sum = sign * n * static_cast<double>(static_cast<float>(w_max));
        EXPECT_NEAR(jump_by_all_at_once(n, sign * w_max, w_max, 0), sum,
                    n * w_max / 32767.5 + 0x1p-24 * std::abs(sum))
            << n << " x " << w_max;
      }
}

// w_max is 2^31 - 64 units; the weight is the float next to it, which has 2^31.
TEST(PlasticDelivery, OfAWeightThatIsRoundedUpToItsFloatFitsTheAccumulator) {
  for (const double sign : {1.0, -1.0})
    EXPECT_EQ(jump_by_all_at_once(1, sign * (0x1p17 - 0x1p-8), 0x1p17 - 0x1p-8, 1), sign * 0x1p17);
}

INSTANTIATE_TEST_SUITE_P(Cases, Plasticity, ::testing::ValuesIn(plastic_rules()),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sharpwave::testing
