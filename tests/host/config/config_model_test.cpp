// What a valid config becomes.
#include <gtest/gtest.h>

#include <string>

#include "host/config/connection_count.hpp"
#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

const Values& parameter(const ModelSpec& spec, std::size_t population, NeuronParameter which) {
  return spec.populations[population].neurons()->parameters[static_cast<std::size_t>(which)];
}

const Values& initial(const ModelSpec& spec, std::size_t population, StateVariable which) {
  return spec.populations[population].neurons()->initial[static_cast<std::size_t>(which)];
}

const std::string kOne = "  E: {size: 10, model: iaf_psc_exp}";

// NEST 3.8, iaf_psc_exp and iaf_psc_alpha.
TEST(ConfigModel, DefaultsAreNests) {
  const ModelSpec spec = load(config_with("  E: {size: 10, model: iaf_psc_alpha, params: {E_L: -65}}"));
  const double expected[] = {250, 10, -65, -55, -70, 2, 0, 2, 2};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(parameter(spec, 0, static_cast<NeuronParameter>(i)),
              Values(Distribution::constant(expected[i])));
  }
  EXPECT_EQ(initial(spec, 0, StateVariable::V_m), Values(Distribution::constant(-65)));
  EXPECT_EQ(initial(spec, 0, StateVariable::I_syn_ex), Values(Distribution::constant(0)));
}

TEST(ConfigModel, WithoutE_LVStartsAtTheResetPotentialGiven) {
  const ModelSpec spec =
      load(config_with("  Z: {size: 2, model: izhikevich, params: {c: -50}}\n"
                       "  L: {size: 2, model: izhikevich, params: {c: [-50, -60]}}\n"
                       "  G: {size: 2, model: izhikevich, params: {c: -50}, initial: {V_m: -70}}\n"
                       "  D: {size: 2, model: lif_discrete}"));
  EXPECT_EQ(initial(spec, 0, StateVariable::V_m), Values(Distribution::constant(-50)));
  EXPECT_EQ(initial(spec, 1, StateVariable::V_m), Values(std::vector<double>{-50, -60}));
  EXPECT_EQ(initial(spec, 2, StateVariable::V_m), Values(Distribution::constant(-70)));
  EXPECT_EQ(initial(spec, 3, StateVariable::V_m), Values(Distribution::constant(0)));
}

TEST(ConfigModel, Simulation) {
  const std::string populations = "\npopulations: {E: {size: 1, model: parrot}}\n";
  const ModelSpec spec = load("simulation: {dt: 0.1, duration: 0.3, warm_up: 100, seed: 5}" + populations);
  EXPECT_EQ(spec.simulation.steps, 3U);
  EXPECT_EQ(spec.simulation.warm_up_steps, 1000U);
  EXPECT_EQ(spec.simulation.seed, 5U);
  EXPECT_EQ(spec.simulation.network_seed, 5U);
  EXPECT_EQ(spec.title, "net");
  const ModelSpec other =
      load("simulation: {duration: 1, network_seed: 18446744073709551615, precision: float64}" + populations);
  EXPECT_EQ(other.simulation.seed, 18446744073709551615U);
  EXPECT_EQ(other.simulation.precision, Precision::float64);
  EXPECT_EQ(other.simulation.dt_ms, 0.1);
}

TEST(ConfigModel, Device) {
  EXPECT_EQ(load(config_with(kOne, "device: cpu")).device.kind, DeviceKind::cpu);
  EXPECT_EQ(load(config_with(kOne, "device: {threads: 3}")).device.threads, 3);
  EXPECT_EQ(load(config_with(kOne)).device.kind, DeviceKind::automatic);
}

TEST(ConfigModel, PopulationDefaultsAreMergedKeyByKey) {
  const ModelSpec spec = load(config_with(
      "  E: {size: 10, params: {tau_m: 20}}\n  S: {size: 1, model: parrot}",
      "population_defaults: {model: iaf_psc_delta, params: {tau_m: 5, C_m: 100}, refractory_input: true}"));
  EXPECT_EQ(parameter(spec, 0, NeuronParameter::tau_m), Values(Distribution::constant(20)));
  EXPECT_EQ(parameter(spec, 0, NeuronParameter::C_m), Values(Distribution::constant(100)));
  EXPECT_TRUE(spec.populations[0].neurons()->refractory_input);
  EXPECT_EQ(spec.populations[1].neurons(), nullptr);
}

