// Neuromodulators: how their levels move, what drives them, and what they gate.
#include "host/engine/neuromodulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr auto kDopamine = static_cast<std::size_t>(Modulator::dopamine);
constexpr auto kSerotonin = static_cast<std::size_t>(Modulator::serotonin);
constexpr auto kNoradrenaline = static_cast<std::size_t>(Modulator::noradrenaline);
constexpr auto kAcetylcholine = static_cast<std::size_t>(Modulator::acetylcholine);

/// Ten neurons with ids from 0, then five sources.
ModelSpec spec_of(const RegionSpec& region) {
  ModelSpec spec;
  spec.populations = {population("A", 10, NeuronModel::iaf_psc_exp),
                      {.name = "B", .size = 5, .kind = SpikeSourceSpec{}}};
  spec.regions = {region};
  return spec;
}

Neuromodulation modulation_of(const ModelSpec& spec) {
  Network net;
  net.places = {{.first_source = 0}, {.first_source = 10}};
  return Neuromodulation(spec, net);
}

RegionSpec region_with(std::vector<std::pair<std::size_t, ModulatorSpec>> modulators) {
  RegionSpec region{.name = "r", .crosstalk = false};
  for (const auto& [m, spec] : modulators) region.modulators[m] = spec;
  return region;
}

/// From the first step after `first` to `last`.
void advance(Neuromodulation& modulation, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t step = first + 1; step <= last; ++step) modulation.advance(step);
}

GateFactors factors_at(const ModulatorLevels& levels) {
  return factors_of(RegionGates(), levels);
}

TEST(Gates, HaveTheirGoldenValues) {
  const double dopamine[][3] = {{1.0, 1.5, 0.7}, {0.5, 1.0, 1.0}, {0.0, 0.5, 1.3}, {7.0, 1.5, 0.7}};
  for (const auto& [level, plus, minus] : dopamine) {
    const GateFactors factors = factors_at({.dopamine = level});
    EXPECT_DOUBLE_EQ(factors.potentiation, plus);
    EXPECT_DOUBLE_EQ(factors.depression, minus);
  }
  EXPECT_DOUBLE_EQ(factors_at({.serotonin = 0.05}).eligibility_time, 0.55);
  EXPECT_DOUBLE_EQ(factors_at({.serotonin = 0.5}).eligibility_time, 1.0);
  EXPECT_DOUBLE_EQ(factors_at({.serotonin = 1.0}).eligibility_time, 1.5);
  EXPECT_DOUBLE_EQ(factors_at({.noradrenaline = 0.05}).input_gain, 0.5);
  EXPECT_DOUBLE_EQ(factors_at({.noradrenaline = 0.5}).input_gain, 1.0);
  EXPECT_DOUBLE_EQ(factors_at({.noradrenaline = 1.0}).input_gain, 2.0);
  EXPECT_DOUBLE_EQ(factors_at({.acetylcholine = 0.1}).external_gain, 0.6);
  EXPECT_DOUBLE_EQ(factors_at({.acetylcholine = 0.5}).external_gain, 1.0);
  EXPECT_DOUBLE_EQ(factors_at({.acetylcholine = 0.9}).external_gain, 1.4);
}

// 0.4 x 1.5, 1.0 or 0.6, + 0.35 x the gain, + 0.25 x (1 - 0.5 |mood - 0.5|), times the error, in [0.1, 3].
TEST(Gates, OfLearningWeighThreeFactorsAndTheError) {
  const auto rate = [](const ModulatorLevels& levels) { return factors_at(levels).learning_rate; };
  ModulatorLevels levels{.prediction_error = 0.8};
  EXPECT_DOUBLE_EQ(rate(levels), 0.8);
  levels.acetylcholine = 0.7;
  EXPECT_DOUBLE_EQ(rate(levels), 1.2 * 0.8);
  levels.acetylcholine = 0.3;
  EXPECT_DOUBLE_EQ(rate(levels), (0.24 + 0.35 + 0.25) * 0.8);
  levels.noradrenaline = 1;
  levels.serotonin = 0.1;
  EXPECT_DOUBLE_EQ(rate(levels), (0.24 + 0.7 + 0.25 * 0.8) * 0.8);
  levels.prediction_error = -0.8;  // its size counts
  EXPECT_DOUBLE_EQ(rate(levels), (0.24 + 0.7 + 0.25 * 0.8) * 0.8);
  levels.prediction_error = 0;
  EXPECT_DOUBLE_EQ(rate(levels), 0.114);
  levels.noradrenaline = 0.1;
  EXPECT_DOUBLE_EQ(rate(levels), 0.1);
}

