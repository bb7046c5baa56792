// Files that are either whole or not there under their name, also after a crash or a power cut.
#pragma once

#include <filesystem>
#include <string_view>

namespace sharpwave {

/// Where a file lies until it is whole: "<path>.partial", in the same folder.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& path);

/// Syncs `partial_path(path)` to the disk, gives it the name `path`, replacing what is there, and syncs the
/// folder. @throws Error(io) naming the file and the system's reason.
void publish_file(const std::filesystem::path& path);

/// Writes `content` to partial_path(path) and publishes it. @throws Error(io).
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace sharpwave
