#include "host/cli/command_line.hpp"

#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "tests/host/cli/texts.hpp"

namespace sharpwave::cli {
namespace {

RunArguments run_arguments(const std::vector<std::string>& words) {
  return std::get<RunArguments>(parse_command_line(words));
}

TEST(CommandLine, ReadsARun) {
  const RunArguments a =
      run_arguments({"run", "net.yaml", "--set", "a.b=1", "--set=c=[1, 2]", "--out", "dir", "--threads", "3",
                     "--force", "--dry-run", "--quiet", "--json", "--raster", "--log-level=debug"});
  EXPECT_EQ(a.configs, (std::vector<std::filesystem::path>{"net.yaml"}));
  EXPECT_EQ(a.overrides, (std::vector<std::string>{"a.b=1", "c=[1, 2]"}));
  EXPECT_EQ(a.directory, "dir");
  EXPECT_EQ(a.threads, 3);
  EXPECT_TRUE(a.force && a.dry_run && a.quiet && a.json && a.raster);
  EXPECT_EQ(a.log.level, "debug");
}

TEST(CommandLine, LeavesOutWhatWasNotGiven) {
  const RunArguments a = run_arguments({"run", "net.yaml"});
  EXPECT_TRUE(a.overrides.empty());
  EXPECT_FALSE(a.directory || a.threads || a.log.level);
  EXPECT_FALSE(a.force || a.dry_run || a.quiet || a.json || a.raster);
}

TEST(CommandLine, TakesOptionsBeforeTheConfig) {
  EXPECT_EQ(run_arguments({"run", "--force", "--threads", "2", "net.yaml"}).configs,
            (std::vector<std::filesystem::path>{"net.yaml"}));
  EXPECT_EQ(run_arguments({"run", "a.yaml", "--force", "dir"}).configs,
            (std::vector<std::filesystem::path>{"a.yaml", "dir"}));
}

TEST(CommandLine, TakesValuesOfAnyLength) {
  const std::string text = "a=" + std::string(1'000'000, '[');
  EXPECT_EQ(run_arguments({"run", "net.yaml", "--set=" + text}).overrides, std::vector{text});
}

TEST(CommandLine, ReadsAValidation) {
  const auto a =
      std::get<ValidateArguments>(parse_command_line({"validate", "a.yaml", "b.yaml", "--set", "x=1"}));
  EXPECT_EQ(a.files, (std::vector<std::filesystem::path>{"a.yaml", "b.yaml"}));
  EXPECT_EQ(a.overrides, (std::vector<std::string>{"x=1"}));
}

TEST(CommandLine, ReadsAnExport) {
  const auto a = std::get<ExportArguments>(
      parse_command_line({"export", "--sonata", "a.yaml", "dir", "--set", "x=[1, 2]", "--force"}));
  EXPECT_EQ(a.config, "a.yaml");
  EXPECT_EQ(a.directory, "dir");
  EXPECT_EQ(a.overrides, (std::vector<std::string>{"x=[1, 2]"}));
  EXPECT_TRUE(a.force);
  expect_in("needs a format", usage_message({"export", "a.yaml", "dir"}));
  expect_in("a config file and a directory", usage_message({"export", "--sonata", "a.yaml"}));
  expect_in("one word too many", usage_message({"export", "--sonata", "a.yaml", "dir", "more"}));
}

TEST(CommandLine, ReadsAnInspection) {
  const auto a = std::get<InspectArguments>(parse_command_line({"inspect", "a.h5", "runs/b", "--json"}));
  EXPECT_EQ(a.path, "a.h5");
  EXPECT_EQ(a.other, "runs/b");
  EXPECT_TRUE(a.json);
  EXPECT_FALSE(std::get<InspectArguments>(parse_command_line({"inspect", "a.h5"})).other);
  expect_in("needs a checkpoint", usage_message({"inspect"}));
  expect_in("needs a checkpoint", usage_message({"inspect", "a.h5", ""}));
  expect_in("one word too many", usage_message({"inspect", "a.h5", "b.h5", "c.h5"}));
}

TEST(CommandLine, GivesHelpOnEveryTopic) {
  EXPECT_EQ(std::get<HelpArguments>(parse_command_line({"--help"})).topic, "");
  EXPECT_EQ(std::get<HelpArguments>(parse_command_line({"help", "run"})).topic, "run");
  EXPECT_EQ(std::get<HelpArguments>(parse_command_line({"run", "--help"})).topic, "run");
  EXPECT_EQ(std::get<HelpArguments>(parse_command_line({"help", "memory", "search"})).topic, "memory search");
  EXPECT_EQ(std::get<HelpArguments>(parse_command_line({"validate", "--help"})).topic, "validate");
  for (const std::string& topic : help_topics()) {
    EXPECT_GT(help(topic).size(), 100U);
    expect_in(topic == "exit-codes" ? topic : "sharpwave " + topic, help(""));
  }
}

TEST(CommandLine, RefusesWithAHint) {
  expect_in("did you mean 'run'", usage_message({"rum", "net.yaml"}));
  expect_in("did you mean '--force'", usage_message({"run", "net.yaml", "--forse"}));
  expect_in("did you mean '--threads'", usage_message({"run", "net.yaml", "--thread=3"}));
  expect_in("did you mean 'exit-codes'", usage_message({"help", "exit-code"}));
  expect_in("unknown option '--no'", usage_message({"--no"}));
}

TEST(CommandLine, RefusesWhatIsIncompleteOrTooMuch) {
  expect_in("no command", usage_message({}));
  expect_in("config file", usage_message({"run"}));
  expect_in("config file", usage_message({"validate"}));
  expect_in("'two.yaml'", usage_message({"inspect", "a.h5", "b.h5", "two.yaml"}));
  expect_in("threads", usage_message({"run", "net.yaml", "--threads"}));
  expect_in("three", usage_message({"run", "net.yaml", "--threads", "three"}));
  expect_in("read 0", usage_message({"run", "net.yaml", "--threads", "0"}));
  expect_in("read -2", usage_message({"run", "net.yaml", "--threads=-2"}));
  expect_in("size", usage_message({"run", "net.yaml", "--set", "size"}));
  expect_in("--out", usage_message({"run", "net.yaml", "--out="}));
}

TEST(Help, ListsEveryExitCode) {
  const std::string table = help("exit-codes");
  int code = 0;
  for (; std::string(describe(static_cast<ExitCode>(code))) != "unknown"; ++code) {
    expect_in("| " + std::to_string(code) + " | " + describe(static_cast<ExitCode>(code)) + " |", table);
  }
  EXPECT_EQ(table.find("| " + std::to_string(code) + " |"), std::string::npos);
  expect_in("| 12 | no checkpoint can be used |", table);
  expect_in(describe(ExitCode::no_room), help("run"));
}

}  // namespace
}  // namespace sharpwave::cli
