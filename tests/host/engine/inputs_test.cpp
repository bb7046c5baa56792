// Currents and Poisson input against theory.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "tests/support/networks.hpp"
#include "tests/support/statistics.hpp"

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

// Exact from one sample to the next: V follows the current of each step's beginning.
TEST(Currents, AlternatingCurrentMovesVAsAnIndependentIntegratorSays) {
  ModelSpec spec = alpha_with_report();
  spec.inputs.push_back({"ac",
                         {0, 0, 1, 1},
                         AcInputSpec{.amplitude_pA = 100,
                                     .offset_pA = 40,
                                     .frequency_Hz = 70,
                                     .phase_deg = 30,
                                     .start_step = 20,
                                     .stop_step = 380}});
  const std::vector<float> v = membrane(spec, 500);
  double expected = 0;
  for (int step = 1; step <= 500; ++step) {
    const double t_ms = 0.1 * (step - 1);
    const double angle = 2 * std::numbers::pi * (0.07 * t_ms + 30.0 / 360);
    const double current = t_ms > 1.99 && t_ms < 37.99 ? 40 + 100 * std::sin(angle) : 0;
    const double rest = current * 10 / 250;
    expected = rest + (expected - rest) * std::exp(-0.01);
    EXPECT_NEAR(v[static_cast<std::size_t>(step) - 1], -70 + expected, 1e-5) << step;
  }
}

// The currents that V betrays: constant for an interval, normal, and not the same for any two.
TEST(Currents, NoiseIsNormalAndHoldsForItsInterval) {
  constexpr std::uint32_t kNeurons = 300;
  constexpr std::uint64_t kIntervals = 30;
  ModelSpec spec = alpha_with_report();
  spec.populations[0].size = kNeurons;
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::V_th] = Distribution::constant(1000);
  spec.reports[0].slice = {0, 0, kNeurons, 1};
  spec.inputs.push_back(
      {"noise", whole(spec, 0), NoiseInputSpec{.mean_pA = 100, .std_pA = 500, .interval_steps = 10}});
  const std::vector<float> v = membrane(spec, 10 * kIntervals);
  std::vector<double> currents;
  for (std::uint32_t neuron = 0; neuron < kNeurons; ++neuron) {
    double before = -70;
    for (std::size_t step = 0; step < 10 * kIntervals; ++step) {
      const double now = v[step * kNeurons + neuron];
      const double rest = (now + 70 - (before + 70) * std::exp(-0.01)) / (1 - std::exp(-0.01));
      before = now;
      const double current = rest * 250 / 10;
      if (step % 10 == 0) currents.push_back(current);
      EXPECT_NEAR(current, currents.back(), 0.05);  // float's last place of V is 8e-6 mV
    }
  }
  const auto law = [](double current) { return test::normal_cdf((current - 100) / 500); };
  EXPECT_GT(test::kolmogorov_smirnov_p(currents, law), test::kLevel);
}

