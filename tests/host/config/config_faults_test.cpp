// Every kind of fault in a config: where it is reported, and in what words.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/host/config/faults_of.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave {
namespace {

const std::string kTwoPopulations =
    "  E: {size: 10, model: iaf_psc_exp}\n  I: {size: 5, model: iaf_psc_delta}";

TEST(ConfigFaults, AMisspeltKeyIsNamedWithTheLikelyOne) {
  EXPECT_EQ(faults_of(config_with("  E: {size: 10, model: iaf_psc_exp, params: {C_n: 250}}")),
            Messages{"net.yaml:3:46: populations.E.params.C_n: read key 'C_n', expected a known key (did you "
                     "mean 'C_m'?)"});
  EXPECT_EQ(faults_of("simulatoin: {duration: 5}\npopulations: {E: {size: 1, model: parrot}}"),
            (Messages{"net.yaml:1:1: simulation: read no such key, expected a map: it is required",
                      "net.yaml:1:1: simulatoin: read key 'simulatoin', expected a known key (did you mean "
                      "'simulation'?)"}));
}

TEST(ConfigFaults, ARepeatedKeyIsReportedWithBothPlaces) {
  EXPECT_EQ(faults_of(config_with("  E:\n    size: 10\n    model: parrot\n    size: 12")),
            Messages{"net.yaml:6:5: size: read 'size' a second time, expected each key once; the first is in "
                     "line 4"});
}

TEST(ConfigFaults, AllFaultsAreReportedAtOnceInTheirOrder) {
  const Messages faults = faults_of(
      "simulation: {dt: -1, duration: abc}\n"
      "populations:\n"
      "  E: {size: -3, model: iaf_psc_xp}\n");
  EXPECT_EQ(
      faults,
      (Messages{
          "net.yaml:1:18: simulation.dt: read '-1', expected a number from 1e-06 to 100 ms",
          "net.yaml:1:32: simulation.duration: read 'abc', expected a number > 0 ms",
          "net.yaml:3:13: populations.E.size: read '-3', expected an integer from 1 to 4294967039",
          "net.yaml:3:24: populations.E.model: read 'iaf_psc_xp', expected one of: iaf_psc_exp, "
          "iaf_psc_alpha, iaf_psc_delta, iaf_cond_exp, aeif_cond_exp, izhikevich, lif_discrete, parrot, "
          "poisson_source, spike_source (did you mean "
          "'iaf_psc_exp'?)"}));
}

// What is presented and when: each phase has faults of its own, and none hides those of another.
TEST(ConfigFaults, AllFaultsOfAProtocolAreReportedAtOnceInTheirOrder) {
  EXPECT_EQ(
      faults_of(R"(simulation: {dt: 0.5, duration: 100}
populations:
  P: {size: 2, model: poisson_source}
  E: {size: 3, model: iaf_psc_exp}
stimuli:
  r: {population: P, rates: [[0, 10], [20, 0]], labels: [0, 2, 1]}
  s: {population: E, rates: [[1, 2, 3]]}
protocol:
  - {name: settle, rest: 0, label: true}
  - {name: settle, present: r, duration: 10.1, items: "0:4", epochs: 0, order: random}
  - {name: train, present: q, duration: 10, lerning: false}
  - {name: label, present: r, duration: 0, responses: P, label: true}
  - {name: test, present: r, duration: 10, repeat: {gain_step: -1, at_most: 0}, responses: E, test: true}
  - {name: a b, rest: -1}
)"),
      (Messages{
          "net.yaml:1:33: simulation.duration: read '100', expected no such key beside a protocol: a phase "
          "without `present` lets the network run freely",
          "net.yaml:6:57: stimuli.r.labels: read a list of 3, expected as many as there are items, 2, not 3",
          "net.yaml:7:19: stimuli.s.population: read 'E', expected the name of a poisson_source or a "
          "spike_source",
          "net.yaml:9:26: protocol[0].rest: read '0', expected more than 0 ms",
          "net.yaml:9:29: protocol[0].label: read key 'label', expected no such key here: it is not in a "
          "phase that presents nothing",
          "net.yaml:10:12: protocol[1].name: read 'settle', expected letters, digits, _ and - only, at most "
          "100, and no phase's before it",
          "net.yaml:10:42: protocol[1].duration: read '10.1', expected a multiple of dt = 0.5 ms (it lies "
          "between 10 and 10.5)",
          "net.yaml:10:55: protocol[1].items: read '\"0:4\"', expected start:stop, start:stop:stride, or a "
          "list of positions, within the 2 items",
          "net.yaml:10:70: protocol[1].epochs: read '0', expected an integer from 1 to 1000000",
          "net.yaml:10:80: protocol[1].order: read 'random', expected one of: listed, shuffled",
          "net.yaml:11:28: protocol[2].present: read 'q', expected the name of one of `stimuli`",
          "net.yaml:11:45: protocol[2].lerning: read key 'lerning', expected a known key (did you mean "
          "'learning'?)",
          "net.yaml:12:41: protocol[3].duration: read '0', expected a number > 0 ms",
          "net.yaml:12:55: protocol[3].responses: read 'P', expected the name of a population of neurons or "
          "parrots",
          "net.yaml:13:52: protocol[4].repeat.below: read no such key, expected an integer from 1 to "
          "1000000000000: it is required",
          "net.yaml:13:64: protocol[4].repeat.gain_step: read '-1', expected a number from 0 to 1000000",
          "net.yaml:13:77: protocol[4].repeat.at_most: read '0', expected an integer from 1 to 1000",
          "net.yaml:13:101: protocol[4].test: read 'true', expected a phase before it that labels these "
          "neurons, none that labels others in between",
          "net.yaml:14:12: protocol[5].name: read 'a b', expected letters, digits, _ and - only, at most "
          "100, and no phase's before it",
          "net.yaml:14:23: protocol[5].rest: read '-1', expected a number >= 0 ms"}));
}

TEST(ConfigFaults, NumbersMustBeFinite) {
  for (const std::string text : {".nan", "nan", ".inf", "-.inf", "inf", "1e999", "1e31"}) {
    const Messages faults =
        faults_of(config_with("  E: {size: 10, model: iaf_psc_exp, params: {I_e: " + text + "}}"));
    EXPECT_EQ(faults, Messages{"net.yaml:3:51: populations.E.params.I_e: read '" + text +
                               "', expected a number, distribution or list of pA"});
  }
}

TEST(ConfigFaults, RatesOfMoreEventsAStepThanAreDrawnAreRefusedWhereTheyStand) {
  EXPECT_EQ(faults_of(config_with("  S: {size: 1, model: poisson_source, rate: 5120001}")),
            Messages{"net.yaml:3:45: populations.S.rate: read '5120001', expected at most 5120000 Hz: 512 "
                     "events a step of 0.1 ms"});
  EXPECT_EQ(faults_of(config_with("  S: {size: 1, model: poisson_source, rate: 5120000}")), Messages{});
  EXPECT_EQ(
      faults_of(
          config_with("  S: {size: 1, model: poisson_source, rate: {times: [0, 1], rates: [5, 6000000]}}")),
      Messages{"net.yaml:3:72: populations.S.rate.rates[1]: read '6000000', expected at most 5120000 Hz: "
               "512 events a step of 0.1 ms"});
}

TEST(ConfigFaults, TheElementsOfAllPopulationsHaveIds) {
  EXPECT_EQ(
      faults_of("simulation: {duration: 1}\npopulations:\n  A: {size: 4294967038, model: parrot}\n"
                "  B: {size: 2, model: parrot}"),
      Messages{"net.yaml:3:3: populations: read 4294967040 elements in all, expected at most 4294967039, "
               "so that ids have 32 bits"});
  EXPECT_EQ(faults_of("simulation: {duration: 1}\npopulations: {}"),
            Messages{"net.yaml:2:14: populations: read a map, expected at least one population"});
}

TEST(ConfigFaults, TheRangeOfSeedsIsSaidInFull) {
  EXPECT_EQ(faults_of("simulation: {duration: 1, seed: -1}\npopulations: {A: {size: 1, model: parrot}}"),
            Messages{"net.yaml:1:33: simulation.seed: read '-1', expected an integer from 0 to "
                     "18446744073709551615"});
}

TEST(ConfigFaults, TimesMustLieOnTheGrid) {
  EXPECT_EQ(
      faults_of("simulation: {dt: 0.1, duration: 100.05}\npopulations: {E: {size: 1, model: parrot}}"),
      Messages{"net.yaml:1:33: simulation.duration: read '100.05', expected a multiple of dt = 0.1 ms (it "
               "lies between 100 and 100.1)"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 1, model: iaf_psc_exp, params: {t_ref: 1.95}}")),
      Messages{"net.yaml:3:52: populations.E.params.t_ref: read '1.95', expected a multiple of dt = 0.1 "
               "ms (it lies between 1.9 and 2)"});
}

TEST(ConfigFaults, DelaysAreAtLeastOneStepAndOnTheGrid) {
  const auto with_delay = [](const std::string& delay) {
    return faults_of(config_with(
        kTwoPopulations, "projections:\n  - {source: E, target: E, rule: all_to_all, delay: " + delay + "}"));
  };
  EXPECT_EQ(with_delay("0.05"),
            Messages{"net.yaml:6:53: projections[0].delay: read '0.05', expected a multiple "
                     "of dt = 0.1 ms (it lies between 0 and 0.1)"});
  EXPECT_EQ(
      with_delay("0"),
      Messages{"net.yaml:6:53: projections[0].delay: read '0', expected a number, distribution or list > "
               "0 ms"});
  EXPECT_EQ(with_delay("{normal: {mean: -50, sd: 1}}"),
            Messages{"net.yaml:6:53: projections[0].delay: read a map, expected bounds that hold at least a "
                     "millionth of the distribution"});
  EXPECT_TRUE(with_delay("0.3").empty());  // 0.3 / 0.1 is 2.9999999999999996
}

TEST(ConfigFaults, WrongTypes) {
  EXPECT_EQ(faults_of(config_with("  E: [1, 2]")),
            Messages{"net.yaml:3:6: populations.E: read a list of 2, expected "
                     "a map"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: {}, model: parrot}")),
      Messages{"net.yaml:3:13: populations.E.size: read a map, expected an integer from 1 to 4294967039"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2.5, model: parrot}")),
      Messages{"net.yaml:3:13: populations.E.size: read '2.5', expected an integer from 1 to 4294967039"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: \"10\", model: parrot}")),
      Messages{"net.yaml:3:13: populations.E.size: read '\"10\"', expected an integer from 1 to 4294967039 "
               "(without quotes it is a number)"});
  EXPECT_EQ(faults_of(config_with("  E: {size: 1, model: iaf_psc_delta, refractory_input: yes}")),
            Messages{"net.yaml:3:56: populations.E.refractory_input: read 'yes', expected true or false"});
  EXPECT_EQ(faults_of("- 1\n- 2\n"), Messages{"net.yaml:1:1: read a list of 2, expected a map"});
}

