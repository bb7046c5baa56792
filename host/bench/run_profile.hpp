// What `sharpwave run --profile` tells: where the time of a run went, beside what the machine can do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/step_profile.hpp"
#include "host/io/run_json.hpp"

namespace sharpwave::bench {

/// Of the recorded part, since a resume.
struct RunProfile {
  struct PhaseShare {
    std::string name;
    double seconds = 0;                  ///< of the slowest thread
    double share = 0;                    ///< of the wall time
    std::optional<std::uint64_t> count;  ///< times that a thread went through it; known of the engine's
  };
  struct StepTimes {
    std::uint64_t n = 0;
    bool single = true;  ///< else p50 to p99 are of the means of stretches of steps
    double p50_us = 0, p95_us = 0, p99_us = 0;
  };
  /// Of the machine, measured after the run with as many threads. None on a GPU.
  struct Limits {
    double copy_bytes_per_s = 0;
    double share_of_copy = 0;    ///< bytes of the delivered synapses a second over copy_bytes_per_s
    double read_pass_s = 0;      ///< reading the connectivity once
    double times_read_pass = 0;  ///< wall time over that of reading the bytes of the delivered synapses
  };
  std::vector<PhaseShare> phases;
  StepTimes steps;
  double wall_s = 0;
  std::uint64_t spikes = 0;
  std::uint64_t synaptic_events = 0;
  double events_per_s = 0;
  std::optional<Limits> limits;  ///< also none where nothing was delivered
};

/// Measures the machine, which takes seconds: the run is over.
[[nodiscard]] RunProfile run_profile(const RunSummary& run, const StepProfile& steps, bool on_gpu);

/// docs/formats/profile.md
[[nodiscard]] std::string to_json_text(const RunProfile& profile);
/// Chrome's trace event format, which Perfetto opens: docs/formats/profile.md
[[nodiscard]] std::string trace_events(const StepProfile& steps);

/// profile.json and trace.json in the run's directory. @return them. @throws Error(io), Error(no_room).
std::vector<std::filesystem::path> write_profile(const std::filesystem::path& directory,
                                                 const RunProfile& profile, const StepProfile& steps);

}  // namespace sharpwave::bench
