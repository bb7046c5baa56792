// A .tar.gz that is whole or not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/io/file_descriptor.hpp"

struct archive;

namespace sharpwave::operate {

/// Writes entries to `file`.partial, which its owner alone can read; publish() gives it its name. Without
/// that, nothing is left of it.
class Archive {
 public:
  /// @throws Error(io), Error(no_room) naming the file.
  explicit Archive(std::filesystem::path file);
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  /// @param name     relative, of at most 250 bytes.
  /// @param time_s   since 1970.
  /// @throws Error(io), Error(no_room).
  void add(const std::string& name, std::string_view content, std::int64_t time_s);
  /// Nothing can be added afterwards. @throws as publish_file().
  void publish();

 private:
  void expect(int outcome, const char* what);

  std::filesystem::path file_;
  FileDescriptor descriptor_;
  ::archive* archive_;
  bool is_published_ = false;
};

}  // namespace sharpwave::operate
