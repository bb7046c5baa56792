// How a new directory takes the place of a space's:
// docs/decisions/0020_what_a_restore_does_in_which_order.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace sharpwave::memory {

/// Every function @throws Error(io), Error(no_room). Whoever calls one owns the store.

[[nodiscard]] std::filesystem::path space_path(const std::filesystem::path& store, std::string_view name);
[[nodiscard]] std::filesystem::path backups_path(const std::filesystem::path& store, std::string_view name);
/// STORE/set_aside/NAME-N, with an N above all that are there; it is not made, but the folder above it is.
[[nodiscard]] std::filesystem::path next_set_aside(const std::filesystem::path& store, std::string_view name);

/// An empty directory for what will take the place of the space `name`, which may not be there. What is left
/// in it when the process dies is removed when the store is opened again.
[[nodiscard]] std::filesystem::path begin_replacement(const std::filesystem::path& store,
                                                      std::string_view name);
/// The space of before is set aside, and what was made in begin_replacement()'s directory takes its place.
/// Wherever the process dies, one of the two is the space when the store has been opened again, whole.
/// @return where the space of before lies now; none where there was none.
std::optional<std::filesystem::path> finish_replacement(const std::filesystem::path& store,
                                                        std::string_view name);
/// When a store is opened: finishes or undoes what was under way when a process died.
void settle_replacements(const std::filesystem::path& store);

}  // namespace sharpwave::memory
