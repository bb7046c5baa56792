// A batch as it is planned, and what became of it: what batch.json holds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "host/base/error.hpp"

namespace sharpwave {

enum class InstanceStatus {
  not_begun,
  running,  ///< or killed while it ran
  done,
  failed,
  halted,       ///< by the watchdog, and would be again
  interrupted,  ///< with what it has simulated saved
};

struct BatchInstance {
  struct Population {
    std::string name;
    std::uint64_t spikes = 0;
    double rate_Hz = 0;
  };

  std::string name;  ///< "0003", also of its directory
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> varied;  ///< key and value
  std::vector<std::string> overrides;                       ///< behind those of the batch
  std::string config_digest;
  std::size_t group = 0;
  double planned_ms = 0;  ///< warm-up included

  InstanceStatus status = InstanceStatus::not_begun;
  ExitCode code = ExitCode::ok;  ///< where it failed or was halted
  std::string message;           ///< likewise
  double simulated_ms = 0;       ///< of the recorded part, as all that follows
  double wall_s = 0;
  std::uint64_t spikes_total = 0;
  std::string spike_digest;
  std::vector<Population> populations;
  std::uint64_t repairs = 0;  ///< by the watchdog; this and what follows as in RunSummary
  double weight_gain = 1;
  double input_gain = 1;

  /// Nothing is left to do for it.
  [[nodiscard]] bool has_ended() const {
    return status == InstanceStatus::done || status == InstanceStatus::halted;
  }

  /// As one that is still to come.
  void forget_results() {
    status = InstanceStatus::not_begun;
    code = ExitCode::ok;
    message.clear();
    simulated_ms = 0;
    wall_s = 0;
    spikes_total = 0;
    spike_digest.clear();
    populations.clear();
    repairs = 0;
    weight_gain = 1;
    input_gain = 1;
  }
};

/// Instances with one network.
struct BatchGroup {
  std::uint64_t n_instances = 0;
  int workers = 1;       ///< instances at once
  int threads_each = 1;  ///< of an instance
  double n_synapses = 0;
  // Where it runs; upper estimates.
  std::uint64_t synapse_bytes = 0;    ///< of the network
  std::uint64_t transient_bytes = 0;  ///< while it is built
  std::uint64_t shared_bytes = 0;     ///< on a GPU: the log of spikes and samples, and the runtime's own
  std::uint64_t state_bytes = 0;      ///< of one instance
  std::uint64_t host_bytes = 0;       ///< on a GPU: of the host, while the network is built
  double construction_s = 0;          ///< 0: not built yet

  [[nodiscard]] std::uint64_t peak_bytes() const {
    return synapse_bytes + transient_bytes + shared_bytes + static_cast<std::uint64_t>(workers) * state_bytes;
  }
};

struct BatchRecord {
  std::string version;
  std::string title;
  std::string config_path;  ///< absolute
  std::string config;       ///< its text, without overrides
  std::vector<std::string> overrides;
  std::string device;
  int threads = 0;
  bool stop_on_failure = false;
  double wall_s = 0;  ///< over all resumes
  std::vector<BatchGroup> groups;
  std::vector<BatchInstance> instances;

  [[nodiscard]] std::uint64_t count(InstanceStatus status) const {
    return static_cast<std::uint64_t>(
        std::count_if(instances.begin(), instances.end(), [&](const auto& i) { return i.status == status; }));
  }
};

/// Of an instance within the batch's directory: "instances/0003".
[[nodiscard]] inline std::filesystem::path instance_folder(const BatchInstance& instance) {
  return std::filesystem::path("instances") / instance.name;
}

}  // namespace sharpwave
