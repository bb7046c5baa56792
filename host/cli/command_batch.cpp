// `run` and `resume` of a config with a batch.
#include <fmt/format.h>

#include <algorithm>

#include "host/batch/batch_json.hpp"
#include "host/batch/batch_plan.hpp"
#include "host/batch/batch_run.hpp"
#include "host/cli/batch_reporter.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/simulation.hpp"
#include "host/cli/terminal.hpp"
#include "host/run/output_directory.hpp"

namespace sharpwave::cli {
namespace {

std::size_t n_left(const BatchRecord& batch) {
  return batch.instances.size() - batch.count(InstanceStatus::done) - batch.count(InstanceStatus::halted);
}

using RunOrResume = void (&)(BatchRecord&, const ConfigText&, const BatchOptions&, const RunSignals&,
                             BatchSink&);

Outcome simulate(const SimulationArguments& arguments, Simulation& simulation, bool force,
                 const RunSignals& signals, RunOrResume run_or_resume) {
  BatchRecord& batch = *simulation.batch;
  begin_log_of("");
  BatchReporter reporter(batch, status_style(arguments.quiet), simulation.directory);
  run_or_resume(batch, simulation.config,
                {.directory = simulation.directory,
                 .force = force,
                 .device = simulation.device,
                 .connection_statistics = !arguments.no_report,
                 .config_path = simulation.config_path.string()},
                signals, reporter);
  reporter.clear();
  if (!arguments.json && !arguments.quiet)
    fmt::print("{}", batch_table(batch, simulation.directory.string(), wants_colour(stdout)));
  const ExitCode code = exit_code_of(batch, signals);
  if (n_left(batch) > 0)
    log_of(Module::run).warn("`sharpwave resume {}` goes on with it", simulation.directory.string());
  return {.code = code, .json = to_json_text(batch), .batch = batch, .is_batch = true};
}

/// What batch.json calls done or halted has to be there still.
void look_for_results(BatchRecord& batch, const std::filesystem::path& directory) {
  for (BatchInstance& instance : batch.instances) {
    const std::filesystem::path folder = directory / instance_folder(instance);
    if (!instance.has_ended() || has_only_results(folder)) continue;
    log_of(Module::run).warn("{}: its results are not there any more; it runs again", folder.string());
    instance.forget_results();
  }
}

/// The results of before for what is planned now, which has to be the same.
void take_over(const BatchRecord& before, BatchRecord& batch, const std::filesystem::path& directory) {
  const auto refuse = [&] {
    throw Error(ExitCode::invalid_config,
                (directory / kBatchFile).string() +
                    " is of other instances than the config, its files and --set now give; only `device` and "
                    "`checkpoint` may change");
  };
  if (before.instances.size() != batch.instances.size()) refuse();
  for (std::size_t i = 0; i < before.instances.size(); ++i) {
    BatchInstance& instance = batch.instances[i];
    const BatchInstance& known = before.instances[i];
    if (known.name != instance.name || known.config_digest != instance.config_digest) refuse();
    const std::size_t group = instance.group;
    instance = known;
    instance.group = group;
  }
  for (std::size_t k = 0; k < std::min(batch.groups.size(), before.groups.size()); ++k)
    batch.groups[k].construction_s = before.groups[k].construction_s;
  batch.config_path = before.config_path;
  batch.config = before.config;
  batch.overrides = before.overrides;
  batch.wall_s = before.wall_s;
}

/// There is nothing to go on with.
ExitCode tell_of_ended_batch(const BatchRecord& batch, const std::filesystem::path& directory,
                             const RunSignals& signals) {
  if (const std::uint64_t halted = batch.count(InstanceStatus::halted); halted > 0)
    log_of(Module::run)
        .error("{}: the watchdog has halted {} of {} instances, and would again; the others are complete",
               directory.string(), halted, batch.instances.size());
  else
    log_of(Module::run).info("{}: the batch is complete, there is nothing to do", directory.string());
  return exit_code_of(batch, signals);
}

}  // namespace

Outcome show_batch(const SimulationArguments& arguments, Simulation& simulation, bool force,
                   const RunSignals& signals) {
  return simulate(arguments, simulation, force, signals, run_batch);
}

ExitCode resume_batch_command(const ResumeArguments& arguments, const RunSignals& signals) {
  BatchRecord before = read_batch_json(arguments.directory);
  look_for_results(before, arguments.directory);
  if (n_left(before) == 0) return tell_of_ended_batch(before, arguments.directory, signals);
  std::vector<std::string> overrides = before.overrides;
  overrides.insert(overrides.end(), arguments.overrides.begin(), arguments.overrides.end());
  const std::filesystem::path config_path = before.config_path;
  Simulation simulation = prepare(
      arguments,
      ConfigText(before.config, config_path.string(), parse_overrides(overrides), config_path.parent_path()),
      config_path, arguments.directory);
  if (!simulation.batch)
    throw Error(ExitCode::invalid_config, (arguments.directory / kBatchFile).string() +
                                              ": the config and --set give no batch to go on with");
  take_over(before, *simulation.batch, arguments.directory);
  log_of(Module::run).info("going on with {} of {} instances", n_left(before), before.instances.size());
  const Outcome outcome = simulate(arguments, simulation, false, signals, resume_batch);
  if (arguments.json) fmt::print("{}", outcome.json);
  return outcome.code;
}

}  // namespace sharpwave::cli
