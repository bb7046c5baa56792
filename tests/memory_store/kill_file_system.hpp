// A file system that passes a kill point before each step of RocksDB that changes a file.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "memory_store/kill_point.hpp"

namespace sharpwave::memory::testing {

/// Points are `STEP.KIND`: the steps create, append, sync, rename, delete; the kinds log, sst, manifest,
/// other, and compacted: a table that a compaction writes.
class KillFileSystem : public rocksdb::FileSystemWrapper {
 public:
  KillFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "KillFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    pass("create", name);
    rocksdb::IOStatus status = target()->NewWritableFile(name, options, result, debug);
    if (status.ok()) *result = std::make_unique<File>(name, std::move(*result));
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    pass("rename", to);
    return target()->RenameFile(from, to, options, debug);
  }
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    pass("delete", name);
    return target()->DeleteFile(name, options, debug);
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::string name, std::unique_ptr<rocksdb::FSWritableFile>&& target)
        : FSWritableFileOwnerWrapper(std::move(target)), name_(std::move(name)) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      pass("append", name_, is_compacted_);
      return target()->Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& /*info*/,
                             rocksdb::IODebugContext* debug) override {
      return Append(data, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      pass("sync", name_, is_compacted_);
      return target()->Sync(options, debug);
    }
    // Compactions write at a low priority, memtables at a high one.
    void SetIOPriority(rocksdb::Env::IOPriority priority) override {
      is_compacted_ = priority == rocksdb::Env::IO_LOW;
      target()->SetIOPriority(priority);
    }

   private:
    std::string name_;
    bool is_compacted_ = false;
  };

  static void pass(const char* step, const std::string& name, bool is_compacted = false) {
    const std::filesystem::path file = std::filesystem::path(name).filename();
    const std::string extension = file.extension().string();
    const char* kind = "other";
    if (extension == ".log") kind = "log";
    if (extension == ".sst") kind = is_compacted ? "compacted" : "sst";
    if (file.string().starts_with("MANIFEST")) kind = "manifest";
    kill_point((std::string(step) + "." + kind).c_str());
  }
};

}  // namespace sharpwave::memory::testing
