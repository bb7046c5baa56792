#include "memory_store/rocks_backend.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/log_damage.hpp"
#include "memory_store/message_log.hpp"
#include "memory_store/table_properties.hpp"

namespace sharpwave::memory {

class RocksResources {
 public:
  RocksResources(const RocksLimits& limits, rocksdb::Env* env)
      : env_(env != nullptr ? env : rocksdb::Env::Default()),
        limits_(limits),
        cache_(rocksdb::NewLRUCache(limits.block_cache_bytes)),
        write_buffers_(std::make_shared<rocksdb::WriteBufferManager>(limits.write_buffer_bytes, cache_)),
        rate_(rocksdb::NewGenericRateLimiter(static_cast<std::int64_t>(limits.background_bytes_per_s))) {}

  [[nodiscard]] rocksdb::DBOptions database_options(LogRecovery recovery) const {
    rocksdb::DBOptions options;
    options.env = env_;
    options.write_buffer_manager = write_buffers_;
    options.rate_limiter = rate_;
    options.max_open_files = limits_.most_open_files;
    options.create_missing_column_families = true;
    options.atomic_flush = true;  // a reader beside the owner finds all column families as of one change
    // A log that is missing, or shorter than it was when it was synced, is refused.
    options.track_and_verify_wals_in_manifest = recovery != LogRecovery::what_is_there;
    options.wal_recovery_mode = recovery == LogRecovery::whole
                                    ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                    : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    return options;
  }
  [[nodiscard]] rocksdb::ColumnFamilyOptions column_options() const {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache_;
    table.cache_index_and_filter_blocks = true;
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.write_buffer_size = limits_.write_buffer_bytes / 4;
    options.compression = rocksdb::kNoCompression;  // vectors are most of it, and do not shrink
    return options;
  }

  [[nodiscard]] double write_buffer_fill() const {
    return static_cast<double>(write_buffers_->memory_usage()) /
           static_cast<double>(limits_.write_buffer_bytes);
  }

