#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave::cli {

/// load_config() with the overrides of the command line; warnings go to the log.
[[nodiscard]] ModelSpec load(const std::filesystem::path& config, const std::vector<std::string>& overrides);

/// load_config_text() alike: the text of a config that lay, or lies, at `path`.
[[nodiscard]] ModelSpec load_text(const std::string& text, const std::filesystem::path& path,
                                  const std::vector<std::string>& overrides);

}  // namespace sharpwave::cli
