#include <algorithm>
#include <charconv>

#include "host/base/error.hpp"
#include "host/cli/memory/options.hpp"
#include "host/cli/parsing.hpp"
#include "host/config/diagnostic.hpp"

namespace sharpwave::cli {
namespace {

/// The words of one of the commands, with what they are of.
struct Parsed {
  std::string command;  ///< "memory search"
  cxxopts::ParseResult result;

  [[noreturn]] void fail(const std::string& message) const { usage_error(message, command); }
  [[nodiscard]] bool has(const std::string& name) const { return result.count(name) > 0; }
  template <class T>
  [[nodiscard]] std::optional<T> value(const std::string& name) const {
    return optional_value<T>(result, name);
  }
  [[nodiscard]] std::vector<std::string> words(const std::string& name) const {
    return has(name) ? result[name].as<std::vector<std::string>>() : std::vector<std::string>{};
  }
};

void expect_one_of(const Parsed& parsed, const std::string& what, const std::string& read,
                   const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), read) != names.end()) return;
  std::string expected;
  for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
  parsed.fail(what + " is one of " + expected + "; read '" + read + "'" + perhaps(read, names));
}

template <class Arguments>
Arguments at_place(const Parsed& parsed) {
  Arguments arguments;
  const auto store =
      optional_path(parsed.result, "store", "--store takes the name of a directory", parsed.command);
  if (!store)
    parsed.fail("`sharpwave " + parsed.command + "` needs --store, the directory of a memory store");
  arguments.store = *store;
  arguments.space = parsed.value<std::string>("space").value_or(arguments.space);
  arguments.json = parsed.has("json");
  arguments.log = log_options(parsed.result);
  return arguments;
}

Between between(const Parsed& parsed, const std::string& from, const std::string& to) {
  const Between range{.from = parsed.value<double>(from), .to = parsed.value<double>(to)};
  if (range.from && range.to && *range.from > *range.to)
    parsed.fail("--" + from + " is above --" + to + ": no item is meant");
  return range;
}

std::optional<std::string> type_of(const Parsed& parsed) {
  const auto type = parsed.value<std::string>("type");
  if (type) expect_one_of(parsed, "--type", *type, {"episodic", "semantic", "procedural"});
  return type;
}

MemoryFilter filter_of(const Parsed& parsed) {
  const auto expect_kappa = [&](const std::string& option) {
    const auto kappa = parsed.value<double>(option);
    if (kappa && !(*kappa >= 0 && *kappa <= 1)) parsed.fail("--" + option + ": expected a κ, from 0 to 1");
  };
  expect_kappa("kappa-from");
  expect_kappa("kappa-to");
  return {.kappa = between(parsed, "kappa-from", "kappa-to"),
          .time_ms = between(parsed, "from", "to"),
          .type = type_of(parsed)};
}

MemoryCue cue_of(const Parsed& parsed, bool may_be_like) {
  MemoryCue cue{
      .numbers = parsed.value<std::string>("embedding"),
      .file = optional_path(parsed.result, "file", "--file takes the name of a file", parsed.command),
      .like = std::nullopt};
  if (may_be_like) cue.like = parsed.value<std::uint64_t>("like");
  if (int{cue.numbers.has_value()} + int{cue.file.has_value()} + int{cue.like.has_value()} != 1)
    parsed.fail(std::string("expected one of --embedding, --file") + (may_be_like ? " and --like" : ""));
  return cue;
}

std::uint64_t id_of(const Parsed& parsed, const std::string& word) {
  std::uint64_t id = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, id);
  if (error != std::errc() || stop != end || id == 0)
    parsed.fail("an item's id is a number from 1; read '" + word + "'");
  return id;
}

MemoryCommand parse_list(const Parsed& parsed) {
  auto list = at_place<MemoryList>(parsed);
  list.filter = filter_of(parsed);
  list.limit = parsed.value<std::uint64_t>("limit").value_or(list.limit);
  list.after = parsed.value<std::uint64_t>("after").value_or(list.after);
  list.refused = parsed.has("refused");
  if (list.refused)
    for (const char* filter : {"kappa-from", "kappa-to", "type", "from", "to"})
      if (parsed.has(filter))
        parsed.fail(std::string("--") + filter + " is of items, not of what was refused");
  return list;
}

MemoryCommand parse_show(const Parsed& parsed) {
  auto show = at_place<MemoryShow>(parsed);
  const auto words = parsed.words("id");
  if (words.size() != 1) parsed.fail("expected one id");
  show.id = id_of(parsed, words.front());
  return show;
}

MemoryCommand parse_add(const Parsed& parsed) {
  auto add = at_place<MemoryAdd>(parsed);
  add.embedding = cue_of(parsed, false);
  add.type = type_of(parsed).value_or(add.type);
  add.metadata = parsed.value<std::string>("metadata").value_or("");
  add.event_ms = parsed.value<double>("time").value_or(0);
  return add;
}

MemoryCommand parse_delete(const Parsed& parsed) {
  auto remove = at_place<MemoryDelete>(parsed);
  for (const std::string& word : parsed.words("id"))
    if (const std::uint64_t id = id_of(parsed, word);
        std::find(remove.ids.begin(), remove.ids.end(), id) == remove.ids.end())
      remove.ids.push_back(id);
  if (remove.ids.empty()) parsed.fail("expected at least one id");
  return remove;
}

