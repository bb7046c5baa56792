#include "host/cli/command_line.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "host/base/error.hpp"
#include "host/cli/operate/parse.hpp"
#include "host/cli/options.hpp"
#include "host/cli/parsing.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/network/model_spec.hpp"
#include "host/watchdog/injection.hpp"

namespace sharpwave::cli {
namespace {

std::vector<std::string> overrides_of(const cxxopts::ParseResult& result) {
  if (result.count("set") == 0) return {};
  auto overrides = result["set"].as<std::vector<std::string>>();
  for (const std::string& text : overrides) static_cast<void>(parse_override(text));
  return overrides;
}

std::optional<int> threads_of(const cxxopts::ParseResult& result, const std::string& command) {
  const auto threads = optional_value<int>(result, "threads");
  if (threads && (*threads < 1 || *threads > kMostThreads)) {
    usage_error("--threads takes a number from 1 to " + std::to_string(kMostThreads) + ", read " +
                    std::to_string(*threads),
                command);
  }
  return threads;
}

SimulationArguments simulation_arguments(const cxxopts::ParseResult& result, const std::string& command) {
  SimulationArguments arguments;
  arguments.overrides = overrides_of(result);
  arguments.threads = threads_of(result, command);
  arguments.quiet = result.count("quiet") > 0;
  arguments.json = result.count("json") > 0;
  arguments.raster = result.count("raster") > 0;
  arguments.profile = result.count("profile") > 0;
  arguments.no_report = result.count("no-report") > 0;
  arguments.log = log_options(result);
  return arguments;
}

Command parse_run(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(run_options(), words, "run");
  if (result.count("help") > 0) return HelpArguments{"run"};
  if (result.count("config") == 0) usage_error("`sharpwave run` needs a config file", "run");
  RunArguments run{simulation_arguments(result, "run")};
  for (const std::string& config : result["config"].as<std::vector<std::string>>())
    run.configs.emplace_back(config);
  run.directory = optional_path(result, "out", "--out takes the name of a directory", "run");
  run.from = optional_path(result, "from", "--from takes a checkpoint, or the directory of a run", "run");
  if (result.count("inject") > 0) run.injections = result["inject"].as<std::vector<std::string>>();
  for (const std::string& text : run.injections) static_cast<void>(parse_injection(text));
  run.force = result.count("force") > 0;
  run.dry_run = result.count("dry-run") > 0;
  return run;
}

Command parse_resume(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(resume_options(), words, "resume");
  if (result.count("help") > 0) return HelpArguments{"resume"};
  const std::string complaint = "`sharpwave resume` needs the directory of a run";
  const auto directory = optional_path(result, "directory", complaint, "resume");
  if (!directory) usage_error(complaint, "resume");
  ResumeArguments resume{simulation_arguments(result, "resume")};
  resume.directory = *directory;
  return resume;
}

Command parse_validate(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(validate_options(), words, "validate");
  if (result.count("help") > 0) return HelpArguments{"validate"};
  if (result.count("files") == 0)
    usage_error("`sharpwave validate` needs at least one config file", "validate");
  ValidateArguments validate;
  for (const std::string& file : result["files"].as<std::vector<std::string>>())
    validate.files.push_back(file);
  validate.overrides = overrides_of(result);
  validate.log = log_options(result);
  return validate;
}

Command parse_export(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(export_options(), words, "export");
  if (result.count("help") > 0) return HelpArguments{"export"};
  if (result.count("sonata") == 0) usage_error("`sharpwave export` needs a format: --sonata", "export");
  if (result.count("config") == 0 || result.count("directory") == 0)
    usage_error("`sharpwave export` needs a config file and a directory", "export");
  ExportArguments arguments;
  arguments.config = result["config"].as<std::string>();
  arguments.directory = result["directory"].as<std::string>();
  if (arguments.directory.empty()) usage_error("DIR is the name of a directory", "export");
  arguments.from =
      optional_path(result, "from", "--from takes a checkpoint, or the directory of a run", "export");
  arguments.overrides = overrides_of(result);
  arguments.force = result.count("force") > 0;
  arguments.log = log_options(result);
  return arguments;
}

Command parse_report(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(report_options(), words, "report");
  if (result.count("help") > 0) return HelpArguments{"report"};
  if (result.count("directories") == 0)
    usage_error("`sharpwave report` needs the directory of a run", "report");
  ReportArguments report;
  for (const std::string& directory : result["directories"].as<std::vector<std::string>>())
    report.directories.push_back(directory);
  report.file = optional_path(result, "out", "--out takes the name of a file", "report");
  report.force = result.count("force") > 0;
  report.json = result.count("json") > 0;
  if (report.json && report.file) usage_error("--json prints; it goes without --out", "report");
  report.log = log_options(result);
  return report;
}

Command parse_inspect(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(inspect_options(), words, "inspect");
  if (result.count("help") > 0) return HelpArguments{"inspect"};
  const std::string complaint = "`sharpwave inspect` needs a checkpoint, or the directory of a run";
  const auto path = optional_path(result, "path", complaint, "inspect");
  if (!path) usage_error(complaint, "inspect");
  InspectArguments inspect;
  inspect.path = *path;
  inspect.other = optional_path(result, "other", complaint, "inspect");
  inspect.json = result.count("json") > 0;
  inspect.log = log_options(result);
  return inspect;
}

/// "1,2,8", ascending, each once.
std::vector<int> thread_numbers(const std::string& text) {
  std::set<int> numbers;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data();; ++at) {
    int threads = 0;
    const auto [stop, error] = std::from_chars(at, end, threads);
    if (error != std::errc() || threads < 1 || threads > kMostThreads || (stop != end && *stop != ',')) {
      usage_error("--threads takes numbers from 1 to " + std::to_string(kMostThreads) +
                      " with commas between them, read '" + text + "'",
                  "bench");
    }
    numbers.insert(threads);
    if (stop == end) return {numbers.begin(), numbers.end()};
    at = stop;
  }
}

Command parse_bench(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(bench_options(), words, "bench");
  if (result.count("help") > 0) return HelpArguments{"bench"};
  BenchArguments bench;
  if (result.count("cases") > 0) bench.cases = result["cases"].as<std::vector<std::string>>();
  bench.list = result.count("list") > 0;
  bench.repeats = optional_value<int>(result, "repeats").value_or(bench.repeats);
  if (bench.repeats < 3 || bench.repeats > 1000)
    usage_error("--repeats takes a number from 3 to 1000", "bench");
  if (const auto text = optional_value<std::string>(result, "threads")) bench.threads = thread_numbers(*text);
  bench.warm_up_ms = optional_value<double>(result, "warm-up").value_or(bench.warm_up_ms);
  if (!(bench.warm_up_ms >= 0 && bench.warm_up_ms <= 1e6))
    usage_error("--warm-up takes simulated ms from 0 to 1000000", "bench");
  bench.overrides = overrides_of(result);
  bench.file = optional_path(result, "out", "--out takes the name of a file", "bench");
  bench.force = result.count("force") > 0;
  bench.baseline = optional_path(result, "baseline", "--baseline takes the name of a file", "bench");
  bench.tolerance = optional_value<double>(result, "tolerance").value_or(bench.tolerance);
  if (!(bench.tolerance >= 0 && bench.tolerance <= 10)) usage_error("--tolerance takes 0 to 10", "bench");
  bench.json = result.count("json") > 0;
  bench.log = log_options(result);
  return bench;
}

/// "V_m,I_syn_ex", without empty ones.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != ',')
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

TraceArguments::Form form_of(const cxxopts::ParseResult& result) {
  using Form = TraceArguments::Form;
  const bool csv = result.count("csv") > 0;
  const bool h5 = result.count("h5") > 0;
  const bool plot = result.count("plot") > 0;
  if (int{csv} + int{h5} + int{plot} > 1) usage_error("--csv, --h5 and --plot exclude each other", "trace");
  return csv ? Form::csv : h5 ? Form::h5 : plot ? Form::plot : Form::table;
}

Command parse_trace(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(trace_options(), words, "trace");
  if (result.count("help") > 0) return HelpArguments{"trace"};
  if (result.count("config") == 0) usage_error("`sharpwave trace` needs a config file", "trace");
  if (result.count("population") == 0)
    usage_error("`sharpwave trace` needs --population, the name of one of the config's", "trace");
  TraceArguments trace;
  trace.config = result["config"].as<std::string>();
  trace.overrides = overrides_of(result);
  trace.threads = threads_of(result, "trace");
  trace.request.population = result["population"].as<std::string>();
  if (const auto neurons = optional_value<std::string>(result, "neurons")) trace.request.neurons = *neurons;
  if (const auto names = optional_value<std::string>(result, "variables"))
    trace.request.variables = words_of(*names);
  trace.request.from_ms = optional_value<double>(result, "from");
  trace.request.to_ms = optional_value<double>(result, "to");
  trace.form = form_of(result);
  trace.file = optional_path(result, "out", "--out takes the name of a file", "trace");
  if (trace.file && trace.form == TraceArguments::Form::table)
    usage_error("--out goes with --csv, --h5 or --plot", "trace");
  if (!trace.file && trace.form == TraceArguments::Form::h5)
    usage_error("--h5 needs --out, the name of a file: report_NAME.h5", "trace");
  trace.force = result.count("force") > 0;
  trace.log = log_options(result);
  return trace;
}

Command parse_configs(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(configs_options(), words, "configs");
  if (result.count("help") > 0) return HelpArguments{"configs"};
  return ConfigsArguments{optional_value<std::string>(result, "name")};
}

Command parse_new(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(new_options(), words, "new");
  if (result.count("help") > 0) return HelpArguments{"new"};
  return NewArguments{optional_path(result, "file", "FILE is the name of a file", "new")};
}

Command parse_schema(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(schema_options(), words, "schema");
  if (result.count("help") > 0) return HelpArguments{"schema"};
  return SchemaArguments{};
}

Command parse_completion(const std::vector<std::string>& words) {
  const cxxopts::ParseResult result = parse(completion_options(), words, "completion");
  if (result.count("help") > 0) return HelpArguments{"completion"};
  const auto shell = optional_value<std::string>(result, "shell");
  if (!shell || (*shell != "bash" && *shell != "zsh"))
    usage_error("`sharpwave completion` needs the name of a shell: bash or zsh", "completion");
  return CompletionArguments{*shell};
}

Command parse_help(const std::vector<std::string>& words) {
  if (words.empty()) return HelpArguments{};
  if (words.size() == 2 && words[0] == "memory") return parse_memory({words[1], "--help"});
  if (words.size() > 1) usage_error("`sharpwave help` takes one topic", "");
  const auto& topics = help_topics();
  if (std::find(topics.begin(), topics.end(), words[0]) == topics.end()) {
    usage_error("there is no help on '" + words[0] + "'" + perhaps(words[0], topics), "");
  }
  return HelpArguments{words[0]};
}

}  // namespace

