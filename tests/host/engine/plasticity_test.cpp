// Plastic projections in the engine: each synapse against a reference that looks at its pairs alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/reference/stdp_reference.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint32_t kSources = 12;
constexpr std::uint32_t kTargets = 9;

SpikeSourceSpec random_spikes(std::uint32_t size, int steps, double probability, std::mt19937& random) {
  std::bernoulli_distribution fires(probability);
  SpikeSourceSpec source;
  for (int step = 1; step < steps; ++step)
    for (std::uint32_t i = 0; i < size; ++i)
      if (fires(random)) {
        source.indices.push_back(i);
        source.times_ms.push_back(0.1 * step);
      }
  return source;
}

std::vector<int> steps_of(const SpikeSourceSpec& source, std::uint32_t index) {
  std::vector<int> steps;
  for (std::size_t k = 0; k < source.indices.size(); ++k)
    if (source.indices[k] == index) steps.push_back(static_cast<int>(source.times_ms[k] * 10 + 0.5));
  return steps;
}

struct Case {
  std::string name;
  StdpSpec rule;
  double sign = 1;
};

/// Sources whose plastic synapses are too weak to make anybody fire, and teachers that do: of target j the
/// delay is 1 + 4 j steps.
struct Taught {
  SpikeSourceSpec sources;
  ModelSpec spec;
};

Taught taught(const Case& c, int steps, double probability) {
  std::mt19937 random(17);
  Taught t{.sources = random_spikes(kSources, steps, probability, random), .spec = {}};
  t.spec.populations = {
      {.name = "source", .size = kSources, .kind = t.sources},
      {.name = "teacher", .size = kTargets, .kind = random_spikes(kTargets, steps, probability, random)},
      population("target", kTargets, NeuronModel::iaf_psc_delta)};
  std::get<NeuronSpec>(t.spec.populations[2].kind)[NeuronParameter::t_ref] = Distribution::constant(0);
  ProjectionSpec plastic = projection(t.spec, 0, 2, ConnectionRule::all_to_all, c.sign * 5e-4, 0);
  std::vector<double> delays;
  for (std::uint32_t j = 0; j < kTargets; ++j) delays.push_back(0.1 * (1 + 4 * j));
  plastic.delay_ms = delays;
  plastic.plasticity = c.rule;
  t.spec.projections = {plastic, projection(t.spec, 1, 2, ConnectionRule::one_to_one, 40, 0.1)};
  return t;
}

std::vector<Case> cases() {
  std::vector<Case> all;
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
  return all;
}

class Plasticity : public ::testing::TestWithParam<Case> {};

TEST_P(Plasticity, EverySynapseFollowsItsPairs) {
  const StdpSpec& rule = GetParam().rule;
  for (const double probability :
       {0.0008, 0.02}) {  // often silent for longer than any trace lasts, and never
    const int steps = probability < 0.01 ? 20000 : 3000;
    const Taught t = taught(GetParam(), steps, probability);
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
          // A source that has been silent for long has let go: as if a spike came when nothing is left to
          // pair with.
          if (state.plastic[0].source_last_age[i] == PlasticState::kNever && !pre.empty())
            pre.push_back(10 * steps);
          const std::vector<double> expected =
              reference::weights_of({.pairs = static_cast<reference::Pairs>(rule.pairing),
                                     .delay = delay,
                                     .axonal = rule.axonal,
                                     .tau_plus_ms = rule.tau_plus_ms,
                                     .tau_minus_ms = rule.tau_minus_ms,
                                     .plus = rule.A_plus * rule.w_max,
                                     .minus = rule.A_minus * rule.w_max,
                                     .mu_plus = rule.mu_plus,
                                     .mu_minus = rule.mu_minus,
                                     .w_max = rule.w_max,
                                     .initial = 5e-4},
                                    pre, posts[j]);
          const double seen = state.plastic[0].weights[i * kTargets + j];
          if (expected.empty()) continue;
          ASSERT_NEAR(seen, expected.back(), 2e-5 * rule.w_max) << i << " -> " << j << ", p " << probability;
          if (std::abs(seen - 5e-4) > 1e-6) ++n_changed;
        }
      EXPECT_GT(n_changed, kSources * kTargets / 4);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Plasticity, ::testing::ValuesIn(cases()),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sharpwave::testing
