#include "host/run/adopt_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

using testing::population;

ModelSpec network(std::vector<PopulationSpec> populations) {
  ModelSpec spec;
  spec.populations = std::move(populations);
  return spec;
}

PopulationState state(const std::string& name, std::vector<float> v) {
  PopulationState s{.name = name, .variables = {{"V_m", std::move(v)}}};
  s.refractory_steps.assign(std::get<std::vector<float>>(s.variables[0].values).size(), 0);
  return s;
}

/// A (2), a parrot (1), B (1); spikes of A1, the parrot twice, and B.
Checkpoint saved() {
  Checkpoint checkpoint{.dt_ms = 0.1, .populations = {{"A", 2}, {"relay", 1}, {"B", 1}}};
  InstanceState instance;
  instance.engine = {.step = 700,
                     .populations = {state("A", {1, 2}), state("B", {3})},
                     .under_way = {{0, 1, 1, 4}, {1, 2, 2, 3}}};
  instance.engine.populations[0].refractory_steps = {0, 9};
  checkpoint.instances = {instance};
  return checkpoint;
}

TEST(AdoptState, TakesOverWhatFitsAndCountsFromZero) {
  const ModelSpec spec = network({population("A", 2, NeuronModel::iaf_psc_delta),
                                  {"relay", 1, ParrotSpec{}},
                                  population("B", 1, NeuronModel::iaf_psc_delta)});
  const AdoptedState adopted =
      adopt_state(saved(), spec, {.populations = {state("A", {0, 0}), state("B", {0})}}, true);
  EXPECT_EQ(adopted.mismatches, std::vector<std::string>{});
  EngineState expected = saved().instances[0].engine;
  expected.step = 0;
  EXPECT_EQ(adopted.state, expected);
}

TEST(AdoptState, FindsPopulationsByNameAndGivesTheirSpikesTheirNewIds) {
  const ModelSpec spec =
      network({population("B", 1, NeuronModel::iaf_psc_delta), population("C", 5, NeuronModel::iaf_psc_delta),
               population("A", 2, NeuronModel::iaf_psc_delta)});
  const AdoptedState adopted =
      adopt_state(saved(), spec,
                  {.populations = {state("B", {0}), state("C", {5, 5, 5, 5, 5}), state("A", {0, 0})}}, true);
  EXPECT_EQ(adopted.state.populations[0], saved().instances[0].engine.populations[1]);
  EXPECT_EQ(adopted.state.populations[1], state("C", {5, 5, 5, 5, 5}));
  EXPECT_EQ(adopted.state.populations[2], saved().instances[0].engine.populations[0]);
  EXPECT_EQ(adopted.state.under_way, (SpikesUnderWay{{0, 1, 1, 2}, {7, 0}}));
  EXPECT_EQ(
      adopted.mismatches,
      (std::vector<std::string>{"population 'C' is not in the checkpoint: it begins with its initial values",
                                "parrots 'relay' of the checkpoint, 1, are not in the network",
                                "2 spikes under way are of populations that do not fit: they are left out"}));
}

TEST(AdoptState, SaysWhatDoesNotFit) {
  ModelSpec spec =
      network({population("A", 2, NeuronModel::iaf_psc_exp), population("B", 3, NeuronModel::iaf_psc_exp)});
  spec.simulation.precision = Precision::float64;
  PopulationState a{
      .name = "A",
      .variables = {{"V_m", std::vector<double>{0, 0}}, {"I_syn_ex", std::vector<double>{7, 7}}},
      .refractory_steps = {0, 0}};
  const AdoptedState adopted = adopt_state(saved(), spec, {.populations = {a, state("B", {0, 0, 0})}}, true);
  EXPECT_EQ(std::get<std::vector<double>>(adopted.state.populations[0].variables[0].values),
            (std::vector<double>{1, 2}));
  EXPECT_EQ(std::get<std::vector<double>>(adopted.state.populations[0].variables[1].values),
            (std::vector<double>{7, 7}));
  EXPECT_EQ(adopted.mismatches,
            (std::vector<std::string>{
                "population 'A': I_syn_ex is not in the checkpoint: it begins with its initial value",
                "population 'B' has 3 neurons, in the checkpoint 1: it begins with its initial values",
                "parrots 'relay' of the checkpoint, 1, are not in the network",
                "3 spikes under way are of populations that do not fit: they are left out",
                "the precision differs: values are converted"}));
}

