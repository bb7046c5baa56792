// Other programs, asked for what they print, with limits on time and size.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sharpwave::operate {

struct ProgramOutcome {
  enum class End : std::uint8_t { exited, not_found, timed_out, killed };
  End end = End::not_found;
  int code = 0;        ///< of one that exited; the signal of one that was killed
  std::string output;  ///< standard output and error together, at most 4 MiB; what is beyond is left out
  [[nodiscard]] bool is_ok() const { return end == End::exited && code == 0; }
};

/// Runs a program with an empty standard input, and ends it and what it has started where time is up.
/// @param words  the program, which is looked for in PATH where it has no '/', and what it takes; at least
/// one.
/// @throws Error(io) where the system has no room for another process.
[[nodiscard]] ProgramOutcome run_program(const std::vector<std::string>& words,
                                         std::chrono::milliseconds limit);

}  // namespace sharpwave::operate
