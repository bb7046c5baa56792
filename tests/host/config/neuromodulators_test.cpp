// `neuromodulators` of regions, the rules that they gate, and gains.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

std::string with_regions(const std::string& regions, const std::string& plasticity = "",
                         const std::string& of_population = "") {
  return config_with(
      "  E: {size: 10, model: iaf_psc_exp" + of_population + "}\n  P: {size: 5, model: parrot}",
      "neuromodulators:\n" + regions + "\nprojections:\n" +
          "  - {source: E, target: E, rule: all_to_all, weight: 0.5" +
          (plasticity.empty() ? "" : ",\n     plasticity: {w_max: 2, " + plasticity + "}") + "}");
}

ModelSpec spec_of(const std::string& regions, const std::string& plasticity = "",
                  const std::string& of_population = "") {
  return load_config_text(with_regions(regions, plasticity, of_population), "net.yaml");
}

const ModulatorSpec& modulator_of(const RegionSpec& region, Modulator modulator) {
  return region.modulators.at(static_cast<std::size_t>(modulator)).value();
}

TEST(ConfigNeuromodulators, DefaultsAreThoseOfTheModel) {
  const RegionSpec region =
      spec_of("  r: {dopamine: {}, serotonin: {}, noradrenaline: {}, acetylcholine: {}}").regions.at(0);
  EXPECT_EQ(region.name, "r");
  EXPECT_TRUE(region.crosstalk);
  EXPECT_EQ(region.expected_reward, 0.5);
  EXPECT_EQ(region.reward_learning_rate, 0.1);
  EXPECT_EQ(region.surprise, 0.05);
  EXPECT_EQ(modulator_of(region, Modulator::dopamine),
            (ModulatorSpec{.baseline = 0.5, .min = 0.05, .max = 1, .tau_phasic_ms = 200}));
  EXPECT_EQ(modulator_of(region, Modulator::acetylcholine).min, 0.1);
  EXPECT_EQ(modulator_of(region, Modulator::acetylcholine).max, 0.9);
  // Rates per 100 ms: e^-(100/tau) is 0.7 of noradrenaline's phasic part, 0.9 of tonic ones, 0.8 of
  // acetylcholine.
  EXPECT_NEAR(std::exp(-100 / modulator_of(region, Modulator::noradrenaline).tau_phasic_ms), 0.7, 5e-4);
  EXPECT_NEAR(std::exp(-100 / modulator_of(region, Modulator::noradrenaline).tau_tonic_ms), 0.9, 5e-4);
  EXPECT_NEAR(std::exp(-100 / modulator_of(region, Modulator::serotonin).tau_tonic_ms), 0.9, 5e-4);
  EXPECT_NEAR(std::exp(-100 / modulator_of(region, Modulator::acetylcholine).tau_tonic_ms), 0.8, 5e-4);
}

TEST(ConfigNeuromodulators, EveryKeyIsTaken) {
  const RegionSpec region =
      spec_of(
          "  other: {serotonin: {}}\n"
          "  r:\n"
          "    crosstalk: false\n"
          "    expected_reward: 0.25\n"
          "    reward_learning_rate: 0.5\n"
          "    release: 2\n"
          "    surprise: 0.125\n"
          "    rewards: {times: [1, 2.5], rewards: [1, -1]}\n"
          "    triggers:\n"
          "      - {source: 'E[3]', target: 'P[1]', within: 10, after: [1, 3], amount: 0.5,\n"
          "         modulator: noradrenaline}\n"
          "    noradrenaline: {}\n"
          "    dopamine:\n"
          "      baseline: 0.3\n"
          "      min: 0.1\n"
          "      max: 2\n"
          "      tau: 100\n"
          "      tau_tonic: 50\n"
          "      pulses: {times: [3, 7], amounts: [1, 2]}\n"
          "      levels: {times: [4], levels: [0.5]}\n"
          "      volume: [{source: 'E[2:8]', per_spike: 0.01, delay: 2}]\n")
          .regions.at(1);
  RegionSpec expected{.name = "r",
                      .crosstalk = false,
                      .expected_reward = 0.25,
                      .reward_learning_rate = 0.5,
                      .release = 2,
                      .surprise = 0.125,
                      .pulses = {{Modulator::dopamine, 30, 1}, {Modulator::dopamine, 70, 2}},
                      .targets = {{Modulator::dopamine, 40, 0.5}},
                      .rewards = {{10, 1}, {25, -1}},
                      .volumes = {{Modulator::dopamine, {0, 2, 8}, 0.01, 20}},
                      .triggers = {{.source = {0, 3, 4},
                                    .target = {1, 1, 2},
                                    .window_steps = 100,
                                    .least_delay_steps = 10,
                                    .most_delay_steps = 30,
                                    .modulator = Modulator::noradrenaline,
                                    .amount = 0.5}}};
  expected.modulators[static_cast<std::size_t>(Modulator::dopamine)] =
      ModulatorSpec{.baseline = 0.3, .min = 0.1, .max = 2, .tau_tonic_ms = 50, .tau_phasic_ms = 100};
  expected.modulators[static_cast<std::size_t>(Modulator::noradrenaline)] =
      ModulatorSpec{.tau_phasic_ms = 280};
  EXPECT_EQ(region, expected);
}

