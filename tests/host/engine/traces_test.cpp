// What is recorded beside the state: refractoriness, what arrives, and currents.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/network/neuron_models.hpp"
#include "tests/reference/neuron_reference.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

using S = StepQuantity;
using V = StateVariable;

ReportSpec traces(const ModelSpec& spec, std::uint32_t population, std::vector<Recordable> variables) {
  return {.name = "t", .slice = whole(spec, population), .variables = std::move(variables)};
}

/// [variable][step - 1] of the only neuron of the first report.
std::vector<std::vector<float>> trace_of_one(const ModelSpec& spec, std::uint64_t steps) {
  Block out;
  make_cpu_engine(spec, 1)->advance(steps, out);
  const std::size_t n = spec.reports[0].variables.size();
  std::vector<std::vector<float>> traces(n);
  for (std::size_t i = 0; i < out.reports[0].values.size(); ++i)
    traces[i % n].push_back(out.reports[0].values[i]);
  return traces;
}

/// A source that spikes in step 1, and one neuron, which is reached `delay_ms` later.
ModelSpec one_spike(NeuronModel model, double weight, double delay_ms) {
  ModelSpec spec;
  spec.populations = {{.name = "source", .size = 1, .kind = SpikeSourceSpec{{0}, {0.1}}},
                      population("N", 1, model)};
  spec.projections = {projection(spec, 0, 1, ConnectionRule::all_to_all, weight, delay_ms)};
  return spec;
}

std::vector<float> only(std::size_t step, float value, std::size_t n) {
  std::vector<float> values(n);
  values[step - 1] = value;
  return values;
}

TEST(Traces, ASpikeArrivesInOneStepAtOneReceptor) {
  for (const double weight : {100.0, -40.0}) {
    ModelSpec spec = one_spike(NeuronModel::iaf_psc_exp, weight, 0.5);
    spec.reports = {traces(spec, 1, {S::input_ex, S::input_in, V::I_syn_ex})};
    const auto found = trace_of_one(spec, 30);
    const std::size_t receptor = weight > 0 ? 0 : 1;
    EXPECT_EQ(found[receptor], only(1 + 5, static_cast<float>(weight), 30));
    EXPECT_EQ(found[1 - receptor], std::vector<float>(30));
    if (weight < 0) continue;
    EXPECT_EQ(found[2][6 - 1], 100.0f) << "the current that it makes begins in that step";
  }
}

TEST(Traces, OfModelsWithOneReceptorThereIsOneInput) {
  for (const double weight : {2.0, -0.5}) {
    ModelSpec spec = one_spike(NeuronModel::iaf_psc_delta, weight, 1);
    spec.reports = {traces(spec, 1, {S::input})};
    EXPECT_EQ(trace_of_one(spec, 20)[0], only(1 + 10, static_cast<float>(weight), 20));
  }
}

TEST(Traces, APoissonInputArrivesInMultiplesOfItsWeight) {
  ModelSpec spec;
  spec.populations = {population("N", 1, NeuronModel::iaf_psc_exp)};
  PoissonInputSpec poisson;
  poisson.rate.rates_Hz = {8000};
  poisson.weight = 64;
  spec.inputs = {{.name = "p", .target = whole(spec, 0), .kind = poisson}};
  spec.reports = {traces(spec, 0, {S::input_ex})};
  double sum = 0;
  const auto found = trace_of_one(spec, 10000);
  for (const float value : found[0]) {
    EXPECT_EQ(value, 64 * static_cast<float>(static_cast<int>(value / 64)));
    sum += static_cast<double>(value);
  }
  EXPECT_NEAR(sum / 64, 8000, 5 * 90);  // 8,000 +- 5 standard deviations, sqrt(8,000) = 89.4
}

TEST(Traces, RefractorinessCountsDownInMs) {
  ModelSpec spec;
  spec.populations = {population("N", 1, NeuronModel::iaf_psc_exp)};
  std::get<NeuronSpec>(spec.populations[0].kind).initial[0] = Distribution::constant(-54);  // above V_th
  spec.reports = {traces(spec, 0, {S::refractory})};
  std::vector<float> expected(30);
  for (int step = 1; step <= 20; ++step)  // t_ref is 2 ms; the spike is at the end of step 1
    expected[static_cast<std::size_t>(step) - 1] = static_cast<float>((21 - step) * 0.1);
  EXPECT_EQ(trace_of_one(spec, 30)[0], expected);
}

