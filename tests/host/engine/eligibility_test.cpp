// Three-factor plasticity in the engine: closed forms, and every synapse against its pairs.
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>

#include "tests/host/engine/taught_network.hpp"
#include "tests/reference/eligibility_reference.hpp"

namespace sharpwave::testing {
namespace {

constexpr double kTau = 200;  // of dopamine, ms

RegionSpec region_with_dopamine(double baseline, const std::vector<ModulatorEvent>& pulses) {
  RegionSpec region{.name = "striatum", .pulses = pulses};
  region.modulators[static_cast<std::size_t>(Modulator::dopamine)] =
      ModulatorSpec{.baseline = baseline, .min = 0, .max = 10, .tau_phasic_ms = kTau};
  return region;
}

StdpSpec eligible(const EligibilitySpec& eligibility) {
  return {.A_plus = 0.05,
          .A_minus = 0.04,
          .tau_plus_ms = 17,
          .tau_minus_ms = 34,
          .w_max = 10,
          .eligibility = eligibility};
}

/// One source, one target that a teacher makes fire, a delay of 1.5 ms between the source and the target.
ModelSpec pair_of(const StdpSpec& rule, std::vector<double> source_ms, std::vector<double> teacher_ms) {
  ModelSpec spec;
  const auto fires = [](std::vector<double> times_ms) {
    SpikeSourceSpec source;
    source.indices.assign(times_ms.size(), 0);
    source.times_ms = std::move(times_ms);
    return source;
  };
  spec.populations = {{.name = "source", .size = 1, .kind = fires(std::move(source_ms))},
                      {.name = "teacher", .size = 1, .kind = fires(std::move(teacher_ms))},
                      population("target", 1, NeuronModel::iaf_psc_delta)};
  std::get<NeuronSpec>(spec.populations[2].kind)[NeuronParameter::t_ref] = Distribution::constant(0);
  spec.projections = {projection(spec, 0, 2, ConnectionRule::one_to_one, 1, 1.5),
                      projection(spec, 1, 2, ConnectionRule::one_to_one, 40, 0.1)};
  spec.projections[0].plasticity = rule;
  return spec;
}

/// Of `a` at t = 0, with dopamine of 1 released after `lag_ms`, until `t_ms`, all in ms and per second.
double moved_by_a_pulse(double a, double tau_c, double lag_ms, double t_ms, double tau_n = kTau) {
  const double rate = 1 / tau_c + 1 / tau_n;
  return a * std::exp(-lag_ms / tau_c) * (1 - std::exp(-(t_ms - lag_ms) * rate)) / rate * 1e-3;
}
double moved_by_a_constant(double a, double level, double tau_c, double t_ms) {
  return a * level * tau_c * (1 - std::exp(-t_ms / tau_c)) * 1e-3;
}

// The pair ends when the target's spike has come back to the synapse: 41.5 ms, and its reward comes later.
TEST(Eligibility, OfAPairIsRewardedByLag) {
  constexpr double kTauC = 1000;
  for (const bool is_causal : {true, false})
    for (const double lag_ms : {0.0, 0.1, 10.0, 200.0, 1000.0, 5000.0}) {
      const StdpSpec rule = eligible({.baseline = 0.3, .tau_ms = kTauC, .rate_per_s = 2});
      // Target fires 0.1 ms after the teacher; its spike is at the synapse 1.5 ms later.
      ModelSpec spec = is_causal ? pair_of(rule, {30}, {39.9}) : pair_of(rule, {41.5}, {28.4});
      const auto reward = static_cast<std::uint64_t>(std::llround((41.5 + lag_ms) * 10));
      spec.regions = {region_with_dopamine(0.3, {{Modulator::dopamine, reward, 1.0}})};
      const auto engine = make_cpu_engine(spec, 1);
      const std::vector<Spike> spikes = simulate(*engine, 70000, 1000);
      ASSERT_EQ(spikes.size(), 1U);
      ASSERT_EQ(spikes[0].step, is_causal ? 400U : 285U);
      const double amplitude = 10 * (is_causal ? 0.05 * std::exp(-11.5 / 17) : -0.04 * std::exp(-11.5 / 34));
      const double expected = 1 + 2 * moved_by_a_pulse(amplitude, kTauC, lag_ms, 7000 - 41.5);
      EXPECT_NEAR(engine->read_weights(0, 1)[0], expected, 3e-7) << lag_ms << (is_causal ? "" : " acausal");
    }
}

TEST(Eligibility, FollowsOverlappingPulsesAndAModulatorBelowItsBaseline) {
  constexpr double kTauC = 500;
  const StdpSpec rule = eligible({.baseline = 0.5, .tau_ms = kTauC, .rate_per_s = 1});
  ModelSpec spec = pair_of(rule, {30}, {39.9});
  spec.regions = {region_with_dopamine(0.2, {{Modulator::dopamine, 1000, 0.4},
                                             {Modulator::dopamine, 1000, 0.3},
                                             {Modulator::dopamine, 1500, 0.5},
                                             {Modulator::dopamine, 4000, 2.0}})};
  const auto engine = make_cpu_engine(spec, 1);
  const double amplitude = 10 * 0.05 * std::exp(-11.5 / 17);
  int now = 0;
  for (const int steps : {414, 100, 486, 400, 1, 2000, 6000, 20000}) {
    static_cast<void>(simulate(*engine, static_cast<std::uint64_t>(steps), 300));
    now += steps;
    const double t_ms = 0.1 * now - 41.5;
    double expected = 1;
    if (t_ms > 0) expected += moved_by_a_constant(amplitude, 0.2 - 0.5, kTauC, t_ms);
    for (const auto& [at_ms, amount] : {std::pair(100.0, 0.7), {150.0, 0.5}, {400.0, 2.0}})
      if (0.1 * now > at_ms) expected += amount * moved_by_a_pulse(amplitude, kTauC, at_ms - 41.5, t_ms);
    EXPECT_NEAR(engine->read_weights(0, 1)[0], expected, 3e-7) << "after " << now << " steps";
  }
}

// A float that is multiplied step by step would be off by 0.6 % of such a time constant. Here the moved
// weight is as right as the floats that hold the trace and the weight: what a pair adds has its own rounding,
// that of the trace of the source (2e-7) and of their product; then trace and weight are rounded where the
// synapse is looked at, at the pair, every 2 tau_c, and when it is read. The tables are doubles, with two
// roundings a step; within a step the gate goes in a straight line, which of an exponential is off by (dt /
// tau)^2 / 12.
TEST(Eligibility, OfTwentySecondsKeepsItsPrecision) {
  constexpr double kTauC = 20000;
  constexpr double kRate = 5;
  StdpSpec rule = eligible({.baseline = 0.3, .tau_ms = kTauC, .rate_per_s = kRate});
  rule.w_max = 1000;
  const double amplitude = 1000 * 0.05 * std::exp(-11.5 / 17);
  for (const double tau_n : {kTau, 20000.0})
    for (const int lag_s : {10, 20, 60}) {
      ModelSpec spec = pair_of(rule, {30}, {39.9});
      const int pulse = 415 + 10000 * lag_s;  // steps
      spec.regions = {
          region_with_dopamine(0.3, {{Modulator::dopamine, static_cast<std::uint64_t>(pulse), 1}})};
      spec.regions[0].modulators[0]->tau_phasic_ms = tau_n;
      const auto engine = make_cpu_engine(spec, 1);
      const int steps = pulse + 20000;
      static_cast<void>(simulate(*engine, static_cast<std::uint64_t>(pulse - 1), 10000));
      EXPECT_EQ(engine->read_weights(0, 1)[0], 1) << "without dopamine beyond its baseline";
      static_cast<void>(simulate(*engine, static_cast<std::uint64_t>(steps - pulse + 1), 10000));
      const double lag_ms = 1000 * lag_s;
      const double moved = kRate * moved_by_a_pulse(amplitude, kTauC, lag_ms, lag_ms + 2000, tau_n);
      constexpr double kRounding = 0x1p-24;
      const double n_looks = 2 + std::floor(steps * 0.1 / (2 * kTauC));
      const double of_the_pair = 2e-7 + 2 * kRounding + n_looks * kRounding;
      const double of_the_tables = 2 * steps * 0x1p-53 + 0.01 / (12 * tau_n * tau_n);
      const double bound = moved * (of_the_pair + of_the_tables) + n_looks * kRounding * (1 + moved);
      EXPECT_LT(bound, 1e-6 * (1 + moved)) << "is the bound one?";
      EXPECT_GT(moved, 0.1);
      EXPECT_NEAR(engine->read_weights(0, 1)[0], 1 + moved, bound)
          << "after " << lag_s << " s, tau of dopamine " << tau_n << " ms";
    }
}

// Each step multiplies by a factor with an error of at most 2^-52 and rounds twice, of what is at most 1.
TEST(Eligibility, ModulatorsOfTwentySecondsKeepTheirPrecision) {
  RegionSpec region = region_with_dopamine(0.25, {{Modulator::dopamine, 100, 0.5}});
  region.crosstalk = false;
  region.modulators[0]->tau_phasic_ms = 20000;
  region.modulators[static_cast<std::size_t>(Modulator::serotonin)] =
      ModulatorSpec{.baseline = 0.9, .tau_tonic_ms = 20000};
  region.targets = {{Modulator::serotonin, 100, 0.1}};
  ModelSpec spec = pair_of(eligible({.tau_ms = 100}), {}, {});
  spec.regions = {region};
  const auto engine = make_cpu_engine(spec, 1);
  int now = 0;
  for (const int s : {10, 20, 60}) {
    const int steps = 100 + 10000 * s;
    static_cast<void>(simulate(*engine, static_cast<std::uint64_t>(steps - now), 10000));
    now = steps;
    const double left = std::exp(-s / 20.0);
    const double bound = steps * 0x1p-51;
    EXPECT_NEAR(engine->read_modulators()[0].dopamine, 0.25 + 0.5 * left, bound) << s;
    EXPECT_NEAR(engine->read_modulators()[0].serotonin, 0.1 + 0.8 * left, bound) << s;
  }
}

struct ThreeFactorRule {
  std::string name;
  StdpSpec rule;
  bool varies = false;  ///< serotonin stretches the time constant, step by step
};
void PrintTo(const ThreeFactorRule& c, std::ostream* out) {
  *out << c.name;
}

std::vector<ThreeFactorRule> three_factor_rules() {
  std::vector<ThreeFactorRule> all;
  for (const StdpPairing pairing : {StdpPairing::all_to_all, StdpPairing::symmetric})
    for (const bool axonal : {false, true})
      for (const bool varies : {false, true}) {
        StdpSpec rule{.pairing = pairing,
                      .axonal = axonal,
                      .A_plus = 0.02,
                      .A_minus = 0.03,
                      .tau_plus_ms = 3,
                      .tau_minus_ms = 5,
                      .w_max = 1e-2};
        rule.eligibility = {.baseline = 0.4, .tau_ms = 30, .rate_per_s = 0.5, .gated_tau_c = varies};
        all.push_back({std::string(pairing == StdpPairing::symmetric ? "symmetric" : "all_to_all") +
                           (axonal ? "_axonal" : "_dendritic") + (varies ? "_stretched" : ""),
                       rule, varies});
      }
  return all;
}

// Pulses of dopamine, some of which overlap, and serotonin that goes up and down.
const std::vector<ModulatorEvent> kPulses = {{Modulator::dopamine, 150, 1.0},
                                             {Modulator::dopamine, 700, 0.8},
                                             {Modulator::dopamine, 1100, 1.5},
                                             {Modulator::dopamine, 5000, 2.0},
                                             {Modulator::dopamine, 12000, 1}};
constexpr double kTauSerotonin = 60;

RegionSpec region_of(const ThreeFactorRule& c) {
  RegionSpec region = region_with_dopamine(0.3, kPulses);
  region.crosstalk = false;
  if (!c.varies) return region;
  region.modulators[static_cast<std::size_t>(Modulator::serotonin)] =
      ModulatorSpec{.baseline = 0.9, .tau_tonic_ms = kTauSerotonin};
  region.targets = {{Modulator::serotonin, 300, 0.1}, {Modulator::serotonin, 1300, 1.0}};
  return region;
}

double dopamine_at(double t_ms) {
  double level = 0.3;
  for (const ModulatorEvent& pulse : kPulses) {
    const double since_ms = t_ms - 0.1 * static_cast<double>(pulse.step);
    if (since_ms >= 0) level += pulse.value * std::exp(-since_ms / kTau);
  }
  return level;
}

double serotonin_at(int step) {
  const auto towards = [](double from, double to, int steps) {
    return to + (from - to) * std::exp(-0.1 * steps / kTauSerotonin);
  };
  if (step <= 300) return 0.9;
  const double low = towards(0.9, 0.1, std::min(step, 1300) - 300);
  return step <= 1300 ? low : towards(low, 1.0, step - 1300);
}

reference::EligibilitySetup eligibility_of(const ThreeFactorRule& c, int delay) {
  return {.pairs = {.pairs = static_cast<reference::Pairs>(c.rule.pairing),
                    .delay = delay,
                    .axonal = c.rule.axonal,
                    .tau_plus_ms = c.rule.tau_plus_ms,
                    .tau_minus_ms = c.rule.tau_minus_ms,
                    .plus = c.rule.A_plus * c.rule.w_max,
                    .minus = c.rule.A_minus * c.rule.w_max,
                    .initial = kInitial},
          .tau_ms = c.rule.eligibility->tau_ms,
          .rate_per_ms = c.rule.eligibility->rate_per_s * 1e-3,
          .gate =
              [](int step) {
                const auto at = [&](double part) { return dopamine_at((step + part) * 0.1) - 0.4; };
                return reference::GateOfStep{at(0), at(0.5), at(1 - 1e-9)};
              },
          .stretch =
              [&c](int step) {
                return c.varies ? std::clamp(0.5 + std::clamp(serotonin_at(step), 0.05, 1.0), 0.5, 1.5) : 1.0;
              }};
}

class EligibilityOfNetworks : public ::testing::TestWithParam<ThreeFactorRule> {};

// At any moment: soon after spikes, after a long silence, and on any number of threads.
TEST_P(EligibilityOfNetworks, FollowsThePairsOfRandomTrains) {
  const ThreeFactorRule& c = GetParam();
  for (const double probability : {0.0008, 0.02}) {
    const int steps = probability < 0.01 ? 16000 : 2000;
    Taught t = taught(c.rule, 1, steps, probability);
    t.spec.regions = {region_of(c)};
    for (const int threads : {1, 2}) {
      const auto engine = make_cpu_engine(t.spec, threads);
      const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
      std::vector<std::vector<int>> posts(kTargets);
      int now = 0;
      for (const int block : {200, 1, 7, steps - 208}) {
        for (const Spike& spike : simulate(*engine, static_cast<std::uint64_t>(block), 97))
          posts[spike.id].push_back(static_cast<int>(spike.step));
        now += block;
        const EngineState before = engine->save();
        const std::vector<float> weights = engine->read_weights(0, 1);
        EXPECT_EQ(engine->save(), before) << "looking has changed something";
        std::size_t n_changed = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) {
          const double expected = reference::eligible_weight_at(
              eligibility_of(c, static_cast<int>(synapses.delay_steps[k])),
              steps_of(t.sources, synapses.sources[k]), posts[synapses.targets[k]],
              now + (c.rule.axonal ? 1 : 0));  // as a spike finds it that arrives next
          ASSERT_NEAR(weights[k], expected, 1e-6 * c.rule.w_max)
              << synapses.sources[k] << " -> " << synapses.targets[k] << " after " << now << ", p "
              << probability;
          if (std::abs(static_cast<double>(weights[k]) - kInitial) > 2.5e-7) ++n_changed;
        }
        if (now == steps) {
          EXPECT_GT(n_changed, kSources * kTargets / 4);
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, EligibilityOfNetworks, ::testing::ValuesIn(three_factor_rules()),
                         [](const auto& c) { return c.param.name; });

TEST(Eligibility, LeavesWeightsWithinTheirBounds) {
  StdpSpec rule = eligible({.tau_ms = 100, .rate_per_s = 1000});
  rule.w_min = 2e-4;
  rule.w_max = 1e-3;
  Taught t = taught(rule, 1, 3000, 0.02);
  t.spec.regions = {region_with_dopamine(1, {})};
  const auto engine = make_cpu_engine(t.spec, 2);
  static_cast<void>(simulate(*engine, 3000, 100));
  std::size_t n_at_bounds = 0;
  for (const float w : engine->read_weights(0, 1)) {
    ASSERT_GE(w, 2e-4F);
    ASSERT_LE(w, 1e-3F);
    n_at_bounds += w == 2e-4F || w == 1e-3F ? 1 : 0;
  }
  EXPECT_GT(n_at_bounds, 10U);
}

}  // namespace
}  // namespace sharpwave::testing
