#include "host/cli/activity.hpp"

#include <gtest/gtest.h>

#include "host/cli/format.hpp"

namespace sharpwave::cli {
namespace {

ModelSpec network(const std::vector<std::uint32_t>& sizes, std::uint64_t warm_up_steps, std::uint64_t steps) {
  ModelSpec spec;
  spec.simulation.warm_up_steps = warm_up_steps;
  spec.simulation.steps = steps;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    spec.populations.push_back({std::string("P").append(std::to_string(i)), sizes[i], NeuronSpec{}});
  }
  return spec;
}

/// A block in which spikes(step) fired in each step.
template <class Spikes>
Block block_of(std::uint64_t first_step, std::uint64_t n_steps, Spikes spikes) {
  Block block;
  block.first_step = first_step;
  block.n_steps = n_steps;
  block.offsets = {0};
  for (std::uint64_t i = 0; i < n_steps; ++i) {
    const std::vector<std::uint32_t> ids = spikes(first_step + i);
    block.ids.insert(block.ids.end(), ids.begin(), ids.end());
    block.offsets.push_back(block.ids.size());
  }
  return block;
}

using Ids = std::vector<std::uint32_t>;

std::size_t lit_dots(const std::string& line) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i + 2 < line.size(); ++i) {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(line[i + k]); };
    if (byte(0) == 0xE2 && (byte(1) & 0xFC) == 0xA0) {  // U+2800 to U+28FF: 11100010 101000xx 10xxxxxx
      dots += static_cast<std::size_t>(__builtin_popcount(((byte(1) & 3U) << 6) | (byte(2) & 0x3FU)));
    }
  }
  return dots;
}

TEST(Sparkline, FollowsTheRateFromZeroToItsMaximum) {
  Activity activity(network({8}, 0, 80), 8);  // 10 steps a column
  activity.add(block_of(1, 80, [](std::uint64_t step) {
    Ids ids;
    for (std::uint32_t id = 0; id < (step - 1) / 10; ++id) ids.push_back(id);
    return ids;
  }));
  EXPECT_EQ(activity.sparkline(0), "▁▂▃▄▅▆▇█");
}

TEST(Sparkline, OfASilentPopulationIsFlat) {
  Activity activity(network({8, 8}, 0, 40), 4);
  activity.add(block_of(1, 40, [](std::uint64_t) { return Ids{3}; }));
  EXPECT_EQ(activity.sparkline(0), "████");
  EXPECT_EQ(activity.sparkline(1), "▁▁▁▁");
}

TEST(Sparkline, LeavesBlankWhatTheRunHasNotReachedAndSkipsTheWarmUp) {
  Activity activity(network({8}, 100, 40), 4);
  activity.add(block_of(101, 20, [](std::uint64_t) { return Ids{3}; }));
  EXPECT_EQ(activity.sparkline(0), "██  ");
}

TEST(Sparkline, OfARunThatGoesOnBeginsWhereItDoes) {
  Activity activity(network({8, 8}, 100, 40), 4);
  for (const std::uint64_t first : {116, 126})
    activity.add(block_of(first, 10, [](std::uint64_t step) { return step < 126 ? Ids{3} : Ids{3, 11}; }));
  EXPECT_EQ(activity.sparkline(0), " ███") << "of the second column half was simulated";
  EXPECT_EQ(activity.sparkline(1), " ▁▅█");
}

TEST(Sparkline, OfFewerStepsThanColumnsHasGapsOnly) {
  Activity activity(network({8}, 0, 2), 4);
  activity.add(block_of(1, 2, [](std::uint64_t) { return Ids{3}; }));
  EXPECT_EQ(activity.sparkline(0), "█ █ ");
}

TEST(Raster, SharesItsRowsBySizeAndLabelsThem) {
  Activity activity(network({12'000, 3'000, 1}, 0, 1000), 40);
  const auto lines = activity.raster(false);
  ASSERT_EQ(lines.size(), Activity::kRasterRows + 2);
  std::size_t labels = 0;
  for (const std::string& line : lines) labels += line.starts_with("P") ? 1 : 0;
  EXPECT_EQ(labels, 3U);
  EXPECT_TRUE(lines[0].starts_with("P0 │"));
  EXPECT_TRUE(lines[Activity::kRasterRows - 1].starts_with("P2 │")) << "at least one row each";
  for (std::size_t i = 0; i < Activity::kRasterRows; ++i) {
    EXPECT_EQ(columns(lines[i]), 4 + Activity::kRasterColumns);
  }
}

TEST(Raster, DrawsEachSpikeOfASmallPopulation) {
  Activity activity(network({64}, 0, 144), 40);  // a dot row for each neuron, a dot column for each step
  activity.add(
      block_of(1, 144, [](std::uint64_t step) { return Ids{static_cast<std::uint32_t>(step % 64)}; }));
  std::size_t dots = 0;
  for (const std::string& line : activity.raster(false)) dots += lit_dots(line);
  EXPECT_EQ(dots, 144U);
}

TEST(Raster, PutsTimeFromLeftToRightAndNeuronsFromTopToBottom) {
  Activity activity(network({64}, 10, 144), 40);
  activity.add(block_of(11, 1, [](std::uint64_t) { return Ids{0}; }));
  activity.add(block_of(154, 1, [](std::uint64_t) { return Ids{63}; }));
  const auto lines = activity.raster(false);
  EXPECT_TRUE(lines[0].starts_with("P0 │⠁")) << lines[0];  // upper left dot
  EXPECT_TRUE(lines[15].ends_with("⢀") || lines[15].ends_with("⠀")) << lines[15];
  EXPECT_EQ(lit_dots(lines[15]), 1U);
}

TEST(Raster, ThinsWhatWouldBeTooDense) {
  const std::uint32_t neurons = 64 * 64;
  Activity activity(network({neurons}, 0, 1000), 40);
  // Every neuron fires every 40th step: with all of them each dot would be lit.
  activity.add(block_of(1, 1000, [&](std::uint64_t step) {
    Ids ids;
    for (std::uint32_t id = 0; id < neurons; ++id) {
      if ((step + id * 7) % 40 == 0) ids.push_back(id);
    }
    return ids;
  }));
  std::size_t dots = 0;
  for (const std::string& line : activity.raster(false)) dots += lit_dots(line);
  const std::size_t all = Activity::kRasterColumns * 2 * Activity::kRasterRows * 4;
  EXPECT_GT(dots, all / 20);
  EXPECT_LT(dots, all / 4);
}

TEST(Raster, SaysWhatItLeavesOut) {
  Activity activity(network(std::vector<std::uint32_t>(20, 5), 0, 100), 40);
  const auto lines = activity.raster(false);
  ASSERT_EQ(lines.size(), Activity::kRasterRows + 2);
  EXPECT_NE(lines.back().find("64 of 100 neurons"), std::string::npos) << lines.back();
  EXPECT_NE(lines.back().find("first populations"), std::string::npos) << lines.back();
}

TEST(Raster, OfANetworkOfSourcesOnlyIsEmpty) {
  ModelSpec spec;
  spec.populations = {{"noise", 5, PoissonSourceSpec{}}};
  EXPECT_TRUE(Activity(spec, 40).raster(false).empty());
}

}  // namespace
}  // namespace sharpwave::cli