TEST(Traces, ACurrentIsThatOfTheStep) {
  ModelSpec spec;
  spec.populations = {population("N", 1, NeuronModel::iaf_psc_exp)};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::I_e] = Distribution::constant(30);
  spec.inputs = {{.name = "c", .target = whole(spec, 0), .kind = CurrentInputSpec{{0.5, 1.0}, {100, -50}}}};
  spec.reports = {traces(spec, 0, {S::I_stim})};
  const std::vector<float> found = trace_of_one(spec, 15)[0];
  for (std::size_t step = 1; step <= 15; ++step)  // what is set at t acts from t + dt on
    EXPECT_EQ(found[step - 1], step <= 5 ? 30.0f : step <= 10 ? 130.0f : -20.0f) << step;
}

// The recorded input alone, put into an independent integrator, gives the recorded potential and spikes.
TEST(Traces, TheInputExplainsThePotential) {
  ModelSpec spec;
  spec.simulation.precision = Precision::float64;
  spec.populations = {population("N", 1, NeuronModel::iaf_psc_exp)};
  for (const double weight : {80.0, -60.0}) {
    PoissonInputSpec poisson;
    poisson.rate.rates_Hz = {6000};
    poisson.weight = weight;
    spec.inputs.push_back({.name = std::to_string(weight), .target = whole(spec, 0), .kind = poisson});
  }
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::I_e] = Distribution::constant(250);
  spec.reports = {traces(spec, 0, {V::V_m, S::input_ex, S::input_in, S::refractory})};
  const auto found = trace_of_one(spec, 2000);
  const std::vector<double> ex(found[1].begin(), found[1].end());
  const std::vector<double> in(found[2].begin(), found[2].end());
  const reference::Trace expected = reference::simulate({.current_pA = 250}, ex, in);
  ASSERT_GT(expected.spikes.size(), 3u);
  std::vector<int> spikes;
  for (std::size_t i = 0; i < 2000; ++i) {
    ASSERT_NEAR(static_cast<double>(found[0][i]), expected.v_mV[i] - 70, 1e-4) << i;
    if (found[3][i] == 2.0f) spikes.push_back(static_cast<int>(i));
  }
  EXPECT_EQ(spikes, expected.spikes);
}

// Everything that can be recorded, in both precisions, where there is input of every kind.
TEST(Traces, AreTheSameOnAnyNumberOfThreads) {
  for (NamedNetwork& network : contract_networks()) {
    SCOPED_TRACE(network.name);
    for (std::uint32_t i = 0; i < network.spec.populations.size(); ++i)
      if (const NeuronSpec* neurons = network.spec.populations[i].neurons())
        network.spec.reports.push_back(traces(network.spec, i, recordables(model_info(neurons->model))));
    Block one;
    make_cpu_engine(network.spec, 1)->advance(60, one);
    for (const int threads : {2, 4}) {
      Block many;
      make_cpu_engine(network.spec, threads)->advance(60, many);
      for (std::size_t r = 0; r < one.reports.size(); ++r)
        EXPECT_EQ(many.reports[r].values, one.reports[r].values) << threads;
    }
  }
}

// Weights of 2^-k are on the grids of both precisions.
TEST(Traces, TheSameInputArrivesInBothPrecisions) {
  ModelSpec spec = one_spike(NeuronModel::iaf_cond_exp, 0.375, 0.3);
  spec.reports = {traces(spec, 1, {S::input_ex, S::input_in})};
  const auto narrow = trace_of_one(spec, 20);
  spec.simulation.precision = Precision::float64;
  EXPECT_EQ(trace_of_one(spec, 20), narrow);
  EXPECT_EQ(narrow[0], only(1 + 3, 0.375f, 20));
}

}  // namespace
}  // namespace sharpwave::testing
