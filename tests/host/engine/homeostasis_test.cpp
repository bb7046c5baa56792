// Homeostasis of incoming weights in the engine: each target against a reference that takes pairs and
// scalings one by one, in the order of time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "host/base/error.hpp"
#include "tests/host/engine/rule_reference.hpp"
#include "tests/host/engine/taught_network.hpp"
#include "tests/reference/stdp_reference.hpp"

namespace sharpwave::testing {
namespace {

constexpr double kWMax = 1e-3;

HomeostasisSpec towards_total(std::uint64_t interval_steps) {
  return {.interval_steps = interval_steps, .total = 0.4 * kWMax * kSources};
}
HomeostasisSpec towards_rate(std::uint64_t interval_steps) {
  return {.interval_steps = interval_steps, .target_rate_Hz = 180, .strength = 0.2};
}

/// Intervals shorter than delays, of a step, and longer than it takes sources to let go.
std::vector<NamedRule> homeostatic_rules() {
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
                    .w_max = kWMax};
      const std::string name = std::string(names[pairing]) + (axonal ? "_axonal" : "_dendritic");
      rule.homeostasis = towards_total(7);
      all.push_back({name + "_total", rule});
      rule.homeostasis = towards_rate(137);
      all.push_back({name + "_rate", rule});
      rule.mu_plus = 0.5;
      rule.mu_minus = 1;
      rule.homeostasis = towards_total(1700);
      all.push_back({name + "_rarely_power_law_inhibitory", rule, -1});
    }
  StdpSpec rule{.A_plus = 0.02,
                .A_minus = 0.03,
                .triplet_plus = 0.04,
                .triplet_minus = 0.02,
                .tau_plus_ms = 3,
                .tau_minus_ms = 5,
                .tau_slow_plus_ms = 8,
                .tau_slow_minus_ms = 10,
                .w_max = kWMax,
                .homeostasis = towards_total(23)};
  all.push_back({"triplets", rule});
  rule = {.axonal = true, .A_plus = 0.005, .A_minus = -0.005, .per_pre = 0.04, .w_max = kWMax};
  rule.homeostasis = towards_total(1);
  all.push_back({"any_two_inhibitory_each_step", rule, -1});
  rule = {.A_plus = 0.05, .A_minus = 0.04, .tau_plus_ms = 3, .tau_minus_ms = 5, .w_max = kWMax};
  rule.learning_switches = {0, 400, 450, 800, 1700, 2500, 9000, 12000};
  rule.homeostasis = towards_rate(50);
  all.push_back({"in_windows", rule});
  rule.homeostasis =
      HomeostasisSpec{.interval_steps = 31, .relax_to = 0.9 * kWMax, .relaxation_rate_per_s = 3};
  all.push_back({"in_windows_relaxing", rule});
  rule.learning_switches = {0};
  rule.axonal = true;
  rule.w_min = 0.2 * kWMax;
  rule.homeostasis->relax_to = rule.w_min;
  all.push_back({"relaxing_to_its_bound_inhibitory", rule, -1});
  return all;
}

/// Between the same source and target one to three synapses, of different delays, between others none.
struct Scaled {
  Taught taught;
  std::vector<int> delays;  ///< [edge]
};

Scaled scaled_network(const StdpSpec& rule, double sign, int steps, double probability) {
  Scaled s{.taught = taught(rule, sign, steps, probability), .delays = {}};
  ProjectionSpec& p = s.taught.spec.projections[0];
  p.rule = ConnectionRule::explicit_list;
  std::vector<double> delays_ms;
  for (std::uint32_t i = 0; i < kSources; ++i)
    for (std::uint32_t j = 0; j < kTargets; ++j)
      for (std::uint32_t k = 0; k < 1 + (i + j) % 3 && (i + 2 * j) % 5 != 0; ++k) {
        p.edge_sources.push_back(i);
        p.edge_targets.push_back(j);
        s.delays.push_back(static_cast<int>(1 + (7 * i + 3 * j + 11 * k) % 37));
        delays_ms.push_back(0.1 * s.delays.back());
      }
  p.delay_ms = delays_ms;
  return s;
}

