#include "host/io/atomic_file.hpp"

#include <fcntl.h>

#include <cstdio>

#include "host/base/error.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave {
namespace {

void write_whole(const std::filesystem::path& path, std::string_view content) {
  const FileDescriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) fail_with_errno(path, "cannot be created");
  // What does not fit takes no room from files that grow meanwhile, such as a run's recording.
  reserve_room(file, path, content.size());
  write_all(file, path, content.data(), content.size());
}

}  // namespace

std::filesystem::path partial_path(const std::filesystem::path& path) {
  std::filesystem::path partial = path;
  partial += kPartialSuffix;
  return partial;
}

void publish_file(const std::filesystem::path& path) {
  const std::filesystem::path partial = partial_path(path);
  const FileDescriptor file(partial, O_RDONLY);
  if (!file.is_open()) fail_with_errno(partial, "cannot be opened to sync it");
  sync_file(file, partial);
  if (std::rename(partial.c_str(), path.c_str()) != 0) fail_with_errno(path, "cannot be named");
  sync_folder(path.parent_path());
}

void sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path name = folder.empty() ? "." : folder;
  const FileDescriptor descriptor(name, O_RDONLY | O_DIRECTORY);
  if (!descriptor.is_open()) fail_with_errno(name, "cannot be opened to sync it");
  sync_file(descriptor, name);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path partial = partial_path(path);
  try {
    write_whole(partial, content);
    publish_file(path);
  } catch (const Error&) {
    // On a full disk what is there of it would stand in the way of everything else.
    std::remove(partial.c_str());
    throw;
  }
}

}  // namespace sharpwave
