#include "host/watchdog/watchdog_json.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

using nlohmann::json;

json read(const TemporaryDirectory& directory) {
  return json::parse(std::ifstream(directory.path() / WatchdogFile::kName));
}

Finding runaway(std::uint64_t step) {
  Finding finding{
      .sign = WatchdogSign::runaway, .action = WatchdogAction::warn, .step = step, .population = "E"};
  finding.rate = {.window_steps = 200, .rate_Hz = 300, .limit_Hz = 250};
  return finding;
}

TEST(WatchdogFile, IsThereOnlyWhereThereIsSomethingToSay) {
  const TemporaryDirectory directory;
  WatchdogFile file(directory.path(), 0.1, nullptr, {});
  file.finish();
  EXPECT_TRUE(file.is_empty());
  EXPECT_FALSE(std::filesystem::exists(directory.path() / WatchdogFile::kName));
  file.add(runaway(400));
  EXPECT_FALSE(file.is_empty());
  const json written = read(directory);
  EXPECT_EQ(written["format"], 1);
  EXPECT_EQ(written["findings"][0]["time_ms"], 40.0);
  EXPECT_EQ(written["findings"][0]["message"],
            "runaway: E fired at 300 Hz in the 20 ms up to step 400 (40 ms), expected at most 250 Hz");
  EXPECT_TRUE(written["findings"][0]["value"].is_null());
}

TEST(WatchdogFile, WritesNumbersThatJsonLacks) {
  const TemporaryDirectory directory;
  WatchdogFile file(directory.path(), 0.1, nullptr, {"nan@\xff"});
  Finding finding{.action = WatchdogAction::halt, .step = 1000, .population = "E"};
  finding.value = {.neuron = 7,
                   .variable = "V_m",
                   .value = std::numeric_limits<double>::quiet_NaN(),
                   .before = -std::numeric_limits<double>::infinity()};
  finding.history =
      History{.first_step = 1000, .trace = {.values = {{std::numeric_limits<float>::infinity()}}}};
  file.add(finding);
  const json written = read(directory)["findings"][0];
  EXPECT_EQ(written["value"]["value"], "nan");
  EXPECT_EQ(written["value"]["before"], "-inf");
  EXPECT_EQ(written["history"]["trace"]["values"][0][0], "inf");
}

TEST(WatchdogFile, KeepsAHundredOfASignAndCountsAll) {
  const TemporaryDirectory directory;
  WatchdogFile file(directory.path(), 0.1, nullptr, {});
  for (std::uint64_t step = 1; step <= 130; ++step) file.add(runaway(step));
  file.finish();
  EXPECT_EQ(read(directory)["findings"].size(), 100U);
  EXPECT_EQ(read(directory)["found"]["runaway"], 130);
}

TEST(WatchdogFile, IsNotWrittenForWhatItDoesNotKeep) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / WatchdogFile::kName;
  WatchdogFile file(directory.path(), 0.1, nullptr, {});
  for (std::uint64_t step = 1; step <= 100; ++step) file.add(runaway(step));
  EXPECT_EQ(read(directory)["findings"].size(), 100U) << "what is kept is there at once";
  std::filesystem::remove(path);
  for (std::uint64_t step = 101; step <= 130; ++step) file.add(runaway(step));
  EXPECT_FALSE(std::filesystem::exists(path));
  file.finish();
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
  file.finish();
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing is new";
}

TEST(WatchdogFile, WhatIsOnlyLoggedReachesTheDiskWithTheNextCheckpoint) {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / WatchdogFile::kName;
  WatchdogFile file(directory.path(), 0.1, nullptr, {});
  Finding anomaly = runaway(20);
  anomaly.action = WatchdogAction::log;
  file.add(anomaly);
  EXPECT_FALSE(std::filesystem::exists(path));
  file.flush();
  EXPECT_EQ(read(directory)["findings"].size(), 1U);
  std::filesystem::remove(path);
  file.flush();
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing is new";
  file.add(anomaly);
  file.add(runaway(40));
  EXPECT_EQ(read(directory)["findings"].size(), 3U);
}

