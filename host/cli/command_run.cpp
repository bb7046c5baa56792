#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "host/batch/batch_json.hpp"
#include "host/batch/batch_plan.hpp"
#include "host/bench/run_profile.hpp"
#include "host/cli/checkpoint_argument.hpp"
#include "host/cli/choices.hpp"
#include "host/cli/closing_table.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/load.hpp"
#include "host/cli/log.hpp"
#include "host/cli/profile_table.hpp"
#include "host/cli/run_reporter.hpp"
#include "host/cli/simulation.hpp"
#include "host/cli/terminal.hpp"
#include "host/io/folder.hpp"
#include "host/network/step_times.hpp"
#include "host/report/report_page.hpp"
#include "host/run/output_directory.hpp"
#include "host/run/recording_format.hpp"
#include "host/run/run.hpp"
#include "host/run/run_id.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave::cli {
namespace {

void print_result(const SimulationArguments& arguments, const RunResult& result, const Activity& activity) {
  if (!arguments.json && !arguments.quiet) {
    const bool raster = arguments.raster || is_terminal(stdout);
    fmt::print("{}", closing_table(result, activity, {.colour = wants_colour(stdout), .raster = raster}));
  }
}

/// The run itself is complete and safe: what fails here is worth a warning.
void add_report(const std::filesystem::path& directory, RunResult& result) {
  try {
    result.files.push_back(report::write_report(directory));
  } catch (const Error& error) {
    log_of(Module::run).warn("no report was written: {}", error.what());
  }
}

/// Also returns its table.
std::string add_profile(const std::filesystem::path& directory, const StepProfile& steps, RunResult& result) {
  const bench::RunProfile profile =
      bench::run_profile(result.summary, steps, result.summary.device != DeviceChoice{}.name);
  const auto files = bench::write_profile(directory, profile, steps);
  result.files.insert(result.files.end(), files.begin(), files.end());
  return profile_table(profile);
}

ExitCode say_how_to_go_on(const std::filesystem::path& directory, const RunResult& result) {
  const auto entries = CheckpointStore(directory).entries();
  if (result.is_saved) {
    log_of(Module::run).warn("stopped; `sharpwave resume {}` goes on", directory.string());
  } else if (!entries.empty()) {
    log_of(Module::run)
        .warn("stopped, and its state could not be saved: `sharpwave resume {}` goes back to {}",
              directory.string(), entries.front().file.filename().string());
  } else {
    log_of(Module::run).error("stopped, and its state could not be saved: the run cannot go on");
    return ExitCode::no_checkpoint;
  }
  return ExitCode::interrupted;
}

ExitCode say_where_it_was_good(const std::filesystem::path& directory, const Finding& finding) {
  const auto entries = CheckpointStore(directory).entries();
  log_of(Module::watchdog)
      .error("{} says what was found, with the last 50 ms before it{}",
             (directory / WatchdogFile::kName).string(),
             entries.empty() ? std::string()
                             : fmt::format("; `sharpwave run --from {} CONFIG` begins another run with the "
                                           "last good state",
                                           entries.front().file.string()));
  return exit_code_of(finding.sign);
}

/// Simulates, and shows how it goes and what came out.
Outcome show_run(const SimulationArguments& arguments, const Simulation& simulation,
                 const std::function<RunResult(ProgressSink& sink, StepProfile* profile)>& simulate) {
  Activity activity(simulation.spec, sparkline_columns(terminal_columns(stdout)));
  RunReporter reporter(simulation.spec, status_style(arguments.quiet), activity, simulation.directory);
  StepProfile steps;
  RunResult result = simulate(reporter, arguments.profile ? &steps : nullptr);
  if (!arguments.no_report) add_report(simulation.directory, result);
  std::string profile;
  if (arguments.profile) profile = add_profile(simulation.directory, steps, result);
  reporter.clear();
  print_result(arguments, result, activity);
  if (!arguments.json && !arguments.quiet) fmt::print("{}", profile);
  Outcome outcome{.json = to_json_text(result.summary)};
  if (result.halted_by)
    outcome.code = say_where_it_was_good(simulation.directory, *result.halted_by);
  else if (result.summary.interrupted)
    outcome.code = say_how_to_go_on(simulation.directory, result);
  outcome.summary = std::move(result.summary);
  return outcome;
}

/// The configs that the words of the command line mean: of a directory its *.yaml, by name.
std::vector<std::filesystem::path> config_files(const std::vector<std::filesystem::path>& words) {
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& word : words) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(word, ignored)) {
      files.push_back(word);
      continue;
    }
    const auto found = entries_of(word, [](const std::filesystem::directory_entry& entry) {
      std::error_code error;
      return entry.path().extension() == ".yaml" && entry.is_regular_file(error);
    });
    if (found.empty()) throw Error(ExitCode::usage, word.string() + ": a directory without a *.yaml");
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace

Simulation prepare(const SimulationArguments& arguments, ConfigText config,
                   const std::filesystem::path& config_path, const std::filesystem::path& directory) {
  ModelSpec spec = load(config);
  DeviceChoice device = device_for(spec);
  const int threads = resolve_threads(arguments.threads, spec);
  Simulation simulation{.config_path = config_path,
                        .directory = directory,
                        .config = std::move(config),
                        .spec = std::move(spec),
                        .device = std::move(device),
                        .threads = threads};
  if (simulation.spec.batch) {
    BatchRecord& batch =
        simulation.batch.emplace(plan_batch(simulation.config, simulation.spec, simulation.device, threads));
    batch.config_path = std::filesystem::absolute(config_path).string();
    batch.config = simulation.spec.config_text;
    batch.overrides = arguments.overrides;
  }
  return simulation;
}