MemoryCommand parse_search(const Parsed& parsed) {
  auto search = at_place<MemorySearch>(parsed);
  search.cue = cue_of(parsed, true);
  search.filter = filter_of(parsed);
  search.k = parsed.value<std::uint64_t>("k").value_or(search.k);
  const std::size_t most = search.cue.like ? 1023 : 1024;  // the item itself is found as well
  if (search.k < 1 || search.k > most)
    parsed.fail("-k takes a number from 1 to " + std::to_string(most) +
                (search.cue.like ? " with --like" : "") + ", read " + std::to_string(search.k));
  search.exact = parsed.has("exact");
  return search;
}

MemoryCommand parse_consolidate(const Parsed& parsed) {
  auto consolidate = at_place<MemoryConsolidate>(parsed);
  const auto words = parsed.words("phase");
  if (words.size() != 1) parsed.fail("expected one phase: nrem, rem, prune or cycle");
  consolidate.phase = words.front();
  expect_one_of(parsed, "the phase", consolidate.phase, {"nrem", "rem", "prune", "cycle"});
  return consolidate;
}

MemoryCommand parse_spaces(const Parsed& parsed) {
  auto spaces = at_place<MemorySpaces>(parsed);
  const auto words = parsed.words("words");
  if (!words.empty()) spaces.verb = words.front();
  expect_one_of(parsed, "the word behind `spaces`", spaces.verb, {"list", "create", "reset", "drop"});
  if (words.size() != (spaces.verb == "list" ? std::min<std::size_t>(words.size(), 1) : 2))
    parsed.fail(spaces.verb == "list" ? "`spaces list` takes no name"
                                      : "`spaces " + spaces.verb + "` takes one name");
  if (words.size() == 2) spaces.name = words.back();
  spaces.confirmation = parsed.value<std::string>("confirm");
  if (parsed.has("space")) parsed.fail("`spaces` takes a name behind its word, not --space");
  if (spaces.confirmation && spaces.verb != "drop" && spaces.verb != "reset")
    parsed.fail("`spaces " + spaces.verb + "` loses nothing: it takes no --confirm");
  return spaces;
}

MemoryCommand parse_verify(const Parsed& parsed) {
  auto verify = at_place<MemoryVerify>(parsed);
  verify.backup = parsed.value<std::uint32_t>("backup");
  return verify;
}

MemoryCommand parse_backup(const Parsed& parsed) {
  auto backup = at_place<MemoryBackup>(parsed);
  backup.list = parsed.has("list");
  backup.keep = parsed.value<std::uint32_t>("keep").value_or(backup.keep);
  if (backup.keep < 1) parsed.fail("--keep takes a number from 1");
  if (backup.list && parsed.has("keep")) parsed.fail("--list removes none: it takes no --keep");
  return backup;
}

MemoryCommand parse_restore(const Parsed& parsed) {
  auto restore = at_place<MemoryRestore>(parsed);
  restore.backup = parsed.value<std::uint32_t>("backup");
  restore.confirmation = parsed.value<std::string>("confirm");
  return restore;
}

MemoryCommand parse_recover(const Parsed& parsed) {
  auto recover = at_place<MemoryRecover>(parsed);
  const auto words = parsed.words("mode");
  const std::vector<std::string> modes{"sanitize-nan",   "set-aside-wal", "rebuild-indexes", "reset-space",
                                       "restore-latest", "read-only",     "writable"};
  if (words.size() != 1) parsed.fail("expected one mode");
  recover.mode = words.front();
  expect_one_of(parsed, "the mode", recover.mode, modes);
  recover.has_space = parsed.has("space");
  recover.dry_run = parsed.has("dry-run");
  recover.backup_first = parsed.has("backup-first");
  recover.confirmation = parsed.value<std::string>("confirm");
  return recover;
}

MemoryCommand parse_one(const Parsed& parsed, const std::string& name) {
  if (name == "stats") return at_place<MemoryStats>(parsed);
  if (name == "list") return parse_list(parsed);
  if (name == "show") return parse_show(parsed);
  if (name == "add") return parse_add(parsed);
  if (name == "delete") return parse_delete(parsed);
  if (name == "search") return parse_search(parsed);
  if (name == "consolidate") return parse_consolidate(parsed);
  if (name == "spaces") return parse_spaces(parsed);
  if (name == "verify") return parse_verify(parsed);
  if (name == "backup") return parse_backup(parsed);
  if (name == "restore") return parse_restore(parsed);
  if (name == "recover") return parse_recover(parsed);
  return at_place<MemoryRebuildIndex>(parsed);
}

}  // namespace

Command parse_memory(const std::vector<std::string>& words) {
  if (words.empty()) usage_error("`sharpwave memory` needs a command", "memory");
  if (words.front() == "--help") return HelpArguments{"memory"};
  std::vector<std::string> names;
  for (const MemoryCommandOptions& command : memory_commands()) {
    names.emplace_back(command.name);
    if (words.front() != command.name) continue;
    const std::string topic = "memory " + words.front();
    const Parsed parsed{topic, parse(options_of(command), {words.begin() + 1, words.end()}, topic)};
    if (parsed.has("help")) return HelpArguments{topic};
    return parse_one(parsed, words.front());
  }
  usage_error("unknown command 'memory " + words.front() + "'" + perhaps(words.front(), names), "memory");
}

}  // namespace sharpwave::cli