TEST(ConfigNeuromodulators, RulesAndGainsFollowTheirRegion) {
  const std::string regions =
      "  a: {serotonin: {}}\n  b: {dopamine: {}, serotonin: {}, noradrenaline: {}, acetylcholine: {}}";
  const ModelSpec spec =
      spec_of(regions,
              "rule: stdp_dopamine, region: b, modulator: noradrenaline, baseline: 0.25, "
              "tau_c: 20, learning_rate: 3, A_plus: 0.5, A_minus: 0.25, pairing: symmetric, "
              "gated_tau_c: true",
              ", input_gain: b, external_gain: b");
  EXPECT_EQ(spec.projections[0].plasticity, (StdpSpec{.pairing = StdpPairing::symmetric,
                                                      .A_plus = 0.5,
                                                      .A_minus = 0.25,
                                                      .w_max = 2,
                                                      .eligibility = EligibilitySpec{
                                                          .region = 1,
                                                          .modulator = Modulator::noradrenaline,
                                                          .baseline = 0.25,
                                                          .tau_ms = 20,
                                                          .rate_per_s = 3,
                                                          .gated_tau_c = true,
                                                      }}));
  EXPECT_EQ(spec.populations[0].input_gain, 1U);
  EXPECT_EQ(spec.populations[0].external_gain, 1U);
  EXPECT_FALSE(spec.populations[1].input_gain);
  const StdpSpec gated = spec_of(regions, "rule: three_factor, region: a").projections[0].plasticity.value();
  EXPECT_EQ(gated.eligibility, (EligibilitySpec{.region = 0, .gated = true}));
  EXPECT_EQ(spec_of(regions, "rule: stdp, region: b").projections[0].plasticity->rate_region, 1U);
}

TEST(ConfigNeuromodulators, WhatTheyGateIsConfigured) {
  const RegionGates gates =
      spec_of(
          "  r:\n"
          "    dopamine: {}\n"
          "    acetylcholine: {}\n"
          "    gates:\n"
          "      potentiation: {modulator: acetylcholine, slope: 3, neutral: 0.4, min: 0.2, max: 2}\n"
          "      depression: {slope: 0}\n"
          "      eligibility_time: {modulator: dopamine, min: 0.75, max: 1.75}\n"
          "      input_gain: {modulator: dopamine}\n"
          "      external_gain: {max: 4}\n"
          "      learning_rate: {acetylcholine: 1, noradrenaline: 2, serotonin: 3, encoding_from: 0.6,\n"
          "                      retrieval_to: 0.2, encoding: 4, neutral: 5, retrieval: 6, mood: 7,\n"
          "                      least_error: 0.5, min: 0.25, max: 8}\n")
          .regions.at(0)
          .gates;
  const RegionGates expected{.potentiation = {Modulator::acetylcholine, 3, 0.4, 0.2, 2},
                             .depression = {Modulator::dopamine, 0, 0.5, 0.7, 1.3},
                             .eligibility_time = {Modulator::dopamine, 1, 0.5, 0.75, 1.75},
                             .input_gain = {Modulator::dopamine, 2, 0.5, 0.5, 2},
                             .external_gain = {Modulator::acetylcholine, 1, 0.5, 0, 4},
                             .learning_rate = {1, 2, 3, 0.6, 0.2, 4, 5, 6, 7, 0.5, 0.25, 8}};
  EXPECT_EQ(gates, expected);
  EXPECT_EQ(spec_of("  r: {dopamine: {}, gates: {input_gain: {modulator: dopamine}}}", "", ", input_gain: r")
                .populations[0]
                .input_gain,
            0U)
      << "a gain follows the modulator of its gate";
}

