// `plasticity` of a projection.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

std::string with_plasticity(const std::string& plasticity, const std::string& weight = "0.5",
                            const std::string& target = "E") {
  return config_with(kNeuronsAndParrots, "projections:\n  - {source: E, target: " + target +
                                             ", rule: all_to_all, weight: " + weight +
                                             ",\n     plasticity: {" + plasticity + "}}");
}

StdpSpec plasticity_of(const std::string& plasticity, const std::string& weight = "0.5") {
  const ModelSpec spec = load_config_text(with_plasticity(plasticity, weight), "net.yaml");
  return spec.projections.at(0).plasticity.value();
}

TEST(ConfigPlasticity, DefaultsAreAdditive) {
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 2"), (StdpSpec{.w_max = 2}));
  EXPECT_FALSE(load_config_text(config_with(kNeuronsAndParrots,
                                            "projections:\n  - {source: E, target: E, rule: "
                                            "all_to_all}"),
                                "net.yaml")
                   .projections[0]
                   .plasticity);
}

TEST(ConfigPlasticity, EveryKeyIsTaken) {
  EXPECT_EQ(
      plasticity_of("rule: stdp, w_max: 3, w_min: 0.25, A_plus: 0.5, A_minus: 0.125, tau_plus: 17, "
                    "tau_minus: 34, mu_plus: 0.4, mu_minus: 1, pairing: restricted, delay_kind: axonal, "
                    "window: 100, learning_windows: [[0, 10], [20.5, 30]]"),
      (StdpSpec{.pairing = StdpPairing::restricted,
                .axonal = true,
                .A_plus = 0.5,
                .A_minus = 0.125,
                .tau_plus_ms = 17,
                .tau_minus_ms = 34,
                .mu_plus = 0.4,
                .mu_minus = 1,
                .w_min = 0.25,
                .w_max = 3,
                .window_steps = 1000,
                .learning_switches = {0, 100, 205, 300}}));
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 1, pairing: symmetric").pairing, StdpPairing::symmetric);
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 1, pairing: presynaptic").pairing, StdpPairing::presynaptic);
}

TEST(ConfigPlasticity, BothParametrisationsMeanTheSame) {
  const StdpSpec nest = plasticity_of("rule: stdp, w_max: 15, lambda: 0.01, alpha: 0.85");
  EXPECT_EQ(nest.A_plus, 0.01);
  EXPECT_EQ(nest.A_minus, 0.85 * 0.01);
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 15, lambda: 0.02").A_minus, 0.02);
}

TEST(ConfigPlasticity, TripletsHaveThePublishedConstants) {
  EXPECT_EQ(plasticity_of("rule: stdp_triplet, w_max: 2"), (StdpSpec{.A_plus = 5e-10,
                                                                     .A_minus = 7e-3,
                                                                     .triplet_plus = 6.2e-3,
                                                                     .triplet_minus = 2.3e-4,
                                                                     .tau_plus_ms = 16.8,
                                                                     .tau_minus_ms = 33.7,
                                                                     .w_max = 2}));
  EXPECT_EQ(
      faults_of(with_plasticity("rule: stdp_triplet, w_max: 2, pairing: restricted")),
      Messages{"net.yaml:7:58: projections[0].plasticity.pairing: read 'restricted', expected all_to_all "
               "or symmetric: triplets have no other"});
  EXPECT_EQ(
      faults_of(with_plasticity("rule: stdp_triplet, w_max: 2, mu_plus: 1")),
      Messages{"net.yaml:7:49: projections[0].plasticity.mu_plus: read key 'mu_plus', expected no such key "
               "here: it is not for rule stdp_triplet"});
}

// lambda w_0^(1 - mu) w^mu as a part of w_max times (w / w_max)^mu, so that w_max changes nothing but the
// bound.
TEST(ConfigPlasticity, ThePowerLawHasNestsParameters) {
  const StdpSpec rule = plasticity_of(
      "rule: stdp_pl, w_max: 150, lambda: 0.2, alpha: 0.0513, mu: 0.4, tau_plus: 15, tau_minus: 30", "45");
  EXPECT_TRUE(rule.power_law);
  EXPECT_EQ(rule.mu_plus, 0.4);
  EXPECT_EQ(rule.mu_minus, 1);
  EXPECT_EQ(rule.tau_plus_ms, 15);
  EXPECT_EQ(rule.tau_minus_ms, 30);
  EXPECT_DOUBLE_EQ(rule.A_plus * 150 * std::pow(45.0 / 150, 0.4), 0.2 * std::pow(45.0, 0.4));
  EXPECT_DOUBLE_EQ(rule.A_minus * 150 * 45.0 / 150, 0.0513 * 0.2 * 45);
  const StdpSpec scaled = plasticity_of("rule: stdp_pl, w_max: 450, w_0: 3, mu: 0.4", "45");
  EXPECT_DOUBLE_EQ(scaled.A_plus, plasticity_of("rule: stdp_pl, w_max: 150", "45").A_plus) << "the defaults";
  EXPECT_EQ(scaled.A_minus, 0.1);
  EXPECT_EQ(
      faults_of(with_plasticity("rule: stdp_pl, w_max: 2, A_plus: 1")),
      Messages{"net.yaml:7:44: projections[0].plasticity.A_plus: read key 'A_plus', expected no such key "
               "here: it is not for rule stdp_pl"});
}