reference::ScaledTarget reference_of(const Scaled& s, const PlasticSynapses& synapses, std::uint32_t target,
                                     const std::vector<int>& posts) {
  const StdpSpec& rule = *s.taught.spec.projections[0].plasticity;
  const HomeostasisSpec& h = *rule.homeostasis;
  reference::ScaledTarget scaled{.synapses = {},
                                 .post = posts,
                                 .interval = static_cast<int>(h.interval_steps),
                                 .total = h.total.value_or(0),
                                 .rate_per_step = h.target_rate_Hz.value_or(1) * 1e-4,
                                 .strength = h.strength,
                                 .relax_to = h.relax_to,
                                 .relaxation_per_step = h.relaxation_rate_per_s * 1e-4};
  for (std::size_t k = 0; k < synapses.sources.size(); ++k)
    if (synapses.targets[k] == target)
      scaled.synapses.push_back({setup_of(rule, static_cast<int>(synapses.delay_steps[k])),
                                 steps_of(s.taught.sources, synapses.sources[k])});
  return scaled;
}

class Homeostasis : public ::testing::TestWithParam<NamedRule> {};

// In a run of 3,000 steps a synapse has some 150 events. Each rounds the weight by at most 2^-25 of w_max,
// and its change, below 0.1 w_max, by a few 2^-24 of itself; scaling to a total passes on what it finds, and
// towards a rate multiplies it by less than 3 in all.
TEST_P(Homeostasis, EveryTargetFollowsItsReference) {
  const StdpSpec& rule = GetParam().rule;
  for (const double probability :
       {0.0008, 0.02}) {  // often silent for longer than any trace lasts, and never
    const int steps = probability < 0.01 ? 6000 : 1500;
    const Scaled s = scaled_network(rule, GetParam().sign, steps, probability);
    const auto engine = make_cpu_engine(s.taught.spec, 1);
    const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
    ASSERT_EQ(synapses.sources.size(), s.delays.size());
    std::vector<std::vector<int>> posts(kTargets);
    int now = 0;
    double largest_change = 0;
    for (const int n : {139, 1, 1, 6, steps / 2, steps / 2 - 147}) {
      for (const Spike& spike : simulate(*engine, static_cast<std::uint64_t>(n), 97))
        posts[spike.id].push_back(static_cast<int>(spike.step));
      now += n;
      const EngineState before = engine->save();
      const std::vector<float> weights = engine->read_weights(0, 1);
      EXPECT_TRUE(engine->save() == before) << "looking has changed something";
      for (std::uint32_t j = 0; j < kTargets; ++j) {
        const std::vector<double> expected =
            reference::scaled_weights(reference_of(s, synapses, j, posts[j]), now);
        std::size_t at = 0;
        for (std::size_t k = 0; k < weights.size(); ++k) {
          if (synapses.targets[k] != j) continue;
          largest_change = std::max(largest_change, std::abs(expected[at] - kInitial));
          ASSERT_NEAR(weights[k], expected[at++], 2e-5 * kWMax)
              << synapses.sources[k] << " -> " << j << " after " << now << ", p " << probability;
        }
      }
    }
    EXPECT_GT(largest_change, 0.1 * kWMax);
  }
}

// To bring synapses up to date in between takes the same spikes in the same order.
TEST_P(Homeostasis, AFactorOfOneChangesNoBit) {
  StdpSpec rule = GetParam().rule;
  rule.homeostasis = HomeostasisSpec{
      .interval_steps = rule.homeostasis->interval_steps, .target_rate_Hz = 100, .strength = 1e-300};
  for (const double probability : {0.0008, 0.02}) {
    Scaled s = scaled_network(rule, GetParam().sign, 4000, probability);
    const auto engine = make_cpu_engine(s.taught.spec, 1);
    s.taught.spec.projections[0].plasticity->homeostasis.reset();
    const auto without = make_cpu_engine(s.taught.spec, 1);
    for (const std::uint64_t n : {100, 1, 45, 1000, 2800}) {
      EXPECT_EQ(simulate(*engine, n, n), simulate(*without, n, n));
      ASSERT_EQ(engine->read_weights(0, 1), without->read_weights(0, 1));
    }
    const PlasticityReading a = engine->read_plasticity()[0];
    const PlasticityReading b = without->read_plasticity()[0];
    EXPECT_EQ(a.depressions, b.depressions);
    EXPECT_EQ(a.potentiations, b.potentiations);
    EXPECT_EQ(a.histogram, b.histogram);
  }
}

