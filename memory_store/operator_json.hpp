// What those who operate a store are told, as JSON: by the command line and by the service alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/base/json.hpp"
#include "memory_store/backup.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/search.hpp"
#include "memory_store/space_json.hpp"
#include "memory_store/store.hpp"
#include "memory_store/verify.hpp"

namespace sharpwave::memory {

/// All that is known of it; times of the wall clock as ISO 8601, UTC, and null where there is no limit.
[[nodiscard]] Json item_json(const Item& item);
/// The same with its edges and its embedding. @throws Error(damaged_data).
[[nodiscard]] Json whole_item_json(const Space& space, const Item& item);
[[nodiscard]] Json edge_json(const Edge& edge);
[[nodiscard]] Json refused_json(const Quarantined& refused);
/// With the items that are still there. @throws Error(damaged_data).
[[nodiscard]] Json answer_json(const Answer& answer, const Space& space);
[[nodiscard]] Json contents_json(const Contents& contents);
[[nodiscard]] Json backup_json(const BackupManifest& backup);
/// As space_report(), with how and by which options it is changed.
/// @param mode  as for space_json().
[[nodiscard]] Json status_json(const Store& store, std::string_view name, const Space& space,
                               std::optional<SyncMode> mode);

/// @return none where no type has that name.
[[nodiscard]] std::optional<ItemType> item_type_named(std::string_view name);

}  // namespace sharpwave::memory
