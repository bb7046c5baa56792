#include "host/io/sonata.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/io/tiny_network.hpp"

namespace sharpwave {
namespace {

using test::replace_in_file;
using test::write_text;

class TinyNetwork : public ::testing::Test {
 protected:
  TinyNetwork() { test::write_tiny_network(folder_.path()); }

  ModelSpec read(SonataOptions options = {}) {
    warnings_.clear();
    options.warn = [this](const std::string& message) { warnings_.push_back(message); };
    return read_sonata(folder_ / "simulation.json", options);
  }

  /// The message of the error that reading ends in.
  std::string error(ExitCode expected) {
    try {
      static_cast<void>(read());
    } catch (const Error& failure) {
      EXPECT_EQ(failure.code(), expected) << failure.what();
      return failure.what();
    }
    ADD_FAILURE() << "the network was read without an error";
    return "";
  }

  void expect_error(ExitCode code, const std::vector<std::string>& parts) {
    const std::string message = error(code);
    for (const std::string& part : parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  /// Sets a population of the file at `path` to what `write` makes of a new one.
  void rewrite_edges(const std::string& path, const std::function<void(hdf5::Group&)>& write) {
    hdf5::File file = hdf5::File::create(folder_ / path);
    {
      hdf5::Group root = file.root();
      hdf5::Group group = root.create_group("edges").create_group("input_to_cells");
      write(group);
    }
    file.close();
  }

  test::TemporaryFolder folder_;
  std::vector<std::string> warnings_;
};

const Values& parameter(const ModelSpec& spec, NeuronParameter name) {
  return spec.populations.at(0).neurons()->parameters.at(static_cast<std::size_t>(name));
}

std::vector<double> list(const Values& values) {
  return std::get<std::vector<double>>(values);
}

TEST_F(TinyNetwork, HasItsPopulationsInTheOrderOfTheFiles) {
  const ModelSpec spec = read();
  ASSERT_EQ(spec.populations.size(), 2U);
  EXPECT_EQ(spec.populations[0].name, "cells");
  EXPECT_EQ(spec.populations[0].size, 5U);
  EXPECT_EQ(spec.populations[0].neurons()->model, NeuronModel::iaf_psc_exp);
  EXPECT_EQ(spec.populations[1].name, "input");
  EXPECT_EQ(spec.populations[1].size, 3U);
  EXPECT_TRUE(spec.populations[1].is_virtual());
  EXPECT_EQ(spec.record_spikes, (std::vector<Slice>{{0, 0, 5, 1}}));
}

TEST_F(TinyNetwork, HasTheTypesParametersAndNestsDefaultsForTheRest) {
  const ModelSpec spec = read();
  EXPECT_EQ(list(parameter(spec, NeuronParameter::C_m)), (std::vector<double>{200, 200, 250, 200, 250}));
  EXPECT_EQ(list(parameter(spec, NeuronParameter::V_th)), (std::vector<double>{-55, -55, -50, -55, -50}));
  EXPECT_EQ(list(parameter(spec, NeuronParameter::t_ref)), (std::vector<double>{3, 3, 2, 3, 2}));
  EXPECT_EQ(std::get<Distribution>(parameter(spec, NeuronParameter::tau_syn_ex)),
            Distribution::constant(2.0));
}

TEST_F(TinyNetwork, PrefersWhatTheNodesHaveOfTheirOwn) {
  EXPECT_EQ(list(parameter(read(), NeuronParameter::I_e)), (std::vector<double>{0, 10, 20, 30, 40}));
}

// NEST keeps V_m where it was when E_L is set; conditions.v_init is not read by its SonataNetwork.
TEST_F(TinyNetwork, StartsAtMinus70MillivoltsWhateverTheRestingPotential) {
  const ModelSpec spec = read();
  const Values& v_m = spec.populations[0].neurons()->initial[static_cast<std::size_t>(StateVariable::V_m)];
  EXPECT_EQ(std::get<Distribution>(v_m), Distribution::constant(-70.0));
}

TEST_F(TinyNetwork, TakesWeightsAndDelaysFromEdgesElseTypesElseDefaults) {
  const ModelSpec spec = read();
  ASSERT_EQ(spec.projections.size(), 2U);
  const ProjectionSpec& recurrent = spec.projections[0];
  EXPECT_EQ(recurrent.name, "cells_to_cells");
  EXPECT_EQ(recurrent.rule, ConnectionRule::explicit_list);
  EXPECT_EQ(recurrent.edge_sources, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 4}));
  EXPECT_EQ(recurrent.edge_targets, (std::vector<std::uint32_t>{1, 2, 3, 4, 0, 0}));
  EXPECT_EQ(list(recurrent.weight), (std::vector<double>{5, 5, -8, 5, -8, -8}));
  EXPECT_EQ(list(recurrent.delay_ms), (std::vector<double>{1.5, 1.5, 1, 1.5, 1, 1}));
  const ProjectionSpec& feedforward = spec.projections[1];
  EXPECT_EQ(feedforward.source, (Slice{1, 0, 3, 1}));
  EXPECT_EQ(feedforward.target, (Slice{0, 0, 5, 1}));
  EXPECT_EQ(list(feedforward.weight), (std::vector<double>{50, 51, 52, 53}));
  EXPECT_EQ(std::get<Distribution>(feedforward.delay_ms), Distribution::constant(1.0));
}

TEST_F(TinyNetwork, MultipliesWeightsByTheNumberOfSynapsesOfAnEdge) {
  rewrite_edges("network/feedforward.h5", [](hdf5::Group& group) {
    group.write("source_node_id", std::vector<std::uint64_t>{0, 2});
    group.write("target_node_id", std::vector<std::uint64_t>{1, 1});
    group.dataset("source_node_id").set_attribute("node_population", std::string("input"));
    group.dataset("target_node_id").set_attribute("node_population", std::string("cells"));
    group.write("edge_type_id", std::vector<std::uint64_t>{30, 30});
    group.write("edge_group_id", std::vector<std::uint64_t>{0, 1});
    group.write("edge_group_index", std::vector<std::uint64_t>{1, 0});
    hdf5::Group first = group.create_group("0");
    first.write("syn_weight", std::vector<double>{-1, 2});
    first.write("nsyns", std::vector<std::uint32_t>{100, 3});
    hdf5::Group second = group.create_group("1");
    second.write("syn_weight", std::vector<double>{7});
    second.write("delay", std::vector<double>{4.5});
  });
  const ModelSpec spec = read();
  EXPECT_EQ(list(spec.projections[1].weight), (std::vector<double>{6, 7}));
  EXPECT_EQ(list(spec.projections[1].delay_ms), (std::vector<double>{1, 4.5}));
}

TEST_F(TinyNetwork, HasTheSpikesThatComeBeforeTheEndSortedAndSaysWhatItLeftOut) {
  const auto spikes = std::get<SpikeSourceSpec>(read().populations[1].kind);
  EXPECT_EQ(spikes.indices, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(spikes.times_ms, (std::vector<double>{1.25, 3.0, 3.0}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("1 of 4 spikes"), std::string::npos) << warnings_[0];
}

TEST_F(TinyNetwork, HasTheReportOfItsNodeSet) {
  const ModelSpec spec = read();
  ASSERT_EQ(spec.reports.size(), 1U);
  EXPECT_EQ(spec.reports[0].name, "potential");
  EXPECT_EQ(spec.reports[0].slice, (Slice{0, 1, 4, 2}));
  EXPECT_EQ(spec.reports[0].times.interval, 5U);
  EXPECT_EQ(spec.reports[0].variables, (std::vector<Recordable>{StateVariable::V_m}));
}

TEST_F(TinyNetwork, SelectsNodesByTypeAndByUnion) {
  write_text(folder_ / "node_sets.json", R"({"odd": ["last"], "last": [{"ei": "i", "node_id": 4}]})");
  EXPECT_EQ(read().reports.at(0).slice, (Slice{0, 4, 5, 1}));
  write_text(folder_ / "node_sets.json", R"({"odd": "cells"})");
  EXPECT_EQ(read().reports.at(0).slice, (Slice{0, 0, 5, 1}));
}

TEST_F(TinyNetwork, LeavesOutAReportWhoseNodeSetsFileIsMissingAndSaysSo) {
  std::filesystem::remove(folder_ / "node_sets.json");
  EXPECT_TRUE(read().reports.empty());
  ASSERT_EQ(warnings_.size(), 2U);
  EXPECT_NE(warnings_[1].find("node_sets.json does not exist"), std::string::npos) << warnings_[1];
}

TEST_F(TinyNetwork, TakesTimesSeedsAndPrecisionFromTheOptions) {
  const ModelSpec file = read();
  EXPECT_EQ(file.simulation.dt_ms, 0.1);
  EXPECT_EQ(file.simulation.steps, 500U);
  const ModelSpec spec = read({.dt_ms = 0.5,
                               .duration_ms = 200.0,
                               .warm_up_ms = 10.0,
                               .seed = 3,
                               .network_seed = 4,
                               .precision = Precision::float64,
                               .warn = {}});
  EXPECT_EQ(spec.simulation.dt_ms, 0.5);
  EXPECT_EQ(spec.simulation.steps, 400U);
  EXPECT_EQ(spec.simulation.warm_up_steps, 20U);
  EXPECT_EQ(spec.simulation.seed, 3U);
  EXPECT_EQ(spec.simulation.network_seed, 4U);
  EXPECT_EQ(spec.simulation.precision, Precision::float64);
  EXPECT_EQ(std::get<SpikeSourceSpec>(spec.populations[1].kind).times_ms.size(), 4U);
}

// NEST counts in ticks of 1 us: 1.0004 ms is the tick 1000, which is on a grid of 0.1 ms, while 1.0006 ms
// is the tick 1001, which is not, and is rounded up later.
TEST_F(TinyNetwork, TakesSpikesWithinHalfATickOfTheGridForOnIt) {
  write_text(
      folder_ / "inputs/spikes.csv",
      "timestamps population node_ids\n1.0004 input 0\n1.0006 input 1\n2.0 other 77\n0.9997 input 2\n");
  replace_in_file(folder_ / "simulation.json", "spikes.h5", "spikes.csv");
  replace_in_file(folder_ / "simulation.json", "\"h5\"", "\"csv\"");
  const auto spikes = std::get<SpikeSourceSpec>(read().populations[1].kind);
  EXPECT_EQ(spikes.indices, (std::vector<std::uint32_t>{0, 2, 1}));
  EXPECT_EQ(spikes.times_ms, (std::vector<double>{10 * 0.1, 10 * 0.1, 1.0006}));
}

TEST_F(TinyNetwork, MayStandInOneFile) {
  replace_in_file(folder_ / "circuit.json", "{\n", "{ \"run\": {\"dt\": 0.1, \"duration\": 5},\n");
  const ModelSpec spec = read_sonata(folder_ / "circuit.json", {.warn = [](const std::string&) {}});
  EXPECT_EQ(spec.simulation.steps, 50U);
  EXPECT_EQ(spec.projections.size(), 2U);
}

/// Makes the neurons of another model, with these parameters.
void set_model(const test::TemporaryFolder& folder, const std::string& model, const std::string& parameters) {
  for (int row = 0; row < 2; ++row)
    replace_in_file(folder / "network/cells_types.csv", "nest:iaf_psc_exp", model);
  write_text(folder / "models/seven.json", parameters);
  write_text(folder / "models/nine.json", parameters);
}

TEST_F(TinyNetwork, MayBeOfAnyModelWithItsOptionsAndItsState) {
  set_model(folder_, "sharpwave:iaf_cond_exp",
            R"({"theta_plus": 0.5, "tau_theta": 50.0, "g_ex": 3.0, "substeps": 4})");
  const NeuronSpec conductances = *read().populations[0].neurons();
  EXPECT_EQ(conductances.model, NeuronModel::iaf_cond_exp);
  EXPECT_EQ(conductances.substeps, 4);
  EXPECT_EQ(conductances[NeuronParameter::theta_plus], Values(Distribution::constant(0.5)));
  EXPECT_EQ(conductances[NeuronParameter::g_L], Values(Distribution::constant(16.6667)));
  EXPECT_EQ(conductances[StateVariable::g_ex], Values(Distribution::constant(3)));
  EXPECT_EQ(conductances[StateVariable::V_m], Values(Distribution::constant(-70)));
}

TEST_F(TinyNetwork, OfIzhikevichsNeuronsStartsAtNestsValues) {
  set_model(folder_, "nest:izhikevich", R"({"a": 0.1, "U_m": -13.0, "consistent_integration": false})");
  const NeuronSpec neurons = *read().populations[0].neurons();
  EXPECT_FALSE(neurons.consistent_integration);
  EXPECT_EQ(list(neurons[NeuronParameter::I_e]), (std::vector<double>{0, 10, 20, 30, 40}));
  EXPECT_EQ(neurons[StateVariable::V_m], Values(Distribution::constant(-65)));
  EXPECT_EQ(neurons[StateVariable::U_m], Values(Distribution::constant(-13)));
}

TEST_F(TinyNetwork, MayHaveParrots) {
  for (int row = 0; row < 2; ++row)
    replace_in_file(folder_ / "network/cells_types.csv", "nest:iaf_psc_exp", "nest:parrot_neuron");
  std::filesystem::remove(folder_ / "node_sets.json");  // and with it the report: parrots have no potential
  const ModelSpec spec = read();
  EXPECT_TRUE(std::holds_alternative<ParrotSpec>(spec.populations[0].kind));
  EXPECT_FALSE(spec.populations[0].is_virtual());
  EXPECT_EQ(spec.projections.size(), 2U);
}

TEST_F(TinyNetwork, AsksForNoSpikesOfPoissonSources) {
  replace_in_file(folder_ / "simulation.json", "\"node_set\": \"input\"",
                  "\"node_set\": \"input\", \"enabled\": false");
  static_cast<void>(read());
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_NE(warnings_[0].find("stays silent"), std::string::npos) << warnings_[0];
  static_cast<void>(read({.poisson_sources = {"input"}, .warn = {}}));
  EXPECT_TRUE(warnings_.empty());
}

// ---- what is refused ------------------------------------------------------------------------------------

TEST_F(TinyNetwork, IsRefusedWithAllProblemsAtOnce) {
  replace_in_file(folder_ / "simulation.json", "50.0", "\"long\"");
  replace_in_file(folder_ / "simulation.json", "$BASE/circuit", "$HOME/circuit");
  replace_in_file(folder_ / "simulation.json", "\"spikes\"", "\"current_clamp\"");
  expect_error(ExitCode::invalid_config,
               {"simulation.json: run.tstop: read \"long\"; expected a number",
                "simulation.json: network: read '$HOME/circuit.json'; expected $HOME to be a variable",
                "inputs.drive.input_type: read 'current_clamp'; expected 'spikes'"});
}

TEST_F(TinyNetwork, IsRefusedWhereJsonIsBrokenWithLineAndColumn) {
  write_text(folder_ / "circuit.json", "{\n  \"networks\": {,}\n}");
  expect_error(ExitCode::invalid_config, {"circuit.json:2:16"});
}

TEST_F(TinyNetwork, IsRefusedWhereVariablesReferToThemselves) {
  replace_in_file(folder_ / "simulation.json", "${configdir}", "$IN");
  expect_error(ExitCode::invalid_config, {"simulation.json: manifest:", "refers to itself"});
}

TEST_F(TinyNetwork, IsRefusedWithoutATimeStep) {
  replace_in_file(folder_ / "simulation.json", ", \"dt\": 0.1", "");
  expect_error(ExitCode::invalid_config, {"run.dt"});
}

TEST_F(TinyNetwork, IsRefusedWhereTimesAreOffTheGrid) {
  replace_in_file(folder_ / "simulation.json", "50.0", "50.03");
  replace_in_file(folder_ / "models/seven.json", "3.0", "3.05");
  expect_error(ExitCode::invalid_config, {"run.tstop: read 50.03"});
  replace_in_file(folder_ / "simulation.json", "50.03", "50.0");
  expect_error(ExitCode::invalid_config, {"t_ref is 3.05", "expected a multiple of the time step"});
}

TEST_F(TinyNetwork, IsRefusedForModelsThatAreNotThere) {
  replace_in_file(folder_ / "network/cells_types.csv", "nest:iaf_psc_exp", "nest:aeif_cond_alpha");
  replace_in_file(folder_ / "network/cells_types.csv", "nest:iaf_psc_exp", "nest:aeif_cond_alpha");
  expect_error(ExitCode::invalid_config,
               {"read model_template 'nest:aeif_cond_alpha'; expected nest:iaf_psc_delta, nest:iaf_psc_exp"});
}

TEST_F(TinyNetwork, IsRefusedForNeuronsWithCompartments) {
  replace_in_file(folder_ / "network/cells_types.csv", "point_neuron", "biophysical");
  replace_in_file(folder_ / "network/cells_types.csv", "point_neuron", "biophysical");
  expect_error(ExitCode::invalid_config, {"read model_type 'biophysical'"});
}

TEST_F(TinyNetwork, IsRefusedForTwoModelsInOnePopulation) {
  replace_in_file(folder_ / "network/cells_types.csv", "9 point_neuron nest:iaf_psc_exp",
                  "9 point_neuron nest:iaf_psc_delta");
  expect_error(ExitCode::invalid_config, {"cells_types.csv:3: column 'model_template'", "one model per"});
}

TEST_F(TinyNetwork, IsRefusedForUnknownAndImpossibleParameters) {
  replace_in_file(folder_ / "models/seven.json", "\"tau_m\"", "\"tau_membrane\"");
  replace_in_file(folder_ / "models/nine.json", "-60.0", "-40.0");
  expect_error(ExitCode::invalid_config, {"seven.json: tau_membrane", "V_reset is -40.0", "below V_th"});
}

TEST_F(TinyNetwork, IsRefusedForValuesOutOfTheirRange) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"g_L": 0})", "g_L is 0.000000; expected a number > 0 nS"},
      {R"({"g_ex": -1})", "g_ex is -1.000000; expected a number >= 0 nS"},
      {R"({"E_ex": 1e300})", "expected a finite number"},
      {R"({"substeps": 1e18})", "substeps: read 1e+18; expected an integer from 1 to 1000"},
      {R"({"substeps": 1.5})", "substeps: read 1.5"},
      {R"({"substeps": true})", "substeps: read true; expected a number"},
      {R"({"refractory_input": true})", "refractory_input: read true; expected a number"},
      {R"({"w": 1})", "read a parameter 'w'; expected one of C_m, g_L"},
  };
  set_model(folder_, "nest:iaf_cond_exp", "{}");
  for (const auto& [parameters, part] : cases) {
    write_text(folder_ / "models/nine.json", parameters);
    expect_error(ExitCode::invalid_config, {part});
  }
}

