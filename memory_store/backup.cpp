#include "memory_store/backup.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kManifestPrefix = "manifest-";
constexpr std::uint64_t kMostManifestBytes = 64ULL << 20;

fs::path manifest_path(const fs::path& folder, std::uint32_t id) {
  return folder / fmt::format("{}{}.json", kManifestPrefix, id);
}

template <class Engine>
std::unique_ptr<Engine> open_engine(const fs::path& folder) {
  Engine* engine = nullptr;
  // Where a backup can be opened as a database it is found by its absolute path only.
  const rocksdb::BackupEngineOptions options(fs::absolute(folder).string());
  expect_ok(Engine::Open(options, rocksdb::Env::Default(), &engine), folder);
  return std::unique_ptr<Engine>(engine);
}

rocksdb::BackupInfo info_of(const rocksdb::BackupEngineReadOnlyBase& engine, std::uint32_t id,
                            const fs::path& folder) {
  rocksdb::BackupInfo info;
  const rocksdb::Status status = engine.GetBackupInfo(id, &info, true);
  if (!status.ok())
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: backup {} cannot be used: {}", folder.string(), id, status.ToString()));
  return info;
}

/// The files of a backup by name, without their digests: RocksDB's own list, and the file which that is in.
std::vector<BackupFile> files_of(const rocksdb::BackupInfo& info, const fs::path& folder) {
  std::vector<BackupFile> files;
  for (const rocksdb::BackupFileInfo& file : info.file_details)
    files.push_back({.name = file.relative_filename, .bytes = file.size, .sha256 = {}});
  const std::string list = fmt::format("meta/{}", info.backup_id);
  files.push_back({.name = list, .bytes = read_size(folder / list), .sha256 = {}});
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

/// Opened where it lies, without writing.
Contents contents_of(const rocksdb::BackupInfo& info) {
  const RocksBackend backend(info.name_for_open, make_rocks_resources({}, info.env_for_open.get()),
                             LogRecovery::whole, true);
  return read_contents(backend);
}

void expect_same(const Contents& found, const BackupManifest& manifest, const fs::path& where) {
  if (found == manifest.contents) return;
  throw Error(ExitCode::damaged_data,
              fmt::format("{}: {} items and {} values up to change {}, the manifest says {}, {} and {}",
                          where.string(), found.items, found.values, found.sequence, manifest.contents.items,
                          manifest.contents.values, manifest.contents.sequence));
}

void remove_backup(rocksdb::BackupEngine& engine, const fs::path& folder, std::uint32_t id) {
  remove_file(manifest_path(folder, id));
  sync_folder(folder);
  kill_point("backup.removing");
  expect_ok(engine.DeleteBackup(id), folder);
}

/// What a process has left that died while it made or removed one.
void remove_incomplete(rocksdb::BackupEngine& engine, const fs::path& folder) {
  const std::vector<std::uint32_t> complete = list_backups(folder);
  std::vector<rocksdb::BackupInfo> all;
  engine.GetBackupInfo(&all);
  for (const rocksdb::BackupInfo& info : all)
    if (std::find(complete.begin(), complete.end(), info.backup_id) == complete.end())
      expect_ok(engine.DeleteBackup(info.backup_id), folder);
  expect_ok(engine.GarbageCollect(), folder);
}

BackupManifest describe(const rocksdb::BackupEngine& engine, const fs::path& folder, std::string_view space,
                        std::uint32_t id) {
  const rocksdb::BackupInfo info = info_of(engine, id, folder);
  BackupManifest manifest{
      .space = std::string(space), .id = id, .contents = contents_of(info), .files = files_of(info, folder)};
  for (BackupFile& file : manifest.files) file.sha256 = sha256_of_file(folder / file.name);
  return manifest;
}

BackupManifest verify_files(const rocksdb::BackupEngineReadOnly& engine, const fs::path& folder,
                            std::string_view space, std::uint32_t id) {
  const fs::path path = manifest_path(folder, id);
  const auto fail = [&](const std::string& where, const std::string& what) {
    throw Error(ExitCode::damaged_data, fmt::format("{}: {}", where, what));
  };
  BackupManifest manifest = decode_manifest(read_file(path, kMostManifestBytes), path.string());
  if (manifest.space != space || manifest.id != id)
    fail(path.string(), fmt::format("of backup {} of space '{}', expected {} of '{}'", manifest.id,
                                    manifest.space, id, space));
  std::vector<BackupFile> files = files_of(info_of(engine, id, folder), folder);
  for (BackupFile& file : files) {
    const fs::path there = folder / file.name;
    file.bytes = read_size(there);
    file.sha256 = sha256_of_file(there);
    if (std::find(manifest.files.begin(), manifest.files.end(), file) == manifest.files.end())
      fail(there.string(), fmt::format("its {} bytes are not those of the manifest", file.bytes));
  }
  if (files != manifest.files) fail(path.string(), "it lists other files than RocksDB does");
  expect_ok(engine.VerifyBackup(id, true), folder);
  return manifest;
}

void expect_backup(const fs::path& folder, std::string_view space, std::uint32_t id) {
  const std::vector<std::uint32_t> ids = list_backups(folder);
  if (ids.empty()) refuse_without_backup(space);
  if (std::ranges::find(ids, id) == ids.end())
    throw Error(ExitCode::usage, fmt::format("there is no backup {} of the space '{}', but {}", id, space,
                                             fmt::join(ids, ", ")));
}

}  // namespace

