// This program, run once more: a benchmark measures what a user would run, and memory is counted for each
// process from its start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sharpwave::bench {

struct ProcessResult {
  int exit_status = 0;     ///< as shells have it: 128 + n for one that signal n has ended
  double processor_s = 0;  ///< user and system, of all its threads
};

/// Runs this program with `arguments` and waits for it. Its standard output is dropped, its standard error
/// goes into `log`.
/// @throws Error(io) where it cannot be started.
[[nodiscard]] ProcessResult run_this_program(const std::vector<std::string>& arguments,
                                             const std::filesystem::path& log);

}  // namespace sharpwave::bench