TEST_F(TinyNetwork, IsRefusedForOptionsThatDifferWithinAPopulation) {
  set_model(folder_, "nest:izhikevich", "{}");
  write_text(folder_ / "models/nine.json", R"({"consistent_integration": false})");
  expect_error(ExitCode::invalid_config, {"/nodes/cells: node 2:", "one value per population"});
}

TEST_F(TinyNetwork, IsRefusedForReportsOfParrots) {
  for (int row = 0; row < 2; ++row)
    replace_in_file(folder_ / "network/cells_types.csv", "nest:iaf_psc_exp", "nest:parrot_neuron");
  expect_error(ExitCode::invalid_config, {"reports.potential.cells", "expected neurons"});
}

TEST_F(TinyNetwork, IsRefusedForTypesThatAreNotThere) {
  replace_in_file(folder_ / "network/cells_types.csv", "9 point", "8 point");
  expect_error(ExitCode::invalid_config, {"/nodes/cells/node_type_id: names node type 9"});
}

TEST_F(TinyNetwork, IsRefusedForRowsOfAnotherLength) {
  replace_in_file(folder_ / "network/recurrent_types.csv", "-8.0 NULL *", "-8.0 NULL");
  expect_error(ExitCode::invalid_config, {"recurrent_types.csv:3: read 3 fields; expected 4"});
}

