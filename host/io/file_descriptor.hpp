// Files by their descriptors, for what needs more than a stream: locks, syncs, lengths.
#pragma once

#include <cstddef>
#include <filesystem>
#include <utility>

namespace sharpwave {

/// Owns an open file; closes it.
class FileDescriptor {
 public:
  /// Opens with O_CLOEXEC, or fails: is_open() tells.
  FileDescriptor(const std::filesystem::path& path, int flags);
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }

  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

/// Throws what errno says: "path: what: reason". @throws Error(no_room) where the disk, the user's share of
/// it, or the largest size that a file may have is used up; else Error(io).
[[noreturn]] void fail_with_errno(const std::filesystem::path& path, const char* what);

/// Takes room for `n_bytes` from the beginning of the file at once, where the file system can do so.
/// @throws as fail_with_errno().
void reserve_room(const FileDescriptor& file, const std::filesystem::path& path, std::size_t n_bytes);

/// Writes all of it where the file stands. @throws as fail_with_errno().
void write_all(const FileDescriptor& file, const std::filesystem::path& path, const void* data,
               std::size_t n_bytes);

/// Until it returns, a power cut may take what was written; of a folder, the names in it.
/// @throws as fail_with_errno().
void sync_file(const FileDescriptor& file, const std::filesystem::path& path);

}  // namespace sharpwave
