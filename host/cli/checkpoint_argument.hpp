// The checkpoint that a command is to begin with.
#pragma once

#include <filesystem>
#include <string>

#include "host/checkpoint/checkpoint.hpp"

namespace sharpwave::cli {

/// Says of a checkpoint what keeps it from being used.
void warn_of_damage(const std::filesystem::path& file, const std::string& why);

/// That in a file, or of a run's directory the newest that is whole.
/// @throws Error(io), Error(damaged_data), Error(no_checkpoint).
[[nodiscard]] Checkpoint checkpoint_at(const std::filesystem::path& path);

}  // namespace sharpwave::cli
