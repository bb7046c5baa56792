#include "host/operate/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"

namespace sharpwave::operate {
namespace {

/// Opened so that nobody else can read it, not even for a moment.
FileDescriptor opened_for_owner(const std::filesystem::path& partial) {
  std::remove(partial.c_str());  // of one that was killed; with O_EXCL no link leads elsewhere
  const mode_t before = ::umask(0177);
  FileDescriptor descriptor(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  const int reason = errno;
  ::umask(before);
  errno = reason;
  if (!descriptor.is_open()) fail_with_errno(partial, "cannot be created");
  return descriptor;
}

}  // namespace

Archive::Archive(std::filesystem::path file)
    : file_(std::move(file)),
      descriptor_(opened_for_owner(partial_path(file_))),
      archive_(archive_write_new()) {
  try {
    if (archive_ == nullptr) throw std::bad_alloc();
    expect(archive_write_add_filter_gzip(archive_), "cannot be compressed");
    expect(archive_write_set_format_ustar(archive_), "cannot be an archive");
    expect(archive_write_open_fd(archive_, descriptor_.get()), "cannot be written");
  } catch (...) {
    archive_write_free(archive_);
    std::remove(partial_path(file_).c_str());
    throw;
  }
}

Archive::~Archive() {
  if (archive_ != nullptr) archive_write_free(archive_);
  if (!is_published_) std::remove(partial_path(file_).c_str());
}

void Archive::expect(int outcome, const char* what) {
  if (outcome == ARCHIVE_OK) return;
  errno = archive_errno(archive_);
  const char* why = archive_error_string(archive_);
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) fail_with_errno(file_, what);
  throw Error(ExitCode::io,
              file_.string() + ": " + what + ": " + (why != nullptr ? why : "libarchive does not say why"));
}

void Archive::add(const std::string& name, std::string_view content, std::int64_t time_s) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  if (entry == nullptr) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_mtime(entry.get(), time_s, 0);
  expect(archive_write_header(archive_, entry.get()), "cannot be written");
  while (!content.empty()) {
    const la_ssize_t n = archive_write_data(archive_, content.data(), content.size());
    if (n <= 0) expect(ARCHIVE_FATAL, "cannot be written");
    content.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Archive::publish() {
  expect(archive_write_close(archive_), "cannot be written");
  archive_write_free(std::exchange(archive_, nullptr));
  publish_file(file_);
  is_published_ = true;
}

}  // namespace sharpwave::operate
