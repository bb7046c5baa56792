// `run` of several configs: one after the other, all checked before the first begins.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/cli/simulation.hpp"
#include "host/watchdog/finding.hpp"

namespace sharpwave::cli {
namespace {

namespace fs = std::filesystem;

/// runs/NAME of each config, or NAME in the directory that is asked for.
std::vector<fs::path> directories_of(const RunArguments& arguments, const std::vector<fs::path>& files) {
  std::vector<fs::path> directories;
  std::map<fs::path, fs::path> owner;
  for (const fs::path& file : files) {
    directories.push_back(arguments.directory.value_or("runs") / file.stem());
    const auto [known, is_new] = owner.emplace(directories.back(), file);
    if (!is_new)
      throw Error(ExitCode::usage,
                  fmt::format("{} and {} would both be written to {}", known->second.string(), file.string(),
                              directories.back().string()));
  }
  return directories;
}

std::string status_text(const Outcome& outcome) {
  if (outcome.code == ExitCode::ok) return "done";
  if (outcome.code == ExitCode::interrupted) return "interrupted";
  return fmt::format("{} ({})", is_of_watchdog(outcome.code) ? "halted" : "failed",
                     static_cast<int>(outcome.code));
}

std::string row(const fs::path& file, std::size_t width, const Outcome& outcome) {
  const std::uint64_t n = outcome.batch.instances.size();
  double spikes = static_cast<double>(outcome.summary.spikes_total);
  double simulated_ms = outcome.summary.simulated_ms;
  for (const BatchInstance& instance : outcome.batch.instances) {
    spikes += static_cast<double>(instance.spikes_total);
    simulated_ms += instance.simulated_ms;
  }
  const double wall_s = outcome.is_batch ? outcome.batch.wall_s : outcome.summary.wall_s;
  const std::string digest =
      outcome.is_batch
          ? fmt::format("{} of {}", grouped(outcome.batch.count(InstanceStatus::done)), grouped(n))
          : outcome.summary.spike_digest.substr(0, 16);
  return left(file.string(), width) + right(grouped(static_cast<std::uint64_t>(spikes)), 14) +
         right(milliseconds(simulated_ms), 14) + right(duration(wall_s), 10) + "  " + left(digest, 18) +
         status_text(outcome) + "\n";
}

/// All that can be run; says what is wrong with the others.
std::vector<Simulation> prepare_all(const RunArguments& arguments, const std::vector<fs::path>& files,
                                    const std::vector<fs::path>& directories, ExitCode& worst) {
  std::vector<Simulation> simulations;
  for (std::size_t i = 0; i < files.size(); ++i) {
    try {
      simulations.push_back(prepare_run(arguments, files[i], directories[i]));
    } catch (const Error& error) {
      log_failure(error);
      worst = worse_of(worst, error.code());
    }
  }
  return simulations;
}

}  // namespace

ExitCode run_several(const RunArguments& arguments, const std::vector<fs::path>& files) {
  if (arguments.from && files.size() > 1)
    throw Error(ExitCode::usage, "--from begins one run, but there are several configs");
  const std::vector<fs::path> directories = directories_of(arguments, files);
  ExitCode worst = ExitCode::ok;
  std::vector<Simulation> simulations = prepare_all(arguments, files, directories, worst);
  if (worst != ExitCode::ok) return worst;  // nothing has begun

  const RunSignals signals;
  std::size_t width = 8;
  for (const fs::path& file : files) width = std::max(width, columns(file.string()) + 2);
  std::string table = left("config", width) + right("spikes", 14) + right("simulated", 14) +
                      right("wall", 10) + "  " + left("spike digest", 18) + "status\n";
  std::string json;
  for (Simulation& simulation : simulations) {
    if (signals.stop()) {
      table += left(simulation.config_path.string(), width) + "not begun\n";
      worst = worse_of(worst, ExitCode::interrupted);
      continue;
    }
    Outcome outcome;
    try {
      begin_log_of("");
      log_of(Module::run).info("{} -> {}", simulation.config_path.string(), simulation.directory.string());
      outcome = run_one(arguments, simulation, signals);
    } catch (const Error& error) {
      log_failure(error);
      outcome.code = error.code();
      outcome.json = "null\n";
    }
    end_log();
    worst = worse_of(worst, outcome.code);
    table += row(simulation.config_path, width, outcome);
    json += (json.empty() ? "" : ",\n") + outcome.json;
  }
  if (arguments.json)
    fmt::print("[\n{}]\n", json);
  else if (!arguments.quiet)
    fmt::print("\n{}", table);
  return worst;
}

}  // namespace sharpwave::cli
