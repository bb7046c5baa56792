// What the system says of itself and of a process: /proc, control groups, file systems.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sharpwave::operate {

/// What /proc holds; others are at most this long. @return nothing where it cannot be read, or is no file.
inline constexpr std::size_t kLongestProcFile = std::size_t{1} << 20;
[[nodiscard]] std::optional<std::string> read_proc_file(const std::filesystem::path& file);

/// The number behind "NAME:" in a file like /proc/meminfo or /proc/PID/status; of kB, bytes.
[[nodiscard]] std::optional<std::uint64_t> number_in(std::string_view text, std::string_view name);

struct ProcessFacts {
  bool is_there = false;
  bool is_sharpwave = false;               ///< by its name, or because it runs this very program
  std::string name;                        ///< as the system knows it
  std::optional<std::int64_t> started_ms;  ///< since 1970
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_files;  ///< none where they are not ours to count
  std::optional<std::uint64_t> most_files;  ///< the soft limit
};
/// Does not throw: of a process that is not there, nothing is known.
[[nodiscard]] ProcessFacts process_facts(std::int64_t pid);

struct MemoryFacts {
  std::optional<std::uint64_t> total_bytes;
  std::optional<std::uint64_t> available_bytes;
  std::optional<std::uint64_t> group_limit_bytes;  ///< the least of the process's control groups that has one
  std::optional<std::uint64_t> group_used_bytes;   ///< by that group
};
/// @param pid  whose control groups count; 0: those of this process.
[[nodiscard]] MemoryFacts memory_facts(std::int64_t pid);

struct DiskFacts {
  std::uint64_t size_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< for those who are not root
};
/// @return nothing where the system does not tell.
[[nodiscard]] std::optional<DiskFacts> disk_facts(const std::filesystem::path& folder);

/// Of what the program is compiled for those that the text of /proc/cpuinfo does not name.
[[nodiscard]] std::vector<std::string> missing_cpu_features(std::string_view cpuinfo);

}  // namespace sharpwave::operate
