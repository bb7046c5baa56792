// Embeddings as a user writes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sharpwave::cli {

/// Numbers with commas, spaces or lines between them, maybe in brackets; `#` begins a comment. None of them
/// is checked but for being no larger than a float can be; what is too small for one is 0.
/// @param where  named in messages.
/// @throws Error(usage) with the line and what was read there; for none at all, or more than 4,096.
[[nodiscard]] std::vector<float> numbers_of(const std::string& text, const std::string& where);
/// @throws also Error(io).
[[nodiscard]] std::vector<float> numbers_in(const std::filesystem::path& file);

}  // namespace sharpwave::cli
