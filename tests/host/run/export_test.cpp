// What is exported and read back gives the same spikes.
#include "host/run/export.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "host/base/error.hpp"
#include "host/config/config.hpp"
#include "host/network/neuron_models.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

using testing::NamedNetwork;
using testing::simulate;
using testing::Spike;

constexpr std::uint64_t kExportedSteps = 800;

std::vector<NamedNetwork> exportable_networks() {
  std::vector<NamedNetwork> all = testing::contract_networks();
  for (NamedNetwork& network : all) {
    network.spec.simulation.steps = kExportedSteps;
    // Spikes in files come after 0.
    for (PopulationSpec& population : network.spec.populations)
      if (auto* source = std::get_if<SpikeSourceSpec>(&population.kind))
        for (double& time_ms : source->times_ms) time_ms = std::max(time_ms, 0.1);
  }
  return all;
}

ModelSpec exported(const ModelSpec& spec, const std::filesystem::path& directory) {
  static_cast<void>(
      export_sonata(spec, {.directory = directory, .force = false, .command = "made by a test"}));
  std::vector<Diagnostic> warnings;
  ModelSpec read = load_config(directory / kExportedConfig, {}, &warnings);
  EXPECT_TRUE(warnings.empty()) << to_string(warnings[0]);
  return read;
}

void expect_same_spikes(const ModelSpec& spec, const ModelSpec& read) {
  const std::vector<Spike> spikes = simulate(spec, 2, kExportedSteps);
  ASSERT_GT(spikes.size(), 100U) << "the network is too quiet to show anything";
  EXPECT_TRUE(simulate(read, 2, kExportedSteps) == spikes);
}

class Export : public ::testing::TestWithParam<NamedNetwork> {};

TEST_P(Export, ReadBackGivesTheSameSpikes) {
  const TemporaryDirectory folder;
  const ModelSpec read = exported(GetParam().spec, folder.path() / "network");
  for (const ProjectionSpec& projection : read.projections)
    EXPECT_EQ(projection.rule, ConnectionRule::explicit_list);
  expect_same_spikes(GetParam().spec, read);
}

TEST_P(Export, OfWhatWasExportedGivesTheSameSpikes) {
  const TemporaryDirectory folder;
  const ModelSpec once = exported(GetParam().spec, folder.path() / "once");
  expect_same_spikes(once, exported(once, folder.path() / "twice"));
}

INSTANTIATE_TEST_SUITE_P(Networks, Export, ::testing::ValuesIn(exportable_networks()),
                         [](const auto& network) { return network.param.name; });

// Everything that a network can have besides, in lists and drawn, with names that need care.
ModelSpec details(Precision precision) {
  ModelSpec spec;
  spec.simulation.steps = kExportedSteps;
  spec.simulation.warm_up_steps = 100;
  spec.simulation.seed = 18446744073709551615U;
  spec.simulation.network_seed = 12;
  spec.simulation.precision = precision;
  spec.title = "quotes \" and: colons";
  spec.populations = {testing::population("Z+", 30, NeuronModel::iaf_psc_exp),
                      testing::population("A-1", 20, NeuronModel::iaf_cond_exp)};
  auto& currents = std::get<NeuronSpec>(spec.populations[0].kind);
  std::vector<double> t_ref, v_m;
  for (int i = 0; i < 30; ++i) {
    t_ref.push_back(0.1 * (i % 5));
    v_m.push_back(-70 + i / 3.0);
  }
  currents[NeuronParameter::t_ref] = t_ref;
  currents[StateVariable::V_m] = v_m;
  currents[NeuronParameter::I_e] = Distribution{.kind = Distribution::Kind::uniform, .a = 380, .b = 500};
  currents[StateVariable::I_syn_ex] = testing::redrawn(500, 200, 0, 2000);
  auto& conductances = std::get<NeuronSpec>(spec.populations[1].kind);
  conductances.substeps = 2;
  conductances[StateVariable::theta] = testing::redrawn(2, 1, 0, 10);
  conductances[NeuronParameter::theta_plus] = Distribution::constant(0.3);
  ProjectionSpec twice =
      testing::projection(spec, 0, 0, ConnectionRule::fixed_indegree, 1.0 / 3.0, 0.35);  // off both grids
  twice.name = "a/b \" c";
  twice.degree = {40};  // more than there are sources: multapses for sure
  twice.weight = testing::normal(1.0 / 3.0, 100);
  ProjectionSpec same_name = testing::projection(spec, 0, 0, ConnectionRule::one_to_one, 7, 0.1);
  same_name.name = "a_b \" c";
  ProjectionSpec tiny = testing::projection(spec, 0, 1, ConnectionRule::all_to_all, 1e-6, 1);
  ProjectionSpec none = testing::projection(spec, 1, 0, ConnectionRule::pairwise_bernoulli, 1, 1);
  ProjectionSpec zero = testing::projection(spec, 1, 1, ConnectionRule::one_to_one, 0, 1);
  spec.projections = {twice, same_name, tiny, none, zero};
  spec.inputs.push_back({"dc: \"one\"", {0, 3, 30, 4}, CurrentInputSpec{{0.0}, {400.0 / 3}}});
  spec.inputs.push_back({"later", {0, 0, 30, 1}, CurrentInputSpec{{10.0, 20.0}, {100, 400}}});
  spec.inputs.push_back({"noise", {1, 0, 20, 1}, PoissonInputSpec{{{0.0, 20.0}, {9000, 12000}}, 2.0 / 3}});
  spec.inputs.push_back({"inhibition", {0, 0, 30, 1}, PoissonInputSpec{{{0.0}, {1000}}, -1.0 / 7}});
  spec.record_spikes = {{0, 1, 29, 2}};
  spec.reports.push_back({"v", {1, 0, 20, 1}, {StateVariable::V_m, StateVariable::g_ex}, {100, 600, 5}});
  return spec;
}

