// run.json: what ran and what came out; the fields are described in docs/formats/run_json.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/io/plasticity_metrics.hpp"
#include "host/network/model_spec.hpp"
#include "host/protocol/trial.hpp"

namespace sharpwave {

struct JsonPlace;

struct RunSummary {
  struct Population {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t spikes = 0;            ///< in the recorded part
    double rate_Hz = 0;                  ///< spikes / size / simulated time
    std::uint64_t recorded = 0;          ///< neurons whose spikes are in spikes.h5
    std::optional<double> threshold_mV;  ///< V_th, where all neurons have the same
  };

  struct ModulatorEnd {
    std::string region;
    std::string modulator;
    double level = 0;
  };

  /// What a memory was told. Counts are over all resumes, seconds since the last.
  struct Memory {
    std::string plugin;
    std::uint64_t signals = 0;   ///< that there were
    std::uint64_t silent = 0;    ///< windows and ripples without an embedding, and so without a signal
    std::uint64_t settling = 0;  ///< likewise those before means had settled
    std::uint64_t dropped = 0;   ///< of signals, those that the plugin was not told
    std::string signal_digest;   ///< hex, of all signals
    std::uint32_t queue_capacity = 0;
    std::uint32_t longest_queue = 0;
    double loop_s = 0;    ///< of the recorded part: the simulation made signals, or waited to tell them
    double share = 0;     ///< of that part, what loop_s is
    double wait_s = 0;    ///< that the simulation waited for the plugin, at checkpoints as well
    double worker_s = 0;  ///< in the plugin, beside the simulation
    std::string status;   ///< the plugin's: a JSON object
    bool operator==(const Memory&) const = default;
  };

  std::string version;
  std::string run_id;  ///< 32 hex digits; stays through resumes
  std::string title;
  std::string config_path;
  std::string config;                  ///< its text, without the overrides
  std::vector<std::string> overrides;  ///< as given: "populations.E.size=500"
  std::string config_digest;           ///< hex SHA-256
  std::string from;  ///< the checkpoint with whose state it began; empty: its initial values
  std::vector<std::string> from_mismatches;  ///< what of the two does not fit, a line each
  std::string device;                        ///< "cpu" or the GPU's name
  int threads = 0;
  Precision precision = Precision::float32;
  double dt_ms = 0;
  std::uint64_t seed = 0;
  std::uint64_t network_seed = 0;
  double simulated_ms = 0;  ///< recorded part
  double warm_up_ms = 0;
  double wall_s = 0;            ///< of the recorded part
  double real_time_factor = 0;  ///< wall time / simulated time: below 1 is faster than real time
  double construction_s = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t synapses = 0;
  std::string connectivity_digest;  ///< ConstructionReport::connectivity_digest
  std::uint64_t synapse_bytes = 0;  ///< ConstructionReport::synapse_bytes
  std::string layout;               ///< one line, ConstructionReport::layout
  std::uint64_t spikes_total = 0;
  std::uint64_t synaptic_events = 0;  ///< LoopResult::synaptic_events
  std::string spike_digest;           ///< hex
  bool interrupted = false;   ///< ended early by a signal; what is described here is what was simulated
  std::string halted;         ///< the sign on which the watchdog ended it; empty: it did not
  std::uint64_t repairs = 0;  ///< clamps, throttles and rollbacks
  double weight_gain = 1;     ///< of throttles and rollbacks, all in all
  double input_gain = 1;      ///< likewise
  bool killed = false;        ///< and made of its recording: what only the process knew is missing
  std::vector<Population> populations;
  std::vector<PhaseTime> phases;
  std::vector<ReceptorGrid> grids;
  std::vector<PlasticityMetrics>
      plasticity;  ///< at the end, of each plastic projection; of a killed run none
  std::vector<ModulatorEnd> neuromodulators;  ///< at the end, of all regions; of a killed run none
  std::vector<PhaseResult> protocol;          ///< of each phase; of a killed run none
  std::optional<Memory> memory;               ///< of a killed run none
};

/// The object that run.json holds and that --json prints; keys in the documented order.
/// A number that is not finite becomes null.
[[nodiscard]] nlohmann::ordered_json to_json(const RunSummary& summary);

/// The same as indented text. What is not UTF-8 (a path or a title need not be) becomes U+FFFD.
[[nodiscard]] std::string to_json_text(const RunSummary& summary);

/// The inverse of to_json(), but that what stands there as null comes back as NaN, as none, or as nothing.
/// @throws Error(damaged_data) naming the key and what was expected.
[[nodiscard]] RunSummary read_run_summary(const JsonPlace& json);

/// What a run.json holds. @throws Error(io), Error(damaged_data) naming the file.
[[nodiscard]] RunSummary read_run_json(const std::filesystem::path& path);

/// Writes it so that `path` holds either the whole new file or what was there before, also after a crash.
/// @throws Error(io) naming the file.
void write_run_json(const std::filesystem::path& path, const RunSummary& summary);

}  // namespace sharpwave
