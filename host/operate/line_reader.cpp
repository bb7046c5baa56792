#include "host/operate/line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "host/base/error.hpp"
#include "host/io/file_descriptor.hpp"

namespace sharpwave::operate {
namespace {

FileDescriptor opened_for_lines(const std::filesystem::path& file, std::uint64_t from_byte) {
  FileDescriptor descriptor(file, O_RDONLY);
  if (!descriptor.is_open()) fail_with_errno(file, "cannot be opened");
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail_with_errno(file, "cannot be looked at");
  // A device may never end.
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    throw Error(ExitCode::io, file.string() + ": is neither a file nor a pipe; expected lines of a log");
  if (from_byte > 0 && ::lseek(descriptor.get(), static_cast<off_t>(from_byte), SEEK_SET) < 0)
    fail_with_errno(file, "cannot be read from its middle");
  return descriptor;
}

/// Puts lines together of blocks.
class LineAssembler {
 public:
  LineAssembler(const std::function<void(const LineOfFile&)>& take, bool begins_in_a_line)
      : take_(take), is_cut_(begins_in_a_line) {}

  void add(std::string_view block) {
    while (!block.empty()) {
      const std::size_t end = block.find('\n');
      const std::string_view part = block.substr(0, end);
      bytes_ += part.size();
      line_.append(part.substr(0, kLongestLine - line_.size()));
      if (end == std::string_view::npos) return;
      finish();
      block.remove_prefix(end + 1);
    }
  }
  void finish() {
    if (is_cut_) {
      is_cut_ = false;
    } else {
      ++number_;
      if (bytes_ > 0) take_({line_, number_, bytes_});
    }
    line_.clear();
    bytes_ = 0;
  }

 private:
  const std::function<void(const LineOfFile&)>& take_;
  bool is_cut_;
  std::string line_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::uint64_t for_each_line(const std::filesystem::path& file, std::uint64_t from_byte,
                            const std::function<void(const LineOfFile&)>& take) {
  const FileDescriptor descriptor = opened_for_lines(file, from_byte);
  LineAssembler lines(take, from_byte > 0);
  std::string block(std::size_t{64} << 10, '\0');
  std::uint64_t n_read = 0;
  for (;;) {
    const ssize_t n = ::read(descriptor.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with_errno(file, "cannot be read");
    if (n == 0) break;
    n_read += static_cast<std::uint64_t>(n);
    lines.add({block.data(), static_cast<std::size_t>(n)});
  }
  lines.finish();
  return n_read;
}

}  // namespace sharpwave::operate
