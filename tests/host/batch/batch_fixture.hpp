// A batch in a folder of its own, and each of its instances against the same run alone on the CPU.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "host/batch/batch_json.hpp"
#include "host/batch/batch_run.hpp"
#include "host/run/run.hpp"
#include "host/run/run_signals.hpp"
#include "tests/host/batch/small_batch.hpp"
#include "tests/host/run/silent_sink.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {

class NotingBatchSink : public BatchSink {
 public:
  void directory_taken() override {}
  void group_begins(const BatchRecord&, std::size_t) override {}
  void group_built(const BatchRecord&, std::size_t) override { ++n_built; }
  void instance_begins(const BatchRecord&, const BatchInstance& instance) override {
    if (instance.name == stop_at) std::raise(SIGTERM);
  }
  void advanced(const BatchRecord&, double ms) override { simulated_ms += ms; }
  void checkpoint_ended(const BatchInstance&, const CheckpointOutcome& outcome) override {
    EXPECT_EQ(outcome.error, "");
  }
  void watchdog_found(const BatchInstance&, const ModelSpec&, const Finding&) override {}
  void warned(const BatchInstance&, const std::string&) override {}
  void instance_ended(const BatchRecord&, const BatchInstance& instance) override {
    ended.push_back(instance.name);
  }

  std::string stop_at;
  int n_built = 0;
  double simulated_ms = 0;
  std::vector<std::string> ended;
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

class BatchFixture : public ::testing::Test {
 protected:
  void SetUp() override { std::signal(SIGTERM, SIG_DFL); }

  ExitCode run(SmallBatch& batch, bool force = false) {
    const RunSignals signals;
    run_batch(batch.record, batch.config,
              {.directory = here(), .force = force, .device = device_, .config_path = "net.yaml"}, signals,
              sink_);
    return exit_code_of(batch.record, signals);
  }

  /// As the command does: what was planned now, with what is known of the results.
  ExitCode resume(SmallBatch& batch) {
    const BatchRecord before = read_batch_json(here());
    batch.record.instances = before.instances;
    const RunSignals signals;
    resume_batch(batch.record, batch.config,
                 {.directory = here(), .device = device_, .config_path = "net.yaml"}, signals, sink_);
    return exit_code_of(batch.record, signals);
  }

  /// Its spikes by itself, and its files.
  void expect_as_alone(const SmallBatch& batch, const BatchInstance& instance, int threads) {
    const ModelSpec spec = batch.config.load_instance(parse_overrides(instance.overrides));
    const std::filesystem::path directory = folder_.path() / "alone" / instance.name;
    const RunSignals signals;
    SilentSink sink;
    const RunSummary alone =
        sharpwave::run(spec,
                       {.directory = directory, .force = true, .threads = threads, .config_path = "net.yaml"},
                       signals, sink)
            .summary;
    EXPECT_EQ(instance.status, InstanceStatus::done) << instance.message;
    EXPECT_EQ(instance.spike_digest, alone.spike_digest) << instance.name;
    EXPECT_EQ(instance.spikes_total, alone.spikes_total);
    EXPECT_GT(instance.spikes_total, 0u);
    const std::filesystem::path of_batch = here() / instance_folder(instance);
    EXPECT_EQ(files_of_results(of_batch), files_of_results(directory));
    for (const std::string& name : files_of_results(directory))
      EXPECT_TRUE(bytes_of(of_batch / name) == bytes_of(directory / name)) << instance.name << ": " << name;
    EXPECT_EQ(read_run_json(of_batch / "run.json").protocol, alone.protocol) << instance.name;
  }

  /// Their names, sorted.
  static std::vector<std::string> files_of_results(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      if (entry.path().extension() == ".h5") names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

  [[nodiscard]] std::filesystem::path here() const { return folder_.path() / "batch"; }
  DeviceChoice device_;  ///< of the batch; what it is compared with is on the CPU
  TemporaryDirectory folder_;
  NotingBatchSink sink_;
};

}  // namespace sharpwave