TEST(ConfigPlasticity, TheInhibitoryRuleKnowsItsTargetRate) {
  const StdpSpec rule =
      plasticity_of("rule: vogels_sprekeler, w_max: 2, eta: 0.01, target_rate: 3, tau: 40", "-0.5");
  EXPECT_EQ(rule.A_plus, 0.01);
  EXPECT_EQ(rule.A_minus, -0.01);
  EXPECT_EQ(rule.tau_plus_ms, 40);
  EXPECT_EQ(rule.tau_minus_ms, 40);
  EXPECT_DOUBLE_EQ(rule.per_pre, 2 * 0.01 * 0.04 * 3);
}

TEST(ConfigPlasticity, DisabledItNeverLearns) {
  EXPECT_TRUE(plasticity_of("rule: stdp, w_max: 1, enabled: false").learning_switches.empty());
  EXPECT_TRUE(plasticity_of("rule: stdp, w_max: 1, enabled: false, learning_windows: [[0, 10]]")
                  .learning_switches.empty());
}

TEST(ConfigPlasticity, InhibitoryWeightsHaveMagnitudes) {
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 1", "-1").w_max, 1);
  EXPECT_EQ(plasticity_of("rule: stdp, w_max: 1", "{uniform: {low: -0.5, high: 0}}").w_max, 1);
}

