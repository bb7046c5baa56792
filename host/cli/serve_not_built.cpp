#include "host/base/error.hpp"
#include "host/cli/commands.hpp"

namespace sharpwave::cli {

ExitCode serve_command(const ServeArguments& /*arguments*/) {
  throw Error(
      ExitCode::usage,
      "this program was built without the service: Boost, prometheus-cpp, libsystemd, or what the memory "
      "store needs, was not there");
}

}  // namespace sharpwave::cli