TEST(WatchdogFile, KeepsWhatHaltsTheRunHoweverOftenItWasFoundBefore) {
  const TemporaryDirectory directory;
  WatchdogFile file(directory.path(), 0.1, nullptr, {});
  for (std::uint64_t step = 1; step <= 130; ++step) file.add(runaway(step));
  Finding last = runaway(140);
  last.action = WatchdogAction::halt;
  file.add(last);
  const json written = read(directory);
  ASSERT_EQ(written["findings"].size(), 101U);
  EXPECT_EQ(written["findings"][100]["step"], 140);
  EXPECT_EQ(written["found"]["runaway"], 131);
}

TEST(WatchdogFile, ARunThatGoesOnKeepsWhatWasFoundBefore) {
  const TemporaryDirectory directory;
  WatchdogFile first(directory.path(), 0.1, nullptr, {});
  first.add(runaway(100));
  first.add(runaway(300));
  SignCounts found{};
  found[static_cast<std::size_t>(WatchdogSign::runaway)] = 1;
  WatchdogFile resumed(directory.path(), 0.1, &found, {});
  EXPECT_FALSE(resumed.is_empty());
  resumed.add(runaway(310));
  const json written = read(directory);
  ASSERT_EQ(written["findings"].size(), 2U) << "that of step 300 is found again, if it is";
  EXPECT_EQ(written["findings"][0]["step"], 100);
  EXPECT_EQ(written["findings"][1]["step"], 310);
  EXPECT_EQ(written["found"]["runaway"], 2);
}

TEST(WatchdogFile, WhatWasFoundBeforeARollbackStaysThoughItsStepIsStillToCome) {
  const TemporaryDirectory directory;
  WatchdogFile first(directory.path(), 0.1, nullptr, {});
  Finding back = runaway(900);
  back.sign = WatchdogSign::non_finite;
  first.add(back);
  first.add(runaway(300));
  SignCounts found{};  // of a checkpoint of step 200, to which the run came after it had gone back
  found[static_cast<std::size_t>(WatchdogSign::non_finite)] = 1;
  WatchdogFile resumed(directory.path(), 0.1, &found, {});
  resumed.add(runaway(300));
  const json written = read(directory);
  ASSERT_EQ(written["findings"].size(), 2U);
  EXPECT_EQ(written["findings"][0]["step"], 900);
  EXPECT_EQ(written["findings"][1]["step"], 300);
  EXPECT_EQ(written["found"], json({{"non_finite", 1}, {"runaway", 1}}));
}

TEST(WatchdogFile, AFileThatWasDamagedIsNoReasonNotToGoOn) {
  for (const char* text : {"", "{", "[]", "{\"findings\":[{}]}", "{\"findings\":[{\"step\":-1}]}"}) {
    const TemporaryDirectory directory;
    directory.write(WatchdogFile::kName, text);
    const SignCounts none{};
    WatchdogFile resumed(directory.path(), 0.1, &none, {});
    resumed.add(runaway(310));
    EXPECT_EQ(read(directory)["findings"].size(), 1U) << text;
  }
}

TEST(WatchdogFile, ThatWasLostStillSaysHowOftenSomethingWasFound) {
  for (const std::optional<std::string>& text : {std::optional<std::string>(), {""}, {"{"}}) {
    const TemporaryDirectory directory;
    if (text) directory.write(WatchdogFile::kName, *text);
    SignCounts found{};
    found[static_cast<std::size_t>(WatchdogSign::silent)] = 7;
    WatchdogFile resumed(directory.path(), 0.1, &found, {});
    EXPECT_FALSE(resumed.is_empty());
    resumed.finish();
    EXPECT_EQ(read(directory)["found"]["silent"], 7);
  }
}

TEST(WatchdogFile, OfARunThatGoesOnSaysAllThatWasInjected) {
  const TemporaryDirectory directory;
  WatchdogFile first(directory.path(), 0.1, nullptr, {"one", "two"});
  const SignCounts none{};
  WatchdogFile resumed(directory.path(), 0.1, &none, {"two"});
  resumed.add(runaway(310));
  EXPECT_EQ(read(directory)["injected"], json({"one", "two"}));
}

}  // namespace
}  // namespace sharpwave
