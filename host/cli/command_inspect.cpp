#include <fmt/format.h>

#include <optional>

#include "host/batch/batch_json.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/inspection.hpp"
#include "host/cli/log.hpp"

namespace sharpwave::cli {
namespace {

/// The checkpoint that a path means: a file, or of a run's directory the newest that is whole.
Inspected look_at(const std::filesystem::path& path) {
  std::error_code ignored;
  Inspected inspected;
  if (!std::filesystem::is_directory(path, ignored)) {
    inspected.file = path;
    inspected.checkpoint = read_checkpoint(path);
    return inspected;
  }
  const CheckpointStore store(path);
  std::optional<Checkpoint> newest;
  for (const CheckpointStore::Entry& entry : store.entries()) {
    try {
      Checkpoint checkpoint = read_entry(entry);
      inspected.run.push_back({entry.file, ""});
      if (newest) continue;
      newest = std::move(checkpoint);
      inspected.file = entry.file;
    } catch (const Error& error) {
      inspected.run.push_back({entry.file, error.what()});
    }
  }
  if (!newest) {
    std::string message = store.folder().string() + ": there is no checkpoint that can be used";
    for (const CheckpointState& state : inspected.run) message += "\n" + state.fault;
    if (std::filesystem::exists(path / kBatchFile, ignored))
      message += "\nit is a batch: each of " + (path / "instances").string() + " has its own";
    throw Error(ExitCode::no_checkpoint, message);
  }
  inspected.checkpoint = *std::move(newest);
  return inspected;
}

}  // namespace

ExitCode inspect_command(const InspectArguments& arguments) {
  set_up_log(arguments.log, "info");
  const Inspected first = look_at(arguments.path);
  if (!arguments.other) {
    fmt::print("{}", arguments.json ? inspection_json(first) : inspection_text(first));
    return ExitCode::ok;
  }
  const Inspected second = look_at(*arguments.other);
  fmt::print("{}", arguments.json ? comparison_json(first, second) : comparison_text(first, second));
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
