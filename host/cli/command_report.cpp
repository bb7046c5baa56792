#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/io/atomic_file.hpp"
#include "host/report/report_page.hpp"
#include "host/run/killed_run.hpp"

namespace sharpwave::cli {
namespace {

/// A page is replaced unasked only where it is a run's own.
void write_page(const ReportArguments& arguments, const std::filesystem::path& file) {
  refuse_to_replace(file, arguments.force);
  write_file_atomically(file, report::report_page(arguments.directories));
}

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

}  // namespace

ExitCode report_command(const ReportArguments& arguments) {
  set_up_log(arguments.log, "info");
  const ExitCode code = recover_killed_runs(arguments.directories);
  if (arguments.json) {
    fmt::print("{}", report::statistics_text(arguments.directories));
    return code;
  }
  if (arguments.directories.size() > report::kMostRuns)
    throw Error(ExitCode::usage, fmt::format("{} runs; a page shows at most {} side by side",
                                             arguments.directories.size(), report::kMostRuns));
  std::filesystem::path file;
  if (arguments.directories.size() == 1 && !arguments.file) {
    file = report::write_report(arguments.directories.front());
  } else {
    file = arguments.file.value_or("report.html");
    write_page(arguments, file);
  }
  fmt::print("{}\n", file.string());
  return code;
}

}  // namespace sharpwave::cli
