// Backups of a space, and what is made of them again: docs/formats/memory.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memory_store/backup_manifest.hpp"
#include "memory_store/rocks_backend.hpp"

namespace sharpwave::memory {

/// Makes a backup of what is in `backend` at some moment during the call, reads it whole, and removes all
/// but the newest `keep`. The space may be changed meanwhile.
/// @param folder  of the space's backups; made where it is not there.
/// @throws Error(damaged_data) where something in the space is, and then there is no such backup; Error(io),
/// Error(no_room).
BackupManifest make_backup(const std::filesystem::path& folder, std::string_view space, RocksBackend& backend,
                           std::size_t keep);

/// The ids of the backups that are complete, the oldest first. @throws Error(io).
[[nodiscard]] std::vector<std::uint32_t> list_backups(const std::filesystem::path& folder);

[[noreturn]] void refuse_without_backup(std::string_view space);

/// Reads all of a backup, its files against the manifest and each value in them.
/// @throws Error(usage) where there is no such backup; Error(damaged_data) naming what is not as it was;
/// Error(io).
BackupManifest verify_backup(const std::filesystem::path& folder, std::string_view space, std::uint32_t id);

/// Makes a database of a backup in `into`, which is not there, and reads it whole.
/// @throws as verify_backup(); Error(no_room).
BackupManifest restore_backup(const std::filesystem::path& folder, std::string_view space, std::uint32_t id,
                              const std::filesystem::path& into);

}  // namespace sharpwave::memory
