#include "host/watchdog/watchdog.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "host/network/neuron_models.hpp"
#include "host/watchdog/gain.hpp"
#include "host/watchdog/unsound.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr int kThreads[] = {1, 2, 4};
constexpr std::uint64_t kBlocks[] = {1, 17, 1000};

struct Outcome {
  std::optional<Finding> ended_by;
  std::vector<Finding> told;
  std::vector<Spike> spikes;
  EngineState end;
  WatchState state;
};

/// Runs `steps` steps, or to what the watchdog does not let pass.
Outcome run(const ModelSpec& spec, int threads, std::uint64_t steps, std::uint64_t block_steps,
            const std::vector<std::string>& injections) {
  const auto engine = make_cpu_engine(spec, threads);
  std::vector<Injection> given;
  for (const std::string& text : injections) given.push_back(parse_injection(text));
  Outcome outcome;
  Watchdog watchdog(*engine, spec, {}, given,
                    [&](const Finding& finding) { outcome.told.push_back(finding); });
  Block block;
  for (std::uint64_t done = 0; done < steps && !outcome.ended_by; done += block.n_steps) {
    outcome.ended_by = watchdog.advance(std::min(block_steps, steps - done), block);
    EXPECT_EQ(block.first_step, done + 1);
    EXPECT_EQ(engine->step(), done + block.n_steps) << "what is handed on is what was simulated";
    for (std::uint64_t i = 0; i < block.n_steps; ++i)
      for (std::uint64_t k = block.offsets[i]; k < block.offsets[i + 1]; ++k)
        outcome.spikes.push_back({block.first_step + i, block.ids[k]});
  }
  outcome.end = engine->save();
  outcome.state = watchdog.state();
  return outcome;
}

ModelSpec with_action(ModelSpec spec, WatchdogSign sign, WatchdogAction action) {
  spec.watchdog.actions[static_cast<std::size_t>(sign)] = action;
  return spec;
}

class AllNetworks : public ::testing::TestWithParam<NamedNetwork> {};

// On one number of threads each, in turn; on all of them where SHARPWAVE_THOROUGH is set, as a long test
// does.
TEST_P(AllNetworks, EveryVariableIsCaughtWhereItIs) {
  const ModelSpec& spec = GetParam().spec;
  const bool thorough = std::getenv("SHARPWAVE_THOROUGH") != nullptr;
  std::size_t n_variables = 0;
  for (const PopulationSpec& population : spec.populations) {
    if (population.neurons() == nullptr) continue;
    for (const StateVariable variable : model_info(population.neurons()->model).variables) {
      const std::string name(quantity(variable).name);
      const std::uint32_t neuron = population.size - 1;
      const std::string text = "nan@step=137,population=" + population.name +
                               ",neuron=" + std::to_string(neuron) + ",variable=" + name;
      ++n_variables;
      for (const int threads : kThreads) {
        if (!thorough && threads != kThreads[n_variables % std::size(kThreads)]) continue;
        const std::uint64_t block = kBlocks[threads % std::size(kBlocks)];
        const Outcome outcome = run(spec, threads, 400, block, {text});
        ASSERT_TRUE(outcome.ended_by) << text;
        const Finding& finding = *outcome.ended_by;
        EXPECT_EQ(finding.sign, WatchdogSign::non_finite);
        EXPECT_EQ(finding.action, WatchdogAction::halt);
        EXPECT_EQ(finding.step, 137U) << text;
        EXPECT_EQ(finding.population, population.name);
        ASSERT_TRUE(finding.value);
        EXPECT_EQ(finding.value->neuron, neuron);
        EXPECT_EQ(finding.value->variable, name);
        EXPECT_TRUE(std::isnan(finding.value->value));
        EXPECT_TRUE(std::isfinite(finding.value->before));
        EXPECT_FALSE(finding.value->inputs.empty());
        EXPECT_TRUE(outcome.told.empty());
        EXPECT_EQ(outcome.end.step, 137U);
      }
    }
  }
}

