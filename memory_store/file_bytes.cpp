#include "memory_store/file_bytes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string_view>
#include <system_error>

#include "host/base/error.hpp"
#include "host/base/sha256.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

void check(const std::error_code& failure, const fs::path& path) {
  if (!failure) return;
  const bool is_full = failure == std::errc::no_space_on_device || failure.value() == EDQUOT;
  throw Error(is_full ? ExitCode::no_room : ExitCode::io,
              fmt::format("{}: {}", path.string(), failure.message()));
}

void read_pieces(const FileDescriptor& file, const fs::path& path, std::uint64_t most_bytes,
                 const std::function<void(std::string_view)>& take) {
  std::string piece(kPieceBytes, '\0');
  while (most_bytes > 0) {
    const ssize_t n = ::read(file.get(), piece.data(), std::min<std::uint64_t>(piece.size(), most_bytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with_errno(path, "cannot be read");
    if (n == 0) return;
    take(std::string_view(piece).substr(0, static_cast<std::size_t>(n)));
    most_bytes -= static_cast<std::uint64_t>(n);
  }
}

FileDescriptor open_to_read(const fs::path& path) {
  FileDescriptor file(path, O_RDONLY);
  if (!file.is_open()) fail_with_errno(path, "cannot be opened");
  return file;
}

bool is_folder(const fs::path& path) {
  std::error_code failure;
  const bool folder = fs::is_directory(path, failure);
  check(failure, path);
  return folder;
}

void sync_file_of(const fs::path& path) {
  sync_file(open_to_read(path), path);
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code failure;
  const bool there = fs::exists(path, failure);
  check(failure, path);
  return there;
}

std::string read_file(const fs::path& file, std::uint64_t most_bytes) {
  std::string bytes;
  read_pieces(open_to_read(file), file, most_bytes, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

std::optional<std::string> read_file_if_there(const fs::path& file, std::uint64_t most_bytes) {
  if (!is_there(file)) return std::nullopt;
  return read_file(file, most_bytes);
}

std::uint64_t read_size(const fs::path& file) {
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(file, failure);
  check(failure, file);
  return size;
}

std::vector<fs::path> list_folder(const fs::path& folder) {
  std::vector<fs::path> entries;
  if (!is_there(folder)) return entries;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure))
    entries.push_back(entry->path());
  check(failure, folder);
  std::sort(entries.begin(), entries.end());
  return entries;
}

void make_folder(const fs::path& folder) {
  if (folder.empty() || (is_there(folder) && is_folder(folder))) return;
  make_folder(folder.parent_path());
  std::error_code failure;
  fs::create_directory(folder, failure);
  check(failure, folder);
  sync_folder(folder.parent_path());
}

void move_durably(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  check(failure, from);
  sync_folder(to.parent_path());
  if (from.parent_path() != to.parent_path()) sync_folder(from.parent_path());
}

void make_complete(const fs::path& to, const std::function<void(const fs::path& partial)>& make) {
  const fs::path partial = partial_path(to);
  try {
    make(partial);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
  move_durably(partial, to);
}

void remove_tree(const fs::path& path) {
  std::error_code failure;
  fs::remove_all(path, failure);
  check(failure, path);
}

void sync_tree(const fs::path& folder) {
  for (const fs::path& entry : list_folder(folder)) {
    if (is_folder(entry))
      sync_tree(entry);
    else
      sync_file_of(entry);
  }
  sync_folder(folder);
}

void copy_file_durably(const fs::path& from, const fs::path& to) {
  const FileDescriptor in = open_to_read(from);
  const FileDescriptor out(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!out.is_open()) fail_with_errno(to, "cannot be created");
  read_pieces(in, from, UINT64_MAX,
              [&](std::string_view piece) { write_all(out, to, piece.data(), piece.size()); });
  sync_file(out, to);
}

void copy_tree_durably(const fs::path& from, const fs::path& to) {
  make_folder(to);
  for (const fs::path& entry : list_folder(from)) {
    if (is_folder(entry))
      copy_tree_durably(entry, to / entry.filename());
    else
      copy_file_durably(entry, to / entry.filename());
  }
  sync_folder(to);
}

std::string sha256_of_file(const fs::path& file) {
  Sha256 digest;
  read_pieces(open_to_read(file), file, UINT64_MAX,
              [&](std::string_view piece) { digest.update(piece.data(), piece.size()); });
  return to_hex(digest.finish());
}

}  // namespace sharpwave::memory
