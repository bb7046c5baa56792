#include "host/run/run_signals.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace sharpwave {
namespace {

// What the parent has left ignored stays so.
class DefaultSignals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
};
using RunSignalsTest = DefaultSignals;
using RunSignalsDeathTest = DefaultSignals;

TEST_F(RunSignalsTest, NotesTheFirstOfEachKind) {
  for (const int number : {SIGINT, SIGTERM}) {
    RunSignals signals;
    EXPECT_FALSE(signals.stop());
    std::raise(number);
    EXPECT_TRUE(signals.stop());
  }
}

TEST_F(RunSignalsDeathTest, LeavesTheSecondItsUsualEffect) {
  const auto twice = [] {
    RunSignals signals;
    std::raise(SIGTERM);
    std::raise(SIGTERM);  // at once: the same one again
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    std::raise(SIGINT);
  };
  EXPECT_EXIT(twice(), ::testing::KilledBySignal(SIGINT), "");
}

TEST_F(RunSignalsTest, LeavesIgnoredWhatIsIgnored) {
  std::signal(SIGINT, SIG_IGN);
  {
    RunSignals signals;
    std::raise(SIGINT);
    EXPECT_FALSE(signals.stop());
    std::raise(SIGTERM);
    EXPECT_TRUE(signals.stop());
    std::raise(SIGINT);
  }
  EXPECT_EQ(std::signal(SIGINT, SIG_DFL), SIG_IGN);
}

// Several runs ask, and none takes the answer away from another.
TEST_F(RunSignalsTest, CountsWhatAsksForCheckpoints) {
  const RunSignals signals;
  EXPECT_EQ(signals.saves_asked(), 0u);
  std::raise(SIGUSR1);
  EXPECT_EQ(signals.saves_asked(), 1u);
  EXPECT_EQ(signals.saves_asked(), 1u);
  std::raise(SIGUSR1);
  EXPECT_EQ(signals.saves_asked(), 2u);
  EXPECT_FALSE(signals.stop());
}

int n_calls = 0;

TEST_F(RunSignalsTest, BringsBackTheHandlerOfBefore) {
  std::signal(SIGTERM, [](int) { ++n_calls; });
  {
    RunSignals signals;
    std::raise(SIGTERM);
    EXPECT_EQ(n_calls, 0);
  }
  std::raise(SIGTERM);
  EXPECT_EQ(n_calls, 1);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace
}  // namespace sharpwave