TEST(AdoptState, RefusesWhatHasNoMeaning) {
  const auto refusal = [](const Checkpoint& checkpoint, const ModelSpec& spec) -> std::string {
    try {
      static_cast<void>(adopt_state(checkpoint, spec, {.populations = {state("X", {0})}}, true));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::invalid_config);
      return error.what();
    }
    return "";
  };
  ModelSpec spec = network({population("X", 1, NeuronModel::iaf_psc_delta)});
  EXPECT_NE(refusal(saved(), spec).find("no population"), std::string::npos);
  spec.simulation.dt_ms = 0.2;
  EXPECT_NE(refusal(saved(), spec).find("dt 0.1 ms, the config has 0.2 ms"), std::string::npos);
  Checkpoint batch = saved();
  batch.instances.push_back(batch.instances[0]);
  EXPECT_NE(refusal(batch, spec).find("several instances"), std::string::npos);
}

TEST(AdoptState, TakesOverWeightsWhereTheSynapsesAreTheSame) {
  ModelSpec spec = network({population("A", 2, NeuronModel::iaf_psc_delta)});
  ProjectionSpec learning = testing::projection(spec, 0, 0, ConnectionRule::all_to_all, 1, 1);
  learning.plasticity = StdpSpec{.w_min = 0.5, .w_max = 2};
  spec.projections = {learning};
  Checkpoint checkpoint = saved();
  const PlasticState from{.projection = learning.name,
                          .weights = {0.25F, 1, 1.5F, 3},
                          .source_last_age = {4, PlasticState::kNever},
                          .source_before_last_age = {PlasticState::kNever, PlasticState::kNever},
                          .source_trace = {0, 0},
                          .source_spikes = {1, 1},
                          .scaled_age = {3},
                          .target_spikes = {5, 1}};
  checkpoint.instances[0].engine.plastic = {from};
  PlasticState initial = from;
  initial.weights = {1, 1, 1, 1};
  initial.source_last_age[0] = PlasticState::kNever;
  initial.scaled_age = {PlasticState::kNever};
  initial.target_spikes = {0, 0};
  const auto adopted = [&](const PlasticState& plastic, bool same_connectivity) {
    return adopt_state(checkpoint, spec, {.populations = {state("A", {0, 0})}, .plastic = {plastic}},
                       same_connectivity);
  };
  const auto told = [](const AdoptedState& state, const std::string& part) {
    return std::ranges::any_of(state.mismatches,
                               [&](const std::string& line) { return line.find(part) != std::string::npos; });
  };
  const AdoptedState same = adopted(initial, true);
  PlasticState expected = from;
  expected.weights = {0.5F, 1, 1.5F, 2};
  expected.target_spikes = {0, 0};  // an interval begins
  EXPECT_EQ(same.state.plastic, std::vector<PlasticState>{expected});
  EXPECT_TRUE(told(same, "'A->A': 2 weights are beyond its bounds"));
  const AdoptedState other = adopted(initial, false);
  EXPECT_EQ(other.state.plastic, std::vector<PlasticState>{initial});
  EXPECT_TRUE(told(other, "'A->A' does not fit that of the checkpoint: it begins with its initial weights"));
  PlasticState larger = initial;
  larger.weights.push_back(1);
  EXPECT_EQ(adopted(larger, true).state.plastic, std::vector<PlasticState>{larger});
  checkpoint.instances[0].engine.plastic.clear();
  EXPECT_TRUE(told(adopted(initial, true), "'A->A' is not in the checkpoint"));
}

TEST(AdoptState, LeavesOutReleasesThatNoSpikeMakesSoLate) {
  ModelSpec spec = network({population("A", 2, NeuronModel::iaf_psc_delta)});
  RegionSpec region{.name = "r"};
  region.modulators[0] = ModulatorSpec{};
  region.volumes = {{.source = {.population = 0, .start = 0, .stop = 2}, .delay_steps = 3}};
  spec.regions = {region};
  const RegionState initial{.region = "r", .level_target = {0.5}, .level_tonic = {0.5}, .level_phasic = {0}};
  RegionState from = initial;
  from.level_phasic = {0.25};
  from.release_in = {3, 3, 4};
  from.release_modulator = {0, 2, 0};
  from.release_amount = {0.5, 0.125, 1};
  Checkpoint checkpoint = saved();
  checkpoint.instances[0].engine.regions = {from};
  const AdoptedState adopted =
      adopt_state(checkpoint, spec, {.populations = {state("A", {0, 0})}, .regions = {initial}}, true);
  RegionState expected = from;
  expected.release_in = {3};
  expected.release_modulator = {0};
  expected.release_amount = {0.5};
  EXPECT_EQ(adopted.state.regions, std::vector<RegionState>{expected});
  const std::string told =
      "region 'r': 2 releases to come are later than any spike makes one in the network: they are left out";
  EXPECT_TRUE(std::ranges::count(adopted.mismatches, told) == 1);
}

}  // namespace
}  // namespace sharpwave
