// Who writes into a run's directory, so that nobody else does at the same time.
#pragma once

#include <filesystem>
#include <optional>

#include "host/io/file_descriptor.hpp"

namespace sharpwave {

/// Holds `<directory>/.lock` as long as it lives; the file is removed at the end. The system lets go of it
/// when the process ends, however it ends: a file that is left over locks nobody out.
///
/// Where the file system knows no locks (some of clusters), nothing is held and nobody refused.
class RunLock {
 public:
  /// @throws Error(io) naming the process where another holds it, or why the file cannot be made.
  explicit RunLock(const std::filesystem::path& directory);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::filesystem::path path_;
  std::optional<FileDescriptor> file_;
};

}  // namespace sharpwave
