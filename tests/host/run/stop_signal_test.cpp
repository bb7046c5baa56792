#include "host/run/stop_signal.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

TEST(StopSignal, NotesTheFirstOfEachKind) {
  for (const int number : {SIGINT, SIGTERM}) {
    const StopSignal stop;
    EXPECT_FALSE(stop.received());
    std::raise(number);
    EXPECT_TRUE(stop.received());
  }
}

TEST(StopSignalDeathTest, LeavesTheSecondItsUsualEffect) {
  const auto twice = [] {
    const StopSignal stop;
    std::raise(SIGTERM);
    std::raise(SIGINT);
  };
  EXPECT_EXIT(twice(), testing::KilledBySignal(SIGINT), "");
}

int n_calls = 0;

TEST(StopSignal, BringsBackTheHandlerOfBefore) {
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
