// Weights of plastic projections that come from files, and those that are recorded at the end alone.
#include "host/network/given_weights.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "host/config/config.hpp"
#include "host/engine/plasticity_reading.hpp"
#include "host/io/learning_writer.hpp"
#include "tests/host/config/faults_of.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

class ConfigGivenWeights : public ::testing::Test {
 protected:
  void SetUp() override { write("w", {0.5F, 0.25F}, {0.75F, 0.125F}); }

  void write(const std::string& name, const std::vector<float>& first, const std::vector<float>& last,
             bool is_negative = false) const {
    WeightWriter writer(folder_.path(), {.name = name, .w_max = 1, .is_negative = is_negative, .dt_ms = 0.1},
                        {.sources = {0, 1}, .targets = {1, 0}, .delay_steps = {3, 4}});
    writer.append(10, first);
    writer.append(20, last);
    writer.finish();
  }

  [[nodiscard]] static std::string text(const std::string& weight, const std::string& plasticity,
                                        const std::string& source = "E") {
    return config_with("  E: {size: 10, model: iaf_psc_exp}\n  F: {size: 10, model: iaf_psc_exp}",
                       "projections:\n  - source: " + source +
                           "\n    target: E\n    rule: fixed_indegree\n    " +
                           "indegree: 3\n    weight: " + weight + plasticity);
  }
  static constexpr const char* kPlastic = "\n    plasticity: {rule: stdp, w_max: 1}";

  [[nodiscard]] ModelSpec load(const std::string& config) const {
    return load_config_text(config, "net.yaml", {}, nullptr, folder_.path());
  }

  /// The only fault.
  [[nodiscard]] std::string fault(const std::string& config) const {
    try {
      static_cast<void>(load(config));
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.diagnostics().size(), 1U) << error.what();
      return to_string(error.diagnostics()[0]);
    }
    return "none";
  }

  test::TemporaryFolder folder_;
};

TEST_F(ConfigGivenWeights, AreKnownButNotHeld) {
  const ModelSpec spec = load(text("{file: weights_w.h5}", kPlastic));
  const ProjectionSpec& p = spec.projections.at(0);
  ASSERT_NE(p.given_weights, nullptr);
  EXPECT_EQ(p.given_weights->n, 2U);
  EXPECT_EQ(p.given_weights->read().magnitudes, (std::vector<float>{0.75F, 0.125F}));
  EXPECT_EQ(p.weight, Values(std::vector{0.0, 1.0}));
  write("w", {0.5F, 0.25F}, {0.75F, 0.5F});
  EXPECT_THROW(static_cast<void>(p.given_weights->read()), Error) << "the file has changed";
  EXPECT_NE(load(text("{file: weights_w.h5}", kPlastic)).config_digest, spec.config_digest);
}

TEST_F(ConfigGivenWeights, AreOfAnySampleAndSign) {
  const ModelSpec spec = load(text("{file: weights_w.h5, time: 1}", kPlastic));
  EXPECT_EQ(spec.projections[0].given_weights->read().magnitudes, (std::vector<float>{0.5F, 0.25F}));
  write("n", {0, 0}, {1, 0.5F}, true);
  EXPECT_EQ(load(text("{file: weights_n.h5}", kPlastic)).projections[0].weight,
            Values(std::vector{-1.0, 0.0}));
  EXPECT_EQ(load(text("{file: weights_n.h5, time: 1}", kPlastic)).projections[0].weight,
            Values(std::vector{-1.0, 0.0}));
}

TEST_F(ConfigGivenWeights, BoundsHoldAsFloat32) {
  write("tenths", {0.1F, 0.2F}, {0.1F, 0.2F});  // 0.2F is above 0.2
  EXPECT_EQ(
      fault(text("{file: weights_tenths.h5}", "\n    plasticity: {rule: stdp, w_min: 0.1, w_max: 0.2}")),
      "none");
  const std::string path =
      "net.yaml:10:20: projections[0].weight.file: read 'weights_w.h5', expected weights of "
      "magnitudes within w_min and w_max, from ";
  EXPECT_EQ(fault(text("{file: weights_w.h5}", "\n    plasticity: {rule: stdp, w_max: 0.5}")),
            path + "0 to 0.5 (at 2 ms that of synapse 0, from 0 to 1, has a magnitude of 0.75)");
  EXPECT_EQ(fault(text("{file: weights_w.h5}", "\n    plasticity: {rule: stdp, w_min: 0.5, w_max: 1}")),
            path + "0.5 to 1 (at 2 ms that of synapse 1, from 1 to 0, has a magnitude of 0.125)");
}

