#include <gtest/gtest.h>

#include "host/cli/command_line.hpp"
#include "tests/host/cli/texts.hpp"

namespace sharpwave::cli {
namespace {

TEST(OperateCommandLine, ReadsAnAnalysisOfLogs) {
  const auto a = std::get<AnalyzeLogsArguments>(parse_command_line(
      {"analyze-logs", "a.jsonl", "b.jsonl", "--since", "1970-01-02", "--until=1970-01-03", "--json"}));
  EXPECT_EQ(a.files, (std::vector<std::filesystem::path>{"a.jsonl", "b.jsonl"}));
  EXPECT_EQ(a.since_ms, 86'400'000);
  EXPECT_EQ(a.until_ms, 2 * 86'400'000);
  EXPECT_TRUE(a.json);
  expect_in("needs a file", usage_message({"analyze-logs"}));
  expect_in("--since: read 'now', expected a day or a moment",
            usage_message({"analyze-logs", "a", "--since", "now"}));
  expect_in("nothing is between them",
            usage_message({"analyze-logs", "a", "--since", "2026-01-02", "--until", "2026-01-02"}));
}

TEST(OperateCommandLine, ReadsADiagnosis) {
  const auto d =
      std::get<DiagnoseArguments>(parse_command_line({"diagnose", "--data-dir", "data", "--url", "http://a:1",
                                                      "--token", "t", "--ca", "c", "--strict", "--json"}));
  EXPECT_EQ(d.place.data_directory, "data");
  EXPECT_EQ(d.place.url, "http://a:1");
  EXPECT_EQ(d.place.token, "t");
  EXPECT_EQ(d.place.ca, "c");
  EXPECT_TRUE(d.strict && d.json);
  expect_in("needs --data-dir", usage_message({"diagnose"}));
  expect_in("needs --data-dir", usage_message({"diagnose", "--data-dir="}));
  expect_in("one word too many", usage_message({"diagnose", "--data-dir", "d", "more"}));
}

TEST(OperateCommandLine, ReadsADebugBundle) {
  const auto b = std::get<DebugBundleArguments>(
      parse_command_line({"debug-bundle", "--data-dir", "data", "--out", "b.tar.gz", "--force"}));
  EXPECT_EQ(b.file, "b.tar.gz");
  EXPECT_TRUE(b.force);
  EXPECT_FALSE(
      std::get<DebugBundleArguments>(parse_command_line({"debug-bundle", "--data-dir", "data"})).file);
  expect_in("needs --data-dir", usage_message({"debug-bundle", "--out", "b"}));
  expect_in("--out takes the name of a file", usage_message({"debug-bundle", "--data-dir", "d", "--out="}));
}

}  // namespace
}  // namespace sharpwave::cli