TEST(ConfigNeuromodulators, WhatGatesLeaveOutIsTheDefault) {
  EXPECT_EQ(spec_of("  r:\n"
                    "    dopamine: {}\n"
                    "    serotonin: {}\n"
                    "    noradrenaline: {}\n"
                    "    acetylcholine: {}\n"
                    "    gates: {potentiation: {}, depression: {}, eligibility_time: {}, input_gain: {},\n"
                    "            external_gain: {}, learning_rate: {}}\n")
                .regions.at(0)
                .gates,
            RegionGates());
}

TEST(ConfigNeuromodulators, FaultsOfGatesAreNamed) {
  const std::string at = "neuromodulators.r.gates.";
  EXPECT_EQ(
      faults_of(with_regions(
          "  r: {dopamine: {}, gates: {potentiation: {min: 2}, depression: {modulator: serotonin}, "
          "eligibility_time: {modulator: dopamine, max: 3}, input: {}, "
          "learning_rate: {retrieval_to: 0.7, max: -1}}}")),
      (Messages{
          "net.yaml:6:49: " + at + "potentiation.min: read '2', expected at most max, 1.5",
          "net.yaml:6:77: " + at + "depression.modulator: read 'serotonin', expected one that the region has",
          "net.yaml:6:107: " + at + "eligibility_time: read a map, expected bounds from 0.5 to 2",
          "net.yaml:6:138: " + at + "input: read key 'input', expected a known key",
          "net.yaml:6:179: " + at +
              "learning_rate.retrieval_to: read '0.7', expected `acetylcholine` in the region, "
              "of which it is",
          "net.yaml:6:179: " + at +
              "learning_rate.retrieval_to: read '0.7', expected below encoding_from, 0.7",
          "net.yaml:6:189: " + at + "learning_rate.max: read '-1', expected a number from 0 to 1000000"}));
  EXPECT_EQ(
      faults_of(with_regions("  r: {dopamine: {}, gates: {external_gain: {slope: 2}}}")),
      (Messages{
          "net.yaml:6:44: " + at +
          "external_gain.modulator: read no such key, expected one that the region has (this gate is of "
          "acetylcholine)"}));
  EXPECT_EQ(
      faults_of(with_regions("  r: {dopamine: {}}", "rule: three_factor, region: r, gated_tau_c: true")),
      (Messages{"net.yaml:9:73: projections[0].plasticity.gated_tau_c: read 'true', expected a region that "
                "has serotonin"}));
}

