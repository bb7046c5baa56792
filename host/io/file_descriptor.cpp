#include "host/io/file_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/base/error.hpp"

namespace sharpwave {

namespace {

bool is_full(int reason) {
  return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}

}  // namespace

FileDescriptor::FileDescriptor(const std::filesystem::path& path, int flags)
    : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}

FileDescriptor::~FileDescriptor() {
  if (value_ >= 0) ::close(value_);
}

void fail_with_errno(const std::filesystem::path& path, const char* what) {
  const int reason = errno;
  throw Error(is_full(reason) ? ExitCode::no_room : ExitCode::io,
              path.string() + ": " + what + ": " + std::strerror(reason));
}

void reserve_room(const FileDescriptor& file, const std::filesystem::path& path, std::size_t n_bytes) {
  if (n_bytes == 0) return;
  while (::fallocate(file.get(), 0, 0, static_cast<off_t>(n_bytes)) != 0) {
    if (errno == EINTR) continue;
    if (is_full(errno)) fail_with_errno(path, "has no room");
    return;  // no file system that can do so: writing will tell
  }
}

void write_all(const FileDescriptor& file, const std::filesystem::path& path, const void* data,
               std::size_t n_bytes) {
  const auto* bytes = static_cast<const char*>(data);
  while (n_bytes > 0) {
    const ssize_t written = ::write(file.get(), bytes, n_bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_with_errno(path, "cannot be written");
    bytes += written;
    n_bytes -= static_cast<std::size_t>(written);
  }
}

void sync_file(const FileDescriptor& file, const std::filesystem::path& path) {
  // Some file systems cannot sync a folder and say EINVAL; then there is nothing more to be had.
  if (::fsync(file.get()) != 0 && errno != EINVAL) fail_with_errno(path, "cannot be synced to the disk");
}

}  // namespace sharpwave
