// What is measured of a case, by its kind.
#pragma once

#include <string>
#include <vector>

#include "host/bench/cases.hpp"
#include "host/bench/program_runs.hpp"
#include "host/bench/result.hpp"

namespace sharpwave::bench {

/// One repeat of a case; all of the result but its name and the limits of the machine.
///
/// - run: `sharpwave run`.
/// - batch: a batch, and its instances alone, one process after the other. Times are of the whole process;
///   spikes, events and simulated time those of all instances together; digests over theirs.
/// - watchdog: a run with the watchdog as it is, and one with every sign off, in turn, kWatchdogPairs times.
///   Wall time is the least of those with it, and the ratio that of the least.
/// - checkpoint: a run that saves itself, and its last state written and read here, again and again.
/// - pulses: a run of the network of pulses.hpp, and what its steps take with and without pulses.
/// @param overrides  all, those of the case among them.
/// @throws Error as ProgramRuns::run() does; Error(internal) where an instance of a batch, a run without
///         watchdog or a state that is written again is another than it has to be.
[[nodiscard]] Result measure_once(ProgramRuns& runs, const Case& c, const std::vector<std::string>& overrides,
                                  int threads, const std::string& label);

inline constexpr int kWatchdogPairs = 5;

}  // namespace sharpwave::bench