TEST(Gates, AreWhatTheRegionSays) {
  RegionGates gates;
  gates.potentiation = {
      .modulator = Modulator::serotonin, .slope = -4, .neutral = 0.25, .min = 0.5, .max = 2};
  gates.learning_rate = {.acetylcholine = 0, .noradrenaline = 2, .serotonin = 0, .least_error = 1, .max = 10};
  ModulatorLevels levels{.serotonin = 0.3, .noradrenaline = 1};
  EXPECT_DOUBLE_EQ(factors_of(gates, levels).potentiation, 0.8);
  EXPECT_DOUBLE_EQ(factors_of(gates, levels).learning_rate, 4) << "twice a gain of 2, times an error of 1";
  levels.serotonin = 0.4;
  EXPECT_DOUBLE_EQ(factors_of(gates, levels).potentiation, 0.5);
  levels.serotonin = 0;
  EXPECT_DOUBLE_EQ(factors_of(gates, levels).potentiation, 2);
  EXPECT_DOUBLE_EQ(factors_of(gates, levels).depression, 1) << "what is not given is as it was";
}

TEST(Crosstalk, IsOfTheModulatorsThatARegionHas) {
  const ModulatorLevels own{.dopamine = 0.8, .serotonin = 0.6, .noradrenaline = 0.4, .acetylcholine = 0.45};
  const bool all[] = {true, true, true, true};
  const ModulatorLevels mixed = with_crosstalk(own, all);
  EXPECT_DOUBLE_EQ(mixed.serotonin, 0.6 * (1 - 0.3 * 0.8));
  EXPECT_DOUBLE_EQ(mixed.acetylcholine, 0.45 + 0.4 * 0.4);
  EXPECT_NEAR(mixed.dopamine, 0.8 / (1 + std::exp(10 * (0.45 - 0.5))), 1e-15);
  EXPECT_EQ(mixed.noradrenaline, 0.4);
  const bool only_dopamine[] = {true, false, false, false};
  EXPECT_EQ(with_crosstalk(own, only_dopamine).dopamine, 0.8);
  const bool without_acetylcholine[] = {true, true, true, false};
  EXPECT_EQ(with_crosstalk(own, without_acetylcholine).dopamine, 0.8);
  EXPECT_DOUBLE_EQ(with_crosstalk(own, without_acetylcholine).serotonin, 0.6 * (1 - 0.3 * 0.8));
}

TEST(Neuromodulation, PulsesFadeAndTonicLevelsFollowTheirTargets) {
  RegionSpec region =
      region_with({{kDopamine, {.baseline = 0.3, .tau_phasic_ms = 200}},
                   {kSerotonin, {.baseline = 0.5, .tau_tonic_ms = 50}},
                   {kNoradrenaline, {.baseline = 0.5, .min = 0.2, .max = 0.6, .tau_phasic_ms = 10}}});
  region.pulses = {
      {Modulator::dopamine, 10, 0.4}, {Modulator::noradrenaline, 10, 5.0}, {Modulator::dopamine, 100, 0.2}};
  region.targets = {{Modulator::serotonin, 20, 0.9}};
  Neuromodulation modulation = modulation_of(spec_of(region));
  EXPECT_EQ(modulation.levels(0).dopamine, 0.3);
  EXPECT_EQ(modulation.levels(0).acetylcholine, 0.5) << "none gates nothing";
  for (int step = 1; step <= 400; ++step) {
    modulation.advance(static_cast<std::uint64_t>(step));
    double dopamine = 0.3;
    if (step >= 10) dopamine += 0.4 * std::exp(-0.1 * (step - 10) / 200);
    if (step >= 100) dopamine += 0.2 * std::exp(-0.1 * (step - 100) / 200);
    ASSERT_NEAR(modulation.levels(0).dopamine, dopamine, 1e-13) << step;
    const double serotonin = step < 20 ? 0.5 : 0.9 - 0.4 * std::exp(-0.1 * (step - 20) / 50);
    ASSERT_NEAR(modulation.levels(0).serotonin, serotonin, 1e-13) << step;
    const double noradrenaline = step < 10 ? 0.5 : 0.5 + 5 * std::exp(-0.1 * (step - 10) / 10);
    ASSERT_NEAR(modulation.levels(0).noradrenaline, std::min(0.6, noradrenaline), 1e-13) << step;
  }
}