BackupManifest make_backup(const fs::path& folder, std::string_view space, RocksBackend& backend,
                           std::size_t keep) {
  if (keep == 0) throw Error(ExitCode::usage, "at least one backup has to be kept");
  make_folder(folder);
  sync_folder(folder.parent_path());
  sync_folder(folder.parent_path().parent_path());
  const auto engine = open_engine<rocksdb::BackupEngine>(folder);
  remove_incomplete(*engine, folder);
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;
  std::uint32_t id = 0;
  expect_ok(engine->CreateNewBackup(options, &backend.database(), &id), folder);
  kill_point("backup.copied");
  sync_tree(folder);
  BackupManifest manifest = describe(*engine, folder, space, id);
  write_file_atomically(manifest_path(folder, id), encode_manifest(manifest));
  kill_point("backup.complete");
  std::vector<std::uint32_t> complete = list_backups(folder);
  if (complete.size() > keep)
    complete.resize(complete.size() - keep);
  else
    complete.clear();
  for (const std::uint32_t old : complete) remove_backup(*engine, folder, old);
  return manifest;
}

void refuse_without_backup(std::string_view space) {
  throw Error(ExitCode::usage, fmt::format("there is no backup of the space '{}'", space));
}

std::vector<std::uint32_t> list_backups(const fs::path& folder) {
  std::vector<std::uint32_t> ids;
  for (const fs::path& entry : list_folder(folder)) {
    const std::string name = entry.filename().string();
    std::uint32_t id = 0;
    if (!name.starts_with(kManifestPrefix)) continue;
    std::from_chars(name.data() + kManifestPrefix.size(), name.data() + name.size(), id);
    if (entry == manifest_path(folder, id)) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

BackupManifest verify_backup(const fs::path& folder, std::string_view space, std::uint32_t id) {
  expect_backup(folder, space, id);
  const auto engine = open_engine<rocksdb::BackupEngineReadOnly>(folder);
  BackupManifest manifest = verify_files(*engine, folder, space, id);
  expect_same(contents_of(info_of(*engine, id, folder)), manifest, folder);
  return manifest;
}

BackupManifest restore_backup(const fs::path& folder, std::string_view space, std::uint32_t id,
                              const fs::path& into) {
  expect_backup(folder, space, id);
  const auto engine = open_engine<rocksdb::BackupEngineReadOnly>(folder);
  BackupManifest manifest = verify_files(*engine, folder, space, id);
  expect_ok(engine->RestoreDBFromBackup(id, into.string(), into.string()), into);
  kill_point("restore.copied");
  const RocksBackend backend(into, make_rocks_resources({}), LogRecovery::whole, true);
  expect_same(read_contents(backend), manifest, into);
  return manifest;
}

}  // namespace sharpwave::memory
