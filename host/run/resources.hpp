// What this process may use of the machine: processors and memory, with the limits of its control group.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace sharpwave {

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

/// Bytes that can be allocated now without swapping: the least of MemAvailable, what is left of each memory
/// limit on the way from this process's control group to the root (cgroup v2 or v1), and RLIMIT_AS.
/// @param root  prefix of /proc and /sys; other than "/" in tests only.
/// kNoLimit if nothing of it can be read.
[[nodiscard]] std::uint64_t available_memory_bytes(const std::filesystem::path& root = "/");

/// Processors that this process may run on at once (at least 1): its affinity mask, and the whole processors
/// in the quota of its control group. A quota is rounded down: a thread that is throttled stops all others at
/// the next barrier.
[[nodiscard]] int allowed_processors(const std::filesystem::path& root = "/");

/// Threads beyond which a network of that many neurons does not get faster: they would wait for each other
/// longer than they work.
[[nodiscard]] int useful_threads(std::uint64_t n_neurons);

/// Largest resident size of this program so far; 0 where it is unknown. getrusage() would also count the
/// process that started it.
[[nodiscard]] std::uint64_t peak_memory_bytes(const std::filesystem::path& root = "/");

}  // namespace sharpwave
