// Opens the database of a space, also where a crash or a fault has left something in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "memory_store/rocks_backend.hpp"

namespace sharpwave::memory {

/// How a space was found.
enum class Start : std::uint8_t {
  cold,     ///< there was nothing
  warm,     ///< everything is there
  fallback  ///< something had to be given up, or the space is read-only for it
};

struct RecoveryReport {
  Start start = Start::cold;
  bool is_read_only = false;
  std::uint64_t sequence = 0;      ///< of the last change that is there
  std::vector<std::string> notes;  ///< what was found, and what was done
  double seconds = 0;
};

struct OpenedSpace {
  std::unique_ptr<RocksBackend> backend;
  RecoveryReport report;
};

/// Opens `directory`/db. A log that is damaged at its end only, where what is given up was never acknowledged
/// or could have been lost anyway, is cut there; one that goes on behind the damage is not: the space is then
/// read-only, with what stands before it.
///
/// @throws Error(damaged_data) where tables or the manifest cannot be read; Error(io), Error(no_room).
[[nodiscard]] OpenedSpace open_space(const std::filesystem::path& directory,
                                     const std::shared_ptr<const RocksResources>& resources, bool read_only);

/// The number of the last change in `backend`; 0 where there is none. @throws Error(damaged_data).
[[nodiscard]] std::uint64_t last_sequence(const StorageBackend& backend);

}  // namespace sharpwave::memory
