#include "host/cli/load.hpp"

#include "host/cli/log.hpp"

namespace sharpwave::cli {

ModelSpec load(const ConfigText& config) {
  std::vector<Diagnostic> warnings;
  ModelSpec spec = config.load(&warnings);
  for (const Diagnostic& warning : warnings) log_of(Module::config).warn(to_string(warning));
  return spec;
}

}  // namespace sharpwave::cli
