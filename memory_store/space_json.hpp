// What there is to say about a space, as JSON for what is made of it: docs/formats/memory_json.md.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "memory_store/open_space.hpp"
#include "memory_store/space.hpp"
#include "memory_store/space_status.hpp"

namespace sharpwave::memory {

/// The object of a space, without what only a run knows of it.
/// @param mode  none: a reader does not know in which its owner writes, nor how far that is synced.
/// @throws Error(damaged_data). O(items + 64² * dimension).
[[nodiscard]] nlohmann::ordered_json space_json(std::string_view name, const Space& space,
                                                std::optional<SyncMode> mode);

/// Items by band.
[[nodiscard]] nlohmann::ordered_json bands_json(const SpaceStatus& status);
[[nodiscard]] nlohmann::ordered_json recovery_json(const RecoveryReport& report);

}  // namespace sharpwave::memory
