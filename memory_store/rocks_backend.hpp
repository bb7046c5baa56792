// A memory space in a RocksDB database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "memory_store/storage_backend.hpp"

namespace rocksdb {
class DB;
class Env;
class Status;
}  // namespace rocksdb

namespace sharpwave::memory {

/// What the open spaces of a store share: caches and the rate of writing in the background.
class RocksResources;
struct RocksLimits {
  std::uint64_t block_cache_bytes = 256ULL << 20;
  std::uint64_t write_buffer_bytes = 128ULL << 20;  ///< of all spaces
  std::uint64_t background_bytes_per_s = 256ULL << 20;
  int most_open_files = 256;  ///< of each space
};
/// @param env  whose files they are; null: the system's. Outlives everything that is opened with it.
[[nodiscard]] std::shared_ptr<const RocksResources> make_rocks_resources(const RocksLimits& limits,
                                                                         rocksdb::Env* env = nullptr);
/// @throws Error naming `where` with RocksDB's message: damaged_data, no_room, or io; unless it is fine.
void expect_ok(const rocksdb::Status& status, const std::filesystem::path& where);

/// How a log is read whose end, or middle, is not as it was written.
enum class LogRecovery : std::uint8_t {
  whole,               ///< a record that was cut off at the end is none; anything else is refused
  until_first_damage,  ///< what comes behind is given up
  what_is_there        ///< likewise, and logs that were synced may be missing, or shorter; not read-only
};

class RocksBackend final : public StorageBackend {
 public:
  /// Opens the database in `directory`, making it where there is none, unless `read_only` or `what_is_there`.
  /// Who only reads changes no byte of the directory, and makes no file in it.
  /// @param hidden_logs  names of logs that are read as if they were empty; with `read_only` only.
  /// @throws Error(damaged_data) where files of a database are there and CURRENT is not, or with RocksDB's
  /// message where it refuses what is there; Error(io), Error(no_room).
  RocksBackend(const std::filesystem::path& directory, std::shared_ptr<const RocksResources> resources,
               LogRecovery recovery, bool read_only, const std::set<std::string>& hidden_logs = {});
  ~RocksBackend() override;

  void write(const WriteBatch& batch, bool sync) override;
  void sync() override;
  [[nodiscard]] std::optional<std::string> get(Column column, std::string_view key) const override;
  void scan(Column column, std::string_view prefix, Order order, const Visit& visit) const override;
  [[nodiscard]] std::uint64_t bytes() const override;
  /// Of all spaces that share it.
  [[nodiscard]] double write_buffer_fill() const override;

  /// Everything is in tables when it returns, and the log is empty.
  void flush();
  /// The oldest log that still counts: what older ones hold is in tables.
  [[nodiscard]] std::uint64_t oldest_log() const;
  /// RocksDB's own number of its last write, one for each key.
  [[nodiscard]] std::uint64_t last_write() const;
  /// A database with all that is in this one, in `directory`, which is not there yet. Tables are shared where
  /// they are on the same disk.
  void copy_to(const std::filesystem::path& directory);
  /// For what only RocksDB's own tools can do.
  [[nodiscard]] rocksdb::DB& database() { return *database_; }

 private:
  struct Handles;
  std::shared_ptr<const RocksResources> resources_;
  std::filesystem::path directory_;
  std::unique_ptr<rocksdb::Env> hiding_;  ///< outlives the database
  std::unique_ptr<rocksdb::DB> database_;
  std::unique_ptr<Handles> handles_;
};

}  // namespace sharpwave::memory
