#include "host/cli/load.hpp"

#include <spdlog/spdlog.h>

#include "host/config/config.hpp"

namespace sharpwave::cli {

ModelSpec load(const std::filesystem::path& config, const std::vector<std::string>& overrides) {
  std::vector<Override> parsed;
  for (const std::string& text : overrides) parsed.push_back(parse_override(text));
  std::vector<Diagnostic> warnings;
  ModelSpec spec = load_config(config, parsed, &warnings);
  for (const Diagnostic& warning : warnings) spdlog::warn(to_string(warning));
  return spec;
}

}  // namespace sharpwave::cli