TEST(ExportDetails, KeepEverythingThatIsNotDrawn) {
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const TemporaryDirectory folder;
    const ModelSpec spec = details(precision);
    const ModelSpec read = exported(spec, folder.path() / "network");
    expect_same_spikes(spec, read);
    EXPECT_EQ(read.title, spec.title);
    EXPECT_EQ(read.simulation.steps, spec.simulation.steps);
    EXPECT_EQ(read.simulation.warm_up_steps, 100U);
    EXPECT_EQ(read.simulation.seed, spec.simulation.seed);
    EXPECT_EQ(read.simulation.network_seed, 12U);
    EXPECT_EQ(read.simulation.precision, precision);
    EXPECT_EQ(read.record_spikes, spec.record_spikes);
    ASSERT_EQ(read.reports.size(), 1U);
    EXPECT_EQ(read.reports[0].slice, spec.reports[0].slice);
    EXPECT_EQ(read.reports[0].variables, spec.reports[0].variables);
    EXPECT_EQ(read.reports[0].times.interval, 5U);
    EXPECT_EQ(read.reports[0].times.last_step, 600U);
    ASSERT_EQ(read.inputs.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(read.inputs[i].name, spec.inputs[i].name);
    EXPECT_EQ(read.projections.size(), 4U) << "the one without synapses is left out";
  }
}

// 1/3 pA in 16 bits is 21845 * 2^-16; 0.36 ms is 4 steps of 0.1 ms.
TEST(ExportDetails, WeightsAndDelaysAreWrittenAsSimulated) {
  ModelSpec spec;
  spec.simulation.steps = 1;
  spec.populations = {testing::population("A", 3, NeuronModel::iaf_psc_exp)};
  spec.projections = {testing::projection(spec, 0, 0, ConnectionRule::one_to_one, 1.0 / 3, 0.36)};
  const TemporaryDirectory folder;
  const ModelSpec read = exported(spec, folder.path() / "network");
  EXPECT_EQ(read.projections.at(0).weight, Values(Distribution::constant(21845.0 / 65536)));
  EXPECT_EQ(read.projections.at(0).delay_ms, Values(Distribution::constant(0.4)));
  EXPECT_EQ(read.projections.at(0).edge_sources, (std::vector<std::uint32_t>{0, 1, 2}));
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(ExportDetails, ModelsThatNestHasCarryItsName) {
  const TemporaryDirectory folder;
  const auto named = testing::contract_networks();
  ModelSpec spec =
      std::find_if(named.begin(), named.end(), [](const auto& n) { return n.name == "numerical"; })->spec;
  spec.simulation.steps = 1;
  static_cast<void>(exported(spec, folder.path() / "network"));
  const std::string types = text_of(folder.path() / "network/node_types.csv");
  for (const char* row : {"C point_process nest:iaf_cond_exp", "T point_process sharpwave:iaf_cond_exp",
                          "A point_process nest:aeif_cond_exp", "A3 point_process sharpwave:aeif_cond_exp",
                          "Z point_process nest:izhikevich", "D point_process sharpwave:lif_discrete"})
    EXPECT_NE(types.find(row), std::string::npos) << row << " in\n" << types;
  EXPECT_EQ(text_of(folder.path() / "network/neurons_C.json").find("theta"), std::string::npos);
}

Error failed_export(const ModelSpec& spec, const std::filesystem::path& directory, bool force) {
  try {
    static_cast<void>(export_sonata(spec, {.directory = directory, .force = force, .command = ""}));
  } catch (const Error& error) {
    return error;
  }
  return {ExitCode::ok, "it was exported"};
}

TEST(ExportRefuses, WhatItCannotWriteByName) {
  const TemporaryDirectory folder;
  ModelSpec spec = details(Precision::float32);
  spec.populations[1].name = "../outside";
  const Error name = failed_export(spec, folder.path() / "a", false);
  EXPECT_EQ(name.code(), ExitCode::invalid_config);
  EXPECT_NE(std::string(name.what()).find("'../outside'"), std::string::npos) << name.what();
  spec = details(Precision::float32);
  spec.populations.push_back({"early", 2, SpikeSourceSpec{{1}, {0.0}}});
  const Error time = failed_export(spec, folder.path() / "b", false);
  EXPECT_EQ(time.code(), ExitCode::invalid_config);
  EXPECT_NE(std::string(time.what()).find("'early'"), std::string::npos) << time.what();
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "b"));
}

