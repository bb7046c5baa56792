// The logs of a space's database, and from where on not all of them is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "memory_store/log_damage.hpp"

namespace sharpwave::memory {

struct LogFile {
  std::filesystem::path path;
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
  LogDamage damage;
};

/// Of a database, the oldest first; none where it is not there. @throws Error(io).
[[nodiscard]] std::vector<LogFile> logs_of(const std::filesystem::path& database);

/// The first place from which on logs do not hold what was written.
struct LogProblem {
  std::size_t log = 0;             ///< which of them
  bool is_gap = false;             ///< what is missing should stand before this log, and not in it
  bool goes_on = false;            ///< something that was written stands behind the damage
  std::uint64_t whole_behind = 0;  ///< whole records there, also of later logs
  std::string what;
};

struct LogFindings {
  std::vector<std::string> notes;     ///< of what a crash leaves, and nothing is lost by
  std::optional<LogProblem> problem;  ///< the first
};

/// @param logs        those that count, the oldest first.
/// @param last_write  RocksDB's number of the last write that is in tables, where it is known.
[[nodiscard]] LogFindings look_at(const std::vector<LogFile>& logs, std::optional<std::uint64_t> last_write);

}  // namespace sharpwave::memory