TEST(ConfigFaults, SizesThatOverflow) {
  EXPECT_EQ(faults_of(config_with("  E: {size: 4294967294, model: parrot}")),
            Messages{"net.yaml:3:13: populations.E.size: read '4294967294', expected an integer from 1 to "
                     "4294967039"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 4000000000, model: parrot}\n  I: {size: 300000000, model: parrot}")),
      Messages{"net.yaml:3:3: populations: read 4300000000 elements in all, expected at most 4294967039, "
               "so that ids have 32 bits"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 4000000000, model: parrot}",
                            "projections: [{source: E, target: E, rule: all_to_all}]")),
      Messages{"net.yaml:4:15: projections[0]: read projection 'E->E', expected at most 1e15 connections"});
}

TEST(ConfigFaults, KeysThatDoNotApplyHere) {
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 1, model: parrot, params: {}}")),
      Messages{"net.yaml:3:31: populations.E.params: read key 'params', expected no such key here: it is "
               "not for parrot"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 1, model: iaf_psc_delta, params: {tau_syn_ex: 1}}")),
      Messages{"net.yaml:3:47: populations.E.params.tau_syn_ex: read key 'tau_syn_ex', expected no such "
               "key here: it is not a parameter of iaf_psc_delta"});
  EXPECT_EQ(
      faults_of(
          config_with(kTwoPopulations, "projections: [{source: E, target: E, rule: one_to_one, total: 5}]")),
      Messages{"net.yaml:5:56: projections[0].total: read key 'total', expected no such key here: it is not "
               "for rule one_to_one"});
}

