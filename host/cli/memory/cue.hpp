// Embeddings as a user writes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sharpwave::cli {

/// Numbers with spaces or lines between them, or one comma or semicolon, maybe in brackets; `#` begins a
/// comment. None of them is checked: what is too small for a float is 0, what is too large infinite.
/// @param where  named in messages.
/// @throws Error(usage) with the line and what was read there; for none at all.
[[nodiscard]] std::vector<float> numbers_of(const std::string& text, const std::string& where);
/// @throws also Error(io).
[[nodiscard]] std::vector<float> numbers_in(const std::filesystem::path& file);

}  // namespace sharpwave::cli