TEST_P(Homeostasis, IsTheSameOnAnyThreadsAndAfterARestore) {
  constexpr std::uint64_t kSteps = 1800;
  const Scaled s = scaled_network(GetParam().rule, GetParam().sign, kSteps, 0.02);
  const auto whole = make_cpu_engine(s.taught.spec, 1);
  const std::uint64_t interval = GetParam().rule.homeostasis->interval_steps;
  std::vector<std::uint64_t> cuts;
  for (const std::uint64_t cut : {interval - 1, interval, 9 * interval + 1})
    if (cut > 0 && cut < kSteps) cuts.push_back(cut);
  std::vector<EngineState> states;
  std::uint64_t now = 0;
  for (const std::uint64_t cut : cuts) {
    static_cast<void>(simulate(*whole, cut - now, 50));
    now = cut;
    states.push_back(whole->save());
  }
  static_cast<void>(simulate(*whole, kSteps - now, 50));
  const EngineState end = whole->save();
  const auto readings = whole->read_plasticity();
  for (const int threads : {1, 3}) {
    const auto other = make_cpu_engine(s.taught.spec, threads);
    static_cast<void>(simulate(*other, kSteps, 500));
    EXPECT_TRUE(other->save() == end) << threads;
    for (std::size_t k = 0; k < cuts.size(); ++k) {
      other->restore(states[k]);
      static_cast<void>(simulate(*other, kSteps - cuts[k], 31));
      EXPECT_TRUE(other->save() == end) << threads << " from " << cuts[k];
      EXPECT_TRUE(other->read_plasticity() == readings) << threads << " from " << cuts[k];
    }
  }
}

// A network that goes on at step 0 with what another has learnt knows how far its synapses are.
TEST_P(Homeostasis, AStateOfAnotherTimeGoesOnAsItIs) {
  const Scaled s = scaled_network(GetParam().rule, GetParam().sign, 3000, 0.02);
  const auto engine = make_cpu_engine(s.taught.spec, 1);
  static_cast<void>(simulate(*engine, 1711, 50));
  EngineState state = engine->save();
  state.step = 0;
  for (std::uint32_t& n : state.plastic[0].target_spikes) n = 0;
  const auto other = make_cpu_engine(s.taught.spec, 2);
  other->restore(state);
  if (GetParam().rule.learning_switches.size() == 1) {
    EXPECT_EQ(other->read_weights(0, 1), engine->read_weights(0, 1));
  }
}

TEST_P(Homeostasis, WeightsStayAsTheyAreWhereLearningIsOff) {
  StdpSpec rule = GetParam().rule;
  rule.learning_switches.clear();
  const Scaled s = scaled_network(rule, GetParam().sign, 2000, 0.02);
  const auto engine = make_cpu_engine(s.taught.spec, 2);
  static_cast<void>(simulate(*engine, 2000, 100));
  const EngineState state = engine->save();
  for (const float w : state.plastic[0].weights) ASSERT_EQ(w, static_cast<float>(kInitial));
  for (const float w : engine->read_weights(0, 1)) ASSERT_EQ(w, static_cast<float>(kInitial));
}

INSTANTIATE_TEST_SUITE_P(Cases, Homeostasis, ::testing::ValuesIn(homeostatic_rules()),
                         [](const auto& c) { return c.param.name; });

/// No spikes of sources: what changes is scaled.
Scaled silent_network(const HomeostasisSpec& homeostasis, double w_min) {
  StdpSpec rule{.axonal = true, .w_min = w_min, .w_max = kWMax};
  rule.homeostasis = homeostasis;
  Scaled s = scaled_network(rule, 1, 500, 0.02);
  std::get<SpikeSourceSpec>(s.taught.spec.populations[0].kind) = {};
  return s;
}

