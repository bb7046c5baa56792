// Reads all that a space's database holds, and whether it is what was written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "memory_store/storage_backend.hpp"

namespace sharpwave::memory {

/// Calls visit(key, value) for what can be read of a column. Around a damaged block, what stands before it
/// comes ascending and what stands behind it descending; between two damaged blocks nothing comes.
/// @return what the backend said about the damage; empty where there is none.
/// @throws Error(io), Error(no_room); what `visit` throws, but Error(damaged_data).
std::string read_around_damage(
    const StorageBackend& backend, Column column,
    const std::function<void(std::string_view key, std::string_view value)>& visit);

/// Whether a value is one that was written there and that a space can use.
/// @param dimension  of the vectors; 0: of any.
/// @throws DamagedValue.
void expect_whole(Column column, std::string_view key, std::string_view value, std::uint32_t dimension);

struct Contents {
  std::uint64_t sequence = 0;
  std::uint64_t items = 0;
  std::uint64_t values = 0;  ///< of all columns
  bool operator==(const Contents&) const = default;
};
/// Reads every value. @throws DamagedValue for the first that is damaged; what the backend throws.
[[nodiscard]] Contents read_contents(const StorageBackend& backend);

}  // namespace sharpwave::memory
