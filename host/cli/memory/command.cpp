#include <variant>

#include "host/cli/commands.hpp"
#include "host/cli/memory/execute.hpp"

namespace sharpwave::cli {

ExitCode memory_command(const MemoryCommand& command) {
  return std::visit([](const auto& arguments) { return execute(arguments); }, command);
}

}  // namespace sharpwave::cli
