// The host loop: it advances an engine block by block and hands on what the blocks hold.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint.hpp"
#include "host/engine/engine.hpp"
#include "host/network/model_spec.hpp"
#include "host/protocol/trial.hpp"
#include "host/run/progress.hpp"
#include "host/run/recorder.hpp"
#include "host/run/run_observer.hpp"
#include "host/run/saver.hpp"
#include "host/signals/memory_link.hpp"
#include "host/watchdog/watchdog.hpp"

namespace sharpwave {

struct LoopResult {
  bool interrupted = false;
  std::optional<Finding> ended_by;    ///< throttle, rollback or halt: the run ends with the finding's step
  std::uint64_t warm_up_steps = 0;    ///< done
  std::uint64_t steps = 0;            ///< done, of the recorded part
  InstanceState last_good;            ///< where rollback goes to: see simulate()
  InstanceState end;                  ///< its state where the watchdog ended it, else empty
  std::vector<std::uint64_t> spikes;  ///< in the recorded part, per population that is not virtual
  std::uint64_t synaptic_events =
      0;                     ///< in the recorded part: spikes times the synapses that leave the neuron
  double wall_s = 0;         ///< of the recorded part: engine, digest, recording, copies for checkpoints
  double session_s = 0;      ///< likewise, since the last resume, and with the last checkpoint
  std::string spike_digest;  ///< hex; warm-up included
  std::vector<PlasticityReading> plasticity;  ///< at the end
  std::vector<ModulatorLevels> modulators;    ///< likewise, of each region
  std::vector<PhaseResult> protocol;          ///< likewise
  WatchState watch;                           ///< at the end
  SignalState signals;                        ///< likewise, of a memory
  /// Of the recorded part, since a resume: the engine's, "digest", "recording", "signals" where there is a
  /// memory, "snapshots", "checkpoints"
  std::vector<PhaseTime> phases;
};

struct LoopOptions {
  std::function<bool()> stop;  ///< asked before every block; true ends the run there
  Saver* saver = nullptr;      ///< without one no checkpoints are made
  /// Where a resumed run goes on; else its beginning. What it holds of the engine is there for its step
  /// alone.
  const InstanceState* start = nullptr;
  /// Where rollback goes back to at first, where that is not `start`. It is taken.
  InstanceState* last_good = nullptr;
  std::vector<Injection> injections;
  std::function<void(const Finding&)> found = [](const Finding&) {};  ///< told what the watchdog finds
  std::function<void()> saving = [] {};                               ///< called before each checkpoint
  MemoryLink* memory = nullptr;                  ///< is told signals; null: they are made, and nobody is told
  const CheckpointStore* checkpoints = nullptr;  ///< beside which a coupled memory puts its snapshots
  double wall_s = 0;                             ///< spent on the recorded part before
  RunObserver* observer = nullptr;               ///< may be null
};

/// Simulates the warm-up (digested, but neither recorded nor timed) and then the recorded part, which of a
/// protocol ends with its last trial.
///
/// @param engine     at step 0, or where `options.start` says.
/// Where a sign is answered by rollback, the state is kept in memory at each multiple of the checkpoints'
/// interval, whether or not the disk keeps up; before the first, and where there is no interval, it is the
/// one of the beginning. So it does not depend on the clock where a run goes back to.
/// @param recorder   receives the recorded part; not finished here.
LoopResult simulate(Engine& engine, const ModelSpec& spec, Recorder& recorder, ProgressSink& sink,
                    const LoopOptions& options);

}  // namespace sharpwave
