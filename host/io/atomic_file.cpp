#include "host/io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "host/base/error.hpp"

namespace sharpwave {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(ExitCode::io, path.string() + ": " + what + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

void sync(const std::filesystem::path& path, int flags) {
  const Descriptor descriptor(path, flags);
  if (descriptor.get() < 0) fail(path, "cannot be opened to sync it");
  // Some file systems cannot sync a folder and say EINVAL; then there is nothing more to be had.
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL) fail(path, "cannot be synced to the disk");
}

void write_whole(const std::filesystem::path& path, std::string_view content) {
  const Descriptor descriptor(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (descriptor.get() < 0) fail(path, "cannot be created");
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, "cannot be written");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::filesystem::path partial_path(const std::filesystem::path& path) {
  std::filesystem::path partial = path;
  partial += ".partial";
  return partial;
}

void publish_file(const std::filesystem::path& path) {
  const std::filesystem::path partial = partial_path(path);
  sync(partial, O_RDONLY);
  if (::rename(partial.c_str(), path.c_str()) != 0) fail(path, "cannot be named");
  sync_folder(path.parent_path());
}

void sync_folder(const std::filesystem::path& folder) {
  sync(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path partial = partial_path(path);
  try {
    write_whole(partial, content);
    publish_file(path);
  } catch (const Error&) {
    // On a full disk what is there of it would stand in the way of everything else.
    ::unlink(partial.c_str());
    throw;
  }
}

}  // namespace sharpwave