TEST_P(AllNetworks, SpikesAreThoseOfARunWithoutAWatchdog) {
  // Some of them do run away.
  const ModelSpec spec = with_action(GetParam().spec, WatchdogSign::runaway, WatchdogAction::warn);
  const Outcome outcome = run(spec, 2, 400, 17, {});
  EXPECT_FALSE(outcome.ended_by);
  EXPECT_EQ(outcome.spikes, simulate(spec, 2, 400));
}

// The claim on which looking at the end of blocks rests.
TEST_P(AllNetworks, WhatIsNotFiniteStaysSo) {
  const ModelSpec& spec = GetParam().spec;
  const auto engine = make_cpu_engine(spec, 1);
  Block block;
  engine->advance(100, block);
  const EngineState sound = engine->save();
  constexpr double kInf = std::numeric_limits<double>::infinity();
  for (std::size_t p = 0; p < sound.populations.size(); ++p)
    for (std::size_t k = 0; k < sound.populations[p].variables.size(); ++k) {
      const PopulationState& state_of = sound.populations[p];
      const auto given = std::ranges::find(spec.populations, state_of.name, &PopulationSpec::name);
      // A threshold that does not adapt is no state.
      const Values& theta_plus = (*given->neurons())[NeuronParameter::theta_plus];
      if (state_of.variables[k].name == "theta" && theta_plus == Values(Distribution::constant(0))) continue;
      for (const double bad : {std::nan(""), kInf, -kInf}) {
        if (k == 0 && bad == kInf) continue;  // a V that is infinite is a spike, after which it is V_reset
        EngineState state = sound;
        set_value(state, {p, k, 0}, bad);
        engine->restore(state);
        for (int step = 0; step < 300; ++step) {
          engine->advance(1, block);
          ASSERT_TRUE(block.unsound) << GetParam().name << " " << sound.populations[p].name << "."
                                     << sound.populations[p].variables[k].name << " = " << bad << ", step "
                                     << step;
        }
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Networks, AllNetworks, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });

/// Two neurons that a current drives down from 5 ms on, so that V falls by about 2 mV in a step of 0.1 ms.
ModelSpec falling() {
  ModelSpec spec;
  spec.populations = {population("E", 2, NeuronModel::iaf_psc_exp)};
  spec.inputs = {{.name = "pull",
                  .target = {.population = 0, .start = 1, .stop = 2},
                  .kind = CurrentInputSpec{.times_ms = {5}, .amplitudes_pA = {-5000}}}};
  spec.simulation.steps = 400;
  return spec;
}

TEST(Watchdog, DivergenceIsFoundInItsFirstStep) {
  // The membrane: V = -200 (1 - e^(-t / 10 ms)) mV relative to E_L; beyond -60 after 3.57 ms, in step 86.
  for (const Precision precision : {Precision::float32, Precision::float64})
    for (const int threads : kThreads)
      for (const std::uint64_t block : kBlocks) {
        ModelSpec spec = falling();
        spec.simulation.precision = precision;
        spec.watchdog.bound_mV = 60;
        const Outcome outcome = run(spec, threads, 400, block, {});
        ASSERT_TRUE(outcome.ended_by);
        EXPECT_EQ(outcome.ended_by->sign, WatchdogSign::divergence);
        EXPECT_EQ(outcome.ended_by->step, 86U);
        EXPECT_EQ(outcome.end.step, 88U) << "V is looked at in every eighth step";
        EXPECT_EQ(outcome.ended_by->value->neuron, 1U);
        EXPECT_NEAR(outcome.ended_by->value->value, -70 - 200 * (1 - std::exp(-0.36)), 1e-3) << "absolute";
        EXPECT_NEAR(outcome.ended_by->value->before, -70 - 200 * (1 - std::exp(-0.35)), 1e-3);
        const auto& inputs = outcome.ended_by->value->inputs;
        const auto current = std::ranges::find(inputs, "I_stim", &std::pair<std::string, double>::first);
        ASSERT_NE(current, inputs.end());
        EXPECT_EQ(current->second, -5000);
      }
  EXPECT_FALSE(run(falling(), 1, 400, 100, {}).ended_by) << "no bound is given";
}

TEST(Watchdog, VIsAbsoluteAlsoWhereNoHistoryIsKept) {
  ModelSpec spec = with_action(falling(), WatchdogSign::divergence, WatchdogAction::log);
  spec.watchdog.bound_mV = 60;
  const Outcome outcome = run(spec, 1, 400, 1000, {});
  ASSERT_EQ(outcome.told.size(), 1U);
  EXPECT_FALSE(outcome.told[0].history);
  EXPECT_NEAR(outcome.told[0].value->value, -70 - 200 * (1 - std::exp(-0.36)), 1e-3);
  EXPECT_NEAR(outcome.told[0].value->before, -70 - 200 * (1 - std::exp(-0.35)), 1e-3);
}

TEST(Watchdog, VIsAbsoluteAlsoInTheFirstStepAndBehindAClamp) {
  ModelSpec spec = with_action(falling(), WatchdogSign::divergence, WatchdogAction::clamp);
  spec.inputs.clear();
  spec.watchdog.bound_mV = 60;
  const Outcome outcome = run(
      spec, 1, 400, 1000,
      {"-5000@step=1,population=E,neuron=1,variable=V_m", "-5000@step=9,population=E,neuron=0,variable=V_m",
       "-5000@step=17,population=E,neuron=0,variable=V_m"});
  ASSERT_EQ(outcome.told.size(), 3U);
  for (const Finding& finding : outcome.told) {
    EXPECT_EQ(finding.value->value, -5070) << finding.step;
    EXPECT_EQ(finding.value->before, -70) << finding.step;
  }
}

TEST(Watchdog, NanIsFoundInItsStepAlsoInTheBlockOfADivergence) {
  ModelSpec spec = with_action(falling(), WatchdogSign::divergence, WatchdogAction::warn);
  spec.watchdog.bound_mV = 60;
  for (const std::uint64_t block : kBlocks) {
    const Outcome outcome = run(spec, 1, 400, block, {"nan@step=93,population=E,neuron=0,variable=V_m"});
    ASSERT_EQ(outcome.told.size(), 1U) << block;
    EXPECT_EQ(outcome.told[0].step, 86U);
    ASSERT_TRUE(outcome.ended_by);
    EXPECT_EQ(outcome.ended_by->sign, WatchdogSign::non_finite);
    EXPECT_EQ(outcome.ended_by->step, 93U) << block;
  }
}

TEST(Watchdog, SeesVBeyondItsBoundAtEveryEighthStepAndSaysWhenItHas) {
  ModelSpec spec = with_action(falling(), WatchdogSign::divergence, WatchdogAction::warn);
  for (const std::optional<double> bound : {std::optional<double>(), std::optional<double>(60)}) {
    spec.watchdog.bound_mV = bound;
    const auto engine = make_cpu_engine(spec, 1);
    Watchdog watchdog(*engine, spec, {}, {}, [](const Finding&) {});
    Block block;
    for (std::uint64_t step = 1; step <= 100; ++step) {
      EXPECT_FALSE(watchdog.advance(1, block));
      const bool unseen = bound && (step == 86 || step == 87);
      EXPECT_EQ(watchdog.has_seen_all(), !unseen) << step;
    }
  }
}

TEST(Watchdog, WhatWasToldIsRememberedAndOtherThingsAreStillFound) {
  ModelSpec spec = with_action(falling(), WatchdogSign::divergence, WatchdogAction::warn);
  spec.watchdog.bound_mV = 60;
  const auto engine = make_cpu_engine(spec, 1);
  Block block;
  Watchdog first(*engine, spec, {}, {}, [](const Finding&) {});
  EXPECT_FALSE(first.advance(100, block));
  const EngineState at_100 = engine->save();
  for (const bool remembers : {true, false}) {
    engine->restore(at_100);
    std::vector<Finding> told;
    Watchdog second(*engine, spec, remembers ? first.state() : WatchState(),
                    {parse_injection("nan@step=120,population=E,neuron=0,variable=V_m")},
                    [&](const Finding& finding) { told.push_back(finding); });
    const std::optional<Finding> found = second.advance(50, block);
    EXPECT_EQ(told.size(), remembers ? 0U : 1U);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->sign, WatchdogSign::non_finite);
    EXPECT_EQ(found->step, 120U);
  }
  // And of what is not finite.
  const ModelSpec warned = with_action(falling(), WatchdogSign::non_finite, WatchdogAction::warn);
  const Outcome before = run(warned, 1, 50, 50, {"nan@step=33,population=E,neuron=0,variable=V_m"});
  for (const bool remembers : {true, false}) {
    const auto other = make_cpu_engine(warned, 1);
    other->restore(before.end);
    std::size_t n_told = 0;
    Watchdog second(*other, warned, remembers ? before.state : WatchState(), {},
                    [&](const Finding&) { ++n_told; });
    EXPECT_FALSE(second.advance(50, block));
    EXPECT_EQ(n_told, remembers ? 0U : 1U);
  }
}