TEST_F(ConfigGivenWeights, WhereTheyCannotBeIsSaid) {
  const std::string at = "net.yaml:10:13: projections[0].weight: read a map, expected ";
  EXPECT_EQ(fault(text("{file: weights_w.h5}", "")), at + "`plasticity` beside weights of a file");
  EXPECT_EQ(fault(text("{file: weights_w.h5}", kPlastic, "[E, F]")),
            at + "one source and one target, of which a file has the weights");
  EXPECT_NE(fault(text("{time: 1}", kPlastic)).find("projections[0].weight.file: read no such key"),
            std::string::npos);
  EXPECT_NE(fault(text("{file: weights_w.h5, min: 0}", kPlastic)).find("projections[0].weight.min"),
            std::string::npos);
  const std::string absent = fault(text("{file: weights_a.h5}", kPlastic));
  EXPECT_NE(
      absent.find("read 'weights_a.h5', expected a file beside the config, in $SHARPWAVE_DATA or in data/"),
      std::string::npos)
      << absent;
  const std::string other_time = fault(text("{file: weights_w.h5, time: 3}", kPlastic));
  EXPECT_NE(other_time.find("expected a readable file of recorded weights"), std::string::npos) << other_time;
  EXPECT_NE(other_time.find("/weights/time: has no sample at 3 ms"), std::string::npos) << other_time;
  test::write_text(folder_ / "weights_t.h5", "text");
  EXPECT_NE(fault(text("{file: weights_t.h5}", kPlastic)).find("a readable file of recorded weights"),
            std::string::npos);
}

TEST_F(ConfigGivenWeights, GoWithoutScaling) {
  const std::string scaled = "scaling: {neurons: 0.5}\n" + text("{file: weights_w.h5}", kPlastic);
  EXPECT_NE(fault(scaled).find("with listed weights or delays"), std::string::npos) << fault(scaled);
}

TEST_F(ConfigGivenWeights, LieInTheDataFolderToo) {
  setenv("SHARPWAVE_DATA", folder_.path().c_str(), 1);
  const ModelSpec spec =
      load_config_text(text("{file: weights_w.h5}", kPlastic), "net.yaml", {}, nullptr, "/nowhere");
  unsetenv("SHARPWAVE_DATA");
  EXPECT_EQ(spec.projections[0].given_weights->n, 2U);
}

std::string with_records(const std::string& records) {
  return "simulation: {dt: 0.1, duration: 100, warm_up: 20}\npopulations:\n  E: {size: 10, model: "
         "iaf_psc_exp}\n"
         "projections:\n  - {name: p, source: E, target: E, rule: all_to_all, weight: 0.5,\n"
         "     plasticity: {rule: stdp, w_max: 1}}\nrecord:\n  plasticity: none\n  weights:\n    - " +
         records;
}

TEST(ConfigWeightRecord, AFaultyRuleIsToldOnce) {
  std::string text = with_records("{name: w, projection: p, at: end}");
  text.replace(text.find("w_max: 1"), 8, "w_max: 0");
  EXPECT_EQ(faults_of(text), (Messages{"net.yaml:6:38: projections[0].plasticity.w_max: read '0', expected a "
                                       "number > 0 and <= 1e+23 pA, mV or nS"}));
}

TEST(ConfigWeightRecord, AtTheEndIsTheLastStep) {
  const ModelSpec spec = load_config_text(with_records("{name: w, projection: p, at: end}"), "net.yaml");
  const SampleTimes& times = spec.learning_records.at(0).times;
  for (std::uint64_t step = 0; step <= 1300; ++step) ASSERT_EQ(times.includes(step), step == 1200) << step;
}

TEST(ConfigWeightRecord, IsAtTheEndOrEverySoOften) {
  EXPECT_EQ(
      faults_of(with_records("{name: w, projection: p, at: end, interval: 5}")),
      Messages{
          "net.yaml:10:41: record.weights[0].interval: read key 'interval', expected no such key here: it is "
          "not beside `at`"});
  EXPECT_EQ(faults_of(with_records("{name: w, projection: p, at: begin}")),
            Messages{"net.yaml:10:36: record.weights[0].at: read 'begin', expected one of: end"});
  EXPECT_EQ(faults_of(with_records("{name: w, projection: p}")).size(), 1U);
}

}  // namespace
}  // namespace sharpwave