TEST(ConfigFaults, MergeKeysAreExplained) {
  EXPECT_EQ(
      faults_of(config_with("  E: &e {size: 1, model: parrot}\n  I: {<<: *e, size: 1, model: parrot}")),
      Messages{"net.yaml:4:7: populations.I.<<: read key '<<', expected a known key (merge keys are not "
               "supported; see population_defaults)"});
}

TEST(ConfigFaults, AThresholdBelowTheResetPotential) {
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2, model: iaf_psc_exp, params: {V_reset: [-70, -50]}}")),
      Messages{"net.yaml:3:54: populations.E.params.V_reset: read a list of 2, expected V_reset below V_th, "
               "or every step spikes (element 1)"});
}

// Which two potentials are compared depends on the model, and on each neuron's Delta_T.
TEST(ConfigFaults, APotentialAfterASpikeThatMakesTheNext) {
  EXPECT_EQ(faults_of(config_with("  Z: {size: 1, model: izhikevich, params: {c: 30}}")),
            Messages{"net.yaml:3:47: populations.Z.params.c: read '30', expected c below V_th, or every step "
                     "spikes"});
  EXPECT_EQ(
      faults_of(config_with("  A: {size: 2, model: aeif_cond_exp, params: {V_reset: -48, Delta_T: [2, 0]}}")),
      Messages{
          "net.yaml:3:56: populations.A.params.V_reset: read '-48', expected V_reset below V_th, or every "
          "step spikes (element 1)"});
  EXPECT_EQ(faults_of(config_with("  A: {size: 2, model: aeif_cond_exp, params: {V_reset: -48}}")),
            Messages{});
}

