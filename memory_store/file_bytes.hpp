// Files and folders as the store looks at them: what cannot be read is an Error, also where the system has no
// descriptors left.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sharpwave::memory {

/// Every function @throws Error(io) naming the path and the system's reason, and where it writes
/// Error(no_room).

[[nodiscard]] bool is_there(const std::filesystem::path& path);
/// At most `most_bytes` of it, or all.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::uint64_t most_bytes = UINT64_MAX);
[[nodiscard]] std::optional<std::string> read_file_if_there(const std::filesystem::path& file,
                                                            std::uint64_t most_bytes = UINT64_MAX);
[[nodiscard]] std::uint64_t read_size(const std::filesystem::path& file);
/// What lies in a folder, sorted; nothing where it is not there.
[[nodiscard]] std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder);
/// With the folders above it; the names of those that were not there are on the disk when it returns.
void make_folder(const std::filesystem::path& folder);
/// What make(partial) makes has the name `to` when it is whole; where it throws, nothing is left.
void make_complete(const std::filesystem::path& to,
                   const std::function<void(const std::filesystem::path& partial)>& make);
/// Both folders know it when it returns; `to` is not there.
void move_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// A file, or a folder with all that is in it; what is not there is removed already.
void remove_tree(const std::filesystem::path& path);
/// All files and folders in it, and the folder itself, are on the disk.
void sync_tree(const std::filesystem::path& folder);
/// On the disk when it returns. `to` is not there; its folder is.
void copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// Likewise, with all that is in a folder.
void copy_tree_durably(const std::filesystem::path& from, const std::filesystem::path& to);
/// Lower-case hexadecimal SHA-256. Reads it in pieces.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace sharpwave::memory
