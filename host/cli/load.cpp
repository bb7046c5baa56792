#include "host/cli/load.hpp"

#include "host/cli/log.hpp"

namespace sharpwave::cli {

std::vector<Override> parsed_overrides(const std::vector<std::string>& overrides) {
  std::vector<Override> list;
  for (const std::string& text : overrides) list.push_back(parse_override(text));
  return list;
}

ModelSpec load(const ConfigText& config) {
  std::vector<Diagnostic> warnings;
  ModelSpec spec = config.load(&warnings);
  for (const Diagnostic& warning : warnings) log_of(Module::config).warn(to_string(warning));
  return spec;
}

}  // namespace sharpwave::cli