TEST(Neuromodulation, BoundsHoldBeforeAndAfterCrosstalk) {
  RegionSpec region = region_with({{kDopamine, {.baseline = 0.9}},
                                   {kNoradrenaline, {.baseline = 1}},
                                   {kAcetylcholine, {.baseline = 0.8, .min = 0.1, .max = 0.9}}});
  region.crosstalk = true;
  const Neuromodulation modulation = modulation_of(spec_of(region));
  EXPECT_EQ(modulation.levels(0).acetylcholine, 0.9) << "0.8 + 0.4 x 1";
  EXPECT_EQ(modulation.levels(0).dopamine, 0.05) << "0.9 x 0.047";
}

// r - V releases dopamine where it surprises, and V follows by a tenth of it.
TEST(Neuromodulation, RewardsReleaseTheErrorOfTheirPrediction) {
  RegionSpec region = region_with({{kDopamine, {.baseline = 0.5, .min = -5, .max = 5}}});
  region.rewards = {{100, 1.0}, {200, 0.56}, {300, 9.0}, {400, -9.0}};
  Neuromodulation modulation = modulation_of(spec_of(region));
  const double keeps = std::exp(-10.0 / 200);  // over 100 steps
  advance(modulation, 0, 100);
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + 0.5 * 0.5, 1e-12);
  EXPECT_NEAR(modulation.levels(0).prediction_error, 0.5, 1e-12);
  EXPECT_NEAR(modulation.expected_reward(0), 0.55, 1e-12);
  advance(modulation, 100, 200);  // 0.01 is no surprise
  double phasic = 0.25 * keeps;
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + phasic, 1e-12);
  EXPECT_NEAR(modulation.levels(0).prediction_error, 0.5 * keeps + 0.01, 1e-12);
  EXPECT_NEAR(modulation.expected_reward(0), 0.551, 1e-12);
  advance(modulation, 200, 300);  // an error of 1 at most
  phasic = phasic * keeps + 0.5;
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + phasic, 1e-12);
  EXPECT_EQ(modulation.levels(0).prediction_error, 1);
  EXPECT_NEAR(modulation.expected_reward(0), 0.651, 1e-12);
  advance(modulation, 300, 400);
  phasic = phasic * keeps - 0.5;
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + phasic, 1e-12);
  EXPECT_NEAR(modulation.levels(0).prediction_error, keeps - 1, 1e-12);
  EXPECT_NEAR(modulation.expected_reward(0), 0.551, 1e-12);
}

TEST(Neuromodulation, SpikesOfAPopulationReleaseLater) {
  RegionSpec region = region_with({{kDopamine, {.baseline = 0.3, .max = 5}}});
  region.volumes = {{.modulator = Modulator::dopamine,
                     .source = {.population = 0, .start = 2, .stop = 8, .stride = 2},
                     .per_spike = 0.01,
                     .delay_steps = 3},
                    {.modulator = Modulator::dopamine,
                     .source = {.population = 1, .start = 0, .stop = 5},
                     .per_spike = 0.1,
                     .delay_steps = 1}};
  Neuromodulation modulation = modulation_of(spec_of(region));
  modulation.advance(1);
  for (const std::uint32_t id : {2U, 3U, 4U, 4U, 6U, 8U, 9U, 14U}) modulation.fire(id);  // 4 of A, 1 of B
  modulation.advance(2);
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.4, 1e-12);
  modulation.advance(3);
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.3 + 0.1 * std::exp(-0.1 / 200), 1e-12);
  modulation.advance(4);
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.3 + 0.1 * std::exp(-0.2 / 200) + 0.04, 1e-12);
}

/// The steps in which dopamine rises until `last`, where the neurons 1 and 7 fire in these steps.
std::vector<std::uint64_t> rewarded(Neuromodulation& modulation, const std::set<std::uint64_t>& source,
                                    const std::set<std::uint64_t>& target, std::uint64_t last) {
  std::vector<std::uint64_t> steps;
  double before = modulation.levels(0).dopamine;
  for (std::uint64_t step = 1; step <= last; ++step) {
    modulation.advance(step);
    if (modulation.levels(0).dopamine > before) steps.push_back(step);
    before = modulation.levels(0).dopamine;
    if (source.contains(step)) modulation.fire(1);
    if (target.contains(step)) modulation.fire(7);
  }
  return steps;
}

