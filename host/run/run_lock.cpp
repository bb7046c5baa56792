#include "host/run/run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

/// The file of this name is still the one that is open: its last holder may have removed it in between.
bool is_still_there(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(file.get(), &open) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/// " (process 123)", if it says so: its holder writes it a moment after it has the lock.
std::string holder(const FileDescriptor& file) {
  std::array<char, 24> text{};
  const ssize_t n = ::pread(file.get(), text.data(), text.size(), 0);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto end = std::find_if_not(text.begin(), text.begin() + std::max<ssize_t>(n, 0), is_digit);
  return end == text.begin() ? "" : " (process " + std::string(text.begin(), end) + ")";
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& directory) : path_(directory / ".lock") {
  for (;;) {
    FileDescriptor file(path_, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!file.is_open()) fail_with_errno(path_, "cannot be opened");
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        throw Error(ExitCode::io, "another run writes into " + directory.string() + holder(file) +
                                      "; wait for its end, or choose another directory");
      }
      if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP) return;
      fail_with_errno(path_, "cannot be locked");
    }
    if (!is_still_there(file, path_)) continue;
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.get(), 0) != 0) fail_with_errno(path_, "cannot be written");
    write_all(file, path_, text.data(), text.size());
    file_.emplace(std::move(file));
    return;
  }
}

RunLock::~RunLock() {
  // While it is held: who opens the file before this finds it gone once the lock is theirs, and starts over.
  if (file_) ::unlink(path_.c_str());
}

}  // namespace sharpwave