TEST_F(TinyNetwork, IsRefusedForPlasticSynapsesAndWeightFunctions) {
  write_text(folder_ / "network/feedforward_types.csv",
             "edge_type_id model_template weight_function\n30 stdp_synapse gaussian\n");
  expect_error(ExitCode::invalid_config,
               {"feedforward_types.csv:2: column 'model_template': read 'stdp_synapse'",
                "column 'weight_function': read 'gaussian'"});
}

TEST_F(TinyNetwork, IsRefusedForDelaysBelowOneStep) {
  replace_in_file(folder_ / "network/recurrent_types.csv", "1.5", "0.05");
  expect_error(ExitCode::invalid_config, {"/edges/cells_to_cells: edge 0", "at least one step"});
}

TEST_F(TinyNetwork, IsRefusedForInputsToNeurons) {
  replace_in_file(folder_ / "simulation.json", "\"node_set\": \"input\"", "\"node_set\": \"cells\"");
  expect_error(ExitCode::invalid_config, {"inputs.drive.node_set", "expected nodes of model_type virtual"});
}

TEST_F(TinyNetwork, IsRefusedForUnevenlySpacedReports) {
  replace_in_file(folder_ / "node_sets.json", "[1, 3]", "[0, 1, 3]");
  expect_error(ExitCode::invalid_config, {"reports.potential.cells", "not evenly spaced"});
}

