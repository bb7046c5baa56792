// One run from a network's description to the files in its directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/device_engine.hpp"
#include "host/engine/engine.hpp"
#include "host/io/run_json.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/device_choice.hpp"
#include "host/run/progress.hpp"

namespace sharpwave {

struct RunOptions {
  std::filesystem::path directory;  ///< made if it is not there
  bool force = false;               ///< replace the run that lies there
  DeviceChoice device;
  int threads = 1;          ///< > 0, resolved; on a GPU those that build the network
  std::string config_path;  ///< for run.json, as the user wrote it
  std::vector<std::string> overrides;
  bool connection_statistics = false;  ///< also write network.json
};

struct RunResult {
  RunSummary summary;
  std::vector<std::filesystem::path> files;  ///< what the run has written
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

/// Plans, refuses what does not fit, builds, simulates, records, and writes run.json last.
///
/// SIGINT and SIGTERM end the run after the block in hand; everything is then written as for a whole run.
/// Where they come while the network is built, no file is written: Error(interrupted). A second one ends the
/// process at once. The recording stays where a run was interrupted, and where it failed or was killed.
/// @throws Error(no_room) with the figures, before anything is allocated, or naming the file that the disk
/// has
///         no room for; Error(io) naming the file, or that another run writes into the directory; what
///         make_cpu_engine throws.
/// One at a time in a process.
[[nodiscard]] RunResult run(const ModelSpec& spec, const RunOptions& options, ProgressSink& sink);

}  // namespace sharpwave
