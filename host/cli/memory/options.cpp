#include "host/cli/memory/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace sharpwave::cli {
namespace {

void add_positional(cxxopts::Options& options, const std::string& name) {
  options.add_options()(name, "", cxxopts::value<std::vector<std::string>>());
  options.parse_positional(name);
}

void add_filter(cxxopts::Options& options) {
  options.add_options()                                                                      //
      ("kappa-from", "of items with at least this κ", cxxopts::value<double>(), "K")         //
      ("kappa-to", "and at most this", cxxopts::value<double>(), "K")                        //
      ("type", "episodic, semantic or procedural", cxxopts::value<std::string>(), "TYPE")    //
      ("from", "of events at or after this simulated time", cxxopts::value<double>(), "MS")  //
      ("to", "and at or before this", cxxopts::value<double>(), "MS");
}

void add_embedding(cxxopts::Options& options) {
  options.add_options()  //
      ("embedding", "numbers with commas between them (--embedding=-0.1,0.2 where the first is negative)",
       cxxopts::value<std::string>(), "NUMBERS")  //
      ("file", "of numbers, with spaces, commas or lines between them, as numpy.savetxt writes it",
       cxxopts::value<std::string>(), "FILE");
}

void add_confirmation(cxxopts::Options& options) {
  options.add_options()("confirm", "what is to be lost, in words: the message asks for them",
                        cxxopts::value<std::string>(), "WORDS");
}

void add_nothing(cxxopts::Options&) {}

void add_list(cxxopts::Options& options) {
  add_filter(options);
  options.add_options()                                                                       //
      ("limit", "at most so many (default: 50)", cxxopts::value<std::uint64_t>(), "N")        //
      ("after", "of ids above this one (default: 0)", cxxopts::value<std::uint64_t>(), "ID")  //
      ("refused", "what was refused, and why, instead of items; --after and --limit go by its numbers");
}

void add_ids(cxxopts::Options& options) {
  add_positional(options, "id");
}

void add_add(cxxopts::Options& options) {
  add_embedding(options);
  options.add_options()                                                                              //
      ("type", "episodic (default), semantic or procedural", cxxopts::value<std::string>(), "TYPE")  //
      ("metadata", "free text, at most 64 KiB", cxxopts::value<std::string>(), "TEXT")               //
      ("time", "simulated time of the event (default: 0)", cxxopts::value<double>(), "MS");
}

void add_search(cxxopts::Options& options) {
  add_embedding(options);
  options.add_options()  //
      ("like", "the embedding of this item, which is not among the answers", cxxopts::value<std::uint64_t>(),
       "ID")  //
      ("k,count", "how many, 1 to 1024, with --like to 1023 (default: 10)", cxxopts::value<std::uint64_t>(),
       "N")  //
      ("exact", "compare all, whatever the index says");
  add_filter(options);
}

void add_consolidate(cxxopts::Options& options) {
  add_positional(options, "phase");
}

void add_spaces(cxxopts::Options& options) {
  add_confirmation(options);
  add_positional(options, "words");
}

void add_verify(cxxopts::Options& options) {
  options.add_options()("backup", "a backup, by its number, instead of the space",
                        cxxopts::value<std::uint32_t>(), "N");
}

void add_backup(cxxopts::Options& options) {
  options.add_options()                       //
      ("list", "the backups that there are")  //
      ("keep", "remove all but the newest N (default: 5)", cxxopts::value<std::uint32_t>(), "N");
}

void add_restore(cxxopts::Options& options) {
  options.add_options()("backup", "by its number (default: the newest)", cxxopts::value<std::uint32_t>(),
                        "N");
  add_confirmation(options);
}

void add_recover(cxxopts::Options& options) {
  options.add_options()                                                //
      ("dry-run", "say what would be done; the store is not changed")  //
      ("backup-first", "set a copy of the space aside before; where that fails, nothing is done");
  add_confirmation(options);
  add_positional(options, "mode");
}

constexpr const char* kNoMore = "";

constexpr const char* kListMore = R"(
Example:
  sharpwave memory list --store memories --kappa-from 0.15 --limit 10
)";
constexpr const char* kShowMore = R"(
What is known of an item, with the run, the population and the window that it comes from, and its edges. Looking at
an item counts as an access, unless the store is read-only.
)";
constexpr const char* kAddMore = R"(
The numbers are scaled to length 1. What is not finite, of another dimension than the space, or there already, is refused.

Example:
  sharpwave memory add --store memories --embedding 0.2,0,1,0.5 --metadata "by hand"
)";
constexpr const char* kSearchMore = R"(
The nearest items by the cosine of their embeddings, nearest first; of equal ones the smaller id. The answer says which
way was taken (all compared, those that fit compared, the index) and how long it took. Finding an item counts as an access,
unless the store is read-only.