// 5,006 of these weights sum to just less than 2^10, so the grid has units of 2^(10-62), which rounds them up
// by a quarter of a unit: to a sum of 2^10, and the next coarser grid.
TEST(ExportRefuses, WeightsWhoseRoundedSumNeedsACoarserGrid) {
  ModelSpec spec;
  spec.simulation.steps = 1;
  spec.simulation.precision = Precision::float64;
  spec.populations = {testing::population("A", 5006, NeuronModel::iaf_psc_exp),
                      testing::population("B", 1, NeuronModel::iaf_psc_exp)};
  spec.projections = {testing::projection(spec, 0, 1, ConnectionRule::all_to_all, 0x1.a2ed7ce16b49ep-3, 1)};
  const TemporaryDirectory folder;
  const Error error = failed_export(spec, folder.path(), false);
  EXPECT_EQ(error.code(), ExitCode::invalid_config);
  EXPECT_NE(std::string(error.what()).find("projection 'A->B'"), std::string::npos) << error.what();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ExportDirectory, IsEmptyOrReplacedOnRequestAndNothingElseIsTouched) {
  const TemporaryDirectory folder;
  const std::filesystem::path directory = folder.path() / "network";
  const ModelSpec spec = details(Precision::float32);
  static_cast<void>(exported(spec, directory));
  const Error full = failed_export(spec, directory, false);
  EXPECT_EQ(full.code(), ExitCode::io);
  EXPECT_NE(std::string(full.what()).find("--force"), std::string::npos) << full.what();
  std::ofstream(directory / "notes.txt") << "mine";
  std::ofstream(directory / "nodes_gone.h5") << "of an earlier export";
  static_cast<void>(export_sonata(spec, {.directory = directory, .force = true, .command = ""}));
  EXPECT_EQ(text_of(directory / "notes.txt"), "mine");
  EXPECT_FALSE(std::filesystem::exists(directory / "nodes_gone.h5"));
  EXPECT_NO_THROW(static_cast<void>(load_config(directory / kExportedConfig)));
}

std::set<std::string> names_in(const std::filesystem::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.insert(entry.path().filename());
  return names;
}

// A SONATA network has files of the same names.
TEST(ExportDirectory, OfAnotherNetworkIsNotReplacedEvenOnRequest) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "nodes_theirs.h5") << "theirs";
  std::ofstream(folder.path() / "edges.h5") << "theirs";
  EXPECT_EQ(failed_export(details(Precision::float32), folder.path(), true).code(), ExitCode::io);
  std::ofstream(folder.path() / "network.yaml") << "simulation: {duration: 1}";
  EXPECT_EQ(failed_export(details(Precision::float32), folder.path(), true).code(), ExitCode::io);
  EXPECT_EQ(text_of(folder.path() / "edges.h5"), "theirs");
  EXPECT_EQ(names_in(folder.path()), (std::set<std::string>{"nodes_theirs.h5", "edges.h5", "network.yaml"}));
}

TEST(ExportDirectory, KeepsTheEarlierExportAfterAFailure) {
  const TemporaryDirectory folder;
  static_cast<void>(exported(details(Precision::float32), folder.path()));
  const std::set<std::string> before = names_in(folder.path());
  ModelSpec spec = details(Precision::float32);
  spec.populations[0].name = "a name that no config can say";
  EXPECT_THROW(
      static_cast<void>(export_sonata(spec, {.directory = folder.path(), .force = true, .command = ""})),
      Error);
  EXPECT_EQ(names_in(folder.path()), before);
}

TEST(ExportDirectory, TakesTheRemainsOfAnExportThatWasKilled) {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / ".export_partial");
  std::ofstream(folder.path() / ".export_partial/nodes_E.h5") << "half";
  static_cast<void>(exported(details(Precision::float32), folder.path()));
  EXPECT_EQ(names_in(folder.path()).count(".export_partial"), 0U);
}

}  // namespace
}  // namespace sharpwave
