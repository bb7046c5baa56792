// What lies in a folder, and its removal.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

namespace sharpwave {

/// What lies in `directory` and is meant; sorted. Nothing where it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> entries_of(
    const std::filesystem::path& directory,
    const std::function<bool(const std::filesystem::directory_entry&)>& is_meant);

/// What is not there is removed already. @throws Error(io) naming the file.
void remove_file(const std::filesystem::path& file);

/// Removes them, the one of the name `first` before the others.
/// @throws Error(io) naming the file.
void remove_files(std::vector<std::filesystem::path> files, std::string_view first);

}  // namespace sharpwave