TEST_F(TinyNetwork, IsRefusedForNodeSetsInACircle) {
  write_text(folder_ / "node_sets.json", R"({"odd": ["even"], "even": ["odd"]})");
  expect_error(ExitCode::invalid_config, {"circle"});
}

TEST_F(TinyNetwork, IsRefusedWhereFilesAreMissing) {
  std::filesystem::remove(folder_ / "network/cells.h5");
  expect_error(ExitCode::io, {"cells.h5", "No such file"});
}

TEST_F(TinyNetwork, IsDamagedWhereEdgesLeadOutOfAPopulation) {
  rewrite_edges("network/feedforward.h5", [](hdf5::Group& group) {
    group.write("source_node_id", std::vector<std::uint64_t>{0, 3});
    group.write("target_node_id", std::vector<std::uint64_t>{1, 1});
    group.dataset("source_node_id").set_attribute("node_population", std::string("input"));
    group.dataset("target_node_id").set_attribute("node_population", std::string("cells"));
    group.write("edge_type_id", std::vector<std::uint64_t>{30, 30});
  });
  expect_error(ExitCode::damaged_data,
               {"feedforward.h5: /edges/input_to_cells/source_node_id: value 1 is 3", "0 to 2"});
}

TEST_F(TinyNetwork, IsDamagedWhereDatasetsDifferInSize) {
  rewrite_edges("network/feedforward.h5", [](hdf5::Group& group) {
    group.write("source_node_id", std::vector<std::uint64_t>{0, 2});
    group.write("target_node_id", std::vector<std::uint64_t>{1});
    group.dataset("source_node_id").set_attribute("node_population", std::string("input"));
    group.dataset("target_node_id").set_attribute("node_population", std::string("cells"));
  });
  expect_error(ExitCode::damaged_data, {"/edges/input_to_cells/target_node_id: has 1 values; expected 2"});
}

}  // namespace
}  // namespace sharpwave
