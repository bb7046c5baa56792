// An instance of a batch against the same run made alone; instances that fail, are stopped, and go on.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "tests/host/batch/batch_fixture.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

using BatchRun = BatchFixture;

// Over everything that shares a network, and everything that must not.
TEST_F(BatchRun, EachInstanceHasTheSpikesOfTheSameRunAlone) {
  const char* const varied[] = {
      "{size: 5}",
      "{vary: {simulation.network_seed: [7, 8]}}",
      "{vary: {simulation.dt: [0.1, 0.05]}}",
      "{vary: {simulation.precision: [float32, float64], inputs.background.rate: [2000, 2500]}}",
      "{vary: {populations.E.size: [80, 120]}}",
      "{vary: {populations.E.params.C_m: [250, {normal: {mean: 250, sd: 10}, min: 200}]}}",
      "{vary: {populations.E.initial.V_m: [-70, -56]}}",
      "{vary: {populations.P.rate: [100, 100000]}}",
      "{vary: {projections.IE.weight: [-80, -20], inputs.background.rate: [1500, 2500]}}",
      "{vary: {inputs.background.weight: [30, 35, 0.01, 4000]}}",
      "{vary: {inputs.background.rate: {from: 100, to: 5000000, count: 5, scale: log}}}",
      "{mode: zip, vary: {simulation.seed: [3, 3], simulation.duration: [50, 70]}}",
  };
  for (const char* const text : varied)
    for (const int threads : {1, 2, 4}) {
      SmallBatch batch(text, threads);
      EXPECT_EQ(run(batch, true), ExitCode::ok);
      for (const BatchInstance& instance : batch.record.instances) expect_as_alone(batch, instance, 1);
      if (HasFailure()) FAIL() << text << " with " << threads << " threads";
    }
}

// Each has trials, labels, weights and neuromodulators of its own, and comes to its end when its own last
// trial does.
TEST_F(BatchRun, EachInstanceOfAProtocolHasTheTrialsOfTheSameRunAlone) {
  const char* const varied[] = {
      "{size: 4}",
      "{vary: {simulation.precision: [float32, float64]}}",
      "{vary: {protocol.train.repeat.below: [1, 12, 40]}}",
      "{vary: {protocol.train.epochs: [1, 3], protocol.test.items: ['4:5', '4:6']}}",
      "{vary: {projections.XE.plasticity.A3_plus: [0.05, 0.2]}}",
      "{vary: {neuromodulators.cortex.dopamine.baseline: [0.2, 0.8]}}",
  };
  for (const char* const text : varied)
    for (const int threads : {1, 2, 4}) {
      SmallBatch batch("", threads, protocol_config(text));
      EXPECT_EQ(run(batch, true), ExitCode::ok);
      std::vector<std::vector<PhaseResult>> results;
      for (const BatchInstance& instance : batch.record.instances) {
        expect_as_alone(batch, instance, 1);
        const std::filesystem::path directory = here() / instance_folder(instance);
        EXPECT_EQ(files_of_results(directory),
                  (std::vector<std::string>{"neuromodulators.h5", "plasticity.h5", "spikes.h5", "trials.h5",
                                            "weights_XE.h5"}));
        results.push_back(read_run_json(directory / "run.json").protocol);
      }
      if (HasFailure()) FAIL() << text << " with " << threads << " threads";
      EXPECT_GT(results[0][3].trials, 0U);
      if (std::string(text) == "{size: 4}") {
        EXPECT_TRUE(results[0] != results[1]) << "seeds make no difference: less is shown than could be";
      }
    }
}

TEST_F(BatchRun, AGroupIsBuiltOnceAndFewInstancesShareTheThreads) {
  const std::string text = R"(simulation: {duration: 20}
populations: {E: {size: 4000, model: iaf_psc_exp, params: {I_e: 400}, initial: {V_m: {uniform: {low: -70, high: -55}}}}}
projections: [{source: E, target: E, rule: fixed_indegree, indegree: 20, weight: 20, delay: 1}]
inputs: [{type: poisson, target: E, rate: 1000, weight: 50}]
batch: {size: 2}
)";
  SmallBatch batch("", 4, text);
  EXPECT_EQ(batch.record.groups.front().threads_each, 2);
  EXPECT_EQ(run(batch), ExitCode::ok);
  EXPECT_EQ(sink_.n_built, 1);
  for (const BatchInstance& instance : batch.record.instances) expect_as_alone(batch, instance, 1);
  EXPECT_NE(batch.record.instances[0].spike_digest, batch.record.instances[1].spike_digest);
}

TEST_F(BatchRun, TheRecordIsWhatTheFileHolds) {
  SmallBatch batch("{size: 3, vary: {inputs.background.rate: [1500, 2000, 2500]}}");
  EXPECT_EQ(run(batch), ExitCode::ok);
  EXPECT_DOUBLE_EQ(sink_.simulated_ms, 180);
  EXPECT_EQ(sink_.ended.size(), 3u);
  const BatchRecord read = read_batch_json(here());
  EXPECT_EQ(to_json_text(read), to_json_text(batch.record));
  EXPECT_EQ(read.count(InstanceStatus::done), 3u);
  EXPECT_EQ(read.instances[2].populations.at(0).name, "E");
  EXPECT_EQ(bytes_of(here() / "batch.json"), to_json_text(batch.record));
}