// Each weight is off by half an ulp, below 2^-25 w_max, and its term of the sum by 2^-32.
TEST(HomeostasisOfWeights, SumsAreWhatTheyAreToBe) {
  Scaled s = silent_network({.interval_steps = 100, .total = 0.7 * kWMax}, 0);
  ProjectionSpec& p = s.taught.spec.projections[0];
  std::vector<double> weights;
  for (std::size_t k = 0; k < s.delays.size(); ++k) weights.push_back(kWMax * (1 + double(k % 17)) / 18);
  p.weight = weights;
  const auto engine = make_cpu_engine(s.taught.spec, 1);
  const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
  const std::vector<float> before = engine->read_weights(0, 1);
  static_cast<void>(simulate(*engine, 99, 99));
  EXPECT_EQ(engine->read_weights(0, 1), before) << "a step before its time";
  static_cast<void>(simulate(*engine, 1, 1));
  const std::vector<float> after = engine->read_weights(0, 1);
  for (std::uint32_t j = 0; j < kTargets; ++j) {
    double sum_before = 0, sum_after = 0;
    int n = 0;
    for (std::size_t k = 0; k < after.size(); ++k) {
      if (synapses.targets[k] != j) continue;
      sum_before += static_cast<double>(before[k]);
      sum_after += static_cast<double>(after[k]);
      ++n;
    }
    ASSERT_GT(n, 3);
    EXPECT_NEAR(sum_after, 0.7 * kWMax, n * 0x1.02p-25 * kWMax);
    for (std::size_t k = 0; k < after.size(); ++k)
      if (synapses.targets[k] == j) {
        EXPECT_NEAR(after[k], static_cast<double>(before[k]) * 0.7 * kWMax / sum_before, 0x1.02p-25 * kWMax);
      }
  }
  EXPECT_EQ(engine->read_plasticity()[0].unchanged_steps, 0U);
  EXPECT_EQ(engine->read_plasticity()[0].raised, 0U) << "counts are of spikes";
}

TEST(HomeostasisOfWeights, NothingIsMadeOfNothing) {
  Scaled s = silent_network({.interval_steps = 50, .total = kWMax}, 0);
  std::vector<double> weights;
  for (const std::uint32_t target : s.taught.spec.projections[0].edge_targets)
    weights.push_back(target == 3 ? 0.0 : kInitial);
  s.taught.spec.projections[0].weight = weights;
  const auto engine = make_cpu_engine(s.taught.spec, 2);
  static_cast<void>(simulate(*engine, 500, 100));
  const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
  const std::vector<float> after = engine->read_weights(0, 1);
  for (std::size_t k = 0; k < after.size(); ++k) EXPECT_EQ(after[k] == 0, synapses.targets[k] == 3) << k;
}

TEST(HomeostasisOfWeights, TheBoundsHold) {
  for (const double total : {1e-30, 1e-9, 1e30}) {
    const Scaled s = silent_network({.interval_steps = 50, .total = total}, 0.1 * kWMax);
    const auto engine = make_cpu_engine(s.taught.spec, 1);
    static_cast<void>(simulate(*engine, 50, 50));
    const auto bound = static_cast<float>(total < 1 ? 0.1 * kWMax : kWMax);
    for (const float w : engine->read_weights(0, 1)) EXPECT_EQ(w, bound);
  }
  // Far above the rate that it is to have, a neuron loses all that it may.
  const Scaled s =
      silent_network({.interval_steps = 250, .target_rate_Hz = 1e-3, .strength = 1e6}, 0.1 * kWMax);
  const auto engine = make_cpu_engine(s.taught.spec, 1);
  static_cast<void>(simulate(*engine, 250, 50));
  for (const float w : engine->read_weights(0, 1)) EXPECT_EQ(w, static_cast<float>(0.1 * kWMax));
}

