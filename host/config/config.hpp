// A YAML config to the typed description of a model. The keys are documented in docs/config.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/diagnostic.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave {

/// `--set populations.E.size=500`: replaces or adds one key before the config is interpreted.
struct Override {
  std::string path;   ///< keys joined by dots; an item of a list by its position or its `name`
  std::string value;  ///< YAML, usually a number or a word
};

/// Splits `path=value`.
/// @throws Error(usage) where there is no `=` or no path before it.
[[nodiscard]] Override parse_override(std::string_view argument);

/// Reads a config file.
///
/// @param warnings  gets what is tolerated but hardly meant (spikes after the end); may be null.
/// @return a description in which every value has been checked; populations, projections and inputs in the
///         order of the file.
/// @throws ConfigError with every fault at once; Error(io) where the file cannot be read; what read_sonata()
///         throws for a SONATA network.
[[nodiscard]] ModelSpec load_config(const std::filesystem::path& file,
                                    const std::vector<Override>& overrides = {},
                                    std::vector<Diagnostic>* warnings = nullptr);

/// The same for a text.
/// @param name         how messages call it.
/// @param base_folder  what relative paths in it start from.
[[nodiscard]] ModelSpec load_config_text(std::string_view text, const std::string& name,
                                         const std::vector<Override>& overrides = {},
                                         std::vector<Diagnostic>* warnings = nullptr,
                                         const std::filesystem::path& base_folder = ".");

}  // namespace sharpwave