TEST(ConfigNeuromodulators, FaultsAreNamed) {
  EXPECT_EQ(faults_of(with_regions("  r: {}")),
            (Messages{"net.yaml:6:6: neuromodulators.r: read a map, expected a neuromodulator at least: "
                      "dopamine, serotonin, noradrenaline, or acetylcholine"}));
  EXPECT_EQ(faults_of(with_regions("  r: {dopamin: {}}")),
            (Messages{"net.yaml:6:6: neuromodulators.r: read a map, expected a neuromodulator at least: "
                      "dopamine, serotonin, noradrenaline, or acetylcholine",
                      "net.yaml:6:7: neuromodulators.r.dopamin: read key 'dopamin', expected a known key "
                      "(did you mean 'dopamine'?)"}));
  EXPECT_EQ(faults_of(with_regions("  r s: {dopamine: {}}")),
            (Messages{"net.yaml:6:3: neuromodulators.r s: read 'r s', expected a name of at most 100 "
                      "letters, digits, _ and -"}));
  EXPECT_EQ(faults_of(with_regions(
                "  r: {dopamine: {min: 1, max: 0.5, baseline: 2}, rewards: {times: [3, 2], rewards: [1]}}")),
            (Messages{"net.yaml:6:23: neuromodulators.r.dopamine.min: read '1', expected less than max, 0.5",
                      "net.yaml:6:71: neuromodulators.r.rewards.times[1]: read '2', expected a time later "
                      "than the one before it",
                      "net.yaml:6:84: neuromodulators.r.rewards.rewards: read a list of 1, expected as many "
                      "as times, 2"}));
  EXPECT_EQ(faults_of(with_regions("  r: {dopamine: {min: 0.1, baseline: 2}}")),
            (Messages{"net.yaml:6:38: neuromodulators.r.dopamine.baseline: read '2', expected within min and "
                      "max, from 0.1 to 1"}));
  EXPECT_EQ(faults_of(with_regions(
                "  r: {dopamine: {tau: 0, pulses: {times: [3]}, levels: {times: [4, 5.05], levels: [1]}}}")),
            (Messages{"net.yaml:6:23: neuromodulators.r.dopamine.tau: read '0', expected a number > 0 ms",
                      "net.yaml:6:34: neuromodulators.r.dopamine.pulses.amount: read no such key, expected "
                      "either `amount` or `amounts`",
                      "net.yaml:6:68: neuromodulators.r.dopamine.levels.times: read '5.05', expected a "
                      "multiple of dt = 0.1 ms (it lies between 5 and 5.1)",
                      "net.yaml:6:83: neuromodulators.r.dopamine.levels.levels: read a list of 1, expected "
                      "as many as times, 2"}));
  EXPECT_EQ(faults_of(with_regions("  r: {dopamine: {pulses: {times: [3], amount: 1, amounts: [2]}}}")),
            (Messages{"net.yaml:6:47: neuromodulators.r.dopamine.pulses.amount: read '1', expected either "
                      "`amount` or `amounts`"}));
  EXPECT_EQ(
      faults_of(with_regions(
          "  r: {serotonin: {volume: [{source: X, per_spike: a}]}, rewards: {times: [1], rewards: [1]}}")),
      (Messages{"net.yaml:6:37: neuromodulators.r.serotonin.volume[0].source: read 'X', expected the name of "
                "a population",
                "net.yaml:6:51: neuromodulators.r.serotonin.volume[0].per_spike: read 'a', expected a number "
                "from -1000000 to 1000000",
                "net.yaml:6:66: neuromodulators.r.rewards: read a map, expected `dopamine` beside them"}));
  EXPECT_EQ(faults_of(with_regions("  r: {serotonin: {volume: {source: E, per_spike: 1}}}")),
            (Messages{"net.yaml:6:27: neuromodulators.r.serotonin.volume: read a map, expected a list of at "
                      "most 10000 maps"}));
  EXPECT_EQ(
      faults_of(
          with_regions("  r: {serotonin: {}, triggers: [{source: E, target: 'P[9]', within: 0.05, after: "
                       "[3, 1], amount: 1}]}")),
      (Messages{
          "net.yaml:6:33: neuromodulators.r.triggers[0].modulator: read no such key, expected one that the "
          "region has",
          "net.yaml:6:42: neuromodulators.r.triggers[0].source: read 'E', expected one element, NAME[i]",
          "net.yaml:6:53: neuromodulators.r.triggers[0].target: read '\"P[9]\"', expected 0 <= start < stop "
          "<= 5, the size of P, and a stride of at least 1",
          "net.yaml:6:69: neuromodulators.r.triggers[0].within: read '0.05', expected a multiple of dt = 0.1 "
          "ms (it lies between 0 and 0.1)",
          "net.yaml:6:82: neuromodulators.r.triggers[0].after: read a list of 2, expected two times, the "
          "shorter one first"}));
  EXPECT_EQ(faults_of(with_regions("  r: {dopamine: {}, rewards: {file: none.txt, times: [1]}}")),
            (Messages{"net.yaml:6:37: neuromodulators.r.rewards.file: read 'none.txt', expected a file at "
                      "'./none.txt' (there is none)",
                      "net.yaml:6:47: neuromodulators.r.rewards.times: read key 'times', expected no such "
                      "key here: it is not beside `file`"}));
  EXPECT_EQ(faults_of(with_regions("  r: {dopamine: {}}", "rule: stdp_dopamine")),
            (Messages{"net.yaml:9:18: projections[0].plasticity.region: read no such key, expected text: it "
                      "is required"}));
  EXPECT_EQ(
      faults_of(with_regions("  rr: {serotonin: {}}",
                             "rule: stdp_dopamine, region: r, pairing: restricted, tau_c: 0.01, mu_plus: 1")),
      (Messages{"net.yaml:9:58: projections[0].plasticity.region: read 'r', expected the name of a region of "
                "`neuromodulators`",
                "net.yaml:9:70: projections[0].plasticity.pairing: read 'restricted', expected all_to_all or "
                "symmetric: eligibility traces have no other",
                "net.yaml:9:89: projections[0].plasticity.tau_c: read '0.01', expected at least dt",
                "net.yaml:9:95: projections[0].plasticity.mu_plus: read key 'mu_plus', expected no such key "
                "here: it is not for rule stdp_dopamine"}));
  EXPECT_EQ(faults_of(with_regions("  rr: {serotonin: {}}", "rule: stdp_dopamine, region: rr")),
            (Messages{"net.yaml:9:58: projections[0].plasticity.region: read 'rr', expected a region that "
                      "has dopamine"}));
  EXPECT_EQ(faults_of(with_regions("  rr: {serotonin: {}}",
                                   "rule: three_factor, region: rr, baseline: 1, modulator: serotonin")),
            (Messages{"net.yaml:9:61: projections[0].plasticity.baseline: read key 'baseline', expected no "
                      "such key here: it is not for rule three_factor",
                      "net.yaml:9:74: projections[0].plasticity.modulator: read key 'modulator', expected no "
                      "such key here: it is not for rule three_factor"}));
  EXPECT_EQ(
      faults_of(with_regions("  rr: {serotonin: {}}", "rule: stdp, region: rr, tau_c: 3")),
      (Messages{
          "net.yaml:9:49: projections[0].plasticity.region: read 'rr', expected a region that has dopamine",
          "net.yaml:9:53: projections[0].plasticity.tau_c: read key 'tau_c', expected no such key here: it "
          "is not for rule stdp"}));
  EXPECT_EQ(
      faults_of(with_regions("  rr: {serotonin: {}}", "", ", input_gain: rr, external_gain: qq")),
      (Messages{"net.yaml:3:6: populations.E.input_gain: read 'rr', expected a region that has noradrenaline",
                "net.yaml:3:68: populations.E.external_gain: read 'qq', expected the name of a region of "
                "`neuromodulators`"}));
  EXPECT_EQ(faults_of(with_regions("  []")),
            (Messages{"net.yaml:6:3: neuromodulators: read a list of 0, expected a map of regions"}));
}

