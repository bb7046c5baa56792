#include "kernels/current.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "tests/support/statistics.hpp"

namespace sharpwave {
namespace {

using Kind = CurrentSource::Kind;

const std::uint64_t kPieceSteps[] = {3, 10, 25};
const double kAmplitudes[] = {100, 0, -40};

CurrentSource steps_source() {
  return {.end = 10, .n_pieces = 3, .piece_steps = kPieceSteps, .piece_pA = kAmplitudes};
}

CurrentSource noise_source(std::uint64_t interval_steps) {
  return {.kind = Kind::noise,
          .end = 100'000,
          .key = {3, 7},
          .interval_steps = interval_steps,
          .mean_pA = 20,
          .std_pA = 4};
}

constexpr std::uint64_t kHalfTurn = std::uint64_t{1} << 63;

CurrentSource sine_source(double turns_per_step) {
  return {.kind = Kind::sine,
          .end = 10,
          .offset_pA = 5,
          .amplitude_pA = 3,
          .turns_per_step = static_cast<std::uint64_t>(turns_per_step * 0x1p64)};
}

TEST(CurrentAt, StepsHoldFromTheirStepOn) {
  const CurrentSource s = steps_source();
  for (std::uint64_t step = 1; step <= 40; ++step) {
    const double expected = step < 3 ? 0 : (step < 10 ? 100 : (step < 25 ? 0 : -40));
    EXPECT_EQ(current_at(s, 4, step), expected) << step;
  }
}

TEST(CurrentAt, OnlyTargetsReceive) {
  CurrentSource s = steps_source();
  s.first = 3;
  s.end = 10;
  s.stride = 3;
  for (std::uint32_t index = 0; index < 20; ++index)
    EXPECT_EQ(current_at(s, index, 5), index == 3 || index == 6 || index == 9 ? 100 : 0) << index;
}

// The value of time t acts in the step that begins at t.
TEST(CurrentAt, TheSineIsThatOfTheStepsBeginning) {
  CurrentSource s = sine_source(0.01);
  s.phase_turns = kHalfTurn / 4;  // 45 degrees
  for (std::uint64_t step = 1; step <= 1000; ++step) {
    const double turns = 0.125 + 0.01 * static_cast<double>(step - 1);
    EXPECT_NEAR(current_at(s, 0, step), 5 + 3 * std::sin(2 * std::numbers::pi * turns), 1e-12) << step;
  }
}

// 2^-64 turn a step is what the frequency may be off by: 3e-8 of a turn after a trillion steps.
TEST(CurrentAt, TheSineDoesNotDrift) {
  const CurrentSource s = sine_source(0.001);
  for (std::uint64_t step = 1; step <= 1000; ++step)
    EXPECT_NEAR(current_at(s, 0, step + 1'000'000'000'000), current_at(s, 0, step), 1e-6) << step;
}

TEST(CurrentAt, NoiseHoldsForItsIntervalFromTheStart) {
  CurrentSource s = noise_source(4);
  s.start_step = 6;
  s.stop_step = 17;
  for (std::uint64_t step = 1; step <= 30; ++step) {
    const double value = current_at(s, 5, step);
    if (step <= 6 || step > 17) {
      EXPECT_EQ(value, 0) << step;
    } else if ((step - 7) % 4 != 0) {
      EXPECT_EQ(value, current_at(s, 5, step - 1)) << step;
    } else {
      EXPECT_NE(value, current_at(s, 5, step - 1)) << step;
    }
  }
}

TEST(CurrentAt, NoiseIsNormalAndIndependentOfNeuronAndInterval) {
  const CurrentSource s = noise_source(1);
  std::vector<double> values;
  double products_of_neurons = 0;
  double products_of_intervals = 0;
  constexpr std::uint32_t kNeurons = 1000;
  constexpr std::uint64_t kIntervals = 100;
  for (std::uint32_t i = 0; i < kNeurons; ++i)
    for (std::uint64_t step = 1; step <= kIntervals; ++step) {
      const double value = (current_at(s, i, step) - 20) / 4;
      values.push_back(value);
      products_of_neurons += value * (current_at(s, i + 1, step) - 20) / 4;
      products_of_intervals += value * (current_at(s, i, step + 1) - 20) / 4;
    }
  // A product of two independent standard normal numbers has variance 1.
  const double root = std::sqrt(static_cast<double>(values.size()));
  EXPECT_GT(test::normal_two_sided_p(products_of_neurons / root), test::kLevel);
  EXPECT_GT(test::normal_two_sided_p(products_of_intervals / root), test::kLevel);
  EXPECT_GT(test::kolmogorov_smirnov_p(values, test::normal_cdf), test::kLevel);
}

TEST(ChangesAt, MissesNoChangeAndClaimsFew) {
  CurrentSource noise = noise_source(5);
  noise.start_step = 3;
  noise.stop_step = 21;
  CurrentSource sine = sine_source(0.01);
  sine.start_step = 10;
  sine.stop_step = 20;
  CurrentSource constant = sine_source(0);
  constant.start_step = 8;
  constant.stop_step = 9;
  for (const CurrentSource& s : {steps_source(), noise, sine, constant, noise_source(1)}) {
    int claimed = 0;
    int changed = 0;
    for (std::uint64_t step = 1; step <= 40; ++step) {
      const double before = step > 1 ? current_at(s, 2, step - 1) : 0;
      const bool changes = current_at(s, 2, step) != before;
      EXPECT_TRUE(changes_at(s, step) || !changes) << step;
      claimed += changes_at(s, step) ? 1 : 0;
      changed += changes ? 1 : 0;
    }
    EXPECT_LE(claimed, changed + 1);  // the first step counts as a change
  }
}

}  // namespace
}  // namespace sharpwave
