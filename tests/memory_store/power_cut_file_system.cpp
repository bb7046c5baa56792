#include "tests/memory_store/power_cut_file_system.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "tests/memory_store/store_files.hpp"

namespace sharpwave::memory::testing {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

std::string folder_of(const std::string& name) {
  return fs::path(name).parent_path().string();
}

}  // namespace

class PowerCutFileSystem::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(PowerCutFileSystem& owner, std::string name, std::unique_ptr<rocksdb::FSWritableFile>&& target)
      : FSWritableFileOwnerWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus power = owner_.operate();
    return power.ok() ? target()->Append(data, options, debug) : power;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override { return synced(options, debug); }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return synced(options, debug); }
  // Starts to write back; promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  IOStatus synced(const IOOptions& options, IODebugContext* debug) {
    IOStatus status = owner_.operate();
    if (status.ok()) status = target()->Flush(options, debug);
    if (status.ok()) owner_.note_synced(name_, target()->GetFileSize(options, debug));
    return status;
  }

  PowerCutFileSystem& owner_;
  std::string name_;
};

class PowerCutFileSystem::Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(PowerCutFileSystem& owner, std::string name, std::unique_ptr<rocksdb::FSDirectory>&& target)
      : FSDirectoryWrapper(std::move(target)), owner_(owner), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    IOStatus status = owner_.operate();
    if (status.ok()) owner_.note_folder_synced(name_);
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*which*/) override {
    return Fsync(options, debug);
  }

 private:
  PowerCutFileSystem& owner_;
  std::string name_;
};

void PowerCutFileSystem::cut_after(std::uint64_t n_operations) {
  const std::lock_guard lock(mutex_);
  n_left_ = n_operations;
}

bool PowerCutFileSystem::is_cut() {
  const std::lock_guard lock(mutex_);
  return n_left_ == 0;
}

IOStatus PowerCutFileSystem::operate() {
  if (is_full_) return IOStatus::NoSpace("the disk is full");
  const std::lock_guard lock(mutex_);
  if (n_left_ == 0) return IOStatus::IOError("no power");
  --n_left_;
  return IOStatus::OK();
}

void PowerCutFileSystem::note_synced(const std::string& name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (syncs_) files_[name].synced_bytes = bytes;
}

void PowerCutFileSystem::note_folder_synced(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (!syncs_) return;
  for (auto& [name, known] : files_)
    if (folder_of(name) == fs::path(folder).lexically_normal().string() || folder_of(name) == folder) {
      known.is_name_synced = true;
      known.replaced.reset();
    }
}

IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                                             IODebugContext* debug) {
  IOStatus status = operate();
  if (status.ok()) status = target()->NewWritableFile(name, options, result, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    files_[name] = {.synced_bytes = 0, .is_name_synced = false, .named = ++n_names_, .replaced = {}};
  }
  *result = std::make_unique<File>(*this, name, std::move(*result));
  return status;
}

IOStatus PowerCutFileSystem::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                IODebugContext* debug) {
  IOStatus status = operate();
  if (status.ok()) status = target()->ReopenWritableFile(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<File>(*this, name, std::move(*result));
  return status;
}

IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to,
                                        const IOOptions& options, IODebugContext* debug) {
  IOStatus status = operate();
  if (!status.ok()) return status;
  std::optional<std::string> replaced;
  if (fs::exists(to)) replaced = content(to);
  status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  Known known = files_[from];
  files_.erase(from);
  known.is_name_synced = false;
  known.named = ++n_names_;
  known.replaced = std::move(replaced);
  files_[to] = std::move(known);
  return status;
}

IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                        IODebugContext* debug) {
  IOStatus status = operate();
  if (status.ok()) status = target()->DeleteFile(name, options, debug);
  const std::lock_guard lock(mutex_);
  if (status.ok()) files_.erase(name);
  return status;
}

IOStatus PowerCutFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* result,
                                          IODebugContext* debug) {
  const IOStatus status = target()->NewDirectory(name, options, result, debug);
  if (status.ok()) *result = std::make_unique<Directory>(*this, name, std::move(*result));
  return status;
}

void PowerCutFileSystem::lose_what_was_not_synced(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> unsynced_names;
  for (const auto& [name, known] : files_)
    if (!known.is_name_synced) unsynced_names.push_back(known.named);
  std::sort(unsynced_names.begin(), unsynced_names.end());
  unsynced_names.resize(random() % (unsynced_names.size() + 1));
  const std::uint64_t last_name = unsynced_names.empty() ? 0 : unsynced_names.back();
  for (const auto& [name, known] : files_) {
    if (!fs::exists(name)) continue;
    if (!known.is_name_synced && known.named > last_name) {
      fs::remove(name);
      if (known.replaced) std::ofstream(name, std::ios::binary) << *known.replaced;
      continue;
    }
    const std::uint64_t size = fs::file_size(name);
    const std::uint64_t unsynced = size > known.synced_bytes ? size - known.synced_bytes : 0;
    fs::resize_file(name, size - unsynced + (unsynced > 0 ? random() % (unsynced + 1) : 0));
  }
  files_.clear();
}

}  // namespace sharpwave::memory::testing
