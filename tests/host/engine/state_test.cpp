// Saving and restoring: whoever goes on from a saved state does exactly what who saved it does.
#include <gtest/gtest.h>

#include <functional>

#include "host/base/error.hpp"
#include "tests/host/engine/cuts.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

class State : public ::testing::TestWithParam<NamedNetwork> {};

TEST_P(State, IsTheSameOnAnyNumberOfThreads) {
  const auto one = make_cpu_engine(GetParam().spec, 1);
  simulate(*one, 300, 300);
  const EngineState expected = one->save();
  EXPECT_EQ(expected.step, 300u);
  for (const int threads : {2, 3, 7}) {
    const auto engine = make_cpu_engine(GetParam().spec, threads);
    simulate(*engine, 300, 17);
    EXPECT_EQ(engine->save(), expected) << threads << " threads";
  }
}

TEST_P(State, OfTheNeuronsIsPartOfIt) {
  const auto engine = make_cpu_engine(GetParam().spec, 2);
  simulate(*engine, 200, 200);
  const EngineState whole = engine->save();
  EXPECT_EQ(engine->save_neurons(), (EngineState{.step = whole.step, .populations = whole.populations}));
  EXPECT_EQ(engine->save(), whole) << "looking has changed something";
}

// Three cuts of each network; cuts_test.cpp has fifty, through files, from and to every number of threads.
TEST_P(State, GoesOnAsIfNothingHadHappened) {
  constexpr int kBefore[] = {4};
  expect_to_go_on(GetParam(), random_cuts(GetParam(), 3, kCutSteps), kCutSteps, kBefore, kCutThreads,
                  [](const EngineState& state) { return state; });
}

INSTANTIATE_TEST_SUITE_P(Networks, State, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });

INSTANTIATE_TEST_SUITE_P(PlasticNetworks, State, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });

INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, State, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

/// Eligibilities, and what dopamine scales, with weights that are scaled besides.
std::vector<NamedNetwork> scaled_modulated_networks() {
  std::vector<NamedNetwork> networks = modulated_networks();
  for (NamedNetwork& network : networks) {
    network.name += "_scaled";
    std::uint64_t interval = 11;
    for (ProjectionSpec& p : network.spec.projections) {
      if (!p.plasticity) continue;
      p.plasticity->homeostasis =
          HomeostasisSpec{.interval_steps = interval, .target_rate_Hz = 30, .strength = 0.05};
      interval += 30;
    }
  }
  return networks;
}
INSTANTIATE_TEST_SUITE_P(ScaledModulatedNetworks, State, ::testing::ValuesIn(scaled_modulated_networks()),
                         [](const auto& network) { return network.param.name; });

/// Empty where it is taken.
std::string refusal_of(Engine& engine, const EngineState& state) {
  try {
    engine.restore(state);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    return error.what();
  }
  return {};
}

ModelSpec network_named(const std::string& name) {
  for (const NamedNetwork& network : contract_networks())
    if (network.name == name) return network.spec;
  throw std::logic_error("no network " + name);
}

// Without what depends on the time since the start.
ModelSpec left_to_itself(ModelSpec spec) {
  std::erase_if(spec.inputs, [](const InputSpec& input) { return input.spikes() != nullptr; });
  std::erase_if(spec.projections, [&](const ProjectionSpec& projection) {
    return spec.populations[projection.source.population].is_virtual();
  });
  for (PopulationSpec& population : spec.populations)
    if (auto* neurons = std::get_if<NeuronSpec>(&population.kind))
      (*neurons)[NeuronParameter::I_e] = Distribution::constant(500);
  return spec;
}

TEST(StateElsewhere, CountsStepsAnew) {
  for (const char* name : {"exp", "sparse", "dense"}) {
    const ModelSpec spec = left_to_itself(network_named(name));
    const auto whole = make_cpu_engine(spec, 2);
    simulate(*whole, 150, 150);
    EngineState state = whole->save();
    std::vector<Spike> expected = simulate(*whole, 300, 300);
    ASSERT_GT(expected.size(), 100u) << name;
    for (Spike& spike : expected) spike.step -= 150;
    state.step = 0;
    for (const int threads : kCutThreads) {
      const auto engine = make_cpu_engine(spec, threads);
      engine->restore(state);
      EXPECT_TRUE(simulate(*engine, 300, 100) == expected) << name << ", " << threads << " threads";
    }
  }
}