Examples:
  sharpwave memory search --store memories --like 12
  sharpwave memory search --store memories --file cue.txt --kappa-from 0.85 --json
)";
constexpr const char* kConsolidateMore = R"(
  nrem    replays items of low κ: their κ rises
  rem     makes prototypes of items that are alike
  prune   removes what has neither κ nor importance
  cycle   rounds of NREM, reinjection and REM (4 by default), then decay and prune

With the numbers of the run that used the space last, which it keeps; else with those that a run has by default. It may be
stopped or killed at any time: each step is in the store as a whole, or not at all.
)";
constexpr const char* kSpacesMore = R"(
  spaces                 lists them
  spaces create NAME     3 to 64 characters of a-z, 0-9, _ and -
  spaces reset NAME      sets aside all that is in it
  spaces drop NAME       removes it
)";
constexpr const char* kVerifyMore = R"(
Reads every value of the space and compares its checksum, and looks at edges and vectors; with --backup, every file of a
backup. Exit code 5 where something is not as it was written. An index that cannot be used is named: it is made anew from the
values, and until then searches compare all.
)";
constexpr const char* kBackupMore = R"(
A backup is complete or not there. No other process may own the store meanwhile. `verify --backup N` reads it.
)";
constexpr const char* kRestoreMore = R"(
The backup is restored beside the space, verified there, and takes its place; what was there is set aside.
)";
constexpr const char* kRecoverMore = R"(
  sanitize-nan     moves what is not finite, or not as it was written, into quarantine
  set-aside-wal    sets damaged logs aside; what stood in and behind the damage is lost to the space
  rebuild-indexes  removes the vector index, which is made again from the embeddings
  reset-space      sets aside all that is in the space
  restore-latest   puts the newest backup that is whole into its place
  read-only        lets nobody change the space until `recover writable`
  writable         ends that

Without --space all spaces are meant. Each asks for --confirm, but not with --dry-run. docs/memory.md has the runbook.

Example:
  sharpwave memory recover set-aside-wal --store memories --space default --dry-run
)";

constexpr const char* kOverview = R"(sharpwave memory: operates a memory store.

Usage:
  sharpwave memory COMMAND --store DIR [--space NAME] [--json] [OPTION...]

Commands:
)";
constexpr const char* kOverviewEnd = R"(
`sharpwave memory COMMAND --help` explains each. A store belongs to one process at a time; commands that only read open it
beside its owner.
)";

}  // namespace

const std::vector<MemoryCommandOptions>& memory_commands() {
  static const std::vector<MemoryCommandOptions> commands{
      {"stats", "", "Items by type and band, κ, phases, what was refused, storage.", kNoMore, add_nothing},
      {"list", "", "Lists items by their ids.", kListMore, add_list},
      {"show", "ID", "Shows an item.", kShowMore, add_ids},
      {"add", "", "Adds an item by hand.", kAddMore, add_add},
      {"delete", "ID...", "Deletes items, with their edges.", kNoMore, add_ids},
      {"search", "", "Finds the items nearest to an embedding.", kSearchMore, add_search},
      {"consolidate", "nrem|rem|prune|cycle", "Runs a phase of consolidation.", kConsolidateMore,
       add_consolidate},
      {"spaces", "[list|create|reset|drop] [NAME]", "Lists, makes, empties and removes spaces.", kSpacesMore,
       add_spaces},
      {"verify", "", "Reads all of a space, or of a backup, and says what is damaged.", kVerifyMore,
       add_verify},
      {"backup", "", "Makes a backup of a space, or lists them.", kBackupMore, add_backup},
      {"restore", "", "Puts a backup into the place of a space.", kRestoreMore, add_restore},
      {"recover", "MODE", "Emergency modes.", kRecoverMore, add_recover},
      {"rebuild-index", "", "Makes the vector index again.", kNoMore, add_nothing}};
  return commands;
}

cxxopts::Options options_of(const MemoryCommandOptions& command) {
  cxxopts::Options options(fmt::format("sharpwave memory {}", command.name),
                           std::string(command.what) + "\n");
  options.set_width(100)
      .custom_help(
          fmt::format("{}{}--store DIR [OPTION...]", command.words, *command.words == '\0' ? "" : " "))
      .positional_help("");
  options.add_options()                                                                    //
      ("store", "the store's directory", cxxopts::value<std::string>(), "DIR")             //
      ("space", "of the store (default: default)", cxxopts::value<std::string>(), "NAME")  //
      ("json", "print JSON");
  command.add(options);
  add_log_level_and_help(options);
  return options;
}

cxxopts::Options memory_options() {
  return options_of({"COMMAND", "", "Operates a memory store.", kNoMore, add_nothing});
}

std::string memory_help(const std::string& topic) {
  for (const MemoryCommandOptions& command : memory_commands())
    if (topic == std::string("memory ") + command.name) return options_of(command).help() + command.more;
  std::string text = kOverview;
  for (const MemoryCommandOptions& command : memory_commands())
    text += fmt::format("  {:<50}{}\n", fmt::format("{} {}", command.name, command.words), command.what);
  return text + kOverviewEnd;
}

}  // namespace sharpwave::cli
