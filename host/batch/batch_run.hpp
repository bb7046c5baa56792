// Many runs of one config: those that share a network at once, in threads of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "host/batch/batch_record.hpp"
#include "host/config/config.hpp"
#include "host/run/checkpoint_writer.hpp"
#include "host/run/device_choice.hpp"
#include "host/run/run_signals.hpp"
#include "host/watchdog/finding.hpp"

namespace sharpwave {

struct BatchOptions {
  std::filesystem::path directory;  ///< of the batch
  bool force = false;               ///< replace the run or batch that lies there
  DeviceChoice device;
  bool connection_statistics = false;  ///< also write network.json, for each instance
  std::string config_path;             ///< for the run.json of the instances
};

/// Receives what happens; one call at a time, from several threads. Must be quick.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  BatchSink() = default;
  BatchSink(const BatchSink&) = delete;
  BatchSink& operator=(const BatchSink&) = delete;

  /// What lay in the batch's directory before is removed, or goes on.
  virtual void directory_taken() = 0;
  /// The network of a group is built now, or was built.
  virtual void group_begins(const BatchRecord& batch, std::size_t group) = 0;
  virtual void group_built(const BatchRecord& batch, std::size_t group) = 0;
  virtual void instance_begins(const BatchRecord& batch, const BatchInstance& instance) = 0;
  /// One that runs has simulated so much more, warm-up included.
  virtual void advanced(const BatchRecord& batch, double simulated_ms) = 0;
  virtual void checkpoint_ended(const BatchInstance& instance, const CheckpointOutcome& outcome) = 0;
  /// As that of ProgressSink, but for what halts the instance: that comes with its end.
  /// @param spec  of the instance.
  virtual void watchdog_found(const BatchInstance& instance, const ModelSpec& spec,
                              const Finding& finding) = 0;
  /// A checkpoint that cannot be used, or another reason why an instance begins again.
  virtual void warned(const BatchInstance& instance, const std::string& what) = 0;
  virtual void instance_ended(const BatchRecord& batch, const BatchInstance& instance) = 0;
};

/// Runs what is planned, group after group, each instance as run() would, into its folder below `instances`.
///
/// An instance that fails says so in its record, and the others go on or are stopped, as the batch says.
/// SIGINT, SIGTERM and SIGHUP end all that run, each with a checkpoint; SIGUSR1 makes a checkpoint of each.
/// batch.json is there from the beginning, and follows what happens; at most once a second, and at the end.
/// @param batch  of plan_batch(), with the config's path and text.
/// @throws Error(no_room) with the figures, before anything is allocated; Error(io) where the directory
/// cannot
///         be used, or batch.json cannot be written: the instances are then stopped.
void run_batch(BatchRecord& batch, const ConfigText& config, const BatchOptions& options,
               const RunSignals& signals, BatchSink& sink);

/// Goes on with a batch that was stopped or killed: what is done stays, what has begun goes on from its
/// newest checkpoint or begins again where it has none, the rest begins, also what has failed; what the
/// watchdog has halted stays so.
/// @param batch    read from `options.directory`, and planned anew: the same instances, results included.
void resume_batch(BatchRecord& batch, const ConfigText& config, const BatchOptions& options,
                  const RunSignals& signals, BatchSink& sink);

/// What the command returns: `interrupted` where a signal has ended it early, else the worst of the
/// instances.
[[nodiscard]] ExitCode exit_code_of(const BatchRecord& batch, const RunSignals& signals);

}  // namespace sharpwave