TEST(Watchdog, ShowsTheLast50Milliseconds) {
  ModelSpec spec = contract_networks().front().spec;
  spec.simulation.dt_ms = 0.1;
  const std::string name = spec.populations[0].name;
  const Outcome outcome =
      run(spec, 2, 2000, 100, {"nan@step=1234,population=" + name + ",neuron=3,variable=V_m"});
  ASSERT_TRUE(outcome.ended_by && outcome.ended_by->history);
  const History& history = *outcome.ended_by->history;
  EXPECT_EQ(history.first_step, 735U);
  ASSERT_EQ(history.trace.values[0].size(), 500U);
  std::vector<Spike> shown;
  for (std::size_t i = 0; i < history.spike_ids.size(); ++i)
    shown.push_back({history.spike_steps[i], history.spike_ids[i]});
  std::vector<Spike> expected = simulate(spec, 1, 1234);
  std::erase_if(expected, [](const Spike& spike) { return spike.step < 735; });
  EXPECT_EQ(shown, expected);
  EXPECT_EQ(history.n_spikes, expected.size());
}

TEST(Watchdog, ClampingGivesTheSameRunEverywhere) {
  for (const NamedNetwork& network : contract_networks()) {
    const ModelSpec calm = with_action(network.spec, WatchdogSign::runaway, WatchdogAction::off);
    const ModelSpec spec = with_action(calm, WatchdogSign::non_finite, WatchdogAction::clamp);
    const auto first =
        std::ranges::find_if(spec.populations, [](const auto& p) { return p.neurons() != nullptr; });
    const std::vector<std::string> faults = {
        "nan@step=60,population=" + first->name + ",neuron=0,variable=V_m",
        "-inf@step=133,population=" + first->name + ",neuron=1,variable=V_m"};
    const Outcome expected = run(spec, 1, 200, 1, faults);
    EXPECT_EQ(expected.told.size(), 2U);
    EXPECT_FALSE(expected.ended_by) << network.name << ": "
                                    << (expected.ended_by ? describe(*expected.ended_by, 0.1) : "");
    EXPECT_FALSE(find_unsound(expected.end, 1e6));
    const Outcome other = run(spec, 4, 200, 77, faults);
    EXPECT_EQ(other.spikes, expected.spikes) << network.name;
    EXPECT_EQ(other.end, expected.end) << network.name;
  }
}

