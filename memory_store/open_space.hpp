// Opens the database of a space, also where a crash or a fault has left something in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "memory_store/rocks_backend.hpp"
#include "memory_store/space_logs.hpp"

namespace sharpwave::memory {

/// When a change counts as kept.
enum class SyncMode : std::uint8_t {
  always,    ///< when it is on the disk
  interval,  ///< at once; a crash of the machine may cost what came since the last sync, every so often
  none  ///< at once; a crash of the machine may cost what came since the space was opened, or Space::sync()
};

/// How a space was found.
enum class Start : std::uint8_t {
  cold,     ///< there was nothing in it
  warm,     ///< everything is there
  fallback  ///< something had to be given up, or the space is read-only for it
};

struct RecoveryReport {
  Start start = Start::cold;
  bool is_read_only = false;   ///< for everybody, and not only for who opens it so
  bool is_damaged = false;     ///< damage was found in it before
  bool is_incomplete = false;  ///< changes that were promised to be on the disk are missing
  /// The end of a log that was to be synced with each change is damaged, and nothing stands behind that: a
  /// crash leaves it so in the middle of a write, but so does a fault in a change that was kept.
  bool may_lack_last_change = false;
  std::uint64_t sequence = 0;      ///< of the last change that is there
  std::uint64_t replayed = 0;      ///< writes that were read from logs
  std::uint64_t damaged = 0;       ///< values and blocks that are not served; Store::report() knows
  std::vector<std::string> notes;  ///< what was found, and what was done
  double seconds = 0;
};

/// Whether nobody can change the space.
[[nodiscard]] inline bool cannot_be_changed(const RecoveryReport& report) {
  return report.is_read_only || report.damaged > 0;
}

struct OpenedSpace {
  std::unique_ptr<RocksBackend> backend;
  RecoveryReport report;
};

/// Whoever finds this file in a space's directory opens it read-only.
inline constexpr const char* kReadOnlyMark = "read_only";

/// This file says what was found damaged while the space was in use: it is read-only until it is
/// replaced, or `sanitize-nan` finds all that is there whole.
inline constexpr const char* kDamagedMark = "damaged";

/// This file is there since the space was first opened to be changed. From then on its database has a log.
inline constexpr const char* kOpenedMark = "opened";

/// Opens `directory`/db. A log that is damaged where everything that was promised to be on the disk stands
/// before that is cut there; promised is what the file `synced` says, and without one all that has something
/// behind it. Otherwise nothing is cut: the space is read-only, with what stands before the damage.
/// What is cut where there is no `synced` is kept as given_up_NNNNNN.log in `directory`.
/// Where it is writable, everything is on the disk when this returns, and `synced` says so, or is gone where
/// `sync` is `always`.
///
/// @throws Error(damaged_data) where tables or the manifest cannot be read; Error(io), Error(no_room).
[[nodiscard]] OpenedSpace open_space(const std::filesystem::path& directory,
                                     const std::shared_ptr<const RocksResources>& resources, bool read_only,
                                     SyncMode sync = SyncMode::always);

/// Where the log that was written last has gone, RocksDB does not miss it: it knows of those before only.
[[nodiscard]] std::optional<LogProblem> find_missing_log(const std::filesystem::path& directory);

/// The number of the last change in `backend`; 0 where there is none. @throws Error(damaged_data).
[[nodiscard]] std::uint64_t last_sequence(const StorageBackend& backend);

}  // namespace sharpwave::memory
