// The correction of scaled-down networks, with its arithmetic written out.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

double current_of(const PopulationSpec& population) {
  return std::get<Distribution>(
             population.neurons()->parameters[static_cast<std::size_t>(NeuronParameter::I_e)])
      .a;
}

/// E (100, 4 Hz) and I (50, 10 Hz) of one model project to E; Poisson background of 1000 Hz.
std::string with_scaling(const std::string& model, const std::string& scaling) {
  const std::string params = ", params: {I_e: 7" +
                             std::string(model == "iaf_psc_delta" ? ""
                                                                  : ", tau_syn_ex: 0.5, "
                                                                    "tau_syn_in: 2") +
                             "}";
  return config_with(
      "  E: {size: 100, expected_rate: 4, model: " + model + params +
          "}\n  I: {size: 50, expected_rate: 10, model: " + model + params + "}",
      "projections:\n"
      "  - {source: E, target: E, rule: fixed_indegree, indegree: 40, weight: 3}\n"
      "  - {source: I, target: E, rule: fixed_total_number, total: 2000, weight: -6}\n"
      "inputs: [{type: poisson, target: E, rate: 1000, weight: 2}, {type: dc, target: E, amplitude: "
      "5}]\n" +
          scaling);
}

// A quarter of the synapses, each of twice the weight.
TEST(Scaling, BoundsAndAimsOfWeightsGoWithThem) {
  const auto plasticity_with = [](const std::string& aim) {
    std::string text = with_scaling("iaf_psc_exp", "scaling: {neurons: 1, indegrees: 0.25}");
    text.replace(text.find("weight: 3}"), 10,
                 "weight: 3, plasticity: {rule: stdp, w_min: 1, w_max: 5, homeostasis: {interval: 1000, " +
                     aim + "}}}");
    return load(text).projections[0].plasticity.value();
  };
  const StdpSpec relaxing = plasticity_with("relax_to: 2");
  EXPECT_EQ(relaxing.w_min, 2);
  EXPECT_EQ(relaxing.w_max, 10);
  EXPECT_EQ(relaxing.homeostasis->relax_to, 4);
  EXPECT_EQ(plasticity_with("total: 60").homeostasis->total, 30);
}

// k = 0.25, so 1 - sqrt(k) = 0.5. Drives, weight x in-degree x rate: E 3*40*4 = 480, I -6*20*10 = -1200,
// Poisson 2*1000 = 2000 pA Hz.
TEST(Scaling, ReplacesTheLostMeanInputOfExponentialCurrents) {
  const ModelSpec spec = load(with_scaling("iaf_psc_exp", "scaling: {neurons: 0.5, indegrees: 0.25}"));
  const double expected = 7 + 0.5 * (0.5 * (480 + 2000) + 2 * -1200) * 1e-3;
  EXPECT_NEAR(current_of(spec.populations[0]), expected, 1e-12);
  EXPECT_EQ(current_of(spec.populations[1]), 7);  // has no input
  EXPECT_EQ(spec.populations[0].size, 50U);
  EXPECT_EQ(spec.projections[0].degree, std::vector<std::uint32_t>{10});
  EXPECT_EQ(spec.projections[1].total, 250U);  // 2000 * 0.5 * 0.25
  EXPECT_EQ(std::get<Distribution>(spec.projections[0].weight).a, 6);
  EXPECT_EQ(std::get<Distribution>(spec.projections[1].weight).a, -12);
  const auto& poisson = std::get<PoissonInputSpec>(spec.inputs[0].kind);
  EXPECT_EQ(poisson.rate.rates_Hz[0], 250);
  EXPECT_EQ(poisson.weight, 4);
  EXPECT_EQ(std::get<CurrentInputSpec>(spec.inputs[1].kind).amplitudes_pA[0], 5);
  EXPECT_EQ(spec.projections[0].source.stop, 50U);
  EXPECT_EQ(spec.record_spikes[0].stop, 50U);
}

// The charge of an alpha-shaped current of peak w is w * e * tau_syn; a jump of w mV is w * C_m.
TEST(Scaling, UsesTheChargeOfTheModel) {
  const ModelSpec alpha = load(with_scaling("iaf_psc_alpha", "scaling: {indegrees: 0.25}"));
  EXPECT_NEAR(current_of(alpha.populations[0]), 7 + std::numbers::e * 0.5 * (0.5 * 2480 - 2 * 1200) * 1e-3,
              1e-12);
  const ModelSpec delta = load(with_scaling("iaf_psc_delta", "scaling: {indegrees: 0.25}"));
  EXPECT_NEAR(current_of(delta.populations[0]), 7 + 250 * 0.5 * (2480 - 1200) * 1e-3, 1e-9);
}

