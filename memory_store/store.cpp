#include "memory_store/store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <system_error>
#include <thread>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file_descriptor.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/replace_space.hpp"
#include "memory_store/synced_file.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMark = "store.json";
constexpr const char* kSpaces = "spaces";
constexpr const char* kLock = "lock";
constexpr std::string_view kMarkText = "{\"format\": 1}\n";

/// Sorted.
std::vector<std::string> spaces_in(const fs::path& store) {
  std::vector<std::string> names;
  for (const fs::path& entry : list_folder(store / kSpaces)) {
    std::string name = entry.filename().string();
    if (is_space_name(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

[[noreturn]] void refuse_unknown(std::string_view name, const fs::path& store) {
  const std::vector<std::string> names = spaces_in(store);
  throw Error(ExitCode::usage,
              fmt::format("there is no memory space '{}' in {}, which has {}", name, store.string(),
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

void expect_space_name(std::string_view name) {
  if (!is_space_name(name)) refuse_space_name(name);
}

/// Whether a process owns the store: a reader cannot know it otherwise.
bool is_owned(const fs::path& lock) {
  const FileDescriptor file(lock, O_RDONLY);
  return file.is_open() && flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/// The manifests of a database with their sizes, and the names of its logs.
std::vector<std::pair<std::string, std::uintmax_t>> files_that_say_what_counts(const fs::path& database) {
  std::vector<std::pair<std::string, std::uintmax_t>> files;
  for (const fs::path& file : list_folder(database)) {
    const std::string name = file.filename().string();
    std::error_code gone;
    if (name.starts_with("MANIFEST-"))
      files.emplace_back(name, fs::file_size(file, gone));
    else if (name.ends_with(".log"))
      files.emplace_back(name, 0);
  }
  return files;
}

/// What is damaged is known to whoever opens the space next only if it says so.
void mark_damaged(const fs::path& space, const Damage& damage) {
  constexpr std::size_t kMost = 1000;
  try {
    write_file_atomically(space / kDamagedMark,
                          fmt::format("{}: {}", damage.where, damage.what).substr(0, kMost));
  } catch (const Error&) {  // it will be found again
  }
}

/// Where open() throws, which makes its database, there is no such space.
void make_space(const fs::path& path, const std::function<void()>& open) {
  try {
    make_folder(path);
    open();
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    throw;
  }
}

/// Whether nothing is there but what a process leaves that dies while it makes a store.
bool is_half_made(const fs::path& directory) {
  return std::ranges::all_of(list_folder(directory), [](const fs::path& entry) {
    std::error_code failure;
    return entry.filename() == partial_path(kMark) || entry.filename() == kLock ||
           (entry.filename() == kSpaces && fs::is_directory(entry, failure) && list_folder(entry).empty());
  });
}

}  // namespace

bool is_space_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

void refuse_space_name(std::string_view name) {
  throw Error(
      ExitCode::usage,
      fmt::format("'{}' is no name of a memory space, expected 3 to 64 characters of a-z, 0-9, _ and -",
                  name));
}

bool is_store(const fs::path& directory) {
  return is_there(directory / kMark);
}

void expect_store_or_room(const fs::path& directory) {
  // In this order: another process may be making it.
  if (!is_half_made(directory) && !is_store(directory))
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: neither empty nor a memory store: it has no {}", directory.string(), kMark));
}

/// Held as long as the process has the store; the system gives it back where the process dies.
class Store::Lock {
 public:
  explicit Lock(const fs::path& file) : file_(file, O_RDWR | O_CREAT) {
    if (!file_.is_open()) fail_with_errno(file, "cannot be opened");
    constexpr int kMostTries = 5;  // a reader that asks whether there is an owner has it for a moment
    for (int tries = 1; tries <= kMostTries; ++tries) {
      if (flock(file_.get(), LOCK_EX | LOCK_NB) == 0) return;
      if (errno != EWOULDBLOCK) fail_with_errno(file, "cannot be locked");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    throw Error(ExitCode::io,
                fmt::format("{}: another process owns this store; it can be opened read-only beside it",
                            file.string()));
  }

 private:
  FileDescriptor file_;
};

Store::Store(const fs::path& directory, const StoreOptions& options)
    : directory_(directory),
      options_(options),
      resources_(make_rocks_resources(options.limits, options.env)) {
  const fs::path mark = directory_ / kMark;
  if (!is_there(mark)) {
    if (options_.read_only)
      throw Error(ExitCode::io, fmt::format("{}: there is no memory store", directory_.string()));
    expect_store_or_room(directory_);
    make_folder(directory_ / kSpaces);
    lock_ = std::make_unique<Lock>(directory_ / kLock);
    if (!is_there(mark)) write_file_atomically(mark, kMarkText);
  }
  if (const std::string text = read_file(mark, 64); text != kMarkText)
    throw Error(ExitCode::damaged_data, fmt::format("{}: read '{}', expected {}", mark.string(), text,
                                                    kMarkText.substr(0, kMarkText.size() - 1)));
  if (options_.read_only) return;
  if (!lock_) lock_ = std::make_unique<Lock>(directory_ / kLock);
  settle_replacements(directory_);
}

Store::~Store() = default;

fs::path Store::path_of(std::string_view name) const {
  expect_space_name(name);
  if (lock_) settle_replacement(directory_, name);
  return space_path(directory_, name);
}

void Store::expect_writable() const {
  if (options_.read_only) throw Error(ExitCode::io, "the store is read-only");
}

void Store::expect_unmarked(std::string_view name) const {
  if (is_there(space_path(directory_, name) / kReadOnlyMark))
    throw Error(ExitCode::io, fmt::format("the memory space '{}' is marked read-only", name));
}

void Store::expect_all_unmarked() const {
  for (const std::string& name : spaces()) expect_unmarked(name);
}

std::vector<std::string> Store::spaces() const {
  return spaces_in(directory_);
}

std::shared_ptr<Space> Store::space(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto at = open_.find(name);
  if (at != open_.end()) {
    at->second.last_use = ++n_uses_;
    return at->second.space;
  }
  const fs::path path = path_of(name);
  if (!is_there(path)) {
    if (name != kDefaultSpace || options_.read_only) refuse_unknown(name, directory_);
    close_what_is_idle();
    make_space(path, [&] { open_.insert_or_assign(std::string(name), open(name)); });
    return open_.find(name)->second.space;
  }
  close_what_is_idle();
  return open_.insert_or_assign(std::string(name), options_.read_only ? look_at(name) : open(name))
      .first->second.space;
}

Store::Open Store::open(std::string_view name) {
  const fs::path path = path_of(name);
  OpenedSpace opened = open_space(path, resources_, options_.read_only, options_.sync);
  const bool read_only = options_.read_only || opened.report.is_read_only;
  IndexOptions index{.folder = path / "index",
                     .space = std::string(name),
                     .from_vectors = options_.index_from_vectors,
                     .parameters = options_.index_parameters};
  Open entry{.space = std::make_shared<Space>(std::move(opened.backend), options_.sync == SyncMode::always,
                                              read_only, std::move(index)),
             .report = std::move(opened.report),
             .last_use = ++n_uses_};
  if (!options_.read_only)
    entry.space->when_damaged([path](const Damage& damage) { mark_damaged(path, damage); });
  if (options_.sync != SyncMode::always && !read_only)
    entry.space->sync_every(
        options_.sync == SyncMode::interval ? std::max(options_.sync_interval, std::chrono::milliseconds(1))
                                            : std::chrono::milliseconds(0),
        entry.report.sequence, [path](std::uint64_t sequence) { write_synced(path, sequence); });
  return entry;
}

// Beside an owner, who removes what it has rewritten, a reader may find half of it, or miss a log whose
// changes are in tables that it has not seen: then it looks again.
Store::Open Store::look_at(std::string_view name) {
  constexpr int kMostLooks = 25;
  constexpr std::chrono::milliseconds kBetween{40};
  const fs::path database = path_of(name) / "db";
  for (int looks = 1;; ++looks) {
    const auto before = files_that_say_what_counts(database);
    const auto has_stood_still = [&] { return files_that_say_what_counts(database) == before; };
    const auto is_last = [&] {
      return looks == kMostLooks || (!is_owned(directory_ / kLock) && has_stood_still());
    };
    try {
      Open entry = open(name);
      const bool is_whole =
          (entry.report.start != Start::fallback || entry.report.is_damaged) && entry.space->damage().empty();
      if (has_stood_still() && (is_whole || is_last())) return entry;
      if (looks == kMostLooks)
        throw Error(ExitCode::io, fmt::format("{}: its owner rewrites it all the time", database.string()));
    } catch (const Error&) {
      if (is_last()) throw;
    }
    std::this_thread::sleep_for(kBetween);
  }
}

void Store::close_what_is_idle() {
  while (open_.size() >= options_.most_open_spaces) {
    auto oldest = open_.end();
    for (auto at = open_.begin(); at != open_.end(); ++at)
      if (at->second.space.use_count() == 1 &&
          (oldest == open_.end() || at->second.last_use < oldest->second.last_use))
        oldest = at;
    if (oldest == open_.end()) return;  // all are in use
    open_.erase(oldest);
  }
}

std::vector<std::string> Store::open_spaces() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, entry] : open_) names.push_back(name);
  return names;
}

void Store::close_idle() {
  const std::lock_guard lock(mutex_);
  std::erase_if(open_, [](const auto& entry) { return entry.second.space.use_count() == 1; });
}

void Store::create(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const fs::path path = path_of(name);
  expect_writable();
  if (is_there(path)) throw Error(ExitCode::usage, fmt::format("there is a memory space '{}' already", name));
  // With its database, so that a reader finds it.
  make_space(path, [&] { static_cast<void>(open_space(path, resources_, false, options_.sync)); });
}

void Store::drop(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const fs::path path = path_of(name);
  expect_writable();
  if (!is_there(path)) refuse_unknown(name, directory_);
  expect_unmarked(name);
  close_unless_in_use(name);
  // Gone under its name at once; what is left of it after a crash is no space.
  const fs::path leaving = path.string() + ".dropped";
  move_durably(path, leaving);
  remove_tree(leaving);
}

void Store::close_unless_in_use(std::string_view name) {
  const auto at = open_.find(name);
  if (at == open_.end()) return;
  if (at->second.space.use_count() > 1)
    throw Error(ExitCode::usage, fmt::format("the memory space '{}' is in use", name));
  open_.erase(at);
}

BackupManifest Store::backup(std::string_view name, std::size_t keep) {
  expect_writable();
  const std::shared_ptr<Space> used = space(name);
  if (used->is_read_only())
    throw Error(ExitCode::io,
                fmt::format("the memory space '{}' is read-only: no backup is made of it", name));
  const std::lock_guard lock(backup_mutex_);
  return make_backup(backups_path(directory_, name), name, dynamic_cast<RocksBackend&>(used->backend()),
                     keep);
}

std::vector<std::uint32_t> Store::backups(std::string_view name) const {
  expect_space_name(name);
  return list_backups(backups_path(directory_, name));
}

BackupManifest Store::verify(std::string_view name, std::uint32_t id) const {
  expect_space_name(name);
  return verify_backup(backups_path(directory_, name), name, id);
}

BackupManifest Store::restore(std::string_view name, std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  expect_space_name(name);
  expect_writable();
  expect_unmarked(name);
  close_unless_in_use(name);
  BackupManifest manifest;
  replace_space(directory_, name, [&](const fs::path& made) {
    manifest = restore_backup(backups_path(directory_, name), name, id, made / "db");
  });
  return manifest;
}

void Store::reset(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const fs::path path = path_of(name);
  expect_writable();
  if (!is_there(path)) refuse_unknown(name, directory_);
  expect_unmarked(name);
  close_unless_in_use(name);
  replace_space(directory_, name, [&](const fs::path& made) {
    static_cast<void>(
        open_space(made, resources_, false, options_.sync));  // with a database, so that a reader finds it
  });
}

RecoveryReport Store::report(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto at = open_.find(name);
  SHARPWAVE_ASSERT(at != open_.end());
  RecoveryReport report = at->second.report;
  report.damaged = at->second.space->n_damage();
  return report;
}

}  // namespace sharpwave::memory
