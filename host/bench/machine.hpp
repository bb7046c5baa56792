// The machine that a benchmark runs on: what it is, what it could do at best, and what else it does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "host/base/thread_pool.hpp"

namespace sharpwave::bench {

struct Machine {
  std::string processor;  ///< as the system names it
  int processors = 0;     ///< that the system has
  int allowed = 0;        ///< that this process may use
  std::uint64_t memory_bytes = 0;
  std::string system;    ///< kernel and its release
  std::string compiler;  ///< of this program
};

[[nodiscard]] Machine this_machine();

/// What the machine has done since it was started.
struct ProcessorTime {
  double busy_s = 0;   ///< of all processors together, also for other virtual machines ("steal")
  double total_s = 0;  ///< idle included
};

/// From /proc/stat, in steps of 10 ms.
/// @param root  prefix of /proc; other than "/" in tests only.
/// @return nothing where it cannot be read, or says nothing.
[[nodiscard]] std::optional<ProcessorTime> processor_time(const std::filesystem::path& root = "/");

/// The share of all processors' time between two readings that went to others than a process which used
/// `own_s`, 0 to 1.
[[nodiscard]] double share_of_others(const ProcessorTime& before, const ProcessorTime& after, double own_s);

/// Bytes read plus bytes written a second by copying 128 MiB, each thread its part; the best of five times.
[[nodiscard]] double copy_bytes_per_s(ThreadPool& pool);

/// Seconds that reading `bytes` (> 0) once, from one end to the other, takes, each thread its part; the best
/// of at least three passes. What fits into a cache is read from there, as a network of that size would be.
/// @throws Error(no_room).
[[nodiscard]] double read_pass_s(ThreadPool& pool, std::uint64_t bytes);

}  // namespace sharpwave::bench
