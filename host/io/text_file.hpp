// Whole text files, with a limit on their size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sharpwave {

/// @param max_bytes  a larger file is refused before it is read.
/// @throws Error(io) naming the file and the reason; Error(damaged_data) where it is too large.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes);

}  // namespace sharpwave
