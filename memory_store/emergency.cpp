#include "memory_store/emergency.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <memory>
#include <set>

#include "host/io/atomic_file.hpp"
#include "host/io/file_descriptor.hpp"
#include "host/io/folder.hpp"
#include "memory_store/backup.hpp"
#include "memory_store/contents.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"
#include "memory_store/open_space.hpp"
#include "memory_store/replace_space.hpp"
#include "memory_store/salvage.hpp"
#include "memory_store/space_logs.hpp"
#include "memory_store/store.hpp"
#include "memory_store/synced_file.hpp"
#include "memory_store/wall_clock.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::array kNames{"sanitize-nan",   "set-aside-wal", "rebuild-indexes", "reset-space",
                            "restore-latest", "read-only",     "writable"};

/// Removed with all that is in it at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name) {
    std::string made = (fs::temp_directory_path() / (name + "_XXXXXX")).string();
    if (mkdtemp(made.data()) == nullptr) fail_with_errno(made, "cannot be made");
    path_ = made;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// One mode, for one space.
class Recovery {
 public:
  Recovery(const fs::path& store, const std::string& name, bool dry_run)
      : store_(store),
        space_(space_path(store, name)),
        database_(space_ / "db"),
        dry_run_(dry_run),
        resources_(make_rocks_resources({})) {
    report_.space = name;
  }

  EmergencyReport run(Emergency mode, bool backup_first) {
    try {
      const bool is_marked = is_there(space_ / kReadOnlyMark);
      if (is_marked && mode != Emergency::writable && mode != Emergency::read_only)
        throw Error(ExitCode::io, "the space is marked read-only: make it writable first");
      if (backup_first) copy_aside();
      work(mode);
    } catch (const Error& error) {
      fail(error.code(), error.what());
    } catch (const std::exception& error) {
      fail(ExitCode::io, error.what());
    }
    return std::move(report_);
  }

 private:
  void work(Emergency mode) {
    switch (mode) {
      case Emergency::sanitize_nan:
        return sanitize();
      case Emergency::set_aside_wal:
        return set_aside_wal();
      case Emergency::rebuild_indexes:
        return rebuild_indexes();
      case Emergency::reset_space:
        return reset();
      case Emergency::restore_latest:
        return restore_latest();
      case Emergency::read_only:
        return mark_read_only();
      case Emergency::writable:
        return mark_writable();
    }
  }

  void fail(ExitCode code, const char* why) {
    report_.code = code;
    report_.failure = why;
    if (dry_run_) return;
    try {
      settle_replacement(store_, report_.space);
    } catch (const Error& error) {
      report_.failure += fmt::format("; {}", error.what());
    }
  }
  void found(std::string text) { report_.found.push_back(std::move(text)); }
  void done(std::string text) { report_.done.push_back(std::move(text)); }
  /// A dry run only tells it.
  void carry_out(std::string text, const auto& work) {
    if (!dry_run_) work();
    done(std::move(text));
  }

  void copy_aside() {
    if (!is_there(space_)) return;
    if (dry_run_) return done("a copy of the space's directory is set aside");
    const fs::path aside = next_set_aside(store_, report_.space);
    make_complete(aside, [&](const fs::path& partial) { copy_tree_durably(space_, partial); });
    done(fmt::format("a copy of the space's directory lies in {}", aside.string()));
  }

  void replace(const char* with) {
    const std::optional<fs::path> aside = finish_replacement(store_, report_.space);
    if (aside) done(fmt::format("the space of before lies in {}", aside->string()));
    done(fmt::format("{} is the space", with));
  }

  [[nodiscard]] std::unique_ptr<RocksBackend> open_to_read(const std::set<std::string>& hidden_logs) const {
    return std::make_unique<RocksBackend>(database_, resources_, LogRecovery::until_first_damage, true,
                                          hidden_logs);
  }

  void sanitize() {
    if (const auto problem = look_at(logs_of(database_), std::nullopt).problem)
      throw Error(ExitCode::damaged_data,
                  fmt::format("{}: its logs come first (set-aside-wal): {}", space_.string(), problem->what));
    const std::unique_ptr<RocksBackend> from = open_to_read({});
    const Salvage looked = salvage(*from, nullptr, now_us());
    for (const std::string& note : looked.notes) found(note);
    for (const auto& [reason, n] : looked.quarantined) found(fmt::format("{}: {} values", reason, n));
    if (!looked.has_found_something()) return found_whole();
    carry_out(
        fmt::format("{} items and {} edges are taken over; what can be read of the rest goes into quarantine",
                    looked.items, looked.edges),
        [&] {
          const fs::path made = begin_replacement(store_, report_.space);
          RocksBackend into(made / "db", resources_, LogRecovery::whole, false);
          static_cast<void>(salvage(*from, &into, now_us()));
          into.flush();
          static_cast<void>(read_contents(into));
        });
    if (dry_run_) return;
    kill_point("sanitize.made");
    replace("what was taken over");
  }