// 2,000 times a 10,000th of the way is 1 - e^-0.2 of it; each time a weight is off by half an ulp, 2^-25
// w_max.
TEST(HomeostasisOfWeights, RelaxTowardsOneWeight) {
  const HomeostasisSpec homeostasis{
      .interval_steps = 100, .relax_to = 0.5 * kWMax, .relaxation_rate_per_s = 1e-2};
  Scaled s = silent_network(homeostasis, 0);
  std::vector<double> weights;
  for (std::size_t k = 0; k < s.delays.size(); ++k) weights.push_back(kWMax * double(k % 18) / 17);
  s.taught.spec.projections[0].weight = weights;
  const auto engine = make_cpu_engine(s.taught.spec, 1);
  const std::vector<float> before = engine->read_weights(0, 1);
  static_cast<void>(simulate(*engine, 200'000, 1000));
  const std::vector<float> after = engine->read_weights(0, 1);
  for (std::size_t k = 0; k < after.size(); ++k)
    EXPECT_NEAR(after[k], 0.5 * kWMax + (static_cast<double>(before[k]) - 0.5 * kWMax) * std::exp(-0.2),
                2000 * 0x1p-24 * kWMax);
}

// An eligibility trace fills the weight by a constant gate, and a weight alone is multiplied to the total.
TEST(HomeostasisOfWeights, LeavesEligibilitiesAsTheyAre) {
  RegionSpec region{.name = "striatum"};
  region.modulators[0] = ModulatorSpec{.baseline = 0.6, .min = 0, .max = 1};
  constexpr double kTauC = 300;
  constexpr double kTotal = 2;
  for (const bool axonal : {false, true}) {
    StdpSpec rule{.axonal = axonal, .A_plus = 0.05, .A_minus = 0.04, .tau_plus_ms = 17, .w_max = 10};
    rule.eligibility = EligibilitySpec{.baseline = 0.1, .tau_ms = kTauC, .rate_per_s = 3};
    rule.homeostasis = HomeostasisSpec{.interval_steps = 1000, .total = kTotal};
    ModelSpec spec;
    spec.regions = {region};
    spec.populations = {{.name = "source", .size = 1, .kind = SpikeSourceSpec{{0}, {30.0}}},
                        {.name = "teacher", .size = 1, .kind = SpikeSourceSpec{{0}, {44.9}}},
                        population("target", 1, NeuronModel::iaf_psc_delta)};
    spec.projections = {projection(spec, 0, 2, ConnectionRule::one_to_one, 1, 1.5),
                        projection(spec, 1, 2, ConnectionRule::one_to_one, 40, 0.1)};
    spec.projections[0].plasticity = rule;
    const auto engine = make_cpu_engine(spec, 1);
    // The target fires at 45 ms; 1.5 ms later or earlier for the synapse.
    const double dt_ms = axonal ? 45 - 31.5 : 46.5 - 30;
    const double begin_ms = axonal ? 45 : 46.5;
    const double c = 10 * 0.05 * std::exp(-dt_ms / 17);
    const auto moved = [&](double from_ms, double to_ms) {
      return 3e-3 * 0.5 * c * kTauC *
             (std::exp(-(from_ms - begin_ms) / kTauC) - std::exp(-(to_ms - begin_ms) / kTauC));
    };
    static_cast<void>(simulate(*engine, 999, 333));
    EXPECT_NEAR(engine->read_weights(0, 1)[0], 1 + moved(begin_ms, 99.9 + (axonal ? 0.1 : 0)), 1e-5);
    // It acts on the weight as a spike finds it that arrives a step later.
    const double lag_ms = axonal ? 0.1 : 0.1 - 1.5;
    static_cast<void>(simulate(*engine, 1, 1));
    EXPECT_NEAR(engine->read_weights(0, 1)[0], kTotal + moved(100 + lag_ms, 100 + (axonal ? 0.1 : 0)), 1e-5);
    static_cast<void>(simulate(*engine, 500, 100));
    EXPECT_NEAR(engine->read_weights(0, 1)[0], kTotal + moved(100 + lag_ms, 150 + (axonal ? 0.1 : 0)), 1e-5);
    static_cast<void>(simulate(*engine, 20000, 100));
    EXPECT_NEAR(engine->read_weights(0, 1)[0], kTotal + moved(2100 + lag_ms, 2150), 1e-5);
  }
}

}  // namespace
}  // namespace sharpwave::testing
