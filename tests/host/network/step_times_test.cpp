#include "host/network/step_times.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

TEST(SpikeStep, TimesOnTheGridAreTakenAsTheyAre) {
  for (std::uint64_t k = 0; k < 100'000; ++k) ASSERT_EQ(spike_step(static_cast<double>(k) * 0.1, 0.1), k);
  EXPECT_EQ(spike_step(0.1 + 0.2, 0.1), 3u);  // 0.30000000000000004
}

TEST(SpikeStep, TimesOffTheGridAreRoundedUp) {
  EXPECT_EQ(spike_step(0.01, 0.1), 1u);
  EXPECT_EQ(spike_step(0.25, 0.1), 3u);
  EXPECT_EQ(spike_step(0.3001, 0.1), 4u);
  EXPECT_EQ(spike_step(0.2999, 0.1), 3u);
}

TEST(SpikeStep, WithinAMillionthOfAStepOfTheGridIsOnIt) {
  EXPECT_EQ(spike_step(3 + 0.9e-6, 1), 3u);
  EXPECT_EQ(spike_step(3 + 1.1e-6, 1), 4u);
  EXPECT_EQ(spike_step(3 - 0.9e-6, 1), 3u);
}

TEST(NearestStep, RoundsToTheGrid) {
  EXPECT_EQ(nearest_step(0.1 + 0.2, 0.1), 3u);
  EXPECT_EQ(nearest_step(0.34, 0.1), 3u);
  EXPECT_EQ(nearest_step(0.36, 0.1), 4u);
  EXPECT_EQ(nearest_step(-5, 0.1), 0u);
}

TEST(TimeOfStep, IsTheDoubleNearestToTheDecimal) {
  EXPECT_EQ(time_of_step_ms(3, 0.1), 0.3);
  EXPECT_EQ(time_of_step_ms(7, 0.01), 0.07);
  EXPECT_EQ(time_of_step_ms(3, 0.125), 0.375);
  EXPECT_EQ(time_of_step_ms(10'000'001, 0.1), 1000000.1);
  EXPECT_EQ(time_of_step_ms(4, 0.3), 4 * 0.3);
  EXPECT_EQ(time_of_step_ms(5, 2.0), 10.0);
}

TEST(SpikeStep, NothingComesBeforeStepZero) {
  EXPECT_EQ(spike_step(0, 0.1), 0u);
  EXPECT_EQ(spike_step(-5, 0.1), 0u);
}

}  // namespace
}  // namespace sharpwave