// Of these spikes are known from longer ago than those of static synapses are in the air.
TEST(StateElsewhere, CountsStepsAnewWherePlasticDelaysAreTheLongest) {
  ModelSpec spec;
  spec.populations = {population("N", 60, NeuronModel::iaf_psc_exp)};
  auto& neurons = std::get<NeuronSpec>(spec.populations[0].kind);
  neurons[NeuronParameter::I_e] = normal(600, 60);
  ProjectionSpec near = projection(spec, 0, 0, ConnectionRule::pairwise_bernoulli, -20, 0.1);
  near.name = "near";
  near.probability = 0.3;
  ProjectionSpec far = projection(spec, 0, 0, ConnectionRule::pairwise_bernoulli, 30, 1);
  far.probability = 0.3;
  far.delay_ms = redrawn(3, 2, 0.5, 6);
  far.plasticity = StdpSpec{.A_plus = 0.02, .A_minus = 0.03, .w_max = 90};
  spec.projections = {near, far};
  const auto whole = make_cpu_engine(spec, 2);
  simulate(*whole, 400, 150);
  EngineState state = whole->save();
  std::vector<Spike> expected = simulate(*whole, 300, 300);
  ASSERT_GT(expected.size(), 100u);
  for (Spike& spike : expected) spike.step -= 400;
  state.step = 0;
  for (const int threads : kCutThreads) {
    const auto engine = make_cpu_engine(spec, threads);
    engine->restore(state);
    EXPECT_TRUE(simulate(*engine, 300, 100) == expected) << threads << " threads";
  }
}

class WrongState : public ::testing::Test {
 protected:
  WrongState() : engine_(make_cpu_engine(network_named("exp"), 2)) {
    simulate(*engine_, 100, 100);
    state_ = engine_->save();
  }
  void expect_refusal(const EngineState& state, const std::string& why) {
    try {
      engine_->restore(state);
      FAIL() << "taken, despite: " << why;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data);
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
    EXPECT_EQ(engine_->step(), 100u);
  }
  std::unique_ptr<Engine> engine_;
  EngineState state_;
};

TEST_F(WrongState, IsRefusedByName) {
  const std::string first = state_.populations[0].name;
  EngineState other = state_;
  other.populations[0].name = "nobody";
  expect_refusal(other, "population '" + first + "' is called 'nobody' there");
  other = state_;
  other.populations[0].refractory_steps.pop_back();
  expect_refusal(other, "population '" + first + "' has");
  other = state_;
  other.populations[0].refractory_steps[3] = -1;
  expect_refusal(other, "negative number of refractory steps");
  other = state_;
  other.populations[0].variables[1].name = "w";
  expect_refusal(other, "has the variable I_syn_ex, there w");
  other = state_;
  other.populations[0].variables.pop_back();
  expect_refusal(other, "variables, there");
  other = state_;
  other.populations[0].variables[0].values =
      std::vector<double>(state_.populations[0].refractory_steps.size());
  expect_refusal(other, "V_m is not in the precision of this run");
  other = state_;
  std::get<std::vector<float>>(other.populations[0].variables[0].values).push_back(0);
  expect_refusal(other, "V_m has not a value for each neuron");
  other = state_;
  other.populations.pop_back();
  expect_refusal(other, "is missing");
  other = state_;
  other.populations.push_back(other.populations[0]);
  expect_refusal(other, "there is a population '" + first + "' besides");
}

