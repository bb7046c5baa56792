#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/batch/batch_json.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/io/atomic_file.hpp"
#include "host/report/report_page.hpp"
#include "host/run/killed_run.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/recording_format.hpp"

namespace sharpwave::cli {
namespace {

/// Makes runs of what killed ones have left. damaged_data where not all that was recorded could be read back,
/// beyond what a kill takes.
ExitCode recover_killed_runs(const std::vector<std::filesystem::path>& directories) {
  ExitCode code = ExitCode::ok;
  for (const std::filesystem::path& directory : directories) {
    const std::optional<RecoveredRun> run = recover_killed_run(directory);
    if (!run) continue;
    log_of(Module::report)
        .warn("{}: the run was killed after {} of {}: what follows is made of its recording",
              directory.string(), milliseconds(run->recorded_ms), milliseconds(run->planned_ms));
    if (run->end.kind == RecordingEnd::Kind::whole) continue;
    const std::string used = fmt::format("{}; {} of its {} bytes are used", run->end.problem,
                                         grouped(run->end.usable_bytes), grouped(run->end.file_bytes));
    if (run->end.kind == RecordingEnd::Kind::torn) {
      log_of(Module::report).warn("{}", used);
    } else {
      log_of(Module::report).error("{}: it is damaged", used);
      code = ExitCode::damaged_data;
    }
  }
  return code;
}

/// A directory of a batch stands for its instances, as far as they have begun.
std::vector<std::filesystem::path> runs_of(const std::filesystem::path& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory / kBatchFile, ignored)) return {directory};
  std::vector<std::filesystem::path> runs = instance_directories(directory);
  std::erase_if(runs, [](const std::filesystem::path& instance) {
    std::error_code error;
    return !std::filesystem::exists(instance / "run.json", error) &&
           !std::filesystem::exists(instance / recording::kFileName, error);
  });
  if (runs.empty()) throw Error(ExitCode::io, directory.string() + ": no instance of the batch has begun");
  return runs;
}

/// Of a batch, the page shows as many instances as it takes.
std::vector<std::filesystem::path> shown_runs(const ReportArguments& arguments) {
  std::vector<std::filesystem::path> shown;
  for (const std::filesystem::path& directory : arguments.directories) {
    std::vector<std::filesystem::path> runs = runs_of(directory);
    const bool is_batch = runs.front() != directory;
    if (is_batch && !arguments.json && runs.size() > report::kMostRuns) {
      log_of(Module::report)
          .warn("{}: the page shows the first {} of {} instances", directory.string(), report::kMostRuns,
                grouped(runs.size()));
      runs.resize(report::kMostRuns);
    }
    shown.insert(shown.end(), runs.begin(), runs.end());
  }
  return shown;
}

}  // namespace

ExitCode report_command(const ReportArguments& arguments) {
  set_up_log(arguments.log, "info");
  const std::vector<std::filesystem::path> runs = shown_runs(arguments);
  const ExitCode code = recover_killed_runs(runs);
  if (arguments.json) {
    fmt::print("{}", report::statistics_text(runs));
    return code;
  }
  if (runs.size() > report::kMostRuns)
    throw Error(ExitCode::usage,
                fmt::format("{} runs; a page shows at most {} side by side", runs.size(), report::kMostRuns));
  std::filesystem::path file;
  if (arguments.directories.size() == 1 && !arguments.file) {
    const std::filesystem::path& directory = arguments.directories.front();
    if (runs.front() == directory) {
      file = report::write_report(directory);
    } else {
      file = directory / "report.html";
      write_file_atomically(file, report::report_page(runs));
    }
  } else {
    file = arguments.file.value_or("report.html");
    refuse_to_replace(file, arguments.force);
    write_file_atomically(file, report::report_page(runs));
  }
  fmt::print("{}\n", file.string());
  return code;
}

}  // namespace sharpwave::cli
