// Rates from a file: what is read, and what is said of a file that is wrong.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

/// A folder with a config and a file of rates.
class RateFile : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("rate_file_") + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& content) {
    std::ofstream(folder_ / "rates.csv", std::ios::binary) << content;
  }

  static std::string config(const std::string& rest = "") {
    return config_with("  E: {size: 10, model: iaf_psc_exp}",
                       "inputs: [{type: poisson, target: E, rate: {file: rates.csv}}]\n" + rest);
  }
  [[nodiscard]] ModelSpec load(const std::string& text) const {
    return load_config_text(text, "net.yaml", {}, nullptr, folder_);
  }
  /// Without the folder's name.
  [[nodiscard]] Messages faults(const std::string& text) const {
    Messages messages;
    try {
      static_cast<void>(load(text));
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.code(), ExitCode::invalid_config);
      for (const Diagnostic& diagnostic : error.diagnostics()) {
        std::string message = to_string(diagnostic);
        const std::string prefix = folder_.string() + "/";
        for (std::size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
          message.erase(at, prefix.size());
        messages.push_back(message);
      }
    }
    return messages;
  }
  [[nodiscard]] Messages faults_of_content(const std::string& content) {
    write(content);
    return faults(config());
  }

  std::filesystem::path folder_;
};

const PiecewiseRate& rate_of(const ModelSpec& spec) {
  return std::get<PoissonInputSpec>(spec.inputs.at(0).kind).rate;
}

TEST_F(RateFile, EveryWayOfWritingItIsTheSame) {
  for (const char* content : {"0,10\n5,20\n7.5,0\n", "time_ms,rate_Hz\n0, 10\n5 ,20\n7.5 , 0",
                              "# from the theatre\n\n0 10 # first\n5\t20\n7.5 0\n",
                              "time rate\r\n0 10\r\n5 20\r\n7.5 0\r\n", "0 1e1\n+5 20\n7.5 .0\n"}) {
    write(content);
    const PiecewiseRate rate = rate_of(load(config()));
    EXPECT_EQ(rate.times_ms, (std::vector<double>{0, 5, 7.5})) << content;
    EXPECT_EQ(rate.rates_Hz, (std::vector<double>{10, 20, 0})) << content;
  }
}

TEST_F(RateFile, IsTakenWhereverARateIs) {
  write("0 10\n5 20\n");
  const ModelSpec spec =
      load(config_with("  E: {size: 10, model: iaf_psc_exp}\n"
                       "  S: {size: 2, model: poisson_source, rate: {file: rates.csv}}",
                       "inputs:\n  - {type: mip, target: E, p_copy: 0.5, rate: {file: rates.csv}}\n"
                       "  - {type: poisson, target: ['E[:5]', 'E[5:]'], rate: [7, {file: rates.csv}]}\n"));
  const std::vector<double> expected{10, 20};
  EXPECT_EQ(std::get<PoissonSourceSpec>(spec.populations[1].kind).rate.rates_Hz, expected);
  EXPECT_EQ(std::get<MipInputSpec>(spec.inputs[0].kind).mother.rate.rates_Hz, expected);
  EXPECT_EQ(std::get<PoissonInputSpec>(spec.inputs[2].kind).rate.rates_Hz, expected);
}

TEST_F(RateFile, EntersTheConfigDigest) {
  write("0 10\n5 20\n");
  const std::string digest = load(config()).config_digest;
  EXPECT_EQ(load(config()).config_digest, digest);
  write("0 10\n5 21\n");
  EXPECT_NE(load(config()).config_digest, digest);
}

