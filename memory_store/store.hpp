// A memory store: a directory of spaces, owned by one process.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/backup.hpp"
#include "memory_store/open_space.hpp"
#include "memory_store/rocks_backend.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

struct StoreOptions {
  SyncMode sync = SyncMode::always;
  std::chrono::milliseconds sync_interval{200};  ///< with SyncMode::interval
  bool read_only = false;
  RocksLimits limits;
  std::size_t index_from_vectors = IndexOptions{}.from_vectors;  ///< smaller spaces are scanned
  IndexParameters index_parameters;
  std::size_t most_open_spaces = 16;
  rocksdb::Env* env = nullptr;  ///< whose files the databases are; null: the system's
};

inline constexpr std::string_view kDefaultSpace = "default";

/// Of 3 to 64 characters of [a-z0-9_-].
[[nodiscard]] bool is_space_name(std::string_view name);

/// @throws Error(usage) saying what a name has to be.
[[noreturn]] void refuse_space_name(std::string_view name);
/// Whether there is a store, of whatever format. @throws Error(io).
[[nodiscard]] bool is_store(const std::filesystem::path& directory);
/// @throws Error(damaged_data) where Store could neither find a store in `directory` nor make one.
void expect_store_or_room(const std::filesystem::path& directory);
/// @throws Error(damaged_data) where Store::snapshot() has not written `folder`.
void expect_snapshot(const std::filesystem::path& folder);

class Store {
 public:
  /// Opens the store in `directory`, making it where there is none, unless read-only.
  /// @throws Error(io) where another process owns it, Error(damaged_data) where it is no store or of another
  /// format.
  Store(const std::filesystem::path& directory, const StoreOptions& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Those that there are, sorted.
  [[nodiscard]] std::vector<std::string> spaces() const;
  /// An open space stays as long as somebody has it; of the others the one used longest ago is closed where
  /// there are too many. The space `default` is made where it is not there.
  /// @throws Error(usage) where there is none of that name; as open_space().
  [[nodiscard]] std::shared_ptr<Space> space(std::string_view name);
  /// Those that are open, sorted.
  [[nodiscard]] std::vector<std::string> open_spaces() const;
  /// Closes those that nobody has: the next who wants one opens it anew.
  void close_idle();
  /// @throws Error(usage) where the name is none, or there is one already.
  void create(std::string_view name);
  /// With all that is in it. @throws Error(usage) where there is none, or it is in use; Error(io) where it is
  /// marked read-only.
  void drop(std::string_view name);
  /// An empty space takes the place of the one that there is, which is set aside.
  /// @throws Error(usage) where there is none, or it is in use; Error(io) where it is marked read-only.
  void reset(std::string_view name);
  /// A backup of a space, as make_backup(); others may change it meanwhile.
  /// @param keep  how many of its backups stay, the newest.
  /// @throws Error(io) where the space is read-only; as space() and make_backup().
  BackupManifest backup(std::string_view name, std::size_t keep);
  /// As list_backups(); also of a space that was dropped.
  [[nodiscard]] std::vector<std::uint32_t> backups(std::string_view name) const;
  BackupManifest verify(std::string_view name, std::uint32_t id) const;
  /// The backup takes the place of the space, which is set aside, or of one that was dropped. Nobody gets at
  /// any space meanwhile.
  /// @throws Error(usage) where the space is in use; Error(io) where it is marked read-only; as
  /// restore_backup(), and then the space is what it was, or, where the last step has failed, the backup.
  BackupManifest restore(std::string_view name, std::uint32_t id);
  /// All spaces that can be changed, each as of one moment, into `folder`, which is not there yet. Tables are
  /// shared with it where they are on the same disk. @throws Error(io), Error(no_room); as space().
  void snapshot(const std::filesystem::path& folder);
  /// The spaces become what they were when snapshot() wrote `folder`; what they were until now is set aside,
  /// and so are spaces that there were not then. Wherever the process dies, it can be done again.
  /// @throws Error(damaged_data) where there is no snapshot; Error(usage) where a space is in use; Error(io)
  /// where a space that would change is marked read-only, and then none has; Error(io), Error(no_room).
  void go_back_to(const std::filesystem::path& snapshot);
  /// All spaces are set aside. @throws as go_back_to().
  void begin_anew();
  /// @throws Error(io) where one of the spaces is marked read-only: neither of the two could do.
  void expect_all_unmarked() const;
  [[nodiscard]] SyncMode sync_mode() const { return options_.sync; }
  /// How a space that is open was found.
  [[nodiscard]] RecoveryReport report(std::string_view name) const;

 private:
  struct Open {
    std::shared_ptr<Space> space;
    RecoveryReport report;
    std::uint64_t last_use = 0;
  };
  class Lock;

  void expect_writable() const;
  void expect_unmarked(std::string_view name) const;
  /// With mutex_ held where the store is owned.
  [[nodiscard]] std::filesystem::path path_of(std::string_view name) const;
  [[nodiscard]] Open open(std::string_view name);
  [[nodiscard]] Open look_at(std::string_view name);
  void close_what_is_idle();
  void close_unless_in_use(std::string_view name);
  void set_aside(const std::string& name);

  std::filesystem::path directory_;
  StoreOptions options_;
  std::unique_ptr<Lock> lock_;
  std::shared_ptr<const RocksResources> resources_;
  mutable std::mutex mutex_;
  std::map<std::string, Open, std::less<>> open_;
  std::uint64_t n_uses_ = 0;
  std::mutex backup_mutex_;  ///< one backup at a time
};

}  // namespace sharpwave::memory
