// A file system whose power can be cut: what was not synced by then may be gone. And one that can be full.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace sharpwave::memory::testing {

/// Files lie in the system's own file system; this one remembers how much of each was synced, and which names
/// were made or replaced since their folder was.
class PowerCutFileSystem : public rocksdb::FileSystemWrapper {
 public:
  /// @param syncs  false: a sync does nothing, and says that it did. A store on that must lose something.
  explicit PowerCutFileSystem(bool syncs)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), syncs_(syncs) {}
  [[nodiscard]] const char* Name() const override { return "PowerCutFileSystem"; }

  /// After so many writes and syncs from now on every one fails, as where there is no power.
  void cut_after(std::uint64_t n_operations);
  [[nodiscard]] bool is_cut();
  /// While it is full every write fails.
  void set_full(bool full) { is_full_ = full; }
  /// Once everything is closed: makes the files what a disk would hold. Of what was written behind the last
  /// sync some stays, as much as is drawn; of the names that were not synced the first so many are there, as
  /// file systems with a journal keep their order, and an old file under one that is not comes back.
  void lose_what_was_not_synced(std::mt19937_64& random);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  struct Known {
    std::uint64_t synced_bytes = 0;
    bool is_name_synced = false;
    std::uint64_t named = 0;              ///< the how-manieth name that was given
    std::optional<std::string> replaced;  ///< the bytes under this name before it was given anew
  };

  /// One operation; an error where the power is gone.
  [[nodiscard]] rocksdb::IOStatus operate();
  void note_synced(const std::string& name, std::uint64_t bytes);
  void note_folder_synced(const std::string& folder);

  bool syncs_;
  std::atomic<bool> is_full_ = false;
  std::mutex mutex_;
  std::uint64_t n_left_ = UINT64_MAX;
  std::uint64_t n_names_ = 0;
  std::map<std::string, Known> files_;
};

}  // namespace sharpwave::memory::testing
