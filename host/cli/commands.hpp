// What each command does. They return the exit code, or throw what main() turns into one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "host/cli/command_line.hpp"

namespace sharpwave::cli {

[[nodiscard]] ExitCode run_command(const RunArguments& arguments);
[[nodiscard]] ExitCode resume_command(const ResumeArguments& arguments);
[[nodiscard]] ExitCode validate_command(const ValidateArguments& arguments);
[[nodiscard]] ExitCode export_command(const ExportArguments& arguments);
[[nodiscard]] ExitCode report_command(const ReportArguments& arguments);
[[nodiscard]] ExitCode inspect_command(const InspectArguments& arguments);
[[nodiscard]] ExitCode bench_command(const BenchArguments& arguments);
[[nodiscard]] ExitCode trace_command(const TraceArguments& arguments);
[[nodiscard]] ExitCode memory_command(const MemoryCommand& command);
[[nodiscard]] ExitCode serve_command(const ServeArguments& arguments);
[[nodiscard]] ExitCode diagnose_command(const DiagnoseArguments& arguments);
[[nodiscard]] ExitCode debug_bundle_command(const DebugBundleArguments& arguments);
[[nodiscard]] ExitCode analyze_logs_command(const AnalyzeLogsArguments& arguments);
[[nodiscard]] ExitCode configs_command(const ConfigsArguments& arguments);
[[nodiscard]] ExitCode new_command(const NewArguments& arguments);
[[nodiscard]] ExitCode schema_command();
[[nodiscard]] ExitCode completion_command(const CompletionArguments& arguments);

/// @throws Error(io) where a file of that name is there and `force` is false.
void refuse_to_replace(const std::filesystem::path& file, bool force);

}  // namespace sharpwave::cli
