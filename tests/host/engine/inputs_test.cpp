// Currents and Poisson input against theory.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

std::vector<float> membrane(const ModelSpec& spec, std::uint64_t steps) {
  const auto engine = make_cpu_engine(spec, 1);
  Block out;
  engine->advance(steps, out);
  return out.reports[0].values;
}

ModelSpec alpha_with_report() {
  ModelSpec spec;
  spec.simulation.precision = Precision::float64;
  spec.populations = {population("N", 1, NeuronModel::iaf_psc_alpha)};
  spec.reports.push_back({.name = "v", .slice = {0, 0, 1, 1}, .variables = {StateVariable::V_m}});
  return spec;
}

// NEST test_iaf_psc_alpha: a generator of 1000 pA whose current acts from 0.2 ms on. Compared to the digits
// given.
TEST(Currents, TheAlphaNeuronRespondsToDirectCurrentAsInNest) {
  ModelSpec spec = alpha_with_report();
  spec.inputs.push_back({"dc", {0, 0, 1, 1}, CurrentInputSpec{{0.2}, {1000.0}}});
  const std::vector<float> v = membrane(spec, 50);
  EXPECT_EQ(v[1], -70.0f);             // 0.2 ms
  EXPECT_NEAR(v[2], -69.602, 5e-4);    // 0.3 ms
  EXPECT_NEAR(v[9], -66.9247, 5e-5);   // 1.0 ms
  EXPECT_NEAR(v[48], -55.0001, 5e-5);  // 4.9 ms
  EXPECT_EQ(v[49], -70.0f);            // reset
}

TEST(Currents, I_eActsFromTheFirstStep) {
  ModelSpec spec = alpha_with_report();
  std::get<NeuronSpec>(spec.populations[0].kind).parameters[static_cast<std::size_t>(NeuronParameter::I_e)] =
      Distribution::constant(1000);
  EXPECT_NEAR(membrane(spec, 1)[0], -69.602, 5e-4);
}

TEST(Currents, StepsReplaceEachOtherAndInputsAddUp) {
  ModelSpec spec = alpha_with_report();
  spec.populations[0].size = 3;
  spec.reports[0].slice = {0, 0, 3, 1};
  spec.inputs.push_back({"a", {0, 0, 3, 1}, CurrentInputSpec{{0.0, 1.0, 2.0}, {100, 0, -50}}});
  spec.inputs.push_back({"b", {0, 1, 3, 1}, CurrentInputSpec{{1.5}, {30}}});
  const std::vector<float> v = membrane(spec, 30);
  // Exact solution of dV/dt = -V/tau + I/C from one constant current to the next.
  for (const std::uint32_t neuron : {0u, 1u, 2u}) {
    double expected = 0;
    for (int step = 1; step <= 30; ++step) {
      double current = step <= 10 ? 100 : (step <= 20 ? 0 : -50);
      if (neuron > 0 && step > 15) current += 30;
      const double rest = current * 10 / 250;
      expected = rest + (expected - rest) * std::exp(-0.01);
      EXPECT_NEAR(v[(static_cast<std::size_t>(step) - 1) * 3 + neuron], -70 + expected, 1e-5) << step;
    }
  }
}

// Spikes per element of parrots that are driven by Poisson trains.
std::vector<double> parrot_counts(const ModelSpec& spec, std::uint32_t n, std::uint64_t steps) {
  std::vector<double> counts(n);
  for (const Spike& spike : simulate(spec, 2, steps)) counts[spike.id] += 1;
  return counts;
}

// Sum and dispersion of independent Poisson counts against their laws, each at |z| < 4.5 (p = 7e-6).
void expect_poisson(const std::vector<double>& counts, double mean) {
  const auto n = static_cast<double>(counts.size());
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  EXPECT_LT(std::abs(total - n * mean), 4.5 * std::sqrt(n * mean)) << total << " of " << n * mean;
  double dispersion = 0;
  for (const double c : counts) dispersion += (c - mean) * (c - mean) / mean;
  // Var of (c-mean)^2/mean is 2 + 1/mean.
  EXPECT_LT(std::abs(dispersion - n), 4.5 * std::sqrt(n * (2 + 1 / mean))) << dispersion << " of " << n;
}

TEST(Poisson, BackgroundHasTheMeanAndVarianceOfThePoissonLaw) {
  for (const double rate : {4.0, 900.0, 25'000.0, 900'000.0}) {
    ModelSpec spec;
    spec.populations = {{.name = "parrots", .size = 1500, .kind = ParrotSpec{}}};
    PoissonInputSpec poisson;
    poisson.rate.rates_Hz = {rate};
    poisson.weight = 1;
    spec.inputs.push_back({"background", whole(spec, 0), poisson});
    constexpr std::uint64_t kSteps = 250;
    expect_poisson(parrot_counts(spec, 1500, kSteps), rate * 1e-4 * kSteps);
  }
}

TEST(Poisson, SourcesAreIndependentTrains) {
  ModelSpec spec;
  spec.populations = {{.name = "parrots", .size = 1200, .kind = ParrotSpec{}},
                      {.name = "noise", .size = 1200, .kind = PoissonSourceSpec{{{0.0}, {700.0}}}}};
  spec.projections = {projection(spec, 1, 0, ConnectionRule::one_to_one, 1, 0.1)};
  // The train of step k arrives in step k + 1, so the first step has none.
  expect_poisson(parrot_counts(spec, 1200, 401), 700 * 1e-4 * 400);
}

TEST(Poisson, ARateThatChangesDoesSoAtItsStep) {
  ModelSpec spec;
  spec.populations = {{.name = "parrots", .size = 2000, .kind = ParrotSpec{}}};
  PoissonInputSpec poisson;
  poisson.rate = {{0.0, 1.3, 2.9}, {0.0, 5000.0, 0.0}};
  poisson.weight = 1;
  spec.inputs.push_back({"background", whole(spec, 0), poisson});
  std::vector<double> counts(2000);
  for (const Spike& spike : simulate(spec, 1, 60)) {
    EXPECT_GT(spike.step, 13u);
    EXPECT_LE(spike.step, 29u);
    counts[spike.id] += 1;
  }
  expect_poisson(counts, 5000 * 1e-4 * 16);
}

TEST(Poisson, ASliceReceivesWhatItsNeuronsWouldReceiveAnyway) {
  ModelSpec spec;
  spec.populations = {{.name = "parrots", .size = 64, .kind = ParrotSpec{}}};
  PoissonInputSpec poisson;
  poisson.rate.rates_Hz = {900};
  poisson.weight = 1;
  spec.inputs.push_back({"background", whole(spec, 0), poisson});
  std::vector<Spike> expected;
  for (const Spike& spike : simulate(spec, 3, 500))
    if (spike.id >= 5 && spike.id < 50 && (spike.id - 5) % 3 == 0) expected.push_back(spike);
  spec.inputs[0].target = {0, 5, 50, 3};
  ASSERT_FALSE(expected.empty());
  for (const int threads : {1, 2, 3, 4}) EXPECT_TRUE(simulate(spec, threads, 500) == expected);
}

}  // namespace
}  // namespace sharpwave::testing