TEST_F(BatchRun, AnInstanceThatFailsIsTakenOutAndTheOthersGoOn) {
  SmallBatch batch("{size: 4}", 1);
  fs::create_directories(here() / "instances");
  std::ofstream(here() / "instances" / "0001") << "in the way";
  EXPECT_EQ(run(batch), ExitCode::io);
  const BatchRecord record = read_batch_json(here());
  EXPECT_EQ(record.instances[1].status, InstanceStatus::failed);
  EXPECT_EQ(record.instances[1].code, ExitCode::io);
  EXPECT_NE(record.instances[1].message.find("0001"), std::string::npos);
  EXPECT_EQ(record.count(InstanceStatus::done), 3u);

  fs::remove(here() / "instances" / "0001");
  EXPECT_EQ(resume(batch), ExitCode::ok);
  for (const BatchInstance& instance : batch.record.instances) expect_as_alone(batch, instance, 1);
}

TEST_F(BatchRun, OrStopsTheOthersWhereTheBatchSaysSo) {
  SmallBatch batch("{size: 4, on_failure: stop}", 1);
  fs::create_directories(here() / "instances");
  std::ofstream(here() / "instances" / "0001") << "in the way";
  EXPECT_EQ(run(batch), ExitCode::io);
  EXPECT_EQ(batch.record.instances[0].status, InstanceStatus::done);
  EXPECT_EQ(batch.record.instances[1].status, InstanceStatus::failed);
  EXPECT_EQ(batch.record.instances[2].status, InstanceStatus::not_begun);
  EXPECT_EQ(batch.record.instances[3].status, InstanceStatus::not_begun);
}

TEST_F(BatchRun, ASignalStopsAllAndTheyGoOn) {
  for (const int threads : {1, 2}) {
    SmallBatch batch("{size: 6}", threads);
    sink_.stop_at = "0003";
    EXPECT_EQ(run(batch, true), ExitCode::interrupted);
    const BatchRecord stopped = read_batch_json(here());
    EXPECT_EQ(stopped.instances[3].status, InstanceStatus::interrupted);
    EXPECT_EQ(stopped.instances[5].status, InstanceStatus::not_begun);
    EXPECT_LT(stopped.count(InstanceStatus::done), 6u);
    EXPECT_TRUE(fs::exists(here() / "instances/0003/recording.swr"));

    sink_.stop_at.clear();
    sink_.ended.clear();
    EXPECT_EQ(resume(batch), ExitCode::ok);
    EXPECT_EQ(sink_.ended.size(), 6 - stopped.count(InstanceStatus::done));  // what was done is left alone
    for (const BatchInstance& instance : batch.record.instances) expect_as_alone(batch, instance, 1);
  }
}

TEST_F(BatchRun, InstancesOfAProtocolThatWereStoppedGoOn) {
  SmallBatch batch("", 2, protocol_config("{size: 6}"));
  sink_.stop_at = "0003";
  EXPECT_EQ(run(batch), ExitCode::interrupted);
  EXPECT_LT(read_batch_json(here()).count(InstanceStatus::done), 6u);
  sink_.stop_at.clear();
  EXPECT_EQ(resume(batch), ExitCode::ok);
  for (const BatchInstance& instance : batch.record.instances) expect_as_alone(batch, instance, 1);
}

TEST_F(BatchRun, DoesNotOverwriteARunOrABatchUnasked) {
  SmallBatch batch("{size: 2}");
  EXPECT_EQ(run(batch), ExitCode::ok);
  SmallBatch again("{size: 3}");
  EXPECT_THROW(run(again), Error);
  EXPECT_EQ(run(again, true), ExitCode::ok);
  SmallBatch fewer("{size: 1}");
  EXPECT_EQ(run(fewer, true), ExitCode::ok);
  EXPECT_TRUE(fs::exists(here() / "instances/0000/run.json"));
  EXPECT_FALSE(fs::exists(here() / "instances/0001"));
}

TEST(WorseOf, PutsTheBugFirstAndSuccessLast) {
  EXPECT_EQ(worse_of(ExitCode::ok, ExitCode::io), ExitCode::io);
  EXPECT_EQ(worse_of(ExitCode::no_room, ExitCode::io), ExitCode::no_room);
  EXPECT_EQ(worse_of(ExitCode::internal, ExitCode::interrupted), ExitCode::internal);
  EXPECT_EQ(worse_of(ExitCode::invalid_config, ExitCode::interrupted), ExitCode::interrupted);
  for (const ExitCode code : kExitCodes) EXPECT_EQ(worse_of(code, code), code);
}

}  // namespace
}  // namespace sharpwave