Simulation prepare_run(const RunArguments& arguments, const std::filesystem::path& config_path,
                       const std::filesystem::path& directory) {
  Simulation simulation = prepare(
      arguments, config_text_of(config_path, parse_overrides(arguments.overrides)), config_path, directory);
  if (simulation.batch && (arguments.from || arguments.profile || !arguments.injections.empty()))
    throw Error(ExitCode::usage,
                fmt::format("--from, --profile and --inject are for one run, and {} has a batch of them",
                            config_path.string()));
  return simulation;
}

Outcome run_one(const RunArguments& arguments, Simulation& simulation, const RunSignals& signals) {
  if (simulation.batch) return show_batch(arguments, simulation, arguments.force, signals);
  RunOptions options{.run_id = new_run_id(),
                     .directory = simulation.directory,
                     .force = arguments.force,
                     .device = simulation.device,
                     .threads = simulation.threads,
                     .config_path = simulation.config_path.string(),
                     .overrides = arguments.overrides,
                     .connection_statistics = !arguments.no_report};
  begin_log_of(options.run_id);
  if (arguments.from) {
    options.from = checkpoint_at(*arguments.from);
    options.from_name = arguments.from->string();
  }
  for (const std::string& text : arguments.injections) {
    options.injections.push_back(parse_injection(text));
    check_injection(options.injections.back(), simulation.spec);
  }
  return show_run(arguments, simulation, [&](ProgressSink& sink, StepProfile* profile) {
    options.profile = profile;
    return run(simulation.spec, options, signals, sink);
  });
}

ExitCode run_command(const RunArguments& arguments) {
  set_up_log(arguments.log, "info", arguments.quiet);
  const std::vector<std::filesystem::path> files = config_files(arguments.configs);
  if (files.size() > 1 && arguments.dry_run) throw Error(ExitCode::usage, "--dry-run takes one config");
  if (arguments.dry_run) return dry_run(prepare_run(arguments, files.front(), {}), arguments.json);
  std::error_code ignored;
  if (files.size() > 1 || std::filesystem::is_directory(arguments.configs.front(), ignored))
    return run_several(arguments, files);
  const RunSignals signals;  // until the page is written: asking for a checkpoint must not end anything
  Simulation simulation =
      prepare_run(arguments, files.front(),
                  arguments.directory.value_or(std::filesystem::path("runs") / files.front().stem()));
  const Outcome outcome = run_one(arguments, simulation, signals);
  if (arguments.json) fmt::print("{}", outcome.json);
  return outcome.code;
}

/// There is nothing to go on with; what the watchdog has halted is no success, also when asked again.
/// @throws Error(no_checkpoint) where the run should go on, but cannot.
ExitCode tell_of_ended_run(const std::filesystem::path& directory) {
  const RunSummary summary = read_run_json(directory / "run.json");
  if (summary.interrupted)
    throw Error(
        ExitCode::no_checkpoint,
        fmt::format("{}: the run was interrupted, but {}, with which it would go on, is not there any "
                    "more; `sharpwave run --from` begins another one with one of its checkpoints",
                    directory.string(), recording::kFileName));
  if (summary.halted.empty()) {
    log_of(Module::run).info("{}: the run is complete, there is nothing to do", directory.string());
    return ExitCode::ok;
  }
  log_of(Module::run)
      .error(
          "{}: the watchdog has halted the run ({}), and would again; `sharpwave run --from` begins another "
          "one with one of its checkpoints",
          directory.string(), summary.halted);
  return exit_code_of(watchdog_sign(summary.halted));
}

ExitCode resume_command(const ResumeArguments& arguments) {
  const RunSignals signals;
  set_up_log(arguments.log, "info", arguments.quiet);
  std::error_code ignored;
  if (std::filesystem::exists(arguments.directory / kBatchFile, ignored))
    return resume_batch_command(arguments, signals);
  if (has_only_results(arguments.directory)) return tell_of_ended_run(arguments.directory);
  const StoppedRun stopped(arguments.directory, warn_of_damage);
  begin_log_of(stopped.run_id());
  log_into(arguments.directory / kLogFile);
  const Checkpoint& checkpoint = stopped.checkpoint();
  std::vector<std::string> overrides = checkpoint.overrides;
  overrides.insert(overrides.end(), arguments.overrides.begin(), arguments.overrides.end());
  overrides.emplace_back("batch=null");  // an instance of one is a run like any other
  const std::filesystem::path config_path = checkpoint.config_path;
  const Simulation simulation = prepare(arguments,
                                        ConfigText(checkpoint.config, config_path.string(),
                                                   parse_overrides(overrides), config_path.parent_path()),
                                        config_path, arguments.directory);
  RunOptions options{.run_id = stopped.run_id(),
                     .directory = arguments.directory,
                     .device = simulation.device,
                     .threads = simulation.threads,
                     .config_path = checkpoint.config_path,
                     .overrides = checkpoint.overrides,
                     .connection_statistics = !arguments.no_report,
                     .from_name = stopped.from_name()};
  log_of(Module::run)
      .info("going on from {}, {} ms of {} ms", stopped.file().filename().string(),
            time_of_step_ms(checkpoint.instances.front().engine.step, checkpoint.dt_ms),
            time_of_step_ms(checkpoint.warm_up_steps + checkpoint.steps, checkpoint.dt_ms));
  const Outcome outcome = show_run(arguments, simulation, [&](ProgressSink& sink, StepProfile* profile) {
    options.profile = profile;
    return resume(stopped, simulation.spec, options, signals, sink);
  });
  if (arguments.json) fmt::print("{}", outcome.json);
  return outcome.code;
}

}  // namespace sharpwave::cli
