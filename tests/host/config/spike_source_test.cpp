#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

const SpikeSourceSpec& spikes_of(const ModelSpec& spec) {
  return std::get<SpikeSourceSpec>(spec.populations.at(0).kind);
}

TEST(SpikeSource, PairsAndListsAreSortedByTimeThenIndex) {
  const ModelSpec pairs = load_config_text(
      config_with("  S: {size: 3, model: spike_source, spikes: [[2, 5], [0, 1.5], [1, 5], [0, 100]]}"),
      "net.yaml");
  EXPECT_EQ(spikes_of(pairs).times_ms, (std::vector<double>{1.5, 5, 5, 100}));
  EXPECT_EQ(spikes_of(pairs).indices, (std::vector<std::uint32_t>{0, 1, 2, 0}));
  const ModelSpec lists = load_config_text(
      config_with("  S: {size: 3, model: spike_source, times: [[1.5, 100], [5], [5]]}"), "net.yaml");
  EXPECT_EQ(spikes_of(lists).times_ms, spikes_of(pairs).times_ms);
  EXPECT_EQ(spikes_of(lists).indices, spikes_of(pairs).indices);
}

TEST(SpikeSource, SpikesAfterTheEndAreDroppedWithAWarning) {
  std::vector<Diagnostic> warnings;
  const ModelSpec spec =
      load_config_text(config_with("  S: {size: 1, model: spike_source, times: [[50, 100, 100.1, 200]]}"),
                       "net.yaml", {}, &warnings);
  EXPECT_EQ(spikes_of(spec).times_ms, (std::vector<double>{50, 100}));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(
      to_string(warnings[0]),
      "net.yaml:3:6: populations.S: read 2 spikes after the end, expected times up to 100.000000 ms; the "
      "later ones are ignored");
}

TEST(SpikeSource, Faults) {
  EXPECT_EQ(
      faults_of(config_with("  S: {size: 2, model: spike_source, spikes: [[2, 5], [0, 0], [0]]}")),
      (Messages{"net.yaml:3:46: populations.S.spikes[0]: read a list of 2, expected an index from 0 to 1",
                "net.yaml:3:54: populations.S.spikes[1]: read a list of 2, expected a time > 0 ms: the first "
                "step ends at dt",
                "net.yaml:3:62: populations.S.spikes[2]: read a list of 1, expected a pair [index, time in "
                "ms]"}));
  EXPECT_EQ(
      faults_of(config_with("  S: {size: 2, model: spike_source, times: [[1]]}")),
      Messages{
          "net.yaml:3:44: populations.S.times: read a list of 1, expected one list of times per element, "
          "2 of them"});
  EXPECT_EQ(faults_of(config_with("  S: {size: 2, model: spike_source}")),
            Messages{"net.yaml:3:6: populations.S: read a map, expected exactly one of spikes, times, file"});
  EXPECT_EQ(
      faults_of(config_with("  S: {size: 2, model: spike_source, file: nowhere.txt}")),
      Messages{"net.yaml:3:43: populations.S.file: read 'nowhere.txt', expected a file at './nowhere.txt' "
               "(there is none)"});
}

TEST(SpikeSource, AFileIsFoundBesideTheConfigAndEntersTheDigest) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "spike_source_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "net.yaml") << config_with("  S: {size: 2, model: spike_source, file: trains.txt}");
  std::ofstream(folder / "trains.txt") << "# index time\n1 2.5\n0 1\n";
  const ModelSpec first = load_config(folder / "net.yaml");
  EXPECT_EQ(spikes_of(first).times_ms, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(spikes_of(first).indices, (std::vector<std::uint32_t>{0, 1}));
  std::ofstream(folder / "trains.txt") << "1 2.5\n0 2\n";
  EXPECT_NE(load_config(folder / "net.yaml").config_digest, first.config_digest);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sharpwave