  void found_whole() {
    found("everything is whole");
    if (!is_there(space_ / kDamagedMark)) return;
    carry_out("the mark of the damage that was found is removed", [&] {
      remove_file(space_ / kDamagedMark);
      sync_folder(space_);
    });
  }

  void set_aside_wal() {
    if (!is_there(database_ / "CURRENT"))
      throw Error(ExitCode::damaged_data,
                  fmt::format("{}: CURRENT is missing: logs alone are no database", database_.string()));
    const std::vector<LogFile> logs = logs_of(database_);
    std::optional<LogProblem> problem = look_at(logs, std::nullopt).problem;
    const std::string refusal = problem ? "" : refusal_of_logs();
    if (problem) found(problem->what);
    if (problem && problem->is_gap)
      found(fmt::format("{} whole records stand behind that", problem->whole_behind));
    if (!refusal.empty()) found(refusal);
    if (!problem && refusal.empty()) return found("the logs are whole");
    // Where a whole log is missing before them, nothing in them looks wrong.
    if (!problem) problem = look_at(logs, last_write_in_tables()).problem;
    const std::size_t first = problem ? problem->log : 0;
    // What stands in a damaged log before the damage is wanted; of one behind a gap nothing.
    const std::size_t first_unwanted = problem ? first + (problem->is_gap ? 0 : 1) : logs.size();
    if (dry_run_) return tell_last_change(logs, first, first_unwanted);
    const fs::path aside = next_set_aside(store_, report_.space);
    make_complete(aside, [&](const fs::path& partial) {
      make_folder(partial);
      for (std::size_t i = first; i < logs.size(); ++i)
        copy_file_durably(logs[i].path, partial / logs[i].path.filename());
      sync_folder(partial);
    });
    done(fmt::format("{} logs lie in {}", logs.size() - first, aside.string()));
    kill_point("set_aside_wal.copied");
    for (std::size_t i = logs.size(); i-- > first_unwanted;) remove_file(logs[i].path);
    kill_point("set_aside_wal.removed");
    RocksBackend backend(database_, resources_, LogRecovery::what_is_there, false);
    backend.flush();
    remove_synced(space_);          // that promise is given up
    remove_tree(space_ / "index");  // it may have what stood in the logs
    // All that they held is in tables; who opens the space next would find the damage again.
    for (const LogFile& log : logs) remove_file(log.path);
    sync_folder(database_);
    sync_folder(space_);
    done(last_change(backend));
  }

  [[nodiscard]] std::string last_change(const RocksBackend& backend) const {
    return fmt::format(
        "change {} is the last, and the space {}", last_sequence(backend),
        is_there(space_ / kDamagedMark) ? "stays read-only for other damage (sanitize-nan)" : "is writable");
  }

  void tell_last_change(const std::vector<LogFile>& logs, std::size_t first, std::size_t first_unwanted) {
    done(fmt::format("{} logs are set aside", logs.size() - first));
    std::set<std::string> hidden;
    for (std::size_t i = first_unwanted; i < logs.size(); ++i)
      hidden.insert(logs[i].path.filename().string());
    try {
      done(last_change(*open_to_read(hidden)));
    } catch (const Error& error) {
      if (error.code() != ExitCode::damaged_data) throw;
      done("which change is the last is known only then: as it is RocksDB reads nothing");
    }
  }

  /// RocksDB may refuse to open the database itself, and must not change it yet: its tables are opened
  /// elsewhere, without logs.
  [[nodiscard]] std::uint64_t last_write_in_tables() const {
    const TemporaryFolder folder("sharpwave_tables");
    for (const fs::path& file : list_folder(database_)) {
      const fs::path there = folder.path() / file.filename();
      if (file.extension() == ".sst")
        fs::create_symlink(fs::absolute(file), there);
      else if (file.extension() != ".log")
        copy_file_durably(file, there);
    }
    return RocksBackend(folder.path(), resources_, LogRecovery::what_is_there, false).last_write();
  }

