// Whole runs of a protocol: the host loop, the watchdog, the recording, and states to go on from.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "host/run/recorder.hpp"
#include "host/run/recording_reader.hpp"
#include "host/run/step_loop.hpp"
#include "host/run/summary.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/protocol/trained_network.hpp"
#include "tests/host/run/silent_sink.hpp"

namespace sharpwave::testing {
namespace {

class NotingSink : public SilentSink {
 public:
  void block_ended(const Progress& progress, const Block&) override { last = progress; }
  Progress last;
};

struct Course {
  LoopResult result;
  EngineState engine;
  std::vector<Trial> trials;
  Progress progress;
};

std::vector<Trial> recorded_trials(const std::filesystem::path& folder) {
  std::vector<Trial> trials;
  RecordingReader reader(folder / recording::kFileName);
  RecordedBlock block;
  while (reader.next(block))
    if (block.trial) trials.push_back(*block.trial);
  EXPECT_EQ(reader.end().kind, RecordingEnd::Kind::whole);
  return trials;
}

Course course(const ModelSpec& spec, int threads, const std::vector<std::string>& injections = {},
              std::vector<Finding>* found = nullptr) {
  const test::TemporaryFolder folder;
  const auto engine = make_cpu_engine(spec, threads);
  Recorder recorder(spec, folder / ".");
  NotingSink sink;
  LoopOptions options{.stop = [] { return false; }};
  for (const std::string& text : injections) options.injections.push_back(parse_injection(text));
  if (found != nullptr) options.found = [&](const Finding& finding) { found->push_back(finding); };
  LoopResult result = simulate(*engine, spec, recorder, sink, options);
  return {std::move(result), engine->save(), recorded_trials(folder / "."), sink.last};
}

TEST(ProtocolLoop, ARunEndsWithItsLastTrialAndIsTheSameOnAnyThreads) {
  const ModelSpec spec = trained_network();
  const Course one = course(spec, 1);
  ASSERT_EQ(one.trials.size(), 15U);
  EXPECT_LT(one.result.steps, spec.simulation.steps) << "not all are repeated as often as may be";
  EXPECT_GE(one.result.steps, spec.protocol->least_steps());
  EXPECT_FALSE(one.result.interrupted);
  EXPECT_EQ(one.progress.trials.done, 15U);
  EXPECT_EQ(one.progress.trials.n, 15U);
  EXPECT_GT(one.result.protocol[0].repeats, 0U) << "nothing is repeated: the test shows less than it could";
  EXPECT_EQ(one.result.protocol[3].trials, 2U);
  EXPECT_EQ(one.trials.back().counts.size(), 10U);
  for (const int threads : {2, 3}) {
    const Course other = course(spec, threads);
    EXPECT_EQ(other.result.spike_digest, one.result.spike_digest);
    EXPECT_EQ(other.trials, one.trials);
    EXPECT_EQ(other.result.protocol, one.result.protocol);
    EXPECT_EQ(other.engine, one.engine);
  }
}

TEST(ProtocolLoop, WhatIsRunAgainToFindAStepIsPresentedAgain) {
  // A potential beyond the bound is noticed steps later, and history goes back further than a trial.
  ModelSpec spec = trained_network();
  spec.watchdog.bound_mV = 500;
  spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::divergence)] = WatchdogAction::clamp;
  std::vector<Finding> found;
  const std::vector<std::string> injections = {"1000@step=330,population=E,neuron=3,variable=V_m"};
  const Course one = course(spec, 1, injections, &found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].step, 330U);
  const Course other = course(spec, 2, injections);
  EXPECT_EQ(other.result.spike_digest, one.result.spike_digest);
  EXPECT_EQ(other.trials, one.trials);
}

/// Stops after some steps, and goes on elsewhere.
TEST(ProtocolLoop, AStoppedRunGoesOnAsIfNothingHadBeen) {
  const ModelSpec spec = trained_network();
  const Course whole = course(spec, 1);
  for (const std::uint64_t stop_after : {1, 45, 60, 61, 299, 530, 700, 800}) {
    const test::TemporaryFolder folder;
    NotingSink sink;
    InstanceState state;
    {
      const auto engine = make_cpu_engine(spec, 2);
      Recorder recorder(spec, folder / ".");
      CheckpointSpec checkpoints{.interval_steps = stop_after};
      const LoopOptions options{.stop = [&] { return engine->step() >= stop_after; }};
      // A rollback would go to the last multiple of the interval: that state is kept in memory.
      ModelSpec kept = spec;
      kept.checkpoint = checkpoints;
      kept.watchdog.actions[static_cast<std::size_t>(WatchdogSign::non_finite)] = WatchdogAction::rollback;
      LoopResult stopped = simulate(*engine, kept, recorder, sink, options);
      EXPECT_TRUE(stopped.interrupted);
      state = stopped.last_good;
    }
    ASSERT_EQ(state.engine.step, stop_after);
    const auto engine = make_cpu_engine(spec, 3);
    engine->restore(state.engine);
    Recorder recorder(spec, folder / ".", summary_of(spec), state.recording_bytes);
    const LoopOptions options{.stop = [] { return false; }, .start = &state};
    const LoopResult result = simulate(*engine, spec, recorder, sink, options);
    EXPECT_EQ(result.spike_digest, whole.result.spike_digest) << stop_after;
    EXPECT_EQ(result.protocol, whole.result.protocol) << stop_after;
    EXPECT_EQ(engine->save(), whole.engine) << stop_after;
    EXPECT_EQ(recorded_trials(folder / "."), whole.trials) << stop_after;
  }
}

}  // namespace
}  // namespace sharpwave::testing
