#include "host/base/error.hpp"
#include "host/cli/commands.hpp"

namespace sharpwave::cli {

ExitCode memory_command(const MemoryCommand& /*command*/) {
  throw Error(ExitCode::usage,
              "this program was built without the memory store: RocksDB or hnswlib was not there");
}

}  // namespace sharpwave::cli