TEST(ConfigPlasticity, FaultsAreNamed) {
  EXPECT_EQ(faults_of(with_plasticity("rule: stpd")),
            (Messages{"net.yaml:7:18: projections[0].plasticity.w_max: read no such key, expected a number > "
                      "0 and <= 1e+23 pA, mV or nS: it is required",
                      "net.yaml:7:25: projections[0].plasticity.rule: read 'stpd', expected one of: stdp, "
                      "stdp_pl, stdp_triplet, vogels_sprekeler, stdp_dopamine, three_factor"}));
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1, w_min: 1")),
            Messages{"net.yaml:7:48: projections[0].plasticity.w_min: read '1', expected less than w_max"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1, lambda: 0.1, A_plus: 0.1")),
            Messages{"net.yaml:7:49: projections[0].plasticity.lambda: read '0.1', expected either lambda "
                     "and alpha, or A_plus and A_minus"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1, alpha: 0.1")),
            Messages{"net.yaml:7:48: projections[0].plasticity.alpha: read '0.1', expected `lambda` beside "
                     "it"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1, window: 50")),
            Messages{"net.yaml:7:49: projections[0].plasticity.window: read '50', expected a pairing of "
                     "neighbours beside it: the traces of all_to_all have no end"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1, tau_plus: 50001")),
            Messages{"net.yaml:7:51: projections[0].plasticity.tau_plus: read '50001', expected at most "
                     "50000 ms, 500000 steps"});
}

TEST(ConfigPlasticity, HomeostasisIsTowardsATotalARateOrAWeight) {
  const auto homeostasis_of = [](const std::string& homeostasis) {
    return plasticity_of("rule: stdp, w_max: 1, homeostasis: {" + homeostasis + "}").homeostasis.value();
  };
  EXPECT_EQ(homeostasis_of("interval: 350, total: 78"),
            (HomeostasisSpec{.interval_steps = 3500, .total = 78}));
  EXPECT_EQ(homeostasis_of("interval: 0.1, target_rate: 3, strength: 0.5"),
            (HomeostasisSpec{.interval_steps = 1, .target_rate_Hz = 3, .strength = 0.5}));
  EXPECT_EQ(homeostasis_of("interval: 10, target_rate: 3").strength, 0.1);
  EXPECT_EQ(homeostasis_of("interval: 1000, relax_to: 0.5"),
            (HomeostasisSpec{.interval_steps = 10000, .relax_to = 0.5, .relaxation_rate_per_s = 1e-4}));
  EXPECT_EQ(homeostasis_of("interval: 5, relax_to: 0, relaxation_rate: 20").relaxation_rate_per_s, 20);
  EXPECT_FALSE(plasticity_of("rule: stdp, w_max: 1").homeostasis);
}

TEST(ConfigPlasticity, FaultsOfAHomeostasisAreNamed) {
  const auto faults = [](const std::string& homeostasis) {
    return faults_of(with_plasticity("rule: stdp, w_max: 1, homeostasis: {" + homeostasis + "}"));
  };
  const std::string path = "projections[0].plasticity.homeostasis";
  EXPECT_EQ(faults("total: .nan"),
            (Messages{"net.yaml:7:54: " + path +
                          ".interval: read no such key, expected a number > 0 ms: it is required",
                      "net.yaml:7:62: " + path + ".total: read '.nan', expected a number > 0 pA, mV or nS"}));
  EXPECT_EQ(
      faults("interval: 0.25, target_rate: 0, strength: 0"),
      (Messages{
          "net.yaml:7:65: " + path +
              ".interval: read '0.25', expected a multiple of dt = 0.1 ms (it lies between 0.2 and 0.3)",
          "net.yaml:7:84: " + path + ".target_rate: read '0', expected a number > 0 Hz",
          "net.yaml:7:97: " + path + ".strength: read '0', expected a number > 0 and <= 1000000"}));
  EXPECT_EQ(faults("interval: 10"),
            Messages{"net.yaml:7:54: " + path +
                     ".total: read no such key, expected one of `total`, "
                     "`target_rate` and `relax_to`, to say what the weights are to reach"});
  EXPECT_EQ(faults("interval: 10, total: 3, target_rate: 5"),
            Messages{"net.yaml:7:76: " + path +
                     ".total: read '3', expected one of `total`, `target_rate` and `relax_to`, to say what "
                     "the weights are to reach"});
  EXPECT_EQ(faults("interval: 10, total: 3, strength: 5"),
            Messages{"net.yaml:7:79: " + path +
                     ".strength: read key 'strength', expected no such key here: it is not beside `total`"});
  EXPECT_EQ(
      faults("interval: 500, relax_to: 2, strength: 1"),
      (Messages{"net.yaml:7:65: " + path +
                    ".interval: read '500', expected at least 1000 ms at this relaxation_rate: weights are "
                    "float32",
                "net.yaml:7:80: " + path +
                    ".relax_to: read '2', expected a magnitude within w_min and w_max, from 0 to 1",
                "net.yaml:7:83: " + path +
                    ".strength: read key 'strength', expected no such key here: it is not beside "
                    "`relax_to`"}));
  EXPECT_EQ(faults("interval: 0.25, relax_to: 2, relaxation_rate: 0").size(), 2U)
      << "nothing of what is at fault";
  EXPECT_EQ(faults("interval: 10, strength: 1").size(), 1U) << "there is nothing that it could be beside";
}

TEST(ConfigPlasticity, LearningWindowsAscendOnTheGrid) {
  const auto with_windows = [](const std::string& windows) {
    return faults_of(with_plasticity("rule: stdp, w_max: 1, learning_windows: " + windows));
  };
  EXPECT_EQ(
      with_windows("[[0, 10], [5, 20]]"),
      Messages{"net.yaml:7:70: projections[0].plasticity.learning_windows[1]: read '5', expected a time "
               "after the one before it, 10 ms"});
  EXPECT_EQ(with_windows("[[0, 0.05]]"),
            Messages{"net.yaml:7:64: projections[0].plasticity.learning_windows[0]: read '0.05', expected a "
                     "multiple of dt = 0.1 ms (it lies between 0 and 0.1)"});
  EXPECT_EQ(
      with_windows("[3]"),
      Messages{"net.yaml:7:60: projections[0].plasticity.learning_windows[0]: read '3', expected a pair "
               "[from, to]"});
  EXPECT_EQ(
      with_windows("3"),
      Messages{"net.yaml:7:59: projections[0].plasticity.learning_windows: read '3', expected a list of "
               "pairs [from, to]"});
}

TEST(ConfigPlasticity, WeightsAreWithinTheBoundsAndOfOneSign) {
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 0.4")),
            Messages{"net.yaml:7:18: projections[0].plasticity: read weights from 0.5 to 0.5, expected "
                     "magnitudes within w_min and w_max, from 0 to 0.4 (`min` and `max` bound drawn ones)"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 2", "{uniform: {low: -1, high: 1}}")),
            Messages{"net.yaml:7:18: projections[0].plasticity: read weights from -1 to 1, expected weights "
                     "of one sign: `min` and `max` bound drawn ones"});
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 2, w_min: 0.6", "-0.5")),
            Messages{"net.yaml:7:18: projections[0].plasticity: read weights from -0.5 to -0.5, expected "
                     "magnitudes within w_min and w_max, from 0.6 to 2 (`min` and `max` bound drawn ones)"});
}

TEST(ConfigPlasticity, ParrotsDoNotLearn) {
  EXPECT_EQ(faults_of(with_plasticity("rule: stdp, w_max: 1", "1", "P")),
            Messages{"net.yaml:7:18: projections[0].plasticity: read a map, expected a target of neurons: "
                     "others do not weigh their spikes"});
}

TEST(ConfigPlasticity, ScalingIsOfTheBoundsToo) {
  const ModelSpec spec = load_config_text(
      "simulation: {duration: 1}\n"
      "scaling: {indegrees: 0.25}\n"
      "populations:\n  E: {size: 10, model: iaf_psc_exp, expected_rate: 1}\n"
      "projections:\n"
      "  - {source: E, target: E, rule: fixed_indegree, indegree: 8, weight: 1,\n"
      "     plasticity: {rule: stdp, w_min: 0.5, w_max: 2}}\n",
      "net.yaml");
  EXPECT_EQ(spec.projections[0].weight, Values(Distribution::constant(2)));
  EXPECT_EQ(spec.projections[0].plasticity->w_min, 1);
  EXPECT_EQ(spec.projections[0].plasticity->w_max, 4);
}

}  // namespace
}  // namespace sharpwave