TEST_F(RateFile, FaultsStandAtTheirLineOfTheFile) {
  EXPECT_EQ(
      faults_of_content(
          "time rate\n0 10\n5 abc\n4 1\n# note\n6.05 1\n7\n8 1 2\n9 -1\n,1\n10,,1\n11 nan\ninf 1\n12 6e6\n"),
      (Messages{"rates.csv:3:3: inputs[0].rate.file: read 'abc', expected a rate >= 0 Hz",
                "rates.csv:4:1: inputs[0].rate.file: read '4', expected a time later than the one before it",
                "rates.csv:6:1: inputs[0].rate.file: read '6.05', expected a multiple of dt = 0.1 ms, fewer "
                "than 2^52 "
                "of it",
                "rates.csv:7:1: inputs[0].rate.file: read 1 fields, expected two: time in ms and rate in Hz",
                "rates.csv:8:1: inputs[0].rate.file: read 3 fields, expected two: time in ms and rate in Hz",
                "rates.csv:9:3: inputs[0].rate.file: read '-1', expected a rate >= 0 Hz",
                "rates.csv:10:1: inputs[0].rate.file: read '', expected a time >= 0 ms",
                "rates.csv:11:1: inputs[0].rate.file: read 3 fields, expected two: time in ms and rate in Hz",
                "rates.csv:12:4: inputs[0].rate.file: read 'nan', expected a rate >= 0 Hz",
                "rates.csv:13:1: inputs[0].rate.file: read 'inf', expected a time >= 0 ms",
                "rates.csv:14:4: inputs[0].rate.file: read '6e6', expected at most 5120000 Hz: 512 events a "
                "step of 0.1 "
                "ms"}));
  EXPECT_EQ(faults_of_content("1 10\n"),
            Messages{"rates.csv:1:1: inputs[0].rate.file: read '1', expected 0 as the first time"});
  EXPECT_EQ(faults_of_content("time rate\nfoo bar\n0 1\n"),
            (Messages{"rates.csv:2:1: inputs[0].rate.file: read 'foo', expected a time >= 0 ms",
                      "rates.csv:2:5: inputs[0].rate.file: read 'bar', expected a rate >= 0 Hz"}));
}

TEST_F(RateFile, AFileWithoutRates) {
  const std::string where = "net.yaml:4:50: inputs[0].rate.file: read 'rates.csv', expected ";
  EXPECT_EQ(faults(config()), Messages{where + "a file at 'rates.csv' (there is none)"});
  EXPECT_EQ(faults_of_content(""), Messages{where + "a file with a line of time and rate at least"});
  EXPECT_EQ(faults_of_content("# nothing\ntime rate\n"),
            Messages{where + "a file with a line of time and rate at least"});
  std::filesystem::remove(folder_ / "rates.csv");
  std::filesystem::create_directory(folder_ / "rates.csv");
  EXPECT_EQ(faults(config()), Messages{where + "a file at 'rates.csv' (that is a folder)"});
}

TEST_F(RateFile, StandsAlone) {
  write("0 10\n");
  EXPECT_EQ(
      faults(config_with("  S: {size: 2, model: poisson_source, rate: {file: rates.csv, times: [0]}}")),
      Messages{"net.yaml:3:63: populations.S.rate.times: read key 'times', expected no such key here: it is "
               "not beside a file"});
}

// As for a rate in the config: a constant one is scaled, one that changes is refused.
TEST_F(RateFile, IsScaledAsInlineRatesAre) {
  write("0 1000\n");
  EXPECT_EQ(rate_of(load(config("scaling: {indegrees: 0.25}"))).rates_Hz, std::vector<double>{250});
  write("0 1000\n5 2000\n");
  EXPECT_EQ(
      faults(config("scaling: {indegrees: 0.25}")),
      Messages{
          "net.yaml:4:10: inputs[0]: read Poisson input 'poisson->E' to a slice or parrots, or of varying "
          "rate, expected a constant rate to a whole population of neurons, because `scaling` is used"});
}

// Whatever stands in the file, there is a model or a list of faults, and not more of them than anybody reads.
TEST_F(RateFile, DamagedFilesGiveTypedErrors) {
  std::mt19937 random(1);
  const std::string pieces[] = {
      "0", "5", ".", "-", "e", ",", " ", "\n", "#", "nan", "\r", std::string(1, '\0'), "\xff", "\""};
  for (int i = 0; i < 300; ++i) {
    std::string content = "time,rate\n0,10\n5,20\n7.5,0\n";
    for (unsigned k = 0; k < 5; ++k)
      content.insert(random() % content.size(), pieces[random() % std::size(pieces)]);
    EXPECT_LE(faults_of_content(content).size(), 10U);
  }
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "x y z\n";
  EXPECT_LE(faults_of_content(many).size(), 201U);
}

}  // namespace
}  // namespace sharpwave
