#include <fmt/format.h>

#include <filesystem>

#include "host/cli/commands.hpp"
#include "host/io/atomic_file.hpp"
#include "host/report/report_page.hpp"

namespace sharpwave::cli {
namespace {

/// A page is replaced unasked only where it is a run's own.
void write_page(const ReportArguments& arguments, const std::filesystem::path& file) {
  refuse_to_replace(file, arguments.force);
  write_file_atomically(file, report::report_page(arguments.directories));
}

}  // namespace

ExitCode report_command(const ReportArguments& arguments) {
  set_up_log(arguments.log_level, "info");
  if (arguments.json) {
    fmt::print("{}", report::statistics_text(arguments.directories));
    return ExitCode::ok;
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
  return ExitCode::ok;
}

}  // namespace sharpwave::cli