// Sums over the inputs, in their order, with neighbours that one of them leaves out.
TEST(Currents, InputsOfAllKindsAddUpInTheirOrder) {
  ModelSpec spec = alpha_with_report();
  spec.populations[0].size = 4;
  spec.reports[0].slice = {0, 0, 4, 1};
  std::get<NeuronSpec>(spec.populations[0].kind)[NeuronParameter::I_e] = Distribution::constant(30);
  spec.inputs.push_back({"steps", {0, 1, 4, 2}, CurrentInputSpec{{0.0, 1.0}, {100, -50}}});
  spec.inputs.push_back({"ac", whole(spec, 0), AcInputSpec{.amplitude_pA = 20, .frequency_Hz = 500}});
  const std::vector<float> v = membrane(spec, 40);
  for (const std::uint32_t neuron : {0u, 1u, 2u, 3u}) {
    double expected = 0;
    for (int step = 1; step <= 40; ++step) {
      double current = 30 + 20 * std::sin(2 * std::numbers::pi * 0.05 * (step - 1));
      if (neuron % 2 == 1) current += step <= 10 ? 100 : -50;
      const double rest = current * 10 / 250;
      expected = rest + (expected - rest) * std::exp(-0.01);
      EXPECT_NEAR(v[(static_cast<std::size_t>(step) - 1) * 4 + neuron], -70 + expected, 1e-5) << step;
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

ModelSpec copied_train(std::uint32_t n, double rate_Hz, double p_copy) {
  ModelSpec spec;
  spec.populations = {{.name = "parrots", .size = n, .kind = ParrotSpec{}}};
  MipInputSpec mip{.p_copy = p_copy};
  mip.mother.rate.rates_Hz = {rate_Hz};
  mip.mother.weight = 1;
  spec.inputs.push_back({"mip", whole(spec, 0), mip});
  return spec;
}

// With m events expected in a step, E[X] = p m, and for two targets E[X Y] = p^2 (m + m^2): their correlation
// is p. Steps are independent, so that the mean over steps has a known law.
TEST(Mip, RateAndCorrelationAreThoseOfTheCopies) {
  constexpr std::uint32_t kParrots = 30;
  constexpr std::uint64_t kSteps = 20'000;
  for (const double p : {0.1, 0.6}) {
    const double m = 2000 * 1e-4;
    std::vector<std::vector<double>> counts(kSteps, std::vector<double>(kParrots));
    for (const Spike& spike : simulate(copied_train(kParrots, 2000, p), 2, kSteps))
      counts[spike.step - 1][spike.id] += 1;
    std::vector<double> sums, products;
    for (const std::vector<double>& of_step : counts) {
      const double sum = std::accumulate(of_step.begin(), of_step.end(), 0.0);
      const double squares = std::inner_product(of_step.begin(), of_step.end(), of_step.begin(), 0.0);
      sums.push_back(sum / kParrots);
      products.push_back((sum * sum - squares) / (kParrots * (kParrots - 1)));
    }
    const auto p_of_mean = [](const std::vector<double>& samples, double expected) {
      const auto n = static_cast<double>(samples.size());
      const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
      double variance = 0;
      for (const double x : samples) variance += (x - mean) * (x - mean) / (n - 1);
      return test::normal_two_sided_p((mean - expected) / std::sqrt(variance / n));
    };
    EXPECT_GT(p_of_mean(sums, p * m), test::kLevel / 4) << p;
    EXPECT_GT(p_of_mean(products, p * p * (m + m * m)), test::kLevel / 4) << p;
  }
}

TEST(Mip, WithCertaintyEveryTargetGetsTheMotherTrain) {
  std::vector<std::vector<std::uint64_t>> trains(5);
  for (const Spike& spike : simulate(copied_train(5, 3000, 1), 2, 2000))
    trains[spike.id].push_back(spike.step);
  expect_poisson({static_cast<double>(trains[0].size())}, 3000 * 1e-4 * 2000);
  for (const auto& train : trains) EXPECT_EQ(train, trains[0]);
}

TEST(Mip, ASliceReceivesWhatItsNeuronsWouldReceiveAnyway) {
  ModelSpec spec = copied_train(64, 3000, 0.4);
  std::vector<Spike> expected;
  for (const Spike& spike : simulate(spec, 3, 500))
    if (spike.id >= 5 && spike.id < 50 && (spike.id - 5) % 3 == 0) expected.push_back(spike);
  spec.inputs[0].target = {0, 5, 50, 3};
  ASSERT_FALSE(expected.empty());
  for (const int threads : {1, 2, 3, 4}) EXPECT_TRUE(simulate(spec, threads, 500) == expected);
}

// Many pieces, of rates that recur: each step has that of its time.
TEST(Poisson, ARateOfManyPiecesIsFollowed) {
  ModelSpec spec;
  spec.populations = {{.name = "parrots", .size = 3000, .kind = ParrotSpec{}}};
  PoissonInputSpec poisson;
  poisson.weight = 1;
  poisson.rate = {{}, {}};
  for (int piece = 0; piece < 100; ++piece) {
    poisson.rate.times_ms.push_back(0.3 * piece);
    poisson.rate.rates_Hz.push_back(piece % 4 * 500.0);
  }
  spec.inputs.push_back({"background", whole(spec, 0), poisson});
  std::vector<std::vector<double>> counts(4, std::vector<double>(3000));
  for (const Spike& spike : simulate(spec, 2, 300)) counts[(spike.step - 1) / 3 % 4][spike.id] += 1;
  EXPECT_EQ(std::accumulate(counts[0].begin(), counts[0].end(), 0.0), 0);
  for (const std::size_t k : {1u, 2u, 3u})
    expect_poisson(counts[k], static_cast<double>(k) * 500 * 1e-4 * 75);
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