TEST(ConfigFaults, ADistributionMustStayWithinTheRange) {
  EXPECT_EQ(
      faults_of(
          config_with("  E: {size: 2, model: iaf_psc_exp, params: {C_m: {normal: {mean: 250, sd: 10}}}}")),
      Messages{"net.yaml:3:50: populations.E.params.C_m: read a map, expected only values > 0 pF (bound the "
               "distribution with `min`)"});
  EXPECT_EQ(
      faults_of(config_with(
          "  E: {size: 2, model: iaf_psc_exp, params: {V_th: {uniform: {low: -40, high: -50}}}}")),
      Messages{"net.yaml:3:78: populations.E.params.V_th.uniform.high: read '-50', expected a number above "
               "`low`"});
}

TEST(ConfigFaults, AListMustHaveOneValuePerElement) {
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 3, model: iaf_psc_exp, params: {I_e: [1, 2]}}")),
      Messages{"net.yaml:3:50: populations.E.params.I_e: read a list of 2, expected as many values as there "
               "are elements, 3"});
}

TEST(ConfigFaults, Slices) {
  const auto with_source = [](const std::string& source) {
    return faults_of(config_with(kTwoPopulations,
                                 "projections: [{source: '" + source + "', target: E, rule: all_to_all}]"));
  };
  EXPECT_EQ(
      with_source("Ex"),
      Messages{"net.yaml:5:24: projections[0].source: read '\"Ex\"', expected the name of a population (did "
               "you mean 'E'?)"});
  EXPECT_EQ(
      with_source("E[3:12]"),
      Messages{"net.yaml:5:24: projections[0].source: read '\"E[3:12]\"', expected 0 <= start < stop <= 10, "
               "the size of E, and a stride of at least 1"});
  for (const std::string slice : {"E[", "E[]", "E[-1]", "E[1:2:3:4]", "E[a:b]", "E[1]x"}) {
    EXPECT_EQ(with_source(slice),
              Messages{"net.yaml:5:24: projections[0].source: read '\"" + slice +
                       "\"', expected NAME, NAME[i], NAME[start:stop] or NAME[start:stop:stride]"});
  }
}

TEST(ConfigFaults, Projections) {
  const auto with = [](const std::string& keys) {
    return faults_of(config_with(kTwoPopulations + "\n  P: {size: 5, model: poisson_source, rate: 1}",
                                 "projections:\n  - {" + keys + "}"));
  };
  EXPECT_EQ(with("source: E, target: P, rule: all_to_all"),
            Messages{"net.yaml:7:5: projections[0]: read projection 'E->P', expected a target that receives: "
                     "neurons or parrots"});
  EXPECT_EQ(
      with("source: E, target: I, rule: one_to_one"),
      Messages{"net.yaml:7:5: projections[0]: read projection 'E->I', expected as many sources as targets, "
               "not 10 and 5"});
  EXPECT_EQ(with("source: E, target: I, rule: pairwise_bernoulli, probability: 1.5"),
            Messages{"net.yaml:7:67: projections[0].probability: read '1.5', expected a number from 0 to 1"});
  EXPECT_EQ(
      with("source: E, target: E, rule: fixed_indegree, indegree: 10, multapses: false, autapses: false"),
      Messages{"net.yaml:7:5: projections[0]: read projection 'E->E', expected a degree of at most 9, the "
               "number of partners: without multapses each is taken once"});
  EXPECT_EQ(
      with("source: E, target: E, rule: fixed_total_number, total: 10, multapses: false"),
      Messages{"net.yaml:7:76: projections[0].multapses: read 'false', expected true: pairs are drawn with "
               "replacement, as in NEST (pairwise_bernoulli and fixed_indegree connect a pair at most "
               "once)"});
  EXPECT_EQ(with("source: E, target: I, rule: explicit_list, edges: [[0, 0], [10, 4], [1]]"),
            (Messages{"net.yaml:7:66: projections[0].edges[1]: read '10', expected an integer from 0 to 9",
                      "net.yaml:7:74: projections[0].edges[2]: read a list of 1, expected a pair [source, "
                      "target]"}));
  EXPECT_EQ(with("source: E, target: I, rule: fixed_indegree"),
            Messages{"net.yaml:7:5: projections[0].indegree: read no such key, expected an integer from 0 to "
                     "4294967039: it is required"});
}

