// What an operator can do where a store cannot help itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace sharpwave::memory {

enum class Emergency : std::uint8_t {
  sanitize_nan,     ///< what is not finite, not whole or not readable goes into quarantine
  set_aside_wal,    ///< damaged logs are set aside, and what stands before the damage is the space
  rebuild_indexes,  ///< indexes are removed; they are built again when the space is opened
  reset_space,      ///< the space is set aside, and is empty
  restore_latest,   ///< the newest backup that is whole takes the place of the space
  read_only,        ///< the space is opened read-only from now on
  writable          ///< and no longer so
};
/// As an operator writes it: `sanitize-nan`.
[[nodiscard]] const char* name_of(Emergency mode);
[[nodiscard]] std::optional<Emergency> emergency_of(std::string_view name);

struct EmergencyOptions {
  std::string space;          ///< empty: all
  bool dry_run = false;       ///< looks and tells, and changes no byte; also beside the owner of the store
  bool backup_first = false;  ///< sets a copy of the space's directory aside, as it is
  std::string confirmation;   ///< confirmation_of(); a dry run needs none
};
/// What an operator has to type: `reset-space default`; for all spaces `reset-space *`.
[[nodiscard]] std::string confirmation_of(Emergency mode, std::string_view space);

/// What happened to a space.
struct EmergencyReport {
  std::string space;
  std::vector<std::string> found;
  std::vector<std::string> done;  ///< in a dry run: what would be
  std::string failure;            ///< why it could not be done; empty where it was
  ExitCode code = ExitCode::ok;   ///< of that failure
};

/// Does it, space by space; one that fails does not keep the others from it. Until a step is done the space
/// is what it was; nothing is deleted, but indexes.
///
/// @throws Error(usage) where the confirmation is another, or there is no such space or store; Error(io)
/// where another process owns the store.
std::vector<EmergencyReport> recover(const std::filesystem::path& store, Emergency mode,
                                     const EmergencyOptions& options);

}  // namespace sharpwave::memory