RegionSpec triggered(std::uint64_t least, std::uint64_t most) {
  RegionSpec region = region_with({{kDopamine, {.baseline = 0.3, .max = 1000, .tau_phasic_ms = 1}}});
  region.triggers = {{.source = {.population = 0, .start = 1, .stop = 2},
                      .target = {.population = 0, .start = 7, .stop = 8},
                      .window_steps = 10,
                      .least_delay_steps = least,
                      .most_delay_steps = most,
                      .amount = 0.5}};
  return region;
}

TEST(Neuromodulation, ATriggerWantsTheTargetSoonAfterTheSource) {
  Neuromodulation modulation = modulation_of(spec_of(triggered(20, 20)));
  // After 10 steps, after 11, together, before; twice after one; after the later of two.
  const std::vector<std::uint64_t> steps =
      rewarded(modulation, {100, 200, 300, 405, 500, 600, 605}, {110, 211, 300, 400, 501, 509, 612}, 700);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{130, 521, 529, 632}));
}

TEST(Neuromodulation, ATriggerDrawsItsDelayUniformlyAndEachTimeAnew) {
  std::set<std::uint64_t> source;
  std::set<std::uint64_t> target;
  for (std::uint64_t k = 1; k <= 2000; ++k) {
    source.insert(100 * k);
    target.insert(100 * k + 2);
  }
  Neuromodulation modulation = modulation_of(spec_of(triggered(10, 19)));
  std::vector<int> n_of(10);
  for (const std::uint64_t step : rewarded(modulation, source, target, 201'000)) ++n_of.at(step % 100 - 12);
  double chi2 = 0;
  int n = 0;
  for (const int count : n_of) {
    chi2 += (count - 200.0) * (count - 200.0) / 200;
    n += count;
  }
  EXPECT_EQ(n, 2000);
  EXPECT_LT(chi2, 27.9) << "9 degrees of freedom, p = 0.001";
}

// In the next step, after its schedule, all rewards as one; and then no more.
TEST(Neuromodulation, TakesWhatIsGivenFromOutside) {
  RegionSpec region = region_with({{kDopamine, {.baseline = 0.5, .min = -5, .max = 5}},
                                   {kNoradrenaline, {.baseline = 0.25, .tau_phasic_ms = 50}}});
  region.rewards = {{3, 0.7}};
  Neuromodulation modulation = modulation_of(spec_of(region));
  advance(modulation, 0, 2);
  EXPECT_FALSE(modulation.has_given());
  modulation.give_reward(0, 1.5);
  modulation.give_reward(0, -0.5);
  modulation.give_novelty(0, 0.4, 1.0);
  modulation.give_novelty(0, 0.0, 0.1);
  EXPECT_TRUE(modulation.has_given());
  EXPECT_EQ(modulation.levels(0).dopamine, 0.5) << "at once";
  EXPECT_EQ(modulation.levels(0).noradrenaline, 0.25) << "at once";
  EXPECT_EQ(modulation.save(2)[0].given, (std::vector<double>{1, 1.0, 0.7 * 0.4 + 0.3 * 1.0 + 0.3 * 0.1}));
  modulation.advance(3);
  EXPECT_FALSE(modulation.has_given());
  // Of 0.7 the error is 0.2, and of 1 it is 0.48, since 0.52 was expected by then.
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + 0.5 * (0.2 + 0.48), 1e-12);
  EXPECT_NEAR(modulation.levels(0).prediction_error, 0.68, 1e-12);
  EXPECT_NEAR(modulation.expected_reward(0), 0.52 + 0.048, 1e-12);
  EXPECT_NEAR(modulation.levels(0).noradrenaline, 0.25 + 0.61, 1e-12);
  modulation.advance(4);
  EXPECT_NEAR(modulation.levels(0).dopamine, 0.5 + 0.34 * std::exp(-0.1 / 200), 1e-12);
  EXPECT_NEAR(modulation.levels(0).noradrenaline, 0.25 + 0.61 * std::exp(-0.1 / 50), 1e-12);
}

TEST(Neuromodulation, TakesNothingThatItHasNoModulatorFor) {
  const auto refusal = [](std::size_t modulator, const auto& give) -> std::string {
    Neuromodulation modulation = modulation_of(spec_of(region_with({{modulator, {}}})));
    try {
      give(modulation);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::invalid_config);
      EXPECT_FALSE(modulation.has_given());
      return error.what();
    }
    return "";
  };
  using N = Neuromodulation;
  EXPECT_EQ(refusal(kDopamine, [](N& n) { n.give_reward(0, 0); }), "");
  EXPECT_EQ(refusal(kSerotonin, [](N& n) { n.give_reward(0, 1); }),
            "region 'r': a reward was given, which tells by dopamine; it has none");
  EXPECT_EQ(refusal(kDopamine, [](N& n) { n.give_reward(0, std::nan("")); }),
            "region 'r': a reward of nan was given; expected a number");
  EXPECT_EQ(refusal(kDopamine, [](N& n) { n.give_novelty(0, 0.5, 0.5); }),
            "region 'r': novelty was given, which tells by noradrenaline; it has none");
  EXPECT_EQ(refusal(kNoradrenaline, [](N& n) { n.give_novelty(0, 1.5, 0.5); }),
            "region 'r': novelty or uncertainty of 1.5 was given; expected from 0 to 1");
  EXPECT_EQ(refusal(kNoradrenaline, [](N& n) { n.give_novelty(0, 1, std::nan("")); }),
            "region 'r': novelty or uncertainty of nan was given; expected from 0 to 1");
}

