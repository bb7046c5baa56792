// Files that are either whole or not there under their name, also after a crash or a power cut.
#pragma once

#include <filesystem>
#include <string_view>

namespace sharpwave {

inline constexpr std::string_view kPartialSuffix = ".partial";

/// Where a file lies until it is whole: "<path>.partial", in the same folder.
[[nodiscard]] std::filesystem::path partial_path(const std::filesystem::path& path);

/// Syncs `partial_path(path)` to the disk, gives it the name `path`, replacing what is there, and syncs the
/// folder. @throws Error(io) naming the file and the system's reason; Error(no_room) where the disk is full.
void publish_file(const std::filesystem::path& path);

/// Makes the names in a folder durable; an empty path is the current one. @throws Error(io).
void sync_folder(const std::filesystem::path& folder);

/// Writes `content` to partial_path(path) and publishes it; where that fails, nothing is left of it.
/// @throws Error(io), Error(no_room).
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace sharpwave