TEST(ConfigFaults, ParametersAndVariablesBelongToTheirModels) {
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2, model: izhikevich, params: {C_m: 1, V_th: -70}}")),
      (Messages{"net.yaml:3:44: populations.E.params.C_m: read key 'C_m', expected no such key here: it is "
                "not a parameter of izhikevich",
                "net.yaml:3:58: populations.E.params.V_th: read '-70', expected c below V_th, or every "
                "step spikes"}));
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2, model: aeif_cond_exp, params: {V_peak: -60}}")),
      Messages{"net.yaml:3:55: populations.E.params.V_peak: read '-60', expected V_reset below V_peak, or "
               "every step spikes"});
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2, model: iaf_cond_exp, initial: {w: 1}, substeps: 0}")),
      (Messages{"net.yaml:3:47: populations.E.initial.w: read key 'w', expected no such key here: it is "
                "not a state variable of iaf_cond_exp",
                "net.yaml:3:64: populations.E.substeps: read '0', expected an integer from 1 to 1000"}));
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 2, model: iaf_psc_exp, substeps: 2}")),
      Messages{"net.yaml:3:36: populations.E.substeps: read key 'substeps', expected no such key here: it "
               "is not for iaf_psc_exp"});
}

TEST(ConfigFaults, EqualNamesOfProjections) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations,
                            "projections:\n"
                            "  - {name: a, source: E, target: E, rule: all_to_all}\n"
                            "  - {name: a, source: I, target: E, rule: all_to_all}\n")),
      Messages{"net.yaml:7:12: projections[1].name: read 'a', expected a name that no other has: it keys the "
               "random draws"});
}

TEST(ConfigFaults, InputsAndReports) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations + "\n  R: {size: 5, model: parrot}",
                            "inputs:\n"
                            "  - {type: dc, target: R, amplitude: 5}\n"
                            "  - {type: poisson, target: E, rate: {times: [0, 5, 5], rates: [1, 2, 3]}}\n"
                            "record:\n"
                            "  traces: [{name: v, target: I, variables: [I_syn_ex], interval: 0.25}]\n")),
      (Messages{
          "net.yaml:7:24: inputs[0].target: read 'R', expected neurons: only they take a current",
          "net.yaml:8:53: inputs[1].rate.times[2]: read '5', expected a time later than the one "
          "before it",
          "net.yaml:10:45: record.traces[0].variables[0]: read 'I_syn_ex', expected one of: V_m, refractory, "
          "input, I_stim",
          "net.yaml:10:66: record.traces[0].interval: read '0.25', expected a multiple of dt = 0.1 "
          "ms (it lies between 0.2 and 0.3)"}));
}

TEST(ConfigFaults, TracesUnderAnotherWordOrOfNothing) {
  EXPECT_EQ(faults_of(config_with(kTwoPopulations,
                                  "record:\n"
                                  "  reports: [{name: v, target: I}]\n"
                                  "  traces: [{name: v, target: I, fraction: 0}]\n")),
            (Messages{"net.yaml:6:3: record.reports: read key 'reports', expected a known key (did you mean "
                      "'traces'?)",
                      "net.yaml:7:43: record.traces[0].fraction: read '0', expected a number > 0 and <= 1"}));
}

