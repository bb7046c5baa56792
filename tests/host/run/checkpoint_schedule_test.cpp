#include "host/run/checkpoint_schedule.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace sharpwave {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

TEST(CheckpointSchedule, IsDueAtMultiplesOfTheInterval) {
  CheckpointSchedule schedule({.interval_steps = 100, .wall_interval_s = 0}, 0);
  EXPECT_EQ(schedule.steps_left(0), 100u);
  EXPECT_EQ(schedule.steps_left(99), 1u);
  EXPECT_FALSE(schedule.due(99));
  EXPECT_TRUE(schedule.due(100));
  schedule.saved(100);
  EXPECT_FALSE(schedule.due(100));
  EXPECT_EQ(schedule.steps_left(100), 100u);
}

TEST(CheckpointSchedule, StaysDueWhileOneIsMissedAndThenComesBackToTheGrid) {
  CheckpointSchedule schedule({.interval_steps = 100, .wall_interval_s = 0}, 0);
  EXPECT_TRUE(schedule.due(130));
  EXPECT_EQ(schedule.steps_left(130), kNever) << "a block need not end early for what is late";
  schedule.saved(130);
  EXPECT_FALSE(schedule.due(199));
  EXPECT_TRUE(schedule.due(200));
}

TEST(CheckpointSchedule, BeginsAnewAtAResume) {
  const CheckpointSchedule schedule({.interval_steps = 100, .wall_interval_s = 0}, 250);
  EXPECT_EQ(schedule.steps_left(250), 50u);
}

TEST(CheckpointSchedule, KnowsWallTime) {
  CheckpointSchedule schedule({.interval_steps = 0, .wall_interval_s = 0.02}, 0);
  EXPECT_GT(schedule.steps_left(7), kNever / 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(schedule.due(7));
}

TEST(CheckpointSchedule, WithoutIntervalsIsNeverDue) {
  const CheckpointSchedule schedule({.interval_steps = 0, .wall_interval_s = 0}, 0);
  EXPECT_EQ(schedule.steps_left(0), kNever);
  EXPECT_FALSE(schedule.due(1'000'000'000));
}

}  // namespace
}  // namespace sharpwave
