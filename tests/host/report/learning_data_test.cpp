// What the page gets of learning, from the files that a run has left.
#include "host/report/learning_data.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/recorder.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave::report {
namespace {

constexpr double kDt = 0.1;  // ms

/// Writes run.json and the files of what was recorded, and reads the run.
analysis::RecordedRun finished(Recorder& recorder, const ModelSpec& spec, std::uint64_t steps,
                               const std::vector<std::uint64_t>& spikes, const TemporaryDirectory& folder) {
  static_cast<void>(recorder.finish());
  RunSummary summary = summary_of(spec);
  summary.simulated_ms = static_cast<double>(steps) * kDt;
  count_spikes(summary, steps, spikes);
  write_run_json(folder.path() / "run.json", summary);
  return analysis::read_run(folder.path());
}

TEST(LearningData, IsEmptyWhereNothingWasRecorded) {
  const TemporaryDirectory folder;
  const ModelSpec spec = five_neurons(0, 100);
  Recorder recorder(spec, folder.path());
  recorder.record(example_block(spec, 1, 100));
  const analysis::RecordedRun run = finished(recorder, spec, 100, {150, 78}, folder);
  EXPECT_EQ(plasticity_data(run, 5), Json::array());
  EXPECT_EQ(weights_data(run, 5), Json::array());
  EXPECT_EQ(modulators_data(run, 5), Json::array());
}

TEST(LearningData, HoldsWhatTheFilesHold) {
  const TemporaryDirectory folder;
  ModelSpec spec = learning_example(10, 90);
  spec.record_spikes = {};
  spec.regions = {{.name = "r"}};
  spec.regions[0].modulators[0] = ModulatorSpec();
  spec.modulator_samples = SampleTimes{.first_step = 10, .last_step = 100, .interval = 10};
  Recorder recorder(spec, folder.path(), summary_of(spec), example_synapses());
  for (std::uint64_t first = 11; first < 100; first += 10) {
    const std::uint64_t last = first + 9;
    recorder.record(example_block(spec, first, 10), example_learning(spec, last),
                    {{.dopamine = static_cast<double>(last) / 100, .prediction_error = -0.5}});
  }
  const analysis::RecordedRun run = finished(recorder, spec, 90, {0, 0}, folder);

  const Json projections = plasticity_data(run, 5);
  ASSERT_EQ(projections.size(), 1U);
  const Json& projection = projections[0];
  EXPECT_EQ(projection["projection"], "A/B");
  EXPECT_EQ(projection["samples"], 9);
  EXPECT_EQ(projection["times_ms"].size(), 9U);
  EXPECT_EQ(projection["potentiations"][8], 50);
  EXPECT_EQ(projection["edges"].size(), 51U);
  EXPECT_EQ(projection["edges"][50], -4);
  EXPECT_EQ(projection["histogram_u32"].get<std::string>().size(), (9 * 50 * 4 + 2) / 3 * 4U);

  const Json weights = weights_data(run, 5);
  ASSERT_EQ(weights.size(), 1U);
  EXPECT_EQ(weights[0]["name"], "few");
  EXPECT_EQ(weights[0]["recorded_synapses"], 2);
  EXPECT_EQ(weights[0]["synapses"][0], (Json{{"source", 0}, {"target", 2}, {"delay_ms", 1.5}}));
  EXPECT_EQ(weights[0]["times_ms"].size(), 4U);
  EXPECT_TRUE(weights[0]["pairs"].is_null()) << "no spikes were recorded";

  const Json regions = modulators_data(run, 5);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0]["region"], "r");
  EXPECT_DOUBLE_EQ(regions[0]["levels"]["dopamine"][8].get<double>(), 1.0);
  EXPECT_FALSE(regions[0]["levels"].contains("serotonin"));
  EXPECT_EQ(regions[0]["prediction_error"][3], -0.5);
  EXPECT_EQ(plasticity_data(run, 0), Json::array());
}

TEST(LearningData, NamesWhatIsDamaged) {
  const TemporaryDirectory folder;
  const ModelSpec spec = five_neurons(0, 100);
  Recorder recorder(spec, folder.path());
  recorder.record(example_block(spec, 1, 100));
  const analysis::RecordedRun run = finished(recorder, spec, 100, {150, 78}, folder);
  {
    hdf5::File file = hdf5::File::create(folder.path() / "neuromodulators.h5");
    {
      hdf5::Group group = file.root().create_group("neuromodulators").create_group("r");
      group.write("time", std::vector<double>{1, 1});
      group.write("prediction_error", std::vector<double>{0, 0});
    }
    file.close();
  }
  try {
    static_cast<void>(modulators_data(run, 5));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    EXPECT_NE(std::string(error.what()).find("/neuromodulators/r/time: expected times that ascend"),
              std::string::npos)
        << error.what();
  }
}

