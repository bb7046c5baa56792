#include "host/cli/load.hpp"

#include "host/cli/log.hpp"
#include "host/config/config.hpp"

namespace sharpwave::cli {
namespace {

std::vector<Override> parsed(const std::vector<std::string>& overrides) {
  std::vector<Override> list;
  for (const std::string& text : overrides) list.push_back(parse_override(text));
  return list;
}

void log_all(const std::vector<Diagnostic>& warnings) {
  for (const Diagnostic& warning : warnings) log_of(Module::config).warn(to_string(warning));
}

}  // namespace

ModelSpec load(const std::filesystem::path& config, const std::vector<std::string>& overrides) {
  std::vector<Diagnostic> warnings;
  ModelSpec spec = load_config(config, parsed(overrides), &warnings);
  log_all(warnings);
  return spec;
}

ModelSpec load_text(const std::string& text, const std::filesystem::path& path,
                    const std::vector<std::string>& overrides) {
  std::vector<Diagnostic> warnings;
  ModelSpec spec = load_config_text(text, path.string(), parsed(overrides), &warnings, path.parent_path());
  log_all(warnings);
  return spec;
}

}  // namespace sharpwave::cli