Command parse_command_line(const std::vector<std::string>& words) {
  if (words.empty()) usage_error("no command given", "");
  const std::string& first = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (first == "run") return parse_run(rest);
  if (first == "resume") return parse_resume(rest);
  if (first == "validate") return parse_validate(rest);
  if (first == "export") return parse_export(rest);
  if (first == "report") return parse_report(rest);
  if (first == "inspect") return parse_inspect(rest);
  if (first == "bench") return parse_bench(rest);
  if (first == "trace") return parse_trace(rest);
  if (first == "memory") return parse_memory(rest);
  if (first == "serve") return parse_serve(rest);
  if (first == "diagnose") return parse_diagnose(rest);
  if (first == "debug-bundle") return parse_debug_bundle(rest);
  if (first == "analyze-logs") return parse_analyze_logs(rest);
  if (first == "configs") return parse_configs(rest);
  if (first == "new") return parse_new(rest);
  if (first == "schema") return parse_schema(rest);
  if (first == "completion") return parse_completion(rest);
  if (first == "help") return parse_help(rest);
  if (first == "--help" || first == "-h") return HelpArguments{};
  if (first == "--version") return VersionArguments{};
  const bool option = first.starts_with("-");
  std::vector<std::string> known{"--help", "--version"};
  if (!option) {
    known = {"help"};
    for (const CommandOptions& command : commands_with_options()) known.emplace_back(command.command);
  }
  usage_error(
      std::string("unknown ") + (option ? "option" : "command") + " '" + first + "'" + perhaps(first, known),
      "");
}

}  // namespace sharpwave::cli