  /// Why RocksDB or the promise of `synced` keeps the space from being writable, where each log is whole;
  /// empty where nothing does.
  [[nodiscard]] std::string refusal_of_logs() const {
    try {
      const std::uint64_t last = last_sequence(*open_to_read({}));
      const std::optional<std::uint64_t> promised = read_synced(space_);
      const std::optional<LogProblem> missing = promised ? std::nullopt : find_missing_log(space_);
      if (missing) return missing->what;
      if (!promised || last >= *promised) return {};
      return fmt::format("change {} is the last, and change {} was on the disk", last, *promised);
    } catch (const Error& error) {
      if (error.code() != ExitCode::damaged_data) throw;
      return error.what();
    }
  }

  void rebuild_indexes() {
    const fs::path index = space_ / "index";
    if (!is_there(index)) return found("there is no index");
    found(fmt::format("there is an index: {}", index.string()));
    carry_out("it is removed; whoever has the space open builds it again, rebuild-index does so at once",
              [&] {
                remove_tree(index);
                sync_folder(space_);
              });
  }

  void reset() {
    if (dry_run_) return done("the space is set aside, and is empty");
    const fs::path made = begin_replacement(store_, report_.space);
    static_cast<void>(open_space(made, resources_, false));  // with a database, so that a reader finds it
    replace("an empty one");
  }

  void restore_latest() {
    const fs::path folder = backups_path(store_, report_.space);
    std::vector<std::uint32_t> ids = list_backups(folder);
    std::reverse(ids.begin(), ids.end());
    for (const std::uint32_t id : ids) {
      try {
        const BackupManifest manifest =
            dry_run_
                ? verify_backup(folder, report_.space, id)
                : restore_backup(folder, report_.space, id, begin_replacement(store_, report_.space) / "db");
        done(fmt::format("backup {} is restored: {} items up to change {}", id, manifest.contents.items,
                         manifest.contents.sequence));
        if (!dry_run_) replace("the backup");
        return;
      } catch (const Error& error) {
        if (error.code() != ExitCode::damaged_data) throw;
        found(fmt::format("BACKUP {} IS DAMAGED: {}", id, error.what()));
      }
    }
    if (ids.empty()) refuse_without_backup(report_.space);
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: of {} backups none is whole", folder.string(), ids.size()));
  }

  void mark_read_only() {
    carry_out("the space is marked read-only", [&] { write_file_atomically(space_ / kReadOnlyMark, ""); });
  }

  void mark_writable() {
    if (!is_there(space_ / kReadOnlyMark)) return found("the space is not marked read-only");
    carry_out("the mark is removed", [&] {
      remove_file(space_ / kReadOnlyMark);
      sync_folder(space_);
    });
  }

  fs::path store_;
  fs::path space_;
  fs::path database_;
  bool dry_run_;
  std::shared_ptr<const RocksResources> resources_;
  EmergencyReport report_;
};

void expect_confirmation(Emergency mode, const EmergencyOptions& options) {
  const std::string expected = confirmation_of(mode, options.space);
  if (options.dry_run || options.confirmation == expected) return;
  throw Error(ExitCode::usage,
              fmt::format("read the confirmation '{}', expected '{}'", options.confirmation, expected));
}

}  // namespace

const char* name_of(Emergency mode) {
  return kNames.at(static_cast<std::size_t>(mode));
}

std::optional<Emergency> emergency_of(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Emergency>(std::distance(kNames.begin(), at));
}

std::string confirmation_of(Emergency mode, std::string_view space) {
  return fmt::format("{} {}", name_of(mode), space.empty() ? "*" : space);
}

std::vector<EmergencyReport> recover(const fs::path& store, Emergency mode, const EmergencyOptions& options) {
  expect_confirmation(mode, options);
  if (!is_store(store))
    throw Error(ExitCode::usage, fmt::format("{}: there is no memory store", store.string()));
  if (!options.space.empty() && !is_space_name(options.space)) refuse_space_name(options.space);
  StoreOptions how;
  how.read_only = options.dry_run;
  const Store owned(store, how);
  std::vector<std::string> names{options.space};
  if (options.space.empty()) names = owned.spaces();
  std::erase_if(names, [&](const std::string& name) {
    return !is_there(space_path(store, name)) &&
           !(mode == Emergency::restore_latest && is_there(backups_path(store, name)));
  });
  if (names.empty())
    throw Error(ExitCode::usage,
                fmt::format("there is no memory space '{}' in {}", options.space, store.string()));
  std::vector<EmergencyReport> reports;
  for (const std::string& name : names)
    reports.push_back(Recovery(store, name, options.dry_run).run(mode, options.backup_first));
  return reports;
}

}  // namespace sharpwave::memory
