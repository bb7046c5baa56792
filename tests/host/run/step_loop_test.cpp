#include "host/run/step_loop.hpp"

#include <gtest/gtest.h>

#include "host/run/spike_digest.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/silent_sink.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

class NotingSink : public SilentSink {
 public:
  void block_ended(const Progress& progress, const Block&) override { seen.push_back(progress); }
  std::vector<Progress> seen;
};

bool never() {
  return false;
}

TEST(StepLoop, CountsTheRecordedPartAndDigestsAll) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(12, 60);
  FakeEngine engine;
  NotingSink sink;
  Recorder recorder(spec, directory.path());
  const LoopResult result = simulate(engine, spec, recorder, sink, {.stop = never});
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(result.warm_up_steps, 12U);
  EXPECT_EQ(result.steps, 60U);
  // Steps 13 to 72: 60 + 30 spikes of A, and 20 + 15 + (14 - 2) of B.
  EXPECT_EQ(result.spikes, (std::vector<std::uint64_t>{90, 47}));
  EXPECT_EQ(result.synaptic_events, 60U * 1 + 30 * 10 + 20 * 100 + 15 * 1000 + 12 * 10000);

  FakeEngine at_once;
  Block block;
  at_once.advance(72, block);
  SpikeDigest digest;
  digest.add_block(block);
  EXPECT_EQ(result.spike_digest, digest.hex());

  ASSERT_EQ(result.phases.size(), 5U);
  EXPECT_EQ(result.phases[0].name, "update");
  EXPECT_EQ(result.phases[0].seconds, 60) << "the warm-up is not timed";
  EXPECT_EQ(result.phases[1].name, "digest");
  EXPECT_EQ(result.phases[2].name, "recording");
  EXPECT_EQ(result.phases[3].name, "snapshots");
  EXPECT_EQ(result.phases[4].name, "checkpoints");
}

TEST(StepLoop, NeverLetsABlockCrossTheEndOfTheWarmUp) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(25, 1000);
  FakeEngine engine;
  NotingSink sink;
  Recorder recorder(spec, directory.path());
  static_cast<void>(simulate(engine, spec, recorder, sink, {.stop = never}));
  std::uint64_t step = 0;
  bool boundary_seen = false;
  for (const std::uint64_t n : engine.blocks) boundary_seen |= (step += n) == 25;
  EXPECT_TRUE(boundary_seen);
  EXPECT_EQ(step, 1025U);
  EXPECT_EQ(sink.seen.size(), engine.blocks.size());
  EXPECT_TRUE(sink.seen.front().warm_up);
  EXPECT_FALSE(sink.seen.back().warm_up);
  EXPECT_EQ(sink.seen.back().steps_done, 1000U);
}

TEST(StepLoop, StopsBetweenBlocksAndKeepsWhatWasDone) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(0, 100'000);
  FakeEngine engine;
  NotingSink sink;
  Recorder recorder(spec, directory.path());
  const LoopResult result =
      simulate(engine, spec, recorder, sink, {.stop = [&] { return engine.blocks.size() == 2; }});
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.steps, engine.step());
  EXPECT_LT(result.steps, 100'000U);
  EXPECT_EQ(result.spikes[0], result.steps + result.steps / 2);
  EXPECT_EQ(recorder.finish().size(), 2U);
}

TEST(StepLoop, DoesNotStartTheRecordedPartAfterAStopInTheWarmUp) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(100'000, 100'000);
  FakeEngine engine;
  NotingSink sink;
  Recorder recorder(spec, directory.path());
  const LoopResult result =
      simulate(engine, spec, recorder, sink, {.stop = [&] { return engine.blocks.size() == 1; }});
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.warm_up_steps, 10U);
  EXPECT_EQ(result.steps, 0U);
}

}  // namespace
}  // namespace sharpwave