// Poisson sources and files fire for a region alone, too.
TEST(Neuromodulation, HearsSourcesThatNobodyElseHears) {
  RegionSpec region = region_with(
      {{kDopamine, {.baseline = 0.3, .max = 1000}}, {kSerotonin, {.baseline = 0.3, .max = 1000}}});
  region.volumes = {{.modulator = Modulator::dopamine,
                     .source = {.population = 2, .start = 0, .stop = 10},
                     .per_spike = 0.01,
                     .delay_steps = 1},
                    {.modulator = Modulator::serotonin,
                     .source = {.population = 1, .start = 0, .stop = 5},
                     .per_spike = 0.25,
                     .delay_steps = 2}};
  ModelSpec spec = spec_of(region);
  spec.populations[1].kind = SpikeSourceSpec{{0, 3, 3}, {0.5, 0.5, 9.0}};
  spec.populations.push_back({.name = "C", .size = 10, .kind = PoissonSourceSpec{{{0}, {1000}}}});
  for (const int threads : {1, 3}) {
    const auto engine = make_cpu_engine(spec, threads);
    static_cast<void>(simulate(*engine, 6, 6));
    EXPECT_EQ(engine->read_modulators()[0].serotonin, 0.3);
    static_cast<void>(simulate(*engine, 1, 1));
    EXPECT_EQ(engine->read_modulators()[0].serotonin, 0.3 + 0.5);
    static_cast<void>(simulate(*engine, 93, 10));
    // Of 100 that are expected, 43 or fewer have a probability below 1e-8; 44 are at least 0.41.
    EXPECT_GT(engine->read_modulators()[0].dopamine, 0.3 + 0.4);
  }
}

TEST(Neuromodulation, GoesOnFromItsState) {
  RegionSpec region = triggered(10, 30);
  region.modulators[kNoradrenaline] = ModulatorSpec{};
  region.crosstalk = true;
  region.pulses = {{Modulator::noradrenaline, 50, 0.2}, {Modulator::noradrenaline, 51, 0.2}};
  region.targets = {{Modulator::dopamine, 40, 0.6}, {Modulator::dopamine, 60, 0.2}};
  region.rewards = {{30, 1.0}, {50, 0.0}, {55, 1.0}};
  region.modulators[kNoradrenaline]->max = 100;
  region.volumes = {
      {.source = {.population = 0, .start = 0, .stop = 10}, .per_spike = 0.1, .delay_steps = 9}};
  const ModelSpec spec = spec_of(region);
  const auto drive = [](Neuromodulation& modulation, std::uint64_t first, std::uint64_t last) {
    std::vector<double> levels;
    for (std::uint64_t step = first + 1; step <= last; ++step) {
      modulation.advance(step);
      levels.push_back(modulation.levels(0).dopamine);
      levels.push_back(modulation.levels(0).noradrenaline);
      levels.push_back(modulation.levels(0).prediction_error);
      if (step % 12 == 3) modulation.fire(1);
      if (step % 17 == 5) modulation.fire(7);
    }
    return levels;
  };
  for (const std::uint64_t cut : {1U, 39U, 50U, 53U, 59U, 100U}) {
    Neuromodulation whole = modulation_of(spec);
    drive(whole, 0, cut - 1);
    whole.advance(cut);  // what fires in this step has fired in the step after for a state
    if (cut % 2 == 0) {
      whole.give_reward(0, 0.9);
      whole.give_novelty(0, 0.3, 0.2);
    }
    const std::vector<RegionState> state = whole.save(cut);
    for (const RegionState& of_region : state) EXPECT_FALSE(find_fault(of_region));
    Neuromodulation resumed = modulation_of(spec);
    resumed.restore(cut, state);
    EXPECT_EQ(resumed.save(cut), state);
    EXPECT_EQ(drive(resumed, cut, 200), drive(whole, cut, 200)) << cut;
  }
}