TEST(Watchdog, HaltsAfterSoManyRepairs) {
  ModelSpec spec = with_action(falling(), WatchdogSign::non_finite, WatchdogAction::clamp);
  spec.watchdog.most_repairs = 2;
  std::vector<std::string> faults;
  for (const char* step : {"10", "20", "30"})
    faults.push_back(std::string("nan@step=") + step + ",population=E,neuron=0,variable=V_m");
  const Outcome outcome = run(spec, 1, 400, 50, faults);
  EXPECT_EQ(outcome.told.size(), 2U);
  ASSERT_TRUE(outcome.ended_by);
  EXPECT_EQ(outcome.ended_by->action, WatchdogAction::halt);
  EXPECT_EQ(outcome.ended_by->step, 30U);
}

TEST(Watchdog, WarnsOnceAndGoesOn) {
  const ModelSpec spec = with_action(falling(), WatchdogSign::non_finite, WatchdogAction::warn);
  const Outcome outcome = run(spec, 1, 400, 50, {"inf@step=33,population=E,neuron=1,variable=I_syn_in"});
  ASSERT_EQ(outcome.told.size(), 1U);
  EXPECT_EQ(outcome.told[0].step, 33U);
  EXPECT_EQ(outcome.told[0].value->variable, "I_syn_in");
  EXPECT_FALSE(outcome.ended_by);
  EXPECT_EQ(outcome.end.step, 400U);
}