TEST(ConfigModel, AliasesRepeatWhatTheyName) {
  const ModelSpec spec =
      load(config_with("  E: {size: 10, model: iaf_psc_exp, params: &p {tau_m: 20}}\n"
                       "  I: {size: 10, model: iaf_psc_exp, params: *p}"));
  EXPECT_EQ(parameter(spec, 1, NeuronParameter::tau_m), Values(Distribution::constant(20)));
}

TEST(ConfigModel, ValuesAreConstantsDistributionsOrLists) {
  using Kind = Distribution::Kind;
  using Bounds = Distribution::Bounds;
  const ModelSpec spec =
      load(config_with("  E:\n    size: 2\n    model: iaf_psc_exp\n"
                       "    params: {I_e: [1, 2], tau_m: {uniform: {low: 10, high: 20}}, C_m: {lognormal: "
                       "{mu: 5, sigma: 0.1}}}\n"
                       "    initial: {V_m: {normal: {mean: -60, sd: 5}, max: -50, bounds: clip}}"));
  EXPECT_EQ(parameter(spec, 0, NeuronParameter::I_e), Values(std::vector<double>{1, 2}));
  EXPECT_EQ(parameter(spec, 0, NeuronParameter::tau_m), Values(Distribution{Kind::uniform, 10, 20}));
  EXPECT_EQ(parameter(spec, 0, NeuronParameter::C_m), Values(Distribution{Kind::lognormal, 5, 0.1}));
  Distribution potential{.kind = Kind::normal, .a = -60, .b = 5, .bounds = Bounds::clip};
  potential.high = -50;
  EXPECT_EQ(initial(spec, 0, StateVariable::V_m), Values(potential));
}

TEST(ConfigModel, Slices) {
  const auto source = [](const std::string& text) {
    return load(config_with(kOne, "projections: [{source: '" + text + "', target: E, rule: all_to_all}]"))
        .projections[0]
        .source;
  };
  EXPECT_EQ(source("E"), (Slice{0, 0, 10, 1}));
  EXPECT_EQ(source("E[2:5]"), (Slice{0, 2, 5, 1}));
  EXPECT_EQ(source("E[::3]"), (Slice{0, 0, 10, 3}));
  EXPECT_EQ(source("E[7]"), (Slice{0, 7, 8, 1}));
  EXPECT_EQ(source("E[5:]"), (Slice{0, 5, 10, 1}));
}

TEST(ConfigModel, ListsOfSourcesAndTargetsMakeAProjectionEach) {
  const ModelSpec spec = load(config_with(kOne + "\n  I: {size: 3, model: iaf_psc_exp}",
                                          "projections:\n"
                                          "  - {source: [E, I], target: [E, I], rule: all_to_all}\n"
                                          "  - {source: E, target: I, rule: all_to_all}\n"
                                          "  - {name: n, source: E, target: [E, I], rule: all_to_all}\n"));
  std::vector<std::string> names;
  for (const ProjectionSpec& projection : spec.projections) names.push_back(projection.name);
  EXPECT_EQ(names, (std::vector<std::string>{"E->E", "I->E", "E->I", "I->I", "E->I#2", "n:E->E", "n:E->I"}));
}

