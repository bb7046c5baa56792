#include "host/run/saver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "host/checkpoint/checkpoint_file.hpp"
#include "host/run/step_loop.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/silent_sink.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

class CountingSink : public SilentSink {
 public:
  void checkpoint_ended(const CheckpointOutcome& outcome) override { outcomes.push_back(outcome); }
  std::vector<CheckpointOutcome> outcomes;
};

Checkpoint about() {
  return {.config_digest = std::string(64, 'a'),
          .connectivity_digest = "0",
          .dt_ms = 0.1,
          .populations = {{"A", 2}, {"B", 3}}};
}

class SaverTest : public ::testing::Test {
 protected:
  LoopResult simulate_with(const CheckpointSpec& spec) {
    Recorder recorder(network_, directory_.path());
    Saver saver(
        spec, CheckpointStore(directory_.path()), about(), recorder, sink_,
        [this] { return std::exchange(asked_, false); }, engine_.step());
    return simulate(engine_, network_, recorder, sink_, {.stop = stop_, .saver = &saver});
  }
  [[nodiscard]] std::vector<std::uint64_t> steps() const {
    std::vector<std::uint64_t> list;
    for (const CheckpointStore::Entry& entry : CheckpointStore(directory_.path()).entries())
      list.push_back(entry.step);
    return list;
  }

  const TemporaryDirectory directory_;
  const ModelSpec network_ = five_neurons(12, 60);
  FakeEngine engine_;
  CountingSink sink_;
  bool asked_ = false;
  std::function<bool()> stop_ = [] { return false; };
};

TEST_F(SaverTest, SavesTheEndUnlessToldNotTo) {
  static_cast<void>(simulate_with({.at_end = false}));
  EXPECT_EQ(steps(), std::vector<std::uint64_t>{});
}

TEST_F(SaverTest, SavesWhatALoopGoesOnFrom) {
  const LoopResult result = simulate_with({});
  ASSERT_EQ(steps(), std::vector<std::uint64_t>{72});
  ASSERT_EQ(sink_.outcomes.size(), 1u);
  EXPECT_EQ(sink_.outcomes[0].error, "");
  const Checkpoint saved = read_checkpoint(sink_.outcomes[0].file);
  ASSERT_EQ(saved.instances.size(), 1u);
  EXPECT_EQ(to_hex(saved.instances[0].spike_digest), result.spike_digest);
  EXPECT_EQ(saved.instances[0].spikes, result.spikes);
  EXPECT_EQ(saved.instances[0].synaptic_events, result.synaptic_events);
  EXPECT_EQ(saved.instances[0].recording_bytes,
            std::filesystem::file_size(directory_.path() / "recording.swr"));
  EXPECT_EQ(saved.wall_s, result.wall_s);
}

TEST_F(SaverTest, SavesWhereItWasStoppedAlsoIfTheEndIsNotSaved) {
  stop_ = [this] { return engine_.step() >= 10; };
  EXPECT_TRUE(simulate_with({.at_end = false}).interrupted);
  EXPECT_EQ(steps(), std::vector<std::uint64_t>{10});
}

TEST_F(SaverTest, SavesOnceWhenAsked) {
  asked_ = true;
  static_cast<void>(simulate_with({.at_end = false}));
  EXPECT_EQ(steps().size(), 1u);
}

TEST_F(SaverTest, EndsBlocksWhereACheckpointIsDue) {
  static_cast<void>(simulate_with({.interval_steps = 25, .at_end = false}));
  std::uint64_t step = 0;
  std::vector<std::uint64_t> ends;
  for (const std::uint64_t n : engine_.blocks) ends.push_back(step += n);
  EXPECT_NE(std::find(ends.begin(), ends.end(), 25u), ends.end());
}

TEST_F(SaverTest, TellsWhatCouldNotBeWrittenAndLetsTheRunGoOn) {
  std::ofstream(directory_.path() / "checkpoints") << "something else";
  EXPECT_EQ(simulate_with({}).steps, 60u);
  ASSERT_EQ(sink_.outcomes.size(), 1u);
  EXPECT_NE(sink_.outcomes[0].error, "");
}

TEST_F(SaverTest, ALoopGoesOnFromWhatWasSaved) {
  const LoopResult whole = simulate_with({});
  for (const std::uint64_t cut : {4u, 12u, 40u}) {
    const TemporaryDirectory elsewhere;
    Checkpoint saved;
    {
      FakeEngine engine;
      Recorder recorder(network_, elsewhere.path());
      Saver saver(
          {.interval_steps = 20}, CheckpointStore(elsewhere.path()), about(), recorder, sink_,
          [] { return false; }, 0);
      const auto stop = [&] { return engine.step() >= cut; };
      EXPECT_TRUE(simulate(engine, network_, recorder, sink_, {.stop = stop, .saver = &saver}).interrupted);
      saved = read_checkpoint(sink_.outcomes.back().file);
    }
    FakeEngine engine;
    engine.restore(saved.instances[0].engine);
    Recorder recorder(network_, elsewhere.path(), summary_of(network_), saved.instances[0].recording_bytes);
    const LoopResult result = simulate(engine, network_, recorder, sink_,
                                       {.stop = stop_, .start = &saved.instances[0], .wall_s = 100});
    EXPECT_FALSE(result.interrupted);
    EXPECT_EQ(result.warm_up_steps, 12u);
    EXPECT_EQ(result.steps, 60u);
    EXPECT_EQ(result.spikes, whole.spikes);
    EXPECT_EQ(result.synaptic_events, whole.synaptic_events);
    EXPECT_EQ(result.spike_digest, whole.spike_digest);
    EXPECT_GE(result.wall_s, 100) << "what was spent before counts";
  }
}

}  // namespace
}  // namespace sharpwave