/// Neurons that excite each other, and a background.
ModelSpec network_of(double weight, double background) {
  ModelSpec spec;
  spec.populations = {population("A", 100, NeuronModel::iaf_psc_exp)};
  ProjectionSpec p = projection(spec, 0, 0, ConnectionRule::fixed_indegree, weight, 1.5);
  p.degree = {10};
  spec.projections = {p};
  PoissonInputSpec poisson;
  poisson.rate.rates_Hz = {9000};
  poisson.weight = background;
  spec.inputs = {{"background", whole(spec, 0), poisson}};
  return spec;
}

TEST(Gains, OfNoradrenalineAreOfAllThatNeuronsReceive) {
  ModelSpec gained = network_of(30, 40);
  gained.regions = {region_with({{kNoradrenaline, {.baseline = 1}}})};
  const std::vector<Spike> without = simulate(gained, 1, 1000);
  gained.populations[0].input_gain = 0;
  const std::vector<Spike> spikes = simulate(gained, 1, 1000);
  EXPECT_GT(spikes.size(), 1000U);
  EXPECT_EQ(spikes, simulate(network_of(60, 80), 1, 1000));
  EXPECT_EQ(without, simulate(network_of(30, 40), 1, 1000)) << "nothing follows it";
}

TEST(Gains, OfAcetylcholineAreOfInputsFromOutside) {
  ModelSpec gained = network_of(30, 60);
  gained.regions = {region_with({{kAcetylcholine, {.baseline = 0.75, .min = 0.1, .max = 0.75}}})};
  gained.populations[0].external_gain = 0;
  const std::vector<Spike> spikes = simulate(gained, 1, 1000);
  EXPECT_GT(spikes.size(), 1000U);
  EXPECT_EQ(spikes, simulate(network_of(30, 75), 1, 1000));
}

// Not at once, and for as long as the level is another one.
TEST(Gains, FollowTheLevelStepByStep) {
  ModelSpec gained = network_of(30, 40);
  gained.regions = {region_with({{kNoradrenaline, {.tau_phasic_ms = 20}}})};
  gained.regions[0].pulses = {{Modulator::noradrenaline, 400, 0.4}};
  gained.populations[0].input_gain = 0;
  const std::vector<Spike> plain = simulate(network_of(30, 40), 1, 1000);
  const std::vector<Spike> spikes = simulate(gained, 1, 1000);
  const auto until = [](std::vector<Spike> all, std::uint64_t step) {
    std::erase_if(all, [&](const Spike& spike) { return spike.step > step; });
    return all;
  };
  EXPECT_EQ(until(spikes, 400), until(plain, 400));
  EXPECT_GT(until(spikes, 600).size(), until(plain, 600).size() + 50);
}

TEST(ModulatedNetworks, LearnByTheirEligibility) {
  for (const NamedNetwork& network : modulated_networks()) {
    const auto engine = make_cpu_engine(network.spec, 2);
    const std::vector<Spike> spikes = simulate(*engine, 600, 100);
    for (const PlasticityReading& reading : engine->read_plasticity()) {
      EXPECT_GT(reading.raised, 0U) << network.name << ", " << reading.projection;
      EXPECT_GT(reading.lowered, 0U) << network.name << ", " << reading.projection;
    }
    ModelSpec frozen = network.spec;
    for (RegionSpec& region : frozen.regions) region.triggers.clear();
    EXPECT_NE(simulate(frozen, 2, 600), spikes) << "nothing is drawn";
  }
}

}  // namespace
}  // namespace sharpwave::testing
