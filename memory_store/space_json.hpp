// What there is to say about a space, as JSON for what is made of it: docs/formats/memory_json.md.
#pragma once

#include <optional>
#include <string_view>

#include "host/base/json.hpp"
#include "memory_store/open_space.hpp"
#include "memory_store/space.hpp"
#include "memory_store/space_status.hpp"

namespace sharpwave::memory {

/// The object of a space, without what only a run knows of it.
/// @param mode  none: a reader does not know in which its owner writes, nor how far that is synced.
/// @throws Error(damaged_data). O(items + 64² * dimension).
[[nodiscard]] Json space_json(std::string_view name, const Space& space, std::optional<SyncMode> mode);

/// Items by band.
[[nodiscard]] Json bands_json(const SpaceStatus& status);
[[nodiscard]] Json recovery_json(const RecoveryReport& report);

}  // namespace sharpwave::memory
