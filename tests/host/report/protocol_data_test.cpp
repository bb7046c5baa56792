// What the page gets of a protocol: its trials, and the last weights from sources that make a square.
#include "host/report/protocol_data.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/learning_writer.hpp"
#include "host/io/trial_writer.hpp"
#include "host/report/packing.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave::report {
namespace {

constexpr double kProtocolDt = 0.5;  // ms

class ProtocolData : public ::testing::Test {
 protected:
  [[nodiscard]] Json data(std::size_t most_fields = 10) const { return protocol_data(run(), most_fields); }

  [[nodiscard]] analysis::RecordedRun run(const std::vector<PhaseResult>& phases = {}) const {
    const ModelSpec spec = five_neurons(0, 100);
    RunSummary summary = summary_of(spec);
    summary.simulated_ms = 10;
    for (RunSummary::Population& population : summary.populations) population.recorded = 0;
    summary.protocol = phases;
    write_run_json(folder_.path() / "run.json", summary);
    return analysis::read_run(folder_.path());
  }

  void write_trials(const std::vector<TrialPhase>& phases, const std::vector<Trial>& trials) const {
    TrialWriter writer(folder_.path() / "trials.h5", phases, kProtocolDt);
    for (const Trial& trial : trials) writer.append(trial);
    writer.finish();
  }

  /// weights_NAME.h5.
  /// @param samples  magnitudes, after steps 100, 200 ...
  void write_weights(const std::string& name, const PlasticSynapses& synapses,
                     const std::vector<std::vector<float>>& samples, bool is_negative = false) const {
    const LearningHeader header{.name = name,
                                .projection = name + "_E",
                                .source = "input",
                                .target = "E",
                                .is_negative = is_negative,
                                .weight_unit = "pA",
                                .dt_ms = kProtocolDt};
    WeightWriter writer(folder_.path(), header, synapses);
    for (std::size_t k = 0; k < samples.size(); ++k) writer.append(100 * (k + 1), samples[k]);
    writer.finish();
  }

  TemporaryDirectory folder_;
};

/// Of 2 x 2 sources, onto neurons 2 and 5; the second of the pair 3 -> 5 is another synapse.
PlasticSynapses square() {
  return {.sources = {0, 0, 1, 2, 3, 3}, .targets = {2, 5, 2, 5, 5, 5}, .delay_steps = {1, 1, 1, 1, 1, 2}};
}

const std::vector<std::vector<float>> kSamples = {{9, 9, 9, 9, 9, 9}, {1, 2, 0.5F, 0, 3, 1}};

std::string packed_shares(const std::vector<std::uint16_t>& shares) {
  return packed(std::span<const std::uint16_t>(shares));
}

TEST_F(ProtocolData, IsNoneWithoutAProtocol) {
  write_weights("square", square(), kSamples);
  EXPECT_TRUE(data().is_null());
}

TEST_F(ProtocolData, HoldsTheTrialsOfEachPhase) {
  write_trials({{"settle", "", 0}, {"train", "E", 0}, {"test", "E", 2}},
               {{.phase = 0, .first_step = 1},
                {.phase = 1, .item = 0, .label = 1, .first_step = 11, .spikes = 9},
                {.phase = 1, .item = 1, .label = 0, .attempts = 3, .gain = 2, .first_step = 41, .spikes = 6},
                {.phase = 2, .label = 1, .told = 1, .first_step = 51, .spikes = 3, .counts = {1, 2}},
                {.phase = 2, .label = 1, .told = 0, .first_step = 61, .spikes = 8, .counts = {8, 0}},
                {.phase = 2, .label = 0, .told = kNoClass, .first_step = 71, .counts = {0, 0}},
                {.phase = 2, .label = 0, .told = 0, .first_step = 81, .spikes = 4, .counts = {4, 0}}});
  const Json json = data();
  ASSERT_EQ(json["trials"].size(), 3U);
  EXPECT_EQ(json["trials"][0]["name"], "settle");
  EXPECT_EQ(json["trials"][0]["population"], "");
  EXPECT_EQ(json["trials"][0]["spikes"], Json{0.0});
  EXPECT_EQ(json["trials"][1], (Json{{"name", "train"},
                                     {"population", "E"},
                                     {"trials", 2},
                                     {"per_bin", 1},
                                     {"spikes", {9.0, 6.0}},
                                     {"attempts", {1.0, 3.0}},
                                     {"right", {0.0, 0.0}}}));
  EXPECT_EQ(json["trials"][2]["spikes"], (Json{3.0, 8.0, 0.0, 4.0}));
  EXPECT_EQ(json["trials"][2]["right"], (Json{1.0, 0.0, 0.0, 1.0})) << "no class is a wrong one";
  EXPECT_EQ(json["fields"], Json::array());
}

// At most 400 points: 802 trials are means of three, of which 267 are whole.
TEST_F(ProtocolData, OfManyTrialsAreMeans) {
  std::vector<Trial> trials;
  for (std::uint32_t k = 0; k < 802; ++k)
    trials.push_back({.item = k,
                      .label = 1,
                      .told = k % 3 == 0 ? 1U : 0U,
                      .attempts = 1 + k % 3,
                      .first_step = 1 + 10 * k,
                      .spikes = k,
                      .counts = {k}});
  write_trials({{"test", "E", 1}}, trials);
  const Json phase = data()["trials"][0];
  EXPECT_EQ(phase["trials"], 802);
  EXPECT_EQ(phase["per_bin"], 3);
  ASSERT_EQ(phase["spikes"].size(), 268U);
  EXPECT_EQ(phase["spikes"][0], (0 + 1 + 2) / 3.0);
  EXPECT_EQ(phase["attempts"][1], (1 + 2 + 3) / 3.0);
  EXPECT_EQ(phase["right"][266], 1 / 3.0);
  EXPECT_EQ(phase["spikes"][267], 801) << "the last one is alone";
  EXPECT_EQ(phase["right"][267], 1);
}

// The page takes it from run.json, beside the trials.
TEST_F(ProtocolData, GoesWithTheConfusionOfTheRun) {
  const analysis::RecordedRun read = run({{.name = "train", .n_trials = 8, .trials = 5, .repeats = 2},
                                          {.name = "test",
                                           .n_trials = 4,
                                           .trials = 4,
                                           .is_to_test = true,
                                           .correct = 2,
                                           .confusion = {{1, 0, 1}, {1, 1, 0}}}});
  const Json& phases = read.summary["protocol"];
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_FALSE(phases[0].contains("confusion"));
  EXPECT_EQ(phases[1]["confusion"], Json::parse("[[1, 0, 1], [1, 1, 0]]"));
  EXPECT_EQ(phases[1]["accuracy"], 0.5);
}

TEST_F(ProtocolData, HasTheLastWeightsFromASquareAsImages) {
  write_trials({{"train", "E", 0}}, {});
  write_weights("square", square(), kSamples);
  const Json fields = data()["fields"];
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0]["projection"], "square_E");
  EXPECT_EQ(fields[0]["target"], "E");
  EXPECT_EQ(fields[0]["time_ms"], 200 * kProtocolDt);
  EXPECT_EQ(fields[0]["side"], 2);
  EXPECT_EQ(fields[0]["neurons"], (Json{2, 5}));
  EXPECT_EQ(fields[0]["largest"], 3 + 1) << "of both synapses of a pair";
  const std::uint16_t quarter = 16384;  // 65535 / 4 = 16383.75
  const std::uint16_t half = 32768;
  const std::uint16_t eighth = 8192;
  EXPECT_EQ(fields[0]["values_u16"], packed_shares({quarter, eighth, 0, 0, half, 0, 0, 65535}));
}

