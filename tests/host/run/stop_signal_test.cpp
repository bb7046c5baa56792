#include "host/run/stop_signal.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

// What the parent has left ignored stays so.
class DefaultSignals : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
};
using StopSignalTest = DefaultSignals;
using StopSignalDeathTest = DefaultSignals;

TEST_F(StopSignalTest, NotesTheFirstOfEachKind) {
  for (const int number : {SIGINT, SIGTERM}) {
    const StopSignal stop;
    EXPECT_FALSE(stop.received());
    std::raise(number);
    EXPECT_TRUE(stop.received());
  }
}

TEST_F(StopSignalDeathTest, LeavesTheSecondItsUsualEffect) {
  const auto twice = [] {
    const StopSignal stop;
    std::raise(SIGTERM);
    std::raise(SIGINT);
  };
  EXPECT_EXIT(twice(), testing::KilledBySignal(SIGINT), "");
}

TEST_F(StopSignalTest, LeavesIgnoredWhatIsIgnored) {
  std::signal(SIGINT, SIG_IGN);
  {
    const StopSignal stop;
    std::raise(SIGINT);
    EXPECT_FALSE(stop.received());
    std::raise(SIGTERM);
    EXPECT_TRUE(stop.received());
    std::raise(SIGINT);
  }
  EXPECT_EQ(std::signal(SIGINT, SIG_DFL), SIG_IGN);
}

int n_calls = 0;

TEST_F(StopSignalTest, BringsBackTheHandlerOfBefore) {
  std::signal(SIGTERM, [](int) { ++n_calls; });
  {
    const StopSignal stop;
    std::raise(SIGTERM);
    EXPECT_EQ(n_calls, 0);
  }
  std::raise(SIGTERM);
  EXPECT_EQ(n_calls, 1);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace
}  // namespace sharpwave
