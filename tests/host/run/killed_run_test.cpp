#include "host/run/killed_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "host/analysis/recorded_run.hpp"
#include "host/base/error.hpp"
#include "host/run/run_lock.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

class KilledRun : public ::testing::Test {
 protected:
  /// As a kill leaves it after these blocks.
  void record(const std::vector<std::uint64_t>& lengths) {
    RunSummary about = summary_of(spec_);
    about.device = "a GPU";
    Recorder recorder(spec_, folder_.path(), about);
    record_blocks(recorder, spec_, kExampleWarmUp + 1, lengths);
  }

  TemporaryDirectory folder_;
  ModelSpec spec_ = recorded_example(kExampleWarmUp, 90);
};

TEST_F(KilledRun, BecomesARunOfWhatItRecorded) {
  record({20, 20});
  const auto run = recover_killed_run(folder_.path());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->recorded_ms, 4.0);
  EXPECT_EQ(run->planned_ms, 9.0);
  EXPECT_EQ(run->end.kind, RecordingEnd::Kind::whole);
  std::vector<std::string> names;
  for (const fs::path& file : run->files) names.push_back(file.filename().string());
  EXPECT_EQ(names, (std::vector<std::string>{"run.json", "spikes.h5", "report_trace.h5", "report_pair_V_m.h5",
                                             "report_pair_I_syn_ex.h5"}));
  EXPECT_TRUE(fs::exists(folder_.path() / recording::kFileName)) << "it may go on";
  EXPECT_FALSE(fs::exists(folder_.path() / ".lock"));

  const analysis::RecordedRun read = analysis::read_run(folder_.path());
  EXPECT_TRUE(read.interrupted);
  EXPECT_TRUE(read.summary["killed"].get<bool>());
  EXPECT_EQ(read.summary["device"], "a GPU");
  EXPECT_EQ(read.first_step, kExampleWarmUp);
  EXPECT_EQ(read.n_steps, 40U);
  // Steps 11 to 50: A fires 40 + 20 times, and of B, of which one neuron of three is recorded, that one 10
  // times.
  EXPECT_EQ(read.population("A")->spikes, 60U);
  EXPECT_EQ(read.population("B")->spikes, 10U);
  EXPECT_EQ(read.summary["populations"][0]["rate_Hz"], 60 / 2 / 0.004);
  EXPECT_TRUE(read.summary["populations"][1]["rate_Hz"].is_null()) << "what the others did is not known";
  EXPECT_EQ(analysis::read_spikes(read, *read.population("A")).steps.size(), 60U);
  EXPECT_EQ(analysis::read_spikes(read, *read.population("B")).steps.front(), 12U);
}

TEST_F(KilledRun, BeforeItsFirstBlockIsARunOfNoTime) {
  record({});
  const auto run = recover_killed_run(folder_.path());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->recorded_ms, 0.0);
  EXPECT_EQ(analysis::read_run(folder_.path()).n_steps, 0U);
}

TEST_F(KilledRun, ThatHasEndedWellIsLeftAlone) {
  record({20});
  folder_.write("run.json", "as it was");
  EXPECT_FALSE(recover_killed_run(folder_.path()));
  EXPECT_EQ(bytes_of(folder_.path() / "run.json"), "as it was");
  EXPECT_FALSE(fs::exists(folder_.path() / "spikes.h5"));
  EXPECT_FALSE(recover_killed_run(folder_.path() / "nowhere"));
}

TEST_F(KilledRun, ThatStillLivesIsRefused) {
  record({20});
  const RunLock alive(folder_.path());
  try {
    static_cast<void>(recover_killed_run(folder_.path()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::io);
  }
  EXPECT_FALSE(fs::exists(folder_.path() / "run.json"));
}

}  // namespace
}  // namespace sharpwave