TEST(ConfigModel, Rules) {
  const ModelSpec spec = load(config_with(
      kOne,
      "projections:\n"
      "  - {source: E, target: E, rule: one_to_one, autapses: false}\n"
      "  - {source: E, target: 'E[:2]', rule: fixed_indegree, indegree: [3, 4], multapses: false, weight: "
      "[5, 6]}\n"
      "  - {source: E, target: E, rule: fixed_outdegree, outdegree: 3}\n"
      "  - {source: E, target: E, rule: fixed_total_number, total: 12}\n"
      "  - {source: E, target: E, rule: pairwise_bernoulli, probability: 0.5, delay: {normal: {mean: 1, sd: "
      "1}}}\n"
      "  - {source: E, target: 'E[5:]', rule: explicit_list, edges: [[9, 4], [0, 0]], delay: [0.1, 0.2]}\n"));
  const auto& p = spec.projections;
  EXPECT_EQ(p[0].rule, ConnectionRule::one_to_one);
  EXPECT_FALSE(p[0].autapses);
  EXPECT_FALSE(p[0].multapses);
  EXPECT_EQ(p[1].degree, (std::vector<std::uint32_t>{3, 4}));
  EXPECT_FALSE(p[1].multapses);
  EXPECT_EQ(p[1].weight, Values(std::vector<double>{5, 6}));
  EXPECT_EQ(p[2].rule, ConnectionRule::fixed_outdegree);
  EXPECT_TRUE(p[2].multapses);
  EXPECT_EQ(p[3].total, 12U);
  EXPECT_EQ(p[4].probability, 0.5);
  const auto& delay = std::get<Distribution>(p[4].delay_ms);
  EXPECT_EQ(delay.low, 0.1);
  EXPECT_EQ(delay.bounds, Distribution::Bounds::redraw);
  EXPECT_EQ(p[5].edge_sources, (std::vector<std::uint32_t>{9, 0}));
  EXPECT_EQ(p[5].edge_targets, (std::vector<std::uint32_t>{4, 0}));
}

TEST(ConfigModel, TablesHaveTargetsAsRows) {
  const ModelSpec spec = load(config_with(kOne + "\n  I: {size: 20, model: iaf_psc_exp}",
                                          "projection_table:\n"
                                          "  sources: [E, I]\n"
                                          "  rule: fixed_indegree\n"
                                          "  indegree: [[1, 0], [2, 3]]\n"
                                          "  weight: [10, -20]\n"
                                          "  delay: [[0.1, 0.2], [0.3, 0.4]]\n"
                                          "  except: [{source: E, target: I, weight: 30}]\n"));
  ASSERT_EQ(spec.projections.size(), 3U);
  EXPECT_EQ(spec.projections[1].name, "E->I");
  EXPECT_EQ(spec.projections[1].degree, std::vector<std::uint32_t>{2});
  EXPECT_EQ(spec.projections[1].weight, Values(Distribution::constant(30)));
  EXPECT_EQ(spec.projections[1].delay_ms, Values(Distribution::constant(0.3)));
  EXPECT_EQ(spec.projections[2].name, "I->I");
  EXPECT_EQ(spec.projections[2].weight, Values(Distribution::constant(-20)));
}

// ln(1-p)/ln((N-1)/N) by hand for p = 0.5, N = 4: ln(0.5)/ln(0.75) = 2.409.
TEST(ConfigModel, NumbersOfConnectionsFromProbabilities) {
  EXPECT_EQ(config::connection_count(0.5, 2, 2), 2U);
  EXPECT_EQ(config::connection_count(0, 2, 2), 0U);
  EXPECT_FALSE(config::connection_count(1, 2, 2).has_value());
}

TEST(ConfigModel, InputsAndReports) {
  const ModelSpec spec =
      load(config_with(kOne,
                       "inputs:\n"
                       "  - {type: poisson, target: E, rate: 5, weight: 2}\n"
                       "  - {type: poisson, target: E, rate: {times: [0, 50], rates: [5, 0]}}\n"
                       "  - {type: dc, target: 'E[:5]', amplitude: 300}\n"
                       "  - {type: dc, target: E, amplitude: 0}\n"
                       "  - {type: current_steps, target: E, times: [10, 20], amplitudes: [1, 0]}\n"
                       "record:\n"
                       "  spikes: ['E[::2]']\n"
                       "  traces: [{name: v, target: E, variables: [V_m, I_syn_in], interval: 1, "
                       "from: 10, to: 20}]\n"));
  ASSERT_EQ(spec.inputs.size(), 4U);
  EXPECT_EQ(spec.inputs[0].name, "poisson->E");
  EXPECT_EQ(spec.inputs[1].name, "poisson->E#2");
  EXPECT_EQ(std::get<PoissonInputSpec>(spec.inputs[1].kind).rate.times_ms, (std::vector<double>{0, 50}));
  EXPECT_EQ(spec.inputs[2].target, (Slice{0, 0, 5, 1}));
  EXPECT_EQ(std::get<CurrentInputSpec>(spec.inputs[3].kind).times_ms, (std::vector<double>{10, 20}));
  EXPECT_EQ(spec.record_spikes, (std::vector<Slice>{{0, 0, 10, 2}}));
  ASSERT_EQ(spec.reports.size(), 1U);
  EXPECT_EQ(spec.reports[0].times.interval, 10U);
  EXPECT_EQ(spec.reports[0].times.first_step, 100U);
  EXPECT_EQ(spec.reports[0].times.last_step, 200U);
  EXPECT_EQ(spec.reports[0].variables,
            (std::vector<Recordable>{StateVariable::V_m, StateVariable::I_syn_in}));
}

