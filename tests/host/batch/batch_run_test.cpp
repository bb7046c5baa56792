// An instance of a batch against the same run made alone; instances that fail, are stopped, and go on.
#include "host/batch/batch_run.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "host/batch/batch_json.hpp"
#include "host/run/run.hpp"
#include "tests/host/batch/small_batch.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

class Silent : public ProgressSink {
 public:
  void construction_begins(const NetworkPlan&) override {}
  void construction_ended(const ConstructionReport&) override {}
  void state_adopted(const std::vector<std::string>&) override {}
  void block_ended(const Progress&, const Block&) override {}
  void checkpoint_ended(const CheckpointOutcome&) override {}
  void directory_taken() override {}
  void watchdog_found(const Finding&) override {}
  void writing_begins() override {}
};

class Noting : public BatchSink {
 public:
  void group_begins(const BatchRecord&, std::size_t) override {}
  void group_built(const BatchRecord&, std::size_t) override { ++n_built; }
  void instance_begins(const BatchRecord&, const BatchInstance& instance) override {
    if (instance.name == stop_at) std::raise(SIGTERM);
  }
  void advanced(const BatchRecord&, double ms) override { simulated_ms += ms; }
  void checkpoint_ended(const BatchInstance&, const CheckpointOutcome& outcome) override {
    EXPECT_EQ(outcome.error, "");
  }
  void warned(const BatchInstance&, const std::string&) override {}
  void instance_ended(const BatchRecord&, const BatchInstance& instance) override {
    ended.push_back(instance.name);
  }

  std::string stop_at;
  int n_built = 0;
  double simulated_ms = 0;
  std::vector<std::string> ended;
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

class BatchRun : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGTERM, SIG_DFL); }

  ExitCode run(SmallBatch& batch, bool force = false) {
    const RunSignals signals;
    run_batch(batch.record, batch.config, {.directory = here(), .force = force, .config_path = "net.yaml"},
              signals, sink_);
    return exit_code_of(batch.record, signals);
  }

  /// As the command does: what was planned now, with what is known of the results.
  ExitCode resume(SmallBatch& batch) {
    const BatchRecord before = read_batch_json(here());
    batch.record.instances = before.instances;
    const RunSignals signals;
    resume_batch(batch.record, batch.config, {.directory = here(), .config_path = "net.yaml"}, signals,
                 sink_);
    return exit_code_of(batch.record, signals);
  }

  /// Its spikes by itself, and its files.
  void expect_as_alone(const SmallBatch& batch, const BatchInstance& instance, int threads) {
    const ModelSpec spec = batch.config.load_instance(parse_overrides(instance.overrides));
    const fs::path directory = folder_.path() / "alone" / instance.name;
    const RunSignals signals;
    Silent sink;
    const RunSummary alone =
        sharpwave::run(spec,
                       {.directory = directory, .force = true, .threads = threads, .config_path = "net.yaml"},
                       signals, sink)
            .summary;
    EXPECT_EQ(instance.status, InstanceStatus::done) << instance.message;
    EXPECT_EQ(instance.spike_digest, alone.spike_digest) << instance.name;
    EXPECT_EQ(instance.spikes_total, alone.spikes_total);
    EXPECT_GT(instance.spikes_total, 0u);
    EXPECT_EQ(bytes_of(here() / instance_folder(instance) / "spikes.h5"), bytes_of(directory / "spikes.h5"));
  }

  [[nodiscard]] fs::path here() const { return folder_.path() / "batch"; }
  TemporaryDirectory folder_;
  Noting sink_;
};

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
