// What there is to say about a space, as JSON text: docs/formats/memory_json.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "memory_store/open_space.hpp"
#include "memory_store/space.hpp"

namespace sharpwave::memory {

[[nodiscard]] const char* name_of(SyncMode mode);
[[nodiscard]] const char* name_of(Start start);

/// The object of a space, with how it was found and what of it is damaged.
/// @throws Error(damaged_data). O(items + 64² * dimension).
[[nodiscard]] std::string space_report(std::string_view name, const Space& space,
                                       std::optional<SyncMode> mode, const RecoveryReport& recovery);

}  // namespace sharpwave::memory