TEST(ConfigFaults, TracesOfWhichFilesWouldHaveOneName) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations,
                            "record:\n"
                            "  traces:\n"
                            "    - {name: a, target: I, variables: [V_m, input]}\n"
                            "    - {name: a_V_m, target: I, variables: [V_m]}\n"
                            "    - {name: a, target: I, variables: [V_m]}\n"
                            "    - {name: b, target: I, variables: [V_m]}\n")),
      (Messages{
          "net.yaml:8:14: record.traces[1].name: read 'a_V_m', expected a name of which no file is another "
          "trace's: report_a_V_m.h5 is",
          "net.yaml:9:14: record.traces[2].name: read 'a', expected a name that no other trace has"}));
}

TEST(ConfigFaults, TracesWithoutAName) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations,
                            "record:\n"
                            "  traces:\n"
                            "    - {target: I}\n"
                            "    - {target: I}\n")),
      (Messages{"net.yaml:7:7: record.traces[0].name: read no such key, expected text: it is required",
                "net.yaml:8:7: record.traces[1].name: read no such key, expected text: it is required"}));
}

TEST(ConfigFaults, ExpressionsInFields) {
  EXPECT_EQ(
      faults_of(
          "parameters: {n: 10, a: \"${b}\", b: \"${a + 1}\"}\n" +
          config_with("  E: {size: \"${n / 4}\", model: parrot}\n  I: {size: \"${m}\", model: parrot}")),
      (Messages{"net.yaml:1:24: parameters.a: read '\"${b}\"', expected parameters without a cycle; 'a' "
                "needs itself",
                "net.yaml:1:35: parameters.b: read '\"${a + 1}\"', expected parameters without a cycle; 'a' "
                "needs itself",
                "net.yaml:4:13: populations.E.size: read '\"${n / 4}\"' = 2.5, expected an integer from 1 to "
                "4294967039",
                "net.yaml:5:13: populations.I.size: read '\"${m}\"', expected a name from `parameters` at "
                "'m'"}));
}

TEST(ConfigFaults, AnUnquotedExpressionInBracesIsExplained) {
  const Messages faults = faults_of(config_with("  E: {size: ${n}, model: parrot}"));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_NE(faults[0].find("net.yaml:3:"), std::string::npos) << faults[0];
  EXPECT_NE(faults[0].find("quotes"), std::string::npos) << faults[0];
}

TEST(ConfigFaults, OfLongOverridesShowTheirEnds) {
  const std::string text = config_with("  E: {size: 5, model: iaf_psc_exp}");
  const std::string longest(100'000, 'x');
  for (const Override& override :
       {Override{"simulation.duration", longest}, Override{longest, "1"}, Override{"title", "[" + longest},
        Override{"populations." + longest, "{}"}}) {
    const Messages messages = faults_of(text, {override});
    ASSERT_EQ(messages.size(), 1U) << override.path.substr(0, 30);
    EXPECT_LT(messages[0].size(), 800U);
    EXPECT_EQ(messages[0].substr(0, 6 + 10), "--set " + (override.path + "=" + override.value).substr(0, 10));
  }
}

TEST(ConfigFaults, OverridesAreReportedAsWhatTheyAre) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations), {{"populations.E.size", "x"}, {"populations.E.sice", "3"}}),
      (Messages{"--set populations.E.size=x: populations.E.size: read 'x', expected an integer from 1 to "
                "4294967039",
                "--set populations.E.sice=3: populations.E.sice: read key 'sice', expected a known key (did "
                "you mean 'size'?)"}));
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations), {{"populations.E.size.x", "1"}}),
      Messages{"--set populations.E.size.x=1: populations.E.size.x: read 'x', expected a key below a map; "
               "'10' stands there (set the whole value)"});
}

TEST(ConfigFaults, TheNetworkIsEitherHereOrInFiles) {
  EXPECT_EQ(
      faults_of(config_with(kTwoPopulations, "network: {sonata: nowhere.json}\nscaling: {neurons: 0.5}"))
          .size(),
      3U);
}

ExitCode code_of(const std::filesystem::path& path) {
  return test::code_of([&] { static_cast<void>(load_config(path)); });
}

TEST(ConfigFaults, FilesThatCannotBeRead) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "config_faults";
  std::filesystem::create_directories(folder);
  EXPECT_EQ(code_of(folder / "missing.yaml"), ExitCode::io);
  EXPECT_EQ(code_of(folder), ExitCode::io);
  const std::filesystem::path large = folder / "large.yaml";
  std::ofstream(large).put('\n');
  std::filesystem::resize_file(large, (64ULL << 20) + 1);  // sparse
  EXPECT_EQ(code_of(large), ExitCode::invalid_config);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sharpwave
