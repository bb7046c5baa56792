// Errors by kind and the exit codes that the command line documents for them.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace sharpwave {

/// Exit codes of the command line; the table in README.md and docs/exit_codes.md is generated from
/// `describe(ExitCode)`. Values are part of the interface: never reuse one.
enum class ExitCode : int {
  ok = 0,
  internal = 1,        ///< an assertion of ours failed: a bug
  usage = 2,           ///< the command line itself is wrong
  invalid_config = 3,  ///< a config or network file is wrong; every problem has been printed
  io = 4,              ///< a file cannot be read or written, or an existing run would be overwritten
  damaged_data = 5,    ///< an input file is truncated or inconsistent
  no_room = 6,         ///< it does not fit into memory, or onto the disk
  no_device = 7,       ///< the device asked for is not there, or the processor is too old
  non_finite = 8,      ///< the watchdog halted a run: a state is not finite, or V beyond its bound
  interrupted = 9,     ///< stopped by a signal; what was simulated until then, if anything, is saved
  device_failed = 10,  ///< a call of the CUDA runtime failed during a run
  worse = 11,          ///< a benchmark is slower or larger than its baseline, or gives other spikes
  no_checkpoint = 12,  ///< a run has none to go on from, or only damaged ones
  runaway = 13,        ///< the watchdog halted a run: a population fired too much
  silent = 14,         ///< the watchdog halted a run: a population fired too little
  frozen = 15,         ///< the watchdog halted a run: weights or a neuromodulator did not move
  plugin = 16,         ///< a consolidation plugin is not there, or breaks its interface
  unhealthy = 17,      ///< a service is not well
};

/// All of them, ascending.
inline constexpr std::array kExitCodes{ExitCode::ok,
                                       ExitCode::internal,
                                       ExitCode::usage,
                                       ExitCode::invalid_config,
                                       ExitCode::io,
                                       ExitCode::damaged_data,
                                       ExitCode::no_room,
                                       ExitCode::no_device,
                                       ExitCode::non_finite,
                                       ExitCode::interrupted,
                                       ExitCode::device_failed,
                                       ExitCode::worse,
                                       ExitCode::no_checkpoint,
                                       ExitCode::runaway,
                                       ExitCode::silent,
                                       ExitCode::frozen,
                                       ExitCode::plugin,
                                       ExitCode::unhealthy};

/// One line that says what the code means; static storage.
[[nodiscard]] const char* describe(ExitCode code);

/// Of several things that went wrong, what a command that did all of them returns: the worst, in this order.
inline constexpr std::array kWorstFirst{
    ExitCode::internal,   ExitCode::interrupted, ExitCode::device_failed,  ExitCode::damaged_data,
    ExitCode::no_room,    ExitCode::io,          ExitCode::no_device,      ExitCode::plugin,
    ExitCode::unhealthy,  ExitCode::usage,       ExitCode::invalid_config, ExitCode::no_checkpoint,
    ExitCode::non_finite, ExitCode::runaway,     ExitCode::silent,         ExitCode::frozen,
    ExitCode::worse,      ExitCode::ok};
static_assert(kWorstFirst.size() == kExitCodes.size());
[[nodiscard]] ExitCode worse_of(ExitCode a, ExitCode b);

/// An error that ends the command. `what()` says what was read, where, and what was expected.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Always-on check of our own invariants; a failure is a bug and ends in ExitCode::internal.
[[noreturn]] void fail_invariant(const char* condition, const char* file, int line);

}  // namespace sharpwave

#define SHARPWAVE_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::sharpwave::fail_invariant(#condition, __FILE__, __LINE__))
