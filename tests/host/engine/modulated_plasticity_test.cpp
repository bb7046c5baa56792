// Plasticity under neuromodulators that all move: every synapse against its pairs and the equations of a
// region, over random trains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "tests/host/engine/taught_network.hpp"
#include "tests/reference/eligibility_reference.hpp"
#include "tests/reference/modulator_reference.hpp"

namespace sharpwave::testing {
namespace {

using reference::GateOfStep;
using reference::RegionLevels;
using reference::RegionSetup;

// Relative errors of float: of one operation, and of what is left of a trace (2e-7) with the operations that
// make a change of it.
constexpr double kRounding = 0x1p-24;
constexpr double kOfTrace = 2e-7 + 3 * kRounding;

struct ModulatedRule {
  std::string name;
  StdpSpec rule;
  bool crosstalk = true;
};
void PrintTo(const ModulatedRule& c, std::ostream* out) {
  *out << c.name;
}

constexpr const char* kPairings[] = {"all_to_all", "symmetric", "presynaptic", "restricted"};

std::string name_of(const StdpSpec& rule, bool crosstalk) {
  return std::string(kPairings[static_cast<int>(rule.pairing)]) + (rule.axonal ? "_axonal" : "_dendritic") +
         (crosstalk ? "_crosstalk" : "_apart");
}

/// All four go up and down, by targets, pulses and rewards; acetylcholine through all that attention can be.
RegionSetup moving_region(bool crosstalk) {
  return {
      .dopamine = {.baseline = 0.45,
                   .tau_tonic_ms = 90,
                   .tau_phasic_ms = 70,
                   .pulses = {{150, 0.3}, {160, 0.25}, {900, -0.4}, {5000, 0.6}, {12000, -0.2}},
                   .targets = {{600, 0.2}, {1500, 0.8}, {6000, 0.5}}},
      .serotonin = {.baseline = 0.9,
                    .tau_tonic_ms = 40,
                    .tau_phasic_ms = 50,
                    .pulses = {{1200, 0.3}, {4000, -0.5}},
                    .targets = {{200, 0.1}, {1000, 0.95}, {9000, 0.4}}},
      .noradrenaline = {.baseline = 0.35,
                        .tau_tonic_ms = 60,
                        .tau_phasic_ms = 40,
                        .pulses = {{250, 0.5}, {1000, 0.45}, {1001, 0.2}, {7000, 1}},
                        .targets = {{500, 0.1}, {8000, 0.6}}},
      .acetylcholine = {.baseline = 0.42,
                        .min = 0.1,
                        .max = 0.9,
                        .tau_tonic_ms = 80,
                        .tau_phasic_ms = 50,
                        .pulses = {{400, 0.5}, {850, -0.6}, {1650, 0.5}, {10000, 0.5}},
                        .targets = {{800, 0.15}, {1400, 0.55}, {11000, 0.2}}},
      .crosstalk = crosstalk,
      .rewards =
          {{50, 1.4}, {500, 0.2}, {950, 0.57}, {1250, 1.0}, {1251, 1.0}, {1700, -0.9}, {5500, 0}, {13000, 3}},
      .expected_reward = 0.5,
      .reward_learning_rate = 0.2,
      .release = 0.4,
      .surprise = 0.05};
}

void put(RegionSpec& region, Modulator modulator, const reference::ModulatorSetup& setup) {
  region.modulators[static_cast<std::size_t>(modulator)] =
      ModulatorSpec{.baseline = setup.baseline,
                    .min = setup.min,
                    .max = setup.max,
                    .tau_tonic_ms = setup.tau_tonic_ms,
                    .tau_phasic_ms = setup.tau_phasic_ms};
  const auto add = [&](const reference::Events& events, std::vector<ModulatorEvent>& list) {
    for (const auto& [step, value] : events) {
      const ModulatorEvent event{modulator, static_cast<std::uint64_t>(step), value};
      list.insert(std::ranges::upper_bound(list, event.step, {}, &ModulatorEvent::step), event);
    }
  };
  add(setup.pulses, region.pulses);
  add(setup.targets, region.targets);
}

RegionSpec spec_of(const RegionSetup& setup) {
  RegionSpec region{.name = "cortex",
                    .crosstalk = setup.crosstalk,
                    .expected_reward = setup.expected_reward,
                    .reward_learning_rate = setup.reward_learning_rate,
                    .release = setup.release,
                    .surprise = setup.surprise};
  put(region, Modulator::dopamine, setup.dopamine);
  put(region, Modulator::serotonin, setup.serotonin);
  put(region, Modulator::noradrenaline, setup.noradrenaline);
  put(region, Modulator::acetylcholine, setup.acetylcholine);
  for (const auto& [step, reward] : setup.rewards)
    region.rewards.push_back({static_cast<std::uint64_t>(step), reward});
  return region;
}

/// At the end of each step.
std::vector<RegionLevels> levels_until(const RegionSetup& setup, int steps) {
  std::vector<RegionLevels> levels;
  for (int step = 0; step <= steps; ++step) levels.push_back(reference::levels_at(setup, step));
  return levels;
}

/// Often silent for longer than any trace lasts, and never.
struct Trains {
  int steps;
  double probability;
};
constexpr Trains kTrains[] = {{16000, 0.0008}, {2000, 0.02}};

/// Runs it, and calls check(weight seen, source, target, delay, step, spikes of the target) for all synapses,
/// soon after spikes and after long silence.
template <class Check>
void follow(const Taught& t, const Trains& trains, const Check& check) {
  const auto engine = make_cpu_engine(t.spec, 1);
  const PlasticSynapses synapses = engine->plastic_synapses(0, 1);
  std::vector<std::vector<int>> posts(kTargets);
  int now = 0;
  for (const int block : {200, 1, 7, trains.steps - 208}) {
    for (const Spike& spike : simulate(*engine, static_cast<std::uint64_t>(block), 97))
      posts[spike.id].push_back(static_cast<int>(spike.step));
    now += block;
    const std::vector<float> weights = engine->read_weights(0, 1);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      check(weights[k], synapses.sources[k], synapses.targets[k], static_cast<int>(synapses.delay_steps[k]),
            now, posts[synapses.targets[k]]);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

class ThreeFactor : public ::testing::TestWithParam<ModulatedRule> {};

// c fills by pairs and decays with tau_c x (0.5 + serotonin); dw/dt = rate c g. A weight may differ by what a
// float takes from it at each event, and by what g does within a step beside a straight line.
TEST_P(ThreeFactor, FollowsThePairsOfRandomTrainsWhileAllModulatorsMove) {
  const ModulatedRule& c = GetParam();
  const RegionSetup region = moving_region(c.crosstalk);
  const double tau_ms = c.rule.eligibility->tau_ms;
  for (const Trains& trains : kTrains) {
    Taught t = taught(c.rule, 1, trains.steps, trains.probability);
    t.spec.regions = {spec_of(region)};
    const std::vector<RegionLevels> levels = levels_until(region, trains.steps + 1);
    std::vector<GateOfStep> gates;
    for (int step = 0; step <= trains.steps; ++step) {
      const auto gate_after = [&](double part) {
        return reference::learning_rate_of(reference::levels_at(region, step, part));
      };
      gates.push_back({gate_after(0), gate_after(0.5), gate_after(1)});
    }
    std::size_t n_changed = 0;
    follow(t, trains,
           [&](double seen, std::uint32_t source, std::uint32_t target, int delay, int now,
               const std::vector<int>& post) {
             const std::vector<int> pre = steps_of(t.sources, source);
             const reference::EligibleCourse expected = reference::eligible_course_until(
                 {.pairs = {.pairs = static_cast<reference::Pairs>(c.rule.pairing),
                            .delay = delay,
                            .axonal = c.rule.axonal,
                            .tau_plus_ms = c.rule.tau_plus_ms,
                            .tau_minus_ms = c.rule.tau_minus_ms,
                            .plus = c.rule.A_plus * c.rule.w_max,
                            .minus = c.rule.A_minus * c.rule.w_max,
                            .initial = kInitial},
                  .tau_ms = tau_ms,
                  .rate_per_ms = c.rule.eligibility->rate_per_s * 1e-3,
                  .gate = [&](int step) { return gates[static_cast<std::size_t>(step)]; },
                  .stretch =
                      [&](int step) {
                        return c.rule.eligibility->gated_tau_c
                                   ? reference::stretch_of(levels[static_cast<std::size_t>(step)].serotonin)
                                   : 1.0;
                      }},
                 pre, post, now + (c.rule.axonal ? 1 : 0));  // as a spike finds it that arrives next
             // Bounds act on neither; a silent source's synapses are rounded every 2 tau_c.
             ASSERT_GT(expected.weight, 0);
             ASSERT_LT(expected.weight, c.rule.w_max);
             const double n_events = static_cast<double>(pre.size() + post.size() + 2) + now / (20 * tau_ms);
             const double bound =
                 n_events * (kRounding * (kInitial + expected.moved) + kOfTrace * expected.moved) +
                 expected.bent;
             ASSERT_NEAR(seen, expected.weight, bound)
                 << source << " -> " << target << " after " << now << ", p " << trains.probability;
             if (std::abs(seen - kInitial) > 100 * bound) ++n_changed;
           });
    EXPECT_GT(n_changed, kSources * kTargets / 4) << "the bound is as large as what is learnt";
  }
}

std::vector<ModulatedRule> three_factor_cases() {
  std::vector<ModulatedRule> all;
  for (const StdpPairing pairing : {StdpPairing::all_to_all, StdpPairing::symmetric})
    for (const bool axonal : {false, true})
      for (const bool crosstalk : {false, true})
        for (const bool stretched : {false, true}) {
          StdpSpec rule{.pairing = pairing,
                        .axonal = axonal,
                        .A_plus = 0.03,
                        .A_minus = 0.02,
                        .tau_plus_ms = 3,
                        .tau_minus_ms = 5,
                        .w_max = 1e-2};
          rule.eligibility = {.gated = true, .tau_ms = 30, .rate_per_s = 2, .gated_tau_c = stretched};
          all.push_back({name_of(rule, crosstalk) + (stretched ? "_stretched" : ""), rule, crosstalk});
        }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cases, ThreeFactor, ::testing::ValuesIn(three_factor_cases()),
                         [](const auto& c) { return c.param.name; });

// Else the tests above would show less than they seem to.
TEST(ModulatedPlasticity, MovesThroughAllThatItsGatesKnow) {
  for (const bool crosstalk : {false, true}) {
    std::set<double> attention;
    double least[5] = {9, 9, 9, 9, 9};
    double most[5] = {-9, -9, -9, -9, -9};
    for (const RegionLevels& levels : levels_until(moving_region(crosstalk), 2000)) {
      attention.insert(reference::attention_of(levels));
      const double all[] = {levels.dopamine, levels.serotonin, levels.noradrenaline, levels.acetylcholine,
                            levels.error};
      for (int k = 0; k < 5; ++k) {
        least[k] = std::min(least[k], all[k]);
        most[k] = std::max(most[k], all[k]);
      }
    }
    EXPECT_EQ(attention, (std::set{0.6, 1.0, 1.5})) << crosstalk;
    EXPECT_LT(least[0], 0.2);
    EXPECT_GT(most[0], crosstalk ? 0.4 : 0.9);
    EXPECT_LT(least[1], 0.3);
    EXPECT_GT(most[1], 0.7);
    EXPECT_LT(least[2], 0.25) << "where its gain has its lower bound";
    EXPECT_GT(most[2], 0.7);
    EXPECT_LT(least[4], -0.1);
    EXPECT_GT(most[4], 0.5);
  }
}

class ModulatedStdp : public ::testing::TestWithParam<ModulatedRule> {};

// A_plus and A_minus are multiplied by what the dopamine of the step says in which the spike is fired that
// potentiates or depresses.
TEST_P(ModulatedStdp, FollowsThePairsOfRandomTrainsByTheDopamineOfEachSpike) {
  const ModulatedRule& c = GetParam();
  const RegionSetup region = moving_region(c.crosstalk);
  for (const Trains& trains : kTrains) {
    Taught t = taught(c.rule, 1, trains.steps, trains.probability);
    t.spec.regions = {spec_of(region)};
    const std::vector<RegionLevels> levels = levels_until(region, trains.steps);
    const auto dopamine_in = [&](int step) { return levels[static_cast<std::size_t>(step)].dopamine; };
    std::size_t n_changed = 0;
    follow(t, trains,
           [&](double seen, std::uint32_t source, std::uint32_t target, int delay, int now,
               const std::vector<int>& post) {
             const reference::StdpSetup setup{
                 .pairs = static_cast<reference::Pairs>(c.rule.pairing),
                 .delay = delay,
                 .axonal = c.rule.axonal,
                 .tau_plus_ms = c.rule.tau_plus_ms,
                 .tau_minus_ms = c.rule.tau_minus_ms,
                 .plus = c.rule.A_plus * c.rule.w_max,
                 .minus = c.rule.A_minus * c.rule.w_max,
                 .mu_plus = c.rule.mu_plus,
                 .mu_minus = c.rule.mu_minus,
                 .w_max = c.rule.w_max,
                 .initial = kInitial,
                 .plus_factor = [&](int step) { return reference::potentiation_of(dopamine_in(step)); },
                 .minus_factor = [&](int step) { return reference::depression_of(dopamine_in(step)); }};
             const std::vector<int> pre = steps_of(t.sources, source);
             reference::Course expected(setup, pre, post);
             expected.until_seen(now);
             // Exponents are 0 or 1, so that an error never grows at a later event.
             const auto n_events = static_cast<double>(pre.size() + post.size() + 2);
             const double bound = n_events * (2 * kRounding * c.rule.w_max + kOfTrace * expected.moved());
             ASSERT_NEAR(seen, expected.weight(), bound)
                 << source << " -> " << target << " after " << now << ", p " << trains.probability;
             if (std::abs(seen - kInitial) > 100 * bound) ++n_changed;
           });
    EXPECT_GT(n_changed, kSources * kTargets / 4) << "the bound is as large as what is learnt";
  }
}

std::vector<ModulatedRule> stdp_cases() {
  std::vector<ModulatedRule> all;
  for (int pairing = 0; pairing < 4; ++pairing)
    for (const bool axonal : {false, true})
      for (const bool crosstalk : {false, true}) {
        const double mu = axonal == crosstalk ? 0 : 1;
        const StdpSpec rule{.pairing = static_cast<StdpPairing>(pairing),
                            .axonal = axonal,
                            .A_plus = 0.05,
                            .A_minus = 0.04,
                            .tau_plus_ms = 3,
                            .tau_minus_ms = 5,
                            .mu_plus = mu,
                            .mu_minus = mu,
                            .w_max = 1e-3,
                            .rate_region = 0};
        all.push_back(
            {name_of(rule, crosstalk) + (mu == 0 ? "_additive" : "_multiplicative"), rule, crosstalk});
      }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cases, ModulatedStdp, ::testing::ValuesIn(stdp_cases()),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sharpwave::testing
