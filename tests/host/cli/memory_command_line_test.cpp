#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/memory/options.hpp"
#include "tests/host/cli/texts.hpp"

namespace sharpwave::cli {
namespace {

using Words = std::vector<std::string>;

std::string memory_usage_message(Words words) {
  words.insert(words.begin(), "memory");
  return usage_message(words);
}

template <class Arguments>
Arguments parsed(Words words) {
  words.insert(words.begin(), "memory");
  words.insert(words.end(), {"--store", "memories"});
  return std::get<Arguments>(std::get<MemoryCommand>(parse_command_line(words)));
}

TEST(MemoryCommandLine, ReadsWhereAndHow) {
  const auto stats = parsed<MemoryStats>({"stats", "--space", "cortex", "--json", "--log-level=debug"});
  EXPECT_EQ(stats.store, "memories");
  EXPECT_EQ(stats.space, "cortex");
  EXPECT_TRUE(stats.json);
  EXPECT_EQ(stats.log.level, "debug");
  EXPECT_EQ(parsed<MemoryRebuildIndex>({"rebuild-index"}).space, "default");
}

TEST(MemoryCommandLine, ReadsASearch) {
  const auto search = parsed<MemorySearch>({"search", "--like", "12", "-k", "3", "--kappa-from", "0.15",
                                            "--type", "semantic", "--to=200", "--exact"});
  EXPECT_EQ(search.cue.like, 12U);
  EXPECT_EQ(search.k, 3U);
  EXPECT_EQ(search.filter.kappa.from, 0.15);
  EXPECT_FALSE(search.filter.kappa.to);
  EXPECT_EQ(search.filter.time_ms.to, 200);
  EXPECT_EQ(search.filter.type, "semantic");
  EXPECT_TRUE(search.exact);
  EXPECT_EQ(parsed<MemorySearch>({"search", "--embedding=-1,2"}).cue.numbers, "-1,2");
}

TEST(MemoryCommandLine, ReadsTheOthers) {
  EXPECT_EQ(parsed<MemoryList>({"list", "--limit", "7", "--after", "3"}).after, 3U);
  EXPECT_EQ(parsed<MemoryShow>({"show", "5"}).id, 5U);
  EXPECT_EQ(parsed<MemoryDelete>({"delete", "5", "6", "5"}).ids, (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(parsed<MemoryAdd>({"add", "--file", "cue.txt", "--time", "12.5"}).event_ms, 12.5);
  EXPECT_EQ(parsed<MemoryConsolidate>({"consolidate", "cycle"}).phase, "cycle");
  EXPECT_EQ(parsed<MemorySpaces>({"spaces"}).verb, "list");
  EXPECT_EQ(parsed<MemorySpaces>({"spaces", "drop", "old", "--confirm", "drop old"}).confirmation,
            "drop old");
  EXPECT_EQ(parsed<MemoryVerify>({"verify", "--backup", "2"}).backup, 2U);
  EXPECT_EQ(parsed<MemoryBackup>({"backup", "--keep", "9"}).keep, 9U);
  EXPECT_FALSE(parsed<MemoryRestore>({"restore"}).backup);
  const auto recover = parsed<MemoryRecover>({"recover", "reset-space", "--space", "old", "--backup-first"});
  EXPECT_TRUE(recover.has_space && recover.backup_first);
  EXPECT_FALSE(recover.dry_run);
}

TEST(MemoryCommandLine, SaysWhatIsWrong) {
  expect_in("needs a command", memory_usage_message({}));
  expect_in("did you mean 'stats'", memory_usage_message({"stat"}));
  expect_in("needs --store", memory_usage_message({"stats"}));
  expect_in("did you mean '--store'", memory_usage_message({"stats", "--stores", "a"}));
  expect_in("1 to 1024, read 0",
            memory_usage_message({"search", "--store", "m", "--embedding", "1", "-k", "0"}));
  expect_in("one of --embedding, --file and --like", memory_usage_message({"search", "--store", "m"}));
  expect_in("one of --embedding, --file",
            memory_usage_message({"add", "--store", "m", "--embedding", "1", "--file", "f"}));
  for (const char* kappa : {"-0.1", "1.5", "nan"})
    expect_in("--kappa-to", memory_usage_message({"list", "--store", "m", "--kappa-to", kappa}));
  expect_in("is above --kappa-to",
            memory_usage_message({"list", "--store", "m", "--kappa-from", "0.5", "--kappa-to", "0.4"}));
  expect_in("--from: ", memory_usage_message({"list", "--store", "m", "--from", "nan"}));
  expect_in("nan", memory_usage_message({"list", "--store", "m", "--from", "nan"}));
  expect_in("--to: ", memory_usage_message({"list", "--store", "m", "--from", "1", "--to=x"}));
  expect_in("1 to 1023 with --like",
            memory_usage_message({"search", "--store", "m", "--like", "1", "-k", "1024"}));
  expect_in("--type is of items",
            memory_usage_message({"list", "--store", "m", "--refused", "--type", "semantic"}));
  expect_in("not --space", memory_usage_message({"spaces", "--store", "m", "--space", "a"}));
  expect_in("takes no --keep", memory_usage_message({"backup", "--store", "m", "--list", "--keep", "3"}));
  expect_in("takes no --confirm", memory_usage_message({"spaces", "--store", "m", "--confirm", "a"}));
  expect_in("did you mean 'semantic'", memory_usage_message({"list", "--store", "m", "--type", "semantc"}));
  expect_in("read '0'", memory_usage_message({"show", "--store", "m", "0"}));
  expect_in("read '-4'", memory_usage_message({"delete", "--store", "m", "3", "--", "-4"}));
  expect_in("expected one id", memory_usage_message({"show", "--store", "m"}));
  expect_in("did you mean 'nrem'", memory_usage_message({"consolidate", "nrm", "--store", "m"}));
  expect_in("takes one name", memory_usage_message({"spaces", "create", "--store", "m"}));
  expect_in("takes no name", memory_usage_message({"spaces", "list", "a", "--store", "m"}));
  expect_in("did you mean 'read-only'", memory_usage_message({"recover", "readonly", "--store", "m"}));
}

TEST(MemoryCommandLine, ExplainsEachCommand) {
  for (const MemoryCommandOptions& command : memory_commands()) {
    const Words words{"memory", command.name, "--help"};
    const std::string topic = std::get<HelpArguments>(parse_command_line(words)).topic;
    expect_in(std::string("sharpwave memory ") + command.name, help(topic));
    expect_in("--store DIR", help(topic));
    expect_in(std::string("  ") + command.name, help("memory"));
  }
}

}  // namespace
}  // namespace sharpwave::cli
