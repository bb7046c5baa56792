#include <fmt/format.h>

#include <algorithm>

#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/memory/execute.hpp"
#include "host/cli/memory/opened.hpp"
#include "memory_store/operator_json.hpp"

namespace sharpwave::cli {
namespace {

using Wish = OpenedMemory::Wish;

std::string text_of(const memory::Contents& contents) {
  return fmt::format("{} items in {} values, up to change {}", grouped(contents.items),
                     grouped(contents.values), grouped(contents.sequence));
}

std::string text_of(const memory::BackupManifest& backup) {
  std::uint64_t size = 0;
  for (const memory::BackupFile& file : backup.files) size += file.bytes;
  return fmt::format("backup {} of {}: {}; {} files, {}", backup.id, backup.space, text_of(backup.contents),
                     backup.files.size(), bytes(size));
}

/// For commands that need the store and no space of it.
memory::Store opened_store(const MemoryPlace& place, bool read_only) {
  set_up_log(place.log, "info");
  expect_store(place.store);
  return {place.store, {.read_only = read_only}};
}

void show(const memory::BackupManifest& backup, bool json) {
  if (json)
    print(backup_json(backup));
  else
    fmt::print("{}\n", text_of(backup));
}

ExitCode verify_space(const MemoryVerify& arguments) {
  OpenedMemory memory(arguments, Wish::read);
  const memory::SpaceCheck check = memory::verify(memory.space());
  const memory::IndexReport index = memory.space().index();
  const memory::RecoveryReport found = memory.store().report(arguments.space);
  const bool is_whole = check.damage.empty() && memory.code() == ExitCode::ok && !found.may_lack_last_change;
  if (arguments.json) {
    Json json = contents_json(check.contents);
    json["index"] = name_of(index.state);
    json["index_note"] = index.note;
    json["whole"] = is_whole;
    json["read_only"] = cannot_be_changed(found);
    json["notes"] = found.notes;
    json["damage"] = Json::array();
    for (const memory::Damage& damage : check.damage)
      json["damage"].push_back({{"where", damage.where}, {"what", damage.what}});
    print(json);
  } else {
    fmt::print("{}; the index: {}\n", text_of(check.contents), index_text(index, !cannot_be_changed(found)));
    for (const std::string& note : found.notes) fmt::print("{}\n", note);
    for (const memory::Damage& damage : check.damage) fmt::print("{}: {}\n", damage.where, damage.what);
    fmt::print("{}\n", is_whole ? "all values are as they were written" : "damaged");
  }
  return is_whole ? ExitCode::ok : ExitCode::damaged_data;
}

std::uint32_t newest_backup(const memory::Store& store, const MemoryPlace& place) {
  const std::vector<std::uint32_t> ids = store.backups(place.space);
  if (ids.empty()) memory::refuse_without_backup(place.space);
  return ids.back();
}

Json json_of(const memory::EmergencyReport& report, bool dry_run) {
  return {{"space", report.space},
          {"dry_run", dry_run},
          {"found", report.found},
          {dry_run ? "would" : "done", report.done},
          {"failure", report.failure.empty() ? Json(nullptr) : Json(report.failure)}};
}

void print_report(const memory::EmergencyReport& report, bool dry_run) {
  fmt::print("{}\n", report.space);
  for (const std::string& found : report.found) fmt::print("  found: {}\n", found);
  for (const std::string& done : report.done) fmt::print("  {}: {}\n", dry_run ? "would" : "done", done);
  if (!report.failure.empty()) fmt::print("  failed: {}\n", report.failure);
}

ExitCode recover(const MemoryPlace& place, memory::Emergency mode, const memory::EmergencyOptions& options) {
  const std::string space = options.space.empty() ? "" : fmt::format(" --space {}", options.space);
  const std::string words = memory::confirmation_of(mode, options.space);
  if (!options.dry_run)
    expect_confirmation(
        options.confirmation.empty() ? std::nullopt : std::optional(options.confirmation), words,
        fmt::format("this changes the store without asking again; `sharpwave memory recover {}{} --dry-run` "
                    "says what would be done",
                    name_of(mode), space));
  const std::vector<memory::EmergencyReport> reports = memory::recover(place.store, mode, options);
  Json json = Json::array();
  ExitCode code = ExitCode::ok;
  for (const memory::EmergencyReport& report : reports) {
    json.push_back(json_of(report, options.dry_run));
    if (!place.json) print_report(report, options.dry_run);
    if (!report.failure.empty()) code = worse_of(code, report.code);
  }
  if (place.json) print(json);
  return code;
}

}  // namespace

ExitCode execute(const MemoryVerify& arguments) {
  if (!arguments.backup) return verify_space(arguments);
  const memory::Store store = opened_store(arguments, true);
  show(store.verify(arguments.space, *arguments.backup), arguments.json);
  return ExitCode::ok;
}

ExitCode execute(const MemoryBackup& arguments) {
  memory::Store store = opened_store(arguments, arguments.list);
  if (!arguments.list) {
    const std::shared_ptr<memory::Space> space = store.space(arguments.space);
    log_findings(arguments.space, store.report(arguments.space));
    show(store.backup(arguments.space, arguments.keep), arguments.json);
    return ExitCode::ok;
  }
  const std::vector<std::uint32_t> ids = store.backups(arguments.space);
  const std::vector<std::string> spaces = store.spaces();
  if (ids.empty() && std::ranges::find(spaces, arguments.space) == spaces.end())
    throw Error(ExitCode::usage, fmt::format("there is neither a space '{}' in {} nor a backup of one",
                                             arguments.space, arguments.store.string()));
  if (arguments.json)
    print({{"backups", ids}});
  else
    for (const std::uint32_t id : ids) fmt::print("{}\n", id);
  return ExitCode::ok;
}

ExitCode execute(const MemoryRestore& arguments) {
  memory::Store store = opened_store(arguments, false);
  const std::uint32_t id = arguments.backup ? *arguments.backup : newest_backup(store, arguments);
  expect_confirmation(arguments.confirmation, fmt::format("restore {}", arguments.space),
                      fmt::format("backup {} takes the place of the space, which is set aside", id));
  show(store.restore(arguments.space, id), arguments.json);
  return ExitCode::ok;
}

ExitCode execute(const MemoryRecover& arguments) {
  set_up_log(arguments.log, "info");
  expect_store(arguments.store);
  return recover(arguments, memory::emergency_of(arguments.mode).value(),
                 {.space = arguments.has_space ? arguments.space : "",
                  .dry_run = arguments.dry_run,
                  .backup_first = arguments.backup_first,
                  .confirmation = arguments.confirmation.value_or("")});
}

ExitCode reset_space(const MemorySpaces& arguments) {
  return recover(arguments, memory::Emergency::reset_space,
                 {.space = arguments.name, .confirmation = arguments.confirmation.value_or("")});
}

}  // namespace sharpwave::cli
