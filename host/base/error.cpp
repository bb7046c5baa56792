#include "host/base/error.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sharpwave {

const char* describe(ExitCode code) {
  switch (code) {
    case ExitCode::ok:
      return "success";
    case ExitCode::internal:
      return "internal error: a bug in sharpwave";
    case ExitCode::usage:
      return "the command line is wrong";
    case ExitCode::invalid_config:
      return "a config or network description is wrong; every problem was printed";
    case ExitCode::io:
      return "a file cannot be read or written, or an existing run would be overwritten";
    case ExitCode::damaged_data:
      return "an input file is truncated or inconsistent";
    case ExitCode::no_room:
      return "it does not fit into memory (nothing was started then) or onto the disk (what was recorded "
             "stays)";
    case ExitCode::no_device:
      return "the device asked for is not there, or the processor is too old";
    case ExitCode::non_finite:
      return "the watchdog halted a run: a value became NaN or infinite, or V left its bound";
    case ExitCode::interrupted:
      return "stopped by a signal; a run has saved what was simulated until then, or, while the network was "
             "built, nothing";
    case ExitCode::device_failed:
      return "the GPU, or its driver, failed during a run";
    case ExitCode::worse:
      return "a benchmark is slower or larger than its baseline, or gives other spikes";
    case ExitCode::no_checkpoint:
      return "no checkpoint can be used";
    case ExitCode::runaway:
      return "the watchdog halted a run: a population fired more than it may";
    case ExitCode::silent:
      return "the watchdog halted a run: a population fired less than it must";
    case ExitCode::frozen:
      return "the watchdog halted a run: plastic weights, or a neuromodulator, did not change for long";
    case ExitCode::plugin:
      return "a consolidation plugin is not there, is none, is of another version, or breaks its interface";
    case ExitCode::unhealthy:
      return "`sharpwave diagnose` found that a service is not well";
  }
  return "unknown";
}

ExitCode worse_of(ExitCode a, ExitCode b) {
  return *std::find_if(kWorstFirst.begin(), kWorstFirst.end(),
                       [&](ExitCode code) { return code == a || code == b; });
}

void fail_invariant(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "sharpwave: internal error: %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace sharpwave