TEST(Scaling, ByOneChangesNothing) {
  const ModelSpec plain = load(with_scaling("iaf_psc_exp", ""));
  const ModelSpec scaled = load(with_scaling("iaf_psc_exp", "scaling: {neurons: 1, indegrees: 1}"));
  EXPECT_EQ(current_of(plain.populations[0]), current_of(scaled.populations[0]));
  EXPECT_EQ(plain.projections[0].weight, scaled.projections[0].weight);
  EXPECT_EQ(plain.projections[1].total, scaled.projections[1].total);
}

// The expected number of connections is p * N * N * s * k = 0.1 * 100 * 100 * 0.5 * 0.25 = 125 of 50 * 50
// pairs.
TEST(Scaling, OfPairwiseProbabilities) {
  const std::string text =
      config_with("  E: {size: 100, expected_rate: 4, model: iaf_psc_exp}",
                  "projections: [{source: E, target: E, rule: pairwise_bernoulli, probability: 0.1}]\n");
  EXPECT_DOUBLE_EQ(load(text + "scaling: {neurons: 0.5, indegrees: 0.25}").projections[0].probability, 0.05);
  EXPECT_EQ(
      faults_of(text + "scaling: {neurons: 0.05, indegrees: 1}"),
      Messages{"net.yaml:4:15: projections[0]: read projection 'E->E' with a scaled probability of 2.000000, "
               "expected at most 1: fewer `indegrees` or more `neurons`, because `scaling` is used"});
}

TEST(Scaling, NeedsTheRatesOfAllSources) {
  const std::string text =
      config_with("  E: {size: 100, model: iaf_psc_exp}",
                  "projections: [{source: E, target: E, rule: fixed_indegree, indegree: 10}]\n"
                  "scaling: {indegrees: 0.5}");
  EXPECT_EQ(
      faults_of(text),
      Messages{"net.yaml:3:6: populations.E.expected_rate: read no such key, expected the mean rate in Hz of "
               "'E': `scaling` replaces the input that its targets lose"});
}

TEST(Scaling, RefusesModelsInWhichNoCurrentReplacesLostInput) {
  EXPECT_EQ(
      faults_of(config_with("  E: {size: 100, model: iaf_cond_exp, expected_rate: 5}",
                            "scaling: {indegrees: 0.5}\nprojections:\n"
                            "  - {source: E, target: E, rule: fixed_indegree, indegree: 10}\n")),
      Messages{"net.yaml:6:5: projections[0]: read projection 'E->E' to iaf_cond_exp, expected iaf_psc_* "
               "neurons: only in them a current replaces the input that fewer synapses take away, because "
               "`scaling` is used"});
}

TEST(Scaling, RefusesWhatItCannotScale) {
  const auto faults_with = [](const std::string& projection, const std::string& scaling) {
    return faults_of(
        config_with("  E: {size: 100, expected_rate: 4, model: iaf_psc_exp}",
                    "projections: [{source: E, target: E, " + projection + "}]\nscaling: {" + scaling + "}"));
  };
  const std::string where = "net.yaml:4:15: projections[0]: read projection 'E->E'";
  EXPECT_EQ(
      faults_with("rule: one_to_one", "indegrees: 0.5"),
      Messages{where + " one_to_one, expected a rule whose in-degree can shrink, because `scaling` is used"});
  EXPECT_EQ(
      faults_with("rule: all_to_all", "neurons: 0.5"),
      Messages{where + " all_to_all, expected neurons equal to indegrees: its in-degree follows the size, "
                       "because `scaling` is used"});
  EXPECT_EQ(
      faults_with("rule: explicit_list, edges: [[0, 1]]", "neurons: 0.5"),
      Messages{where + " explicit_list, expected a rule that can be drawn anew, because `scaling` is used"});
  EXPECT_EQ(faults_with("rule: fixed_indegree, indegree: 1", "indegrees: 0.1"),
            Messages{where + " with a scaled degree of 0, expected at least 1, because `scaling` is used"});
  EXPECT_EQ(faults_with("rule: fixed_indegree, indegree: 10, weight: {lognormal: {mu: 1, sigma: 1}}",
                        "indegrees: 0.5"),
            Messages{where +
                     " with lognormal or listed weights, expected constant, normal or uniform ones, because "
                     "`scaling` is used"});
  EXPECT_EQ(faults_of(config_with("  E: {size: 2, model: iaf_psc_exp, params: {I_e: [1, 2]}}",
                                  "scaling: {neurons: 0.5}")),
            Messages{"net.yaml:3:6: populations.E: read a list of values per neuron, expected constants or "
                     "distributions, because `scaling` is used"});
}

}  // namespace
}  // namespace sharpwave
