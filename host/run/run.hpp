// One run from a network's description to the files in its directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/checkpoint/checkpoint_store.hpp"
#include "host/engine/device_engine.hpp"
#include "host/engine/engine.hpp"
#include "host/io/run_json.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/device_choice.hpp"
#include "host/run/progress.hpp"
#include "host/run/run_control.hpp"
#include "host/run/run_lock.hpp"
#include "host/run/run_observer.hpp"
#include "host/signals/plugin.hpp"
#include "host/watchdog/finding.hpp"
#include "host/watchdog/injection.hpp"

namespace sharpwave {

struct RunOptions {
  std::string run_id;
  std::filesystem::path directory;  ///< made if it is not there
  bool force = false;               ///< replace the run that lies there
  DeviceChoice device;
  int threads = 1;          ///< > 0, resolved; on a GPU those that build the network
  std::string config_path;  ///< for run.json, as the user wrote it
  std::vector<std::string> overrides;
  bool connection_statistics = false;  ///< also write network.json
  StepProfile* profile = nullptr;      ///< filled over the recorded part
  /// Begin with its state instead of the initial values; `from_name` is what run.json calls it.
  std::optional<Checkpoint> from;
  std::string from_name;
  std::vector<Injection> injections;  ///< of `spec`, checked; a resumed run has those of its checkpoint
  /// Take this network, which was planned and built before, for `device`. The run has then as many threads as
  /// that was built for.
  const BuiltNetwork* network = nullptr;
  std::uint32_t instance = 0;  ///< of a batch, as a memory is told
  /// Asked besides the signals: true ends the run as SIGINT does. None: nobody else is asked.
  std::function<bool()> stop;
  /// Makes who takes the signals, where the config has a memory; it may be asked several times. None: the
  /// plugin that the config names.
  std::function<std::unique_ptr<SignalTaker>(const ModelSpec&)> make_taker;
  RunObserver* observer = nullptr;  ///< may be null; of a run that is no instance of a batch
};

struct RunResult {
  RunSummary summary;
  std::vector<std::filesystem::path> files;  ///< what the run has written
  bool is_saved = false;                     ///< there is a checkpoint of where it ended
  std::optional<Finding> halted_by;          ///< by the watchdog
};

/// What a plan needs against what there is.
struct MemoryCheck {
  std::uint64_t needed_bytes = 0;
  std::uint64_t available_bytes = 0;
  [[nodiscard]] bool fits() const { return needed_bytes <= available_bytes; }
};

/// The sizes of a run, on the host and, where it takes place there, on the GPU.
struct RunPlan {
  NetworkPlan network;
  MemoryCheck host;
  std::optional<DevicePlan> device;
  MemoryCheck device_memory;
  [[nodiscard]] bool fits() const { return host.fits() && device_memory.fits(); }
};
[[nodiscard]] RunPlan plan_run(const ModelSpec& spec, const DeviceChoice& device, int threads);

/// Whether the run's consolidation plugin, where it has one, is there and accepts it; nothing is made.
/// @throws Error(plugin); Error(invalid_config), Error(io) and others with the plugin's words.
void check_memory(const ModelSpec& spec, const RunOptions& options);

/// Plans, refuses what does not fit, builds, simulates, records, and writes run.json last.
///
/// Checkpoints are made as `spec.checkpoint` says, and by SIGUSR1; one that cannot be written is told to the
/// sink. SIGINT, SIGTERM and SIGHUP end the run after the block in hand, with a checkpoint; everything is
/// then written as for a whole run. Where they come while the network is built, no file is written:
/// Error(interrupted). A second one ends the process at once. The recording stays where a run was
/// interrupted, and where it failed or was killed.
/// @throws Error(no_room) with the figures, before anything is allocated, or naming the file that the
///         disk has no room for; Error(io) naming the file, or that another run writes into the directory;
///         what make_cpu_engine throws.
/// Several at once, in a thread each, where their directories differ.
[[nodiscard]] RunResult run(const ModelSpec& spec, const RunOptions& options, const RunControl& control,
                            ProgressSink& sink);

/// A run that was stopped or killed, and the checkpoint from which it goes on. Nobody else writes into its
/// directory as long as this lives.
class StoppedRun {
 public:
  /// Removes what a killed run left half written of a checkpoint, and finds the newest that is whole and
  /// whose recording is.
  /// @param report  is told of each newer one, and what is wrong with it.
  /// @throws Error(io) where there is no such directory, or the run is going on; Error(no_checkpoint)
  ///         where there is none to go on from.
  StoppedRun(const std::filesystem::path& directory, const CheckpointStore::Report& report);

  [[nodiscard]] const Checkpoint& checkpoint() const { return found_.checkpoint; }
  [[nodiscard]] const std::filesystem::path& file() const { return found_.file; }
  /// What run.json calls the checkpoint with whose state the run began, if it did.
  [[nodiscard]] const std::string& from_name() const { return from_name_; }
  /// What of that did not fit, likewise.
  [[nodiscard]] const std::vector<std::string>& from_mismatches() const { return from_mismatches_; }
  [[nodiscard]] const std::string& run_id() const { return run_id_; }

 private:
  RunLock lock_;
  CheckpointStore::Found found_;
  std::string from_name_;
  std::vector<std::string> from_mismatches_;
  std::string run_id_;
};

/// Goes on as run() does, to the files that the run would have made if nothing had happened.
/// @param spec     of the checkpoint's config.
/// @param options  `directory` is that of the run, `force` is not looked at; config and overrides as at
///                 its start.
/// @throws Error(invalid_config) where the config, its files, or the network made of them are not those
///         of the checkpoint; Error(damaged_data) where its state is not one of that network; what run()
///         throws.
[[nodiscard]] RunResult resume(const StoppedRun& stopped, const ModelSpec& spec, const RunOptions& options,
                               const RunControl& control, ProgressSink& sink);

}  // namespace sharpwave
