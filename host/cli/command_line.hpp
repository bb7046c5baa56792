// From the words of the command line to what is to be done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/cli/log_options.hpp"
#include "host/cli/memory/arguments.hpp"
#include "host/cli/operate/arguments.hpp"
#include "host/trace/trace.hpp"

namespace sharpwave::cli {

/// What every command takes that simulates.
struct SimulationArguments {
  std::vector<std::string> overrides;  ///< "key=value", checked by parse_override()
  std::optional<int> threads;
  bool quiet = false;
  bool json = false;
  bool raster = false;
  bool no_report = false;
  bool profile = false;
  LogOptions log;
};

struct RunArguments : SimulationArguments {
  std::vector<std::filesystem::path> configs;  ///< files, or directories of them; at least one
  std::optional<std::filesystem::path> directory;
  std::optional<std::filesystem::path> from;  ///< a checkpoint whose state it begins with
  std::vector<std::string> injections;        ///< checked by parse_injection()
  bool force = false;
  bool dry_run = false;
};

struct ResumeArguments : SimulationArguments {
  std::filesystem::path directory;  ///< of the run, or of the batch
};

struct ExportArguments {
  std::filesystem::path config;
  std::filesystem::path directory;
  std::optional<std::filesystem::path> from;  ///< a checkpoint, or the directory of a run
  std::vector<std::string> overrides;
  bool force = false;
  LogOptions log;
};

struct ValidateArguments {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> overrides;
  LogOptions log;
};

struct ReportArguments {
  std::vector<std::filesystem::path> directories;  ///< of runs, at least one
  std::optional<std::filesystem::path> file;
  bool force = false;
  bool json = false;
  LogOptions log;
};

struct InspectArguments {
  std::filesystem::path path;                  ///< a checkpoint, or a run's directory
  std::optional<std::filesystem::path> other;  ///< to compare it with
  bool json = false;
  LogOptions log;
};

struct BenchArguments {
  std::vector<std::string> cases;  ///< those by default, if none is named
  bool list = false;
  int repeats = 3;
  std::vector<int> threads;  ///< as many as there are processors, if empty
  double warm_up_ms = 500;
  std::vector<std::string> overrides;
  std::optional<std::filesystem::path> file;
  bool force = false;
  std::optional<std::filesystem::path> baseline;
  double tolerance = 0.05;
  bool json = false;
  LogOptions log;
};

struct TraceArguments {
  enum class Form { table, csv, h5, plot };
  std::filesystem::path config;
  std::vector<std::string> overrides;
  std::optional<int> threads;
  trace::Request request;
  Form form = Form::table;
  std::optional<std::filesystem::path> file;  ///< of csv, h5 and plot
  bool force = false;
  LogOptions log;
};

struct ServeArguments {
  std::filesystem::path data_directory;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: one that is free
  std::optional<std::filesystem::path> admin_token;
  std::optional<std::filesystem::path> read_token;
  std::optional<std::filesystem::path> tls_certificate;
  std::optional<std::filesystem::path> tls_key;
  std::vector<std::string> host_names;
  std::optional<std::filesystem::path> config_directory;
  std::optional<int> threads;
  std::string sync = "always";  ///< or "interval", "none"
  bool resume_on_cpu = false;
  bool openapi = false;  ///< prints the description, and ends
  LogOptions log;
};

/// Lists the shipped configs, or prints one.
struct ConfigsArguments {
  std::optional<std::string> name;
};

struct NewArguments {
  std::optional<std::filesystem::path> file;  ///< standard output, if there is none
};

struct SchemaArguments {};

struct CompletionArguments {
  std::string shell;  ///< "bash" or "zsh"
};

struct HelpArguments {
  std::string topic;  ///< one of help_topics(), or "" for the overview
};

struct VersionArguments {};

using Command =
    std::variant<RunArguments, ResumeArguments, ValidateArguments, ExportArguments, ReportArguments,
                 InspectArguments, BenchArguments, TraceArguments, MemoryCommand, ServeArguments,
                 ConfigsArguments, NewArguments, SchemaArguments, CompletionArguments, HelpArguments,
                 VersionArguments, AnalyzeLogsArguments, DiagnoseArguments, DebugBundleArguments>;

/// @param words  without the program's name.
/// @throws Error(usage) saying which word is wrong, and what was perhaps meant.
[[nodiscard]] Command parse_command_line(const std::vector<std::string>& words);

/// Commands and further topics that `help` explains.
[[nodiscard]] const std::vector<std::string>& help_topics();

/// The text of `sharpwave help TOPIC`. `exit-codes` is Markdown, the source of docs/exit_codes.md.
[[nodiscard]] std::string help(const std::string& topic);

}  // namespace sharpwave::cli
