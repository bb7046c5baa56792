#include "host/service/signal_holder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "host/config/config.hpp"
#include "host/network/memory_spec.hpp"
#include "host/service/memory_service.hpp"
#include "host/service/signal_counts.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::service {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRemembered = R"(
simulation: {duration: 100, dt: 0.1}
populations: {E: {model: iaf_psc_exp, size: 4}}
memory: {plugin: memory, populations: [E], window: 10}
)";

class SignalHolderTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<SignalTaker> opened() {
    auto taker = make_signal_taker(spec_, memory_, counts_);
    const PluginRun run{.run_id = "r",
                        .config_digest = "d",
                        .folder = folder_.path(),
                        .options = spec_.memory->options,
                        .populations = {"E"},
                        .spaces = {"default"}};
    taker->check(run);
    taker->open(run);
    return taker;
  }
  /// The n-th direction of four.
  static Signal signal(std::uint64_t number) {
    std::vector<float> embedding(4);
    embedding[number % 4] = 1;
    return {
        .number = number, .begin_step = 100 * number, .end_step = 100 * number + 100, .embedding = embedding};
  }
  /// Storage that fails: an operation that needs it.
  void break_storage() {
    for (int i = 0; i < 5; ++i)
      EXPECT_THROW(memory_.run(Operation::store, [] { throw Error(ExitCode::io, "the disk is gone"); }),
                   Error);
    EXPECT_EQ(memory_.breaker().status().state, BreakerState::open);
  }

  test::TemporaryFolder folder_;
  ModelSpec spec_ = load_config_text(kRemembered, "test.yaml");
  MemoryService memory_{folder_ / "store", {}};
  SignalCounts counts_;
};

TEST_F(SignalHolderTest, SignalsAreInTheServicesStoreOnceTheyAreFlushed) {
  const auto taker = opened();
  for (std::uint64_t i = 1; i <= 4; ++i) taker->take(signal(i));
  EXPECT_EQ(counts_.taken, 0U);
  EXPECT_EQ(counts_.held, 4U);
  taker->flush();
  EXPECT_EQ(counts_.taken, 4U);
  EXPECT_EQ(counts_.held, 0U);
  EXPECT_EQ(memory_.space("default")->size(), 4U);
  EXPECT_EQ(memory_.space("default")->find(1)->provenance.run, "r");
}

TEST_F(SignalHolderTest, WhatComesWhileTheStorageIsAwayIsHeldAndTakenOnce) {
  const auto taker = opened();
  taker->take(signal(1));
  taker->flush();
  taker->take(signal(2));
  break_storage();
  taker->take(signal(3));
  taker->flush();  // the simulation goes on
  EXPECT_EQ(counts_.taken, 1U);
  EXPECT_EQ(counts_.held, 2U);
  memory_.mend();
  taker->flush();
  taker->take(signal(4));
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // as long as it is left alone
  taker->flush();
  EXPECT_EQ(counts_.taken, 4U);
  EXPECT_EQ(counts_.held, 0U);
  EXPECT_EQ(counts_.refused, 0U);
  EXPECT_EQ(memory_.space("default")->size(), 4U) << "each is there once";
  EXPECT_EQ(memory_.space("default")->find(1)->replays, 0U);
}

TEST_F(SignalHolderTest, BeyondWhatCanBeHeldSignalsAreCountedAndLost) {
  {
    const auto taker = opened();
    break_storage();
    for (std::uint64_t i = 1; i <= kMostHeldSignals + 7; ++i) taker->take(signal(i));
    EXPECT_EQ(counts_.held, kMostHeldSignals);
    EXPECT_EQ(counts_.refused, 7U);
  }
  EXPECT_EQ(counts_.refused, kMostHeldSignals + 7) << "the run ended before it came back";
  EXPECT_EQ(counts_.held, 0U);
}

TEST_F(SignalHolderTest, ARunThatHasToBeTheSameInEachRepeatHasAStoreOfItsOwn) {
  ModelSpec simulated = spec_;
  auto memory = std::make_shared<MemorySpec>(*spec_.memory);
  memory->options = R"({"cycle": {"clock": "simulated"}})";
  simulated.memory = memory;
  // That of the plugin, which does not lie beside this test.
  EXPECT_EQ(test::code_of([&] { static_cast<void>(make_signal_taker(simulated, memory_, counts_)); }),
            ExitCode::plugin);
}

}  // namespace
}  // namespace sharpwave::service
