// Measures cases: each run is a process of its own, each repeat is followed by what the machine could do at
// that moment.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/bench/cases.hpp"
#include "host/bench/result.hpp"

namespace sharpwave::bench {

struct MeasureOptions {
  std::vector<Case> cases;
  std::vector<int> threads;  ///< each case is measured with each number of threads
  int repeats = 3;
  double warm_up_ms = 500;                                        ///< simulated, neither timed nor recorded
  std::vector<std::string> overrides;                             ///< of every case, after its own
  std::function<std::string_view(std::string_view)> config_text;  ///< of a shipped config, by its name
  /// After each repeat: "brunel, 2 threads", its number from 1 on, and its wall time.
  std::function<void(const std::string& label, int repeat, double wall_s)> progress;
};

/// Runs repeat after repeat of all cases, so that a slow drift of the machine meets all of them.
///
/// SIGINT and SIGTERM end it after the process in hand, which a terminal has sent them as well; a second one
/// ends it at once, and leaves its folder of temporary files behind.
/// @throws Error with the exit code and the messages of a run that fails; Error(internal) where runs that
/// must
///         have the same spikes differ; Error(no_room) where a case does not fit; Error(interrupted);
///         Error(invalid_config) where a population did not fire: times of such a run say nothing.
[[nodiscard]] Report measure(const MeasureOptions& options);

}  // namespace sharpwave::bench
