#include "host/cli/commands.hpp"

namespace sharpwave::cli {

void refuse_to_replace(const std::filesystem::path& file, bool force) {
  std::error_code ignored;
  if (!force && std::filesystem::exists(file, ignored))
    throw Error(ExitCode::io,
                file.string() + " exists; choose another file with --out, or replace it with --force");
}

}  // namespace sharpwave::cli
