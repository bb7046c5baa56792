// Up to which change all of a space is on the disk, where not every change is synced: docs/formats/memory.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sharpwave::memory {

[[nodiscard]] std::string encode_synced(std::uint64_t sequence);
/// @throws Error(damaged_data) naming `where`.
[[nodiscard]] std::uint64_t decode_synced(std::string_view bytes, const std::string& where);

/// What the file in a space's directory says; none where there is no file: then all that was acknowledged is
/// on the disk. @throws Error(damaged_data), Error(io).
[[nodiscard]] std::optional<std::uint64_t> read_synced(const std::filesystem::path& space);
/// @throws Error(io), Error(no_room).
void write_synced(const std::filesystem::path& space, std::uint64_t sequence);
/// From when it returns on, all that is acknowledged has to be on the disk. @throws Error(io).
void remove_synced(const std::filesystem::path& space);

}  // namespace sharpwave::memory