 private:
  rocksdb::Env* env_;
  RocksLimits limits_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::shared_ptr<rocksdb::RateLimiter> rate_;
};

std::shared_ptr<const RocksResources> make_rocks_resources(const RocksLimits& limits, rocksdb::Env* env) {
  return std::make_shared<RocksResources>(limits, env);
}

void expect_ok(const rocksdb::Status& status, const std::filesystem::path& where) {
  if (status.ok()) return;
  ExitCode code = ExitCode::io;
  if (status.IsCorruption()) code = ExitCode::damaged_data;
  if (status.IsNoSpace() || status.IsMemoryLimit()) code = ExitCode::no_room;
  throw Error(code, fmt::format("{}: {}", where.string(), status.ToString()));
}

namespace {

rocksdb::Slice slice_of(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view view_of(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

/// To the last key that begins with `prefix`, or one before those.
void seek_to_last(rocksdb::Iterator& at, std::string_view prefix) {
  std::string behind(prefix);
  while (!behind.empty() && behind.back() == '\xff') behind.pop_back();
  if (behind.empty()) return at.SeekToLast();
  behind.back() = static_cast<char>(static_cast<unsigned char>(behind.back()) + 1);
  at.SeekForPrev(behind);
  if (at.Valid() && at.key() == rocksdb::Slice(behind)) at.Prev();
}

/// In which files of some names seem to be empty. They keep their names and sizes: those RocksDB compares
/// with what its manifest says.
class HidingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  HidingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& under, std::set<std::string> hidden)
      : FileSystemWrapper(under), hidden_(std::move(hidden)) {}
  [[nodiscard]] const char* Name() const override { return "HidingFileSystem"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (!hidden_.contains(std::filesystem::path(name).filename().string()))
      return target()->NewSequentialFile(name, options, file, debug);
    *file = std::make_unique<Empty>();
    return rocksdb::IOStatus::OK();
  }

 private:
  class Empty : public rocksdb::FSSequentialFile {
   public:
    rocksdb::IOStatus Read(std::size_t /*n*/, const rocksdb::IOOptions& /*options*/, rocksdb::Slice* result,
                           char* /*scratch*/, rocksdb::IODebugContext* /*debug*/) override {
      *result = {};
      return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus Skip(std::uint64_t /*n*/) override { return rocksdb::IOStatus::OK(); }
  };

  std::set<std::string> hidden_;
};

/// Whether a process leaves such a file that dies while RocksDB makes a database: nothing was in it yet. Its
/// first manifest has one record, until the database has been opened.
bool is_of_a_new_database(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (name == "MANIFEST-000001") {
    const LogDamage records = find_log_damage(read_file(file));
    return records.records + records.records_behind <= 1;
  }
  return name == "LOCK" || name == "IDENTITY" || name.starts_with("LOG") || file.extension() == ".dbtmp";
}

/// What RocksDB would destroy or die of. Where its file CURRENT has gone it would take a database for one to
/// be made, and remove what is there.
void expect_database_or_nothing(const std::filesystem::path& directory) {
  const std::vector<std::filesystem::path> files = list_folder(directory);
  for (const std::filesystem::path& file : files)
    if (file.extension() == ".sst") expect_plain_properties(file);
  const auto has_name = [](const char* name) {
    return [name](const std::filesystem::path& file) { return file.filename() == name; };
  };
  if (std::ranges::any_of(files, has_name("CURRENT"))) return;
  const auto lost = std::ranges::find_if_not(files, is_of_a_new_database);
  if (lost == files.end()) return;
  throw Error(ExitCode::damaged_data, fmt::format("{}: CURRENT is missing, and {} is there",
                                                  directory.string(), lost->filename().string()));
}

}  // namespace

/// The first is RocksDB's own column family, which nothing is written to.
struct RocksBackend::Handles {
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* of(Column column) const {
    return all.at(1 + static_cast<std::size_t>(column));
  }
};

RocksBackend::RocksBackend(const std::filesystem::path& directory,
                           std::shared_ptr<const RocksResources> resources, LogRecovery recovery,
                           bool read_only, const std::set<std::string>& hidden_logs)
    : resources_(std::move(resources)), directory_(directory), handles_(std::make_unique<Handles>()) {
  expect_database_or_nothing(directory);
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  columns.emplace_back(rocksdb::kDefaultColumnFamilyName, resources_->column_options());
  for (const Column column : kColumns) columns.emplace_back(name_of(column), resources_->column_options());
  // It may be a copy that is only looked at.
  for (rocksdb::ColumnFamilyDescriptor& column : columns)
    column.options.disable_auto_compactions = recovery == LogRecovery::what_is_there;
  rocksdb::DBOptions options = resources_->database_options(recovery);
  options.create_if_missing = !read_only && recovery != LogRecovery::what_is_there;
  if (read_only)
    options.info_log = std::make_shared<NoMessageLog>();
  else
    options.info_log = std::make_shared<MessageLog>(directory);
  // An owner beside may remove tables that it has rewritten: who reads holds all of them open.
  if (read_only) options.max_open_files = -1;
  // Without comparing it would have to note in the manifest that it does not.
  SHARPWAVE_ASSERT(!read_only || recovery != LogRecovery::what_is_there);
  if (!hidden_logs.empty()) {
    SHARPWAVE_ASSERT(read_only);
    hiding_ = rocksdb::NewCompositeEnv(
        std::make_shared<HidingFileSystem>(options.env->GetFileSystem(), hidden_logs));
    options.env = hiding_.get();
  }
  rocksdb::DB* database = nullptr;
  expect_ok(read_only ? rocksdb::DB::OpenForReadOnly(options, directory, columns, &handles_->all, &database)
                      : rocksdb::DB::Open(options, directory, columns, &handles_->all, &database),
            directory);
  database_.reset(database);
}

RocksBackend::~RocksBackend() {
  if (!database_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_->all)
    static_cast<void>(database_->DestroyColumnFamilyHandle(handle));
  static_cast<void>(database_->Close());
}

void RocksBackend::write(const WriteBatch& batch, bool sync) {
  rocksdb::WriteBatch writes;
  for (const WriteBatch::Operation& operation : batch.operations()) {
    rocksdb::ColumnFamilyHandle* const column = handles_->of(operation.column);
    expect_ok(operation.value ? writes.Put(column, slice_of(operation.key), slice_of(*operation.value))
                              : writes.Delete(column, slice_of(operation.key)),
              directory_);
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  expect_ok(database_->Write(options, &writes), directory_);
}

// An empty write that is synced, and not SyncWAL: with logs tracked in the manifest, that one can make
// RocksDB 7.8 miss a log that it has removed itself (its change log, #10892).
void RocksBackend::sync() {
  write({}, true);
}

std::optional<std::string> RocksBackend::get(Column column, std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      database_->Get(rocksdb::ReadOptions(), handles_->of(column), slice_of(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  expect_ok(status, directory_);
  return value;
}

void RocksBackend::scan(Column column, std::string_view prefix, Order order, const Visit& visit) const {
  const std::unique_ptr<rocksdb::Iterator> at(
      database_->NewIterator(rocksdb::ReadOptions(), handles_->of(column)));
  const bool ascending = order == Order::ascending;
  if (!ascending)
    seek_to_last(*at, prefix);
  else if (prefix.empty())
    at->SeekToFirst();
  else
    at->Seek(slice_of(prefix));
  while (at->Valid() && view_of(at->key()).starts_with(prefix) &&
         visit(view_of(at->key()), view_of(at->value()))) {
    if (ascending)
      at->Next();
    else
      at->Prev();
  }
  expect_ok(at->status(), directory_);
}

std::uint64_t RocksBackend::bytes() const {
  std::uint64_t sum = 0;
  std::error_code ignored;  // files come and go
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
    const std::uintmax_t size = entry.file_size(ignored);
    if (!ignored) sum += size;
  }
  return sum;
}

double RocksBackend::write_buffer_fill() const {
  return resources_->write_buffer_fill();
}

std::uint64_t RocksBackend::oldest_log() const {
  std::uint64_t number = 0;
  SHARPWAVE_ASSERT(database_->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number));
  return number;
}

std::uint64_t RocksBackend::last_write() const {
  return database_->GetLatestSequenceNumber();
}

void RocksBackend::copy_to(const std::filesystem::path& directory) {
  rocksdb::Checkpoint* made = nullptr;
  expect_ok(rocksdb::Checkpoint::Create(database_.get(), &made), directory);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  expect_ok(checkpoint->CreateCheckpoint(directory), directory);
}

void RocksBackend::flush() {
  expect_ok(database_->Flush(rocksdb::FlushOptions(), handles_->all), directory_);
}

}  // namespace sharpwave::memory