TEST_F(ProtocolData, HasTheMagnitudesOfInhibition) {
  write_trials({{"train", "E", 0}}, {});
  write_weights("square", square(), kSamples);
  const Json excitation = data()["fields"][0];
  write_weights("square", square(), kSamples, true);
  EXPECT_EQ(data()["fields"][0], excitation);
}

TEST_F(ProtocolData, HasTheImagesOfTheFirstNeurons) {
  write_trials({{"train", "E", 0}}, {});
  write_weights("square", square(), kSamples);
  const Json fields = data(1)["fields"][0];
  EXPECT_EQ(fields["neurons"], Json{2});
  EXPECT_EQ(fields["largest"], 1) << "of those that are shown";
  EXPECT_EQ(fields["values_u16"], packed_shares({65535, 32768, 0, 0}));
}

TEST_F(ProtocolData, OfWeightsThatAreAllZeroHasEmptyImages) {
  write_trials({{"train", "E", 0}}, {});
  write_weights("square", square(), {{0, 0, 0, 0, 0, 0}});
  EXPECT_EQ(data()["fields"][0]["largest"], 0);
  EXPECT_EQ(data()["fields"][0]["values_u16"], packed_shares(std::vector<std::uint16_t>(8)));
}

TEST_F(ProtocolData, HasNoImagesWhereSourcesMakeNoSquare) {
  write_trials({{"train", "E", 0}}, {});
  const auto fields_of = [&](const PlasticSynapses& synapses,
                             const std::vector<std::vector<float>>& samples) {
    write_weights("some", synapses, samples);
    return data()["fields"];
  };
  const Json none = Json::array();
  EXPECT_EQ(fields_of({.sources = {0, 1, 2}, .targets = {0, 0, 0}, .delay_steps = {1, 1, 1}}, {{1, 1, 1}}),
            none)
      << "three";
  EXPECT_EQ(fields_of({.sources = {0, 4}, .targets = {0, 0}, .delay_steps = {1, 1}}, {{1, 1}}), none)
      << "five";
  EXPECT_EQ(fields_of({.sources = {0, 0}, .targets = {0, 1}, .delay_steps = {1, 1}}, {{1, 1}}), none)
      << "one";
  EXPECT_EQ(fields_of({}, {{}}), none) << "no synapse";
  EXPECT_EQ(fields_of(square(), {}), none) << "no sample";
  EXPECT_EQ(fields_of(square(), kSamples).size(), 1U);
}

TEST_F(ProtocolData, HasTheImagesOfTheFirstListThatMakesThem) {
  write_trials({{"train", "E", 0}}, {});
  write_weights("a", {.sources = {0, 1}, .targets = {0, 0}, .delay_steps = {1, 1}}, {{1, 1}});
  write_weights("b", square(), kSamples);
  write_weights("c", square(), kSamples);
  const Json fields = data()["fields"];
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0]["projection"], "b_E");
}

TEST_F(ProtocolData, NamesWhatIsDamaged) {
  {
    hdf5::File file = hdf5::File::create(folder_.path() / "trials.h5");
    {
      hdf5::Group group = file.root().create_group("trials").create_group("0");
      group.write("spikes", std::vector<std::uint64_t>{1, 1});
      group.write("attempts", std::vector<std::uint32_t>{1});
    }
    file.close();
  }
  try {
    static_cast<void>(data());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    EXPECT_NE(std::string(error.what()).find("trials.h5: /trials/0/attempts"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace sharpwave::report