// Nobody is injected here: the network itself runs away.
TEST(Watchdog, ARunawayIsHaltedAtTheEndOfItsWindowOnAnyBlocks) {
  ModelSpec spec = falling();
  spec.inputs[0].kind = CurrentInputSpec{.times_ms = {5}, .amplitudes_pA = {50'000}};
  spec.inputs[0].target = {.population = 0, .start = 0, .stop = 2};
  spec.watchdog.runaway_rate_Hz = 200;
  // It fires as often as refractoriness of 2 ms lets it, above 400 Hz, from 5 ms on: 15 of the first 20 ms.
  std::vector<Spike> expected;
  for (const int threads : kThreads)
    for (const std::uint64_t block : kBlocks) {
      const Outcome outcome = run(spec, threads, 1000, block, {});
      ASSERT_TRUE(outcome.ended_by);
      EXPECT_EQ(outcome.ended_by->sign, WatchdogSign::runaway);
      EXPECT_EQ(outcome.ended_by->step, 200U);
      EXPECT_GT(outcome.ended_by->rate->rate_Hz, 300);
      if (expected.empty()) expected = outcome.spikes;
      EXPECT_EQ(outcome.spikes, expected);
      EXPECT_EQ(outcome.end.step, 200U);
    }
}

TEST(Watchdog, AValueBesideARunawayIsToldWhereItCameBeforeAndForgottenWhereNot) {
  ModelSpec spec = with_action(falling(), WatchdogSign::non_finite, WatchdogAction::warn);
  spec.inputs[0].kind = CurrentInputSpec{.times_ms = {5}, .amplitudes_pA = {50'000}};
  spec.watchdog.runaway_rate_Hz = 100;
  for (const WatchdogAction action : {WatchdogAction::throttle, WatchdogAction::halt})
    for (const std::uint64_t block : kBlocks)
      for (const std::uint64_t step : {150U, 200U, 201U, 250U}) {
        const std::string fault =
            "nan@step=" + std::to_string(step) + ",population=E,neuron=0,variable=I_syn_in";
        const Outcome outcome =
            run(with_action(spec, WatchdogSign::runaway, action), 1, 1000, block, {fault});
        ASSERT_TRUE(outcome.ended_by);
        EXPECT_EQ(outcome.ended_by->sign, WatchdogSign::runaway);
        EXPECT_EQ(outcome.ended_by->step, 200U);
        const bool was_before = step <= 200;
        EXPECT_EQ(outcome.told.size(), was_before ? 1U : 0U) << fault << ", blocks of " << block;
        if (was_before) {
          EXPECT_EQ(outcome.told[0].step, step);
        }
        EXPECT_EQ(outcome.state.non_finite_is_known, was_before) << fault << ", blocks of " << block;
        EXPECT_EQ(outcome.state.n_found[static_cast<std::size_t>(WatchdogSign::non_finite)],
                  was_before ? 1U : 0U);
      }
}

TEST(Watchdog, CountsGoOnWhereTheyWere) {
  ModelSpec spec = falling();
  spec.inputs[0].kind = CurrentInputSpec{.times_ms = {0}, .amplitudes_pA = {50'000}};
  spec.inputs[0].target = {.population = 0, .start = 0, .stop = 2};
  spec.watchdog.runaway_rate_Hz = 400;  // of which a part of a window does not have enough
  const auto engine = make_cpu_engine(spec, 1);
  Block block;
  Watchdog first(*engine, spec, {}, {}, [](const Finding&) {});
  EXPECT_FALSE(first.advance(150, block));
  const WatchState state = first.state();
  const auto other = make_cpu_engine(spec, 2);
  other->restore(engine->save());
  Watchdog second(*other, spec, state, {}, [](const Finding&) {});
  const auto found = second.advance(100, block);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->step, 200U);
  Watchdog forgetful(*engine, spec, {}, {}, [](const Finding&) {});
  EXPECT_FALSE(forgetful.advance(100, block)) << "else this shows nothing";
}

TEST(Gain, MultipliesWeightsAndInputs) {
  ModelSpec spec;
  spec.populations = {population("E", 3, NeuronModel::iaf_psc_exp)};
  spec.projections = {projection(spec, 0, 0, ConnectionRule::all_to_all, 8, 1)};
  spec.projections.push_back(spec.projections[0]);
  spec.projections[1].weight = redrawn(-4, 2, -8, 0);
  spec.projections.push_back(spec.projections[0]);
  spec.projections[2].weight = Distribution{.kind = Distribution::Kind::lognormal, .a = 1, .b = 2};
  spec.projections.push_back(spec.projections[0]);
  spec.projections[3].weight = std::vector<double>{1, -2, 3};
  spec.inputs = {{.name = "p", .kind = PoissonInputSpec{.rate = {}, .weight = 10}},
                 {.name = "c", .kind = CurrentInputSpec{.times_ms = {0, 1}, .amplitudes_pA = {5, -6}}},
                 {.name = "n", .kind = NoiseInputSpec{.mean_pA = 1, .std_pA = 2}},
                 {.name = "a", .kind = AcInputSpec{.amplitude_pA = 3, .offset_pA = 4}},
                 {.name = "m", .kind = MipInputSpec{.mother = {.rate = {}, .weight = -1}}}};
  const ModelSpec other = with_gain(spec, 0.5, 3);
  EXPECT_EQ(std::get<Distribution>(other.projections[0].weight), Distribution::constant(4));
  EXPECT_EQ(std::get<Distribution>(other.projections[1].weight), redrawn(-2, 1, -4, 0));
  EXPECT_DOUBLE_EQ(std::get<Distribution>(other.projections[2].weight).a, 1 - std::log(2.0));
  EXPECT_EQ(std::get<Distribution>(other.projections[2].weight).b, 2);
  EXPECT_EQ(std::get<std::vector<double>>(other.projections[3].weight), (std::vector<double>{0.5, -1, 1.5}));
  EXPECT_EQ(other.inputs[0].spikes()->weight, 30);
  EXPECT_EQ(std::get<CurrentInputSpec>(other.inputs[1].kind).amplitudes_pA, (std::vector<double>{15, -18}));
  EXPECT_EQ(std::get<NoiseInputSpec>(other.inputs[2].kind).std_pA, 6);
  EXPECT_EQ(std::get<AcInputSpec>(other.inputs[3].kind).offset_pA, 12);
  EXPECT_EQ(other.inputs[4].spikes()->weight, -3);
}

TEST(Gain, OfPlasticSynapsesIsOfTheirBoundsAndOfAState) {
  ModelSpec spec;
  spec.populations = {population("E", 2, NeuronModel::iaf_psc_exp)};
  spec.projections = {projection(spec, 0, 0, ConnectionRule::all_to_all, 8, 1),
                      projection(spec, 0, 0, ConnectionRule::one_to_one, 8, 1)};
  spec.projections[1].name = "learns";
  spec.projections[1].plasticity = StdpSpec{.w_min = 1, .w_max = 10};
  spec.projections[1].plasticity->homeostasis = HomeostasisSpec{.total = 20, .relax_to = 5};
  const ModelSpec other = with_gain(spec, 0.3, 1);
  EXPECT_EQ(other.projections[1].plasticity->w_min, 0.3);
  EXPECT_EQ(other.projections[1].plasticity->w_max, 3);
  EXPECT_EQ(other.projections[1].plasticity->homeostasis->total, 6);
  EXPECT_EQ(other.projections[1].plasticity->homeostasis->relax_to, 1.5);
  EngineState state;
  state.plastic = {{.projection = "learns", .weights = {10, 1, 5}}};
  multiply_weights(state, other, 0.3);
  EXPECT_EQ(state.plastic[0].weights, (std::vector<float>{3, 0.3F, 1.5F}));
}

}  // namespace
}  // namespace sharpwave::testing
