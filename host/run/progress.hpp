// What a run tells while it runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/protocol/trial.hpp"
#include "host/run/checkpoint_writer.hpp"
#include "host/watchdog/finding.hpp"

namespace sharpwave {

struct Progress {
  bool warm_up = false;  ///< the figures are of the warm-up, else of the recorded part
  std::uint64_t steps_done = 0;
  std::uint64_t steps = 0;
  std::uint64_t steps_before = 0;  ///< of steps_done, those of before a resume
  std::uint64_t spikes = 0;        ///< since then
  double wall_s = 0;               ///< since then
  TrialProgress trials;            ///< of a protocol
};

/// Receives what happens, in this order, in the thread that called run(). Must be quick.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  ProgressSink() = default;
  ProgressSink(const ProgressSink&) = delete;
  ProgressSink& operator=(const ProgressSink&) = delete;

  virtual void construction_begins(const NetworkPlan& plan) = 0;
  virtual void construction_ended(const ConstructionReport& report) = 0;
  /// The run begins with the state of a checkpoint, but for what these lines say.
  virtual void state_adopted(const std::vector<std::string>& mismatches) = 0;
  /// From now on the directory is this run's: what another has left there is gone.
  virtual void directory_taken() = 0;
  /// After each block; `block` is valid during the call.
  virtual void block_ended(const Progress& progress, const Block& block) = 0;
  /// A checkpoint is on the disk, or could not be written; some time after the block that it is of.
  virtual void checkpoint_ended(const CheckpointOutcome& outcome) = 0;
  /// After the block that ends with its step, or, where nothing is done about it, contains it.
  virtual void watchdog_found(const Finding& finding) = 0;
  virtual void writing_begins() = 0;
};

}  // namespace sharpwave
