// What `run` and `resume` have in common: reading a config, where it runs, and what is shown of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "host/batch/batch_record.hpp"
#include "host/cli/command_line.hpp"
#include "host/config/config.hpp"
#include "host/run/run.hpp"
#include "host/run/run_signals.hpp"

namespace sharpwave::cli {

/// A config that is about to be run.
struct Simulation {
  std::filesystem::path config_path;
  std::filesystem::path directory;
  ConfigText config;
  ModelSpec spec;
  DeviceChoice device;
  int threads = 1;
  std::optional<BatchRecord> batch;  ///< planned, where the config has one
};

/// What became of it.
struct Outcome {
  ExitCode code = ExitCode::ok;
  std::string json;    ///< what run.json, or batch.json, holds
  RunSummary summary;  ///< of a run
  BatchRecord batch;   ///< of a batch
  bool is_batch = false;
};

/// @throws ConfigError with all that is wrong, with instances of a batch, too.
[[nodiscard]] Simulation prepare(const SimulationArguments& arguments, ConfigText config,
                                 const std::filesystem::path& config_path,
                                 const std::filesystem::path& directory);

/// The same of what `run` is asked for. @throws Error(usage) where that is for one run, and the config has
/// many.
[[nodiscard]] Simulation prepare_run(const RunArguments& arguments, const std::filesystem::path& config_path,
                                     const std::filesystem::path& directory);

[[nodiscard]] Outcome show_batch(const SimulationArguments& arguments, Simulation& simulation, bool force,
                                 const RunSignals& signals);
[[nodiscard]] ExitCode resume_batch_command(const ResumeArguments& arguments, const RunSignals& signals);
/// What it would take: synapses and memory, of a batch its groups. @return no_room where it does not fit.
[[nodiscard]] ExitCode dry_run(const Simulation& simulation, bool json);

/// Many configs one after the other.
/// @param files  the configs, of a folder also a single one.
[[nodiscard]] ExitCode run_several(const RunArguments& arguments,
                                   const std::vector<std::filesystem::path>& files);
/// The run of one config, into `directory`.
[[nodiscard]] Outcome run_one(const RunArguments& arguments, Simulation& simulation,
                              const RunSignals& signals);

}  // namespace sharpwave::cli