// Every n-th with n = 1 / fraction rounded down, of the target's elements.
TEST(ConfigModel, AFractionOfATraceIsEvenlySpread) {
  const auto traced = [](const std::string& target, const std::string& fraction) {
    const std::string trace = "  traces: [{name: v, target: '" + target + "', fraction: " + fraction + "}]\n";
    return load(config_with(kOne, "record:\n" + trace)).reports.at(0).slice;
  };
  EXPECT_EQ(traced("E", "1").size(), 10U);
  EXPECT_EQ(traced("E", "0.1").size(), 1U);
  EXPECT_EQ(traced("E", "0.2"), (Slice{0, 0, 10, 5}));
  EXPECT_EQ(traced("E", "0.4"), (Slice{0, 0, 10, 2}));
  EXPECT_EQ(traced("E", "0.7"), (Slice{0, 0, 10, 1}));
  EXPECT_EQ(traced("E", "'${1/3}'"), (Slice{0, 0, 10, 3}));
  EXPECT_EQ(traced("E[1:9:2]", "0.5"), (Slice{0, 1, 9, 4}));
  EXPECT_EQ(traced("E[4:]", "1e-9"), (Slice{0, 4, 10, 10}));  // at least one
}

TEST(ConfigModel, EverythingButSourcesIsRecordedByDefault) {
  const ModelSpec spec = load(config_with("  P: {size: 5, model: poisson_source, rate: 10}\n" + kOne));
  EXPECT_EQ(spec.record_spikes, (std::vector<Slice>{{1, 0, 10, 1}}));
  EXPECT_TRUE(load(config_with(kOne, "record: {spikes: none}")).record_spikes.empty());
}

TEST(ConfigModel, OverridesReplaceAndAdd) {
  const std::string text = config_with(kOne,
                                       "parameters: {g: 4}\n"
                                       "projections:\n"
                                       "  - {name: rec, source: E, target: E, rule: all_to_all, weight: "
                                       "\"${g}\"}\n");
  EXPECT_EQ(load(text, {{"populations.E.size", "500"}}).populations[0].size, 500U);
  EXPECT_EQ(load(text, {{"parameters.g", "5"}}).projections[0].weight, Values(Distribution::constant(5)));
  EXPECT_EQ(load(text, {{"projections.0.weight", "6"}}).projections[0].weight,
            Values(Distribution::constant(6)));
  EXPECT_EQ(load(text, {{"projections.rec.weight", "7"}}).projections[0].weight,
            Values(Distribution::constant(7)));
  EXPECT_EQ(load(text, {{"device.threads", "2"}}).device.threads, 2);
  EXPECT_EQ(load(text, {{"projections", "[]"}}).projections.size(), 0U);
  EXPECT_EQ(parse_override("a.b=c=d").path, "a.b");
  EXPECT_EQ(parse_override("a.b=c=d").value, "c=d");
  EXPECT_THROW(static_cast<void>(parse_override("a.b")), Error);
  const std::vector<Override> several = parse_overrides({"a=1", "b=2", "a=3"});
  ASSERT_EQ(several.size(), 3U);
  EXPECT_EQ(to_text(several[1]), "b=2");
  EXPECT_EQ(several[2].value, "3");
}

