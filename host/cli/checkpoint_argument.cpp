#include "host/cli/checkpoint_argument.hpp"

#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/cli/log.hpp"

namespace sharpwave::cli {

void warn_of_damage(const std::filesystem::path& file, const std::string& why) {
  log_of(Module::checkpoint).warn("{} cannot be used: {}", file.filename().string(), why);
}

Checkpoint checkpoint_at(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return read_checkpoint(path);
  return CheckpointStore(path).newest_valid(warn_of_damage).checkpoint;
}

}  // namespace sharpwave::cli