// --- experiments with pairs -------------------------------------------------------------------------------

constexpr std::uint32_t kPairs = 4;

/// Parrots: source i fires at the steps given, target i some steps after it, n times.
class Pairs : public ::testing::Test {
 protected:
  struct Train {
    std::uint64_t first;
    std::int64_t lag;
  };

  /// Synapse i from source i to target i; its weight rises by 0.25 (i + 1).
  Json changes(const std::vector<Train>& trains, std::uint64_t n, std::uint64_t first_sample = 10) {
    ModelSpec spec;
    spec.simulation = {.dt_ms = kDt, .steps = 1000};
    spec.populations = {{"source", kPairs, ParrotSpec{}}, {"target", kPairs, NeuronSpec{}}};
    spec.record_spikes = {{0, 0, kPairs}, {1, 0, kPairs}};
    spec.projections = {{.name = "p",
                         .source = {0, 0, kPairs},
                         .target = {1, 0, kPairs},
                         .weight = Distribution::constant(1),
                         .plasticity = StdpSpec{.w_max = 4}}};
    spec.learning_records = {{.name = "pairs",
                              .projection = 0,
                              .every = 1,
                              .times = {.first_step = 0, .last_step = 1000, .interval = first_sample}}};
    const TemporaryDirectory folder;
    PlasticSynapses synapses;
    for (std::uint32_t i = 0; i < kPairs; ++i) {
      synapses.sources.push_back(i);
      synapses.targets.push_back(i);
      synapses.delay_steps.push_back(1);
    }
    Recorder recorder(spec, folder.path(), summary_of(spec), {synapses});
    std::vector<std::uint64_t> spikes(2);
    for (std::uint64_t first = 1; first <= 1000; first += first_sample) {
      Block block;
      block.begin(first, first_sample, {});
      block.offsets.assign(1, 0);
      for (std::uint64_t step = first; step < first + first_sample; ++step) {
        for (std::uint32_t side = 0; side < 2; ++side)
          for (std::uint32_t i = 0; i < kPairs; ++i)
            for (std::uint64_t k = 0; k < n; ++k)
              if (static_cast<std::int64_t>(step) ==
                  static_cast<std::int64_t>(trains[i].first + 100 * k) + (side == 0 ? 0 : trains[i].lag)) {
                block.ids.push_back(side * kPairs + i);
                ++spikes[side];
              }
        block.offsets.push_back(block.ids.size());
      }
      std::vector<float> weights;
      for (std::uint32_t i = 0; i < kPairs; ++i)
        weights.push_back(1 + (first > 500 ? 0.25F * static_cast<float>(i + 1) : 0));
      recorder.record(block, {{.metrics = {}, .weights = weights}});
    }
    return weights_data(finished(recorder, spec, 1000, spikes, folder), 1)[0]["pairs"];
  }
};

TEST_F(Pairs, ShowTheChangeOverTheLag) {
  const Json pairs = changes({{100, 50}, {100, -50}, {130, 7}, {200, 0}}, 1);
  EXPECT_EQ(pairs["per_synapse"], 1);
  EXPECT_EQ(pairs["synapses"], 4);
  EXPECT_EQ(pairs["lag_ms"], (Json{5.0, -5.0, 7 * kDt, 0.0}));
  EXPECT_EQ(pairs["change"], (Json{0.25, 0.5, 0.75, 1.0}));
}

TEST_F(Pairs, OfSeveralEachHasItsShare) {
  const Json pairs = changes({{100, 50}, {100, -50}, {130, 7}, {200, 0}}, 2);
  EXPECT_EQ(pairs["per_synapse"], 2);
  EXPECT_EQ(pairs["change"], (Json{0.125, 0.25, 0.375, 0.5}));
}

TEST_F(Pairs, AreNoneWhereTheFirstSampleCameLater) {
  EXPECT_TRUE(changes({{100, 50}, {100, -50}, {130, 7}, {200, 0}}, 1, 100).is_null());
  EXPECT_FALSE(changes({{101, 50}, {160, -50}, {130, 7}, {200, 0}}, 1, 100).is_null());
}

}  // namespace
}  // namespace sharpwave::report
