// Quantiles and the thinning of a profile, and that taking one changes nothing.
#include "host/engine/step_profile.hpp"

#include <gtest/gtest.h>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

TEST(DurationHistogram, QuantilesAreWithinABin) {
  DurationHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0u);
  for (std::uint64_t ticks = 1; ticks <= 1000; ++ticks) histogram.add(100 * ticks);
  for (const double share : {0.5, 0.95, 0.99, 1.0}) {
    const double exact = 100'000 * share;
    const auto found = static_cast<double>(histogram.quantile(share));
    EXPECT_GE(found, exact);
    EXPECT_LE(found, exact * (1 + 1.0 / DurationHistogram::kBinsPerOctave));
  }
}

TEST(DurationHistogram, ShortAndHugeDurationsHaveBins) {
  for (const std::uint64_t ticks :
       {std::uint64_t{0}, std::uint64_t{31}, std::uint64_t{32}, ~std::uint64_t{0}}) {
    DurationHistogram histogram;
    histogram.add(ticks, 7);
    EXPECT_EQ(histogram.n(), 7u);
    EXPECT_EQ(histogram.quantile(0.5), ticks);
  }
}

TEST(ThreadProfile, LeavesOutWholeStepsAndNoMoreThanItHasTo) {
  ThreadProfile profile;
  const std::uint64_t n_steps = ThreadProfile::kMostEvents;  // of two phases: twice what there is room for
  for (std::uint64_t step = 1; step <= n_steps; ++step)
    for (std::uint32_t phase = 0; phase < 2; ++phase) profile.add(step, phase, 10 * step, 10 * step + phase);
  EXPECT_EQ(profile.every(), 2u);
  EXPECT_EQ(profile.events().size(), n_steps);
  for (std::size_t i = 0; i < profile.events().size(); ++i) {
    EXPECT_EQ(profile.events()[i].step, 2 * (i / 2 + 1));
    EXPECT_EQ(profile.events()[i].phase, i % 2);
  }
}

TEST(StepProfile, CountsEveryStepAndChangesNone) {
  const ModelSpec spec = contract_networks()[0].spec;
  const auto plain = make_cpu_engine(spec, 2);
  const auto profiled = make_cpu_engine(spec, 2);
  StepProfile profile;
  profiled->profile(&profile);
  EXPECT_EQ(simulate(*profiled, 300, 70), simulate(*plain, 300, 300));
  EXPECT_EQ(profile.steps.n(), 300u);
  EXPECT_EQ(profile.counts, std::vector<std::uint64_t>(profile.phases.size(), 300));
  ASSERT_EQ(profile.threads.size(), 2u);
  for (const ThreadProfile& thread : profile.threads)
    EXPECT_EQ(thread.events().size(), 300 * profile.phases.size());
  EXPECT_GT(profile.steps.quantile(0.5), 0u);
  EXPECT_GT(profile.seconds_per_tick, 0);
  profiled->reset_phases();
  EXPECT_EQ(profile.steps.n(), 0u);
  profiled->profile(nullptr);
  simulate(*profiled, 10, 10);
  EXPECT_EQ(profile.steps.n(), 0u);
}

}  // namespace
}  // namespace sharpwave::testing