TEST(ConfigModel, AnItemOfAListIsOverriddenByItsPositionOrName) {
  const std::string text = config_with("  E: {size: 10, model: iaf_psc_exp}") +
                           "\ninputs:\n  - {name: noise, type: poisson, target: E, rate: 5, weight: 1}\n"
                           "  - {name: \"E[7]\", type: poisson, target: E, rate: 5, weight: 2}\n";
  for (const char* path : {"inputs[1].weight", "inputs.1.weight", "inputs.E[7].weight"}) {
    const ModelSpec spec = load(text, {{path, "7"}});
    EXPECT_EQ(std::get<PoissonInputSpec>(spec.inputs.at(0).kind).weight, 1) << path;
    EXPECT_EQ(std::get<PoissonInputSpec>(spec.inputs.at(1).kind).weight, 7) << path;
  }
}

TEST(ConfigDigest, SeedsThatNoDoubleTellsApartDiffer) {
  const auto digest = [](const char* seed) {
    return load(config_with("  E: {size: 10, model: parrot}"), {{"simulation.seed", seed}}).config_digest;
  };
  EXPECT_NE(digest("18446744073709551615"), digest("18446744073709551614"));
  EXPECT_EQ(digest("10"), digest("10.0"));
  EXPECT_EQ(digest("100000000000000000"), digest("1e17"));
}

TEST(ConfigModel, TheDigestIsOfTheMeaning) {
  const auto digest = [](const std::string& text) { return load(text).config_digest; };
  const std::string plain = digest(config_with("  E: {size: 10, model: parrot}"));
  EXPECT_EQ(plain.size(), 64U);
  EXPECT_EQ(plain, digest(config_with("  E: {model: parrot, size: 10.0}  # comment\n")));
  EXPECT_EQ(plain, digest(config_with("  E: {size: 10, model: parrot}", "device: {threads: 3}\ntitle: x")));
  EXPECT_NE(plain, digest(config_with("  E: {size: 11, model: parrot}")));
  const std::string two = "  A: {size: 1, model: parrot}\n  B: {size: 1, model: parrot}";
  const std::string swapped = "  B: {size: 1, model: parrot}\n  A: {size: 1, model: parrot}";
  EXPECT_NE(digest(config_with(two)), digest(config_with(swapped)));
  // Only where the run may go back to it does it matter how often its state is kept.
  const auto watched = [&](const std::string& action, const std::string& checkpoint) {
    return digest(config_with("  E: {size: 10, model: iaf_psc_exp}",
                              "watchdog: {runaway: " + action + "}\ncheckpoint: " + checkpoint));
  };
  EXPECT_EQ(watched("halt", "{interval: 50}"), watched("halt", "{interval: 70}"));
  EXPECT_NE(watched("rollback", "{interval: 50}"), watched("rollback", "{interval: 70}"));
  EXPECT_EQ(watched("rollback", "{interval: 50}"), watched("rollback", "{interval: 50, keep: 2}"));
}

// 0.1 ms x 0.01 x 2^24 = 16,777 ms.
TEST(ConfigModel, SlowThetaInFloat32IsWarnedOf) {
  const auto warnings_of = [](const std::string& params, const std::string& precision = "float32") {
    std::vector<Diagnostic> warnings;
    static_cast<void>(load_config_text("simulation: {dt: 0.1, duration: 100, precision: " + precision +
                                           "}\npopulations:\n  E: {size: 2, model: iaf_cond_exp, params: {" +
                                           params + "}}\n",
                                       "net.yaml", {}, &warnings));
    return warnings;
  };
  const auto warnings = warnings_of("theta_plus: 0.05");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(to_string(warnings[0]),
            "net.yaml:3:6: populations.E.params.tau_theta: read 1e+07 ms in float32, expected at most "
            "16777 ms, or "
            "`precision: float64`: theta decays by less than its rounding can follow to 1 %");
  EXPECT_TRUE(warnings_of("theta_plus: 0.05", "float64").empty());
  EXPECT_TRUE(warnings_of("theta_plus: 0.05, tau_theta: 16777").empty());
  EXPECT_EQ(warnings_of("theta_plus: [0, 0.05], tau_theta: [100, 16778]").size(), 1U);
  EXPECT_TRUE(warnings_of("tau_theta: 1e7").empty()) << "it does not adapt";
}

}  // namespace
}  // namespace sharpwave
