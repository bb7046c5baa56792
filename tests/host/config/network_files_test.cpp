// A network in files, and what a config says beside it.
#include <gtest/gtest.h>

#include "tests/host/config/faults_of.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/io/tiny_network.hpp"

namespace sharpwave {
namespace {

class NetworkFiles : public ::testing::Test {
 protected:
  NetworkFiles() {
    test::write_tiny_network(folder_.path());
    test::replace_in_file(folder_ / "simulation.json", "\"node_set\": \"input\"",
                          "\"node_set\": \"input\", \"enabled\": false");
    config_ = "network: {sonata: " + (folder_ / "simulation.json").string();
  }

  test::TemporaryFolder folder_;
  std::string config_;
};

TEST_F(NetworkFiles, MayHaveInputsAndPoissonSourcesBesideThem) {
  std::vector<Diagnostic> warnings;
  const ModelSpec spec = load_config_text(
      config_ + ", poisson_sources: {input: {times: [0, 10], rates: [5, 7]}}}\n" +
          "inputs: [{type: poisson, target: 'cells[1:3]', rate: 100, weight: 2, name: noise}]",
      "net.yaml", {}, &warnings);
  EXPECT_TRUE(warnings.empty());
  const auto& source = std::get<PoissonSourceSpec>(spec.populations.at(1).kind);
  EXPECT_EQ(source.rate.times_ms, (std::vector<double>{0, 10}));
  EXPECT_EQ(source.rate.rates_Hz, (std::vector<double>{5, 7}));
  ASSERT_EQ(spec.inputs.size(), 1U);
  EXPECT_EQ(spec.inputs[0].name, "noise");
  EXPECT_EQ(spec.inputs[0].target, (Slice{0, 1, 3, 1}));
}

TEST_F(NetworkFiles, HaveTheFaultsOfWhatIsBesideThemWithLineAndColumn) {
  EXPECT_EQ(
      faults_of(config_ + ",\n  poisson_sources: {inputs: 5, cells: 5, input: fast}}\n" +
                "inputs:\n  - {type: poisson, target: cell, rate: 100}\n" +
                "  - {type: dc, target: input, amplitude: 100}"),
      (Messages{
          "net.yaml:2:21: network.poisson_sources.inputs: read 'inputs', expected the name of a virtual "
          "population of the files (did you mean 'input'?)",
          "net.yaml:2:32: network.poisson_sources.cells: read 'cells', expected the name of a virtual "
          "population of the files",
          "net.yaml:2:49: network.poisson_sources.input: read 'fast', expected a number >= 0 Hz, "
          "{times: [...], rates: [...]}, or {file: ...}",
          "net.yaml:4:29: inputs[0].target: read 'cell', expected the name of a population (did you "
          "mean 'cells'?)",
          "net.yaml:5:24: inputs[1].target: read 'input', expected neurons: only they take a current"}));
}

TEST_F(NetworkFiles, HaveNoRateBesideSpikes) {
  test::replace_in_file(folder_ / "simulation.json", "\"enabled\": false", "\"enabled\": true");
  try {
    static_cast<void>(load_config_text(config_ + ", poisson_sources: {input: 5}}", "net.yaml"));
    FAIL() << "spikes and a rate were accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_config);
    EXPECT_NE(std::string(error.what()).find("inputs.drive.node_set: stands for population 'input'"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(NetworkFiles, ArePoissonSourcesOnlyByAMap) {
  EXPECT_EQ(faults_of(config_ + ", poisson_sources: 7}").size(), 1U);
}

}  // namespace
}  // namespace sharpwave