TEST(ConfigNeuromodulators, AreRecordedFiveHundredTimesARunUnlessTheConfigSaysElse) {
  const std::string region = "  r: {dopamine: {}}\n";
  const auto samples = [&](const std::string& record) {
    return load_config_text(with_regions(region + record), "net.yaml").modulator_samples;
  };
  const ModelSpec spec = spec_of(region);
  ASSERT_TRUE(spec.modulator_samples);
  EXPECT_EQ(spec.modulator_samples->first_step, spec.simulation.warm_up_steps);
  EXPECT_EQ(spec.modulator_samples->interval, (spec.simulation.steps + 499) / 500);
  EXPECT_EQ(samples("record: {neuromodulators: {interval: 0.3}}\n").value().interval, 3U);
  EXPECT_FALSE(samples("record: {neuromodulators: none}\n"));
  EXPECT_FALSE(
      load_config_text(config_with("  E: {size: 10, model: iaf_psc_exp}", ""), "net.yaml").modulator_samples)
      << "there is nothing to be recorded";
  const Messages faults = faults_of(with_regions(region + "record: {neuromodulators: {}}\n"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("record.neuromodulators"), std::string::npos) << faults[0];
}

TEST(ConfigNeuromodulators, TheWatchdogLooksForWhatStandsStill) {
  const auto watchdog = [](const std::string& text) {
    return load_config_text(with_regions("  r: {dopamine: {}}\n" + text), "net.yaml").watchdog;
  };
  EXPECT_EQ(watchdog("").frozen_window_steps, 100'000U);
  EXPECT_EQ(watchdog("").action(WatchdogSign::frozen_weights), WatchdogAction::warn);
  const WatchdogSpec given =
      watchdog("watchdog: {frozen_weights: halt, frozen_modulator: 'off', frozen_window: 50}\n");
  EXPECT_EQ(given.action(WatchdogSign::frozen_weights), WatchdogAction::halt);
  EXPECT_EQ(given.action(WatchdogSign::frozen_modulator), WatchdogAction::off);
  EXPECT_EQ(given.frozen_window_steps, 500U);
  EXPECT_EQ(faults_of(with_regions("  r: {dopamine: {}}\nwatchdog: {frozen_weights: clamp}\n")).size(), 1U);
}

}  // namespace
}  // namespace sharpwave