TEST_F(WrongState, OfSpikesUnderWayIsRefused) {
  const auto with_rows = [&](std::vector<std::uint64_t> offsets, std::vector<std::uint32_t> ids) {
    EngineState state = state_;
    state.under_way = {std::move(offsets), std::move(ids)};
    return state;
  };
  expect_refusal(with_rows({}, {}), "rows of the spikes under way");
  expect_refusal(with_rows({0, 2, 1}, {4}), "rows of the spikes under way");
  expect_refusal(with_rows({0, 1}, {4, 5}), "rows of the spikes under way");
  expect_refusal(with_rows({0, 2}, {5, 4}), "are not in order");
  expect_refusal(with_rows({0, 1}, {4'000'000'000}), "a spike of neuron 4000000000 is under way");
  expect_refusal(with_rows({0, 2}, {4, 4}), "more spikes of neuron 4 in one step");
}

TEST_F(WrongState, OfNeuromodulatorsAndWhatTheyGateIsRefused) {
  engine_ = make_cpu_engine(modulated_networks()[0].spec, 2);
  simulate(*engine_, 200, 20);
  state_ = engine_->save();
  const auto expect = [&](const std::function<void(EngineState&)>& change, const std::string& why) {
    EngineState other = state_;
    change(other);
    const std::string refusal = refusal_of(*engine_, other);
    EXPECT_TRUE(why.empty() ? refusal.empty() : refusal.find(why) != std::string::npos) << refusal;
  };
  expect([](EngineState&) {}, "");
  expect([](EngineState& s) { s.regions.pop_back(); }, "it has 2 regions of neuromodulators, there 1");
  expect([](EngineState& s) { s.regions[1].region = "other"; }, "region 'rewarded' is called 'other'");
  expect([](EngineState& s) { s.regions[1].level_tonic = {0.5, 0.5}; }, "region 'rewarded': level_tonic");
  expect([](EngineState& s) { s.regions[1] = s.regions[0], s.regions[1].region = "rewarded"; },
         "region 'rewarded' has 1 neuromodulators, there 4");
  expect([](EngineState& s) { s.regions[0].trigger_source_age = s.regions[0].trigger_draws = {1}; },
         "region 'all' has 0 triggers, there 1");
  const auto release = [](RegionState& region, std::uint64_t steps, std::uint32_t modulator) {
    region.release_in = {steps};
    region.release_modulator = {modulator};
    region.release_amount = {0.5};
  };
  expect([&](EngineState& s) { release(s.regions[0], 12, 0); }, "");
  expect([&](EngineState& s) { release(s.regions[0], 13, 0); },
         "region 'all' has a release of dopamine to come in 13 steps, later than any spike makes one");
  expect([&](EngineState& s) { release(s.regions[0], 1, 2); },
         "region 'all' has a release of noradrenaline to come in 1 steps");
  const auto place = std::ranges::find_if(state_.plastic[0].source_since_age,
                                          [](std::uint64_t age) { return age != PlasticState::kNever; });
  ASSERT_NE(place, state_.plastic[0].source_since_age.end());
  const auto k = static_cast<std::size_t>(place - state_.plastic[0].source_since_age.begin());
  const std::string early = "has eligibilities from before its gate is known";
  // A table that would be entered before its first step, and ages that would be walked for ever.
  expect([&](EngineState& s) { s.plastic[0].source_since_age[k] = 201; }, early);
  expect([&](EngineState& s) { s.plastic[0].gate[0] = 0; }, early);
  expect(
      [&](EngineState& s) {
        s.plastic[0].gate[0] = 0x1p53;
        s.plastic[0].source_since_age[k] = std::uint64_t{1} << 52;
      },
      early);
  expect([](EngineState& s) { s.plastic[0].gate.resize(3); }, "entries of the gate");
  expect([](EngineState& s) { s.plastic[0].gate.clear(); }, "source_since_age has");
  expect([](EngineState& s) { s.plastic[1].post_rate.pop_back(); }, "post_rate has");
}

TEST_F(WrongState, OfPlasticSpikesUnderWayIsRefused) {
  const ModelSpec spec = plastic_networks()[0].spec;
  engine_ = make_cpu_engine(spec, 2);
  std::size_t place = 0;  // of a further spike of a source in one step
  for (bool is_found = false; !is_found;) {
    simulate(*engine_, 20, 20);
    state_ = engine_->save();
    ASSERT_LE(state_.step, 1000u);
    const PlasticState& plastic = state_.plastic[2];
    for (place = 1; place < plastic.flight_age.size(); ++place)
      if (plastic.flight_age[place] == plastic.flight_age[place - 1] &&
          plastic.flight_source[place] == plastic.flight_source[place - 1]) {
        is_found = true;
        break;
      }
  }
  const auto expect = [&](const std::function<void(PlasticState&)>& change, const std::string& why) {
    EngineState other = state_;
    change(other.plastic[2]);
    EXPECT_EQ(refusal_of(*engine_, other), why);
  };
  const std::string who = "the state does not fit the network: plastic projection 'in->E' has ";
  const std::string more = who + "a source with a second spike in one step that found more than the first";
  expect([](PlasticState&) {}, "");
  expect([&](PlasticState& p) { p.flight_trace[place] = 0.5; }, more);
  expect([&](PlasticState& p) { p.flight_spikes[place] = 2; }, more);
  expect([&](PlasticState& p) { p.flight_last_age[place] += 1; }, more);
  expect([&](PlasticState& p) { p.flight_before_last_age[place] = 100; }, more);
  expect([&](PlasticState& p) { p.flight_source[place - 1] += 1; },
         who + "spikes of one step under way that are not in order of their sources");
}

TEST_F(WrongState, OfAHomeostasisIsRefused) {
  const std::vector<NamedNetwork> networks = plastic_networks();
  engine_ = make_cpu_engine(std::ranges::find(networks, "stdp_scaled", &NamedNetwork::name)->spec, 2);
  simulate(*engine_, 18, 18);
  state_ = engine_->save();
  const auto expect = [&](const std::function<void(EngineState&)>& change, const std::string& part) {
    EngineState other = state_;
    change(other);
    EXPECT_NE(refusal_of(*engine_, other).find(part), std::string::npos) << refusal_of(*engine_, other);
  };
  ASSERT_EQ(state_.plastic[0].scaled_age, std::vector<std::uint64_t>{1});
  expect([](EngineState& s) { s.plastic[0].scaled_age.clear(); }, "scaled_age has 0 values");
  expect([](EngineState& s) { s.plastic[0].target_spikes = {0}; }, "0 targets whose spikes are counted");
  expect([](EngineState& s) { s.plastic[1].target_spikes.pop_back(); }, "targets whose spikes are counted");
  expect([](EngineState& s) { s.plastic[1].target_spikes[0] = 5; }, "a spike in each step of an interval");
}

}  // namespace
}  // namespace sharpwave::testing
