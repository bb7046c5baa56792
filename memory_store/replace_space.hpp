// How a new directory takes the place of a space's:
// docs/decisions/0020_what_a_restore_does_in_which_order.md.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

namespace sharpwave::memory {

/// Every function @throws Error(io), Error(no_room). Whoever calls one owns the store.

[[nodiscard]] std::filesystem::path space_path(const std::filesystem::path& store, std::string_view name);
[[nodiscard]] std::filesystem::path backups_path(const std::filesystem::path& store, std::string_view name);
/// STORE/set_aside/NAME-N, with an N above all that are there; it is not made, but the folder above it is.
[[nodiscard]] std::filesystem::path next_set_aside(const std::filesystem::path& store, std::string_view name);

/// An empty directory for what will take the place of the space `name`, which may not be there; an earlier
/// replacement that came to nothing is settled before. What is left in it is removed then.
[[nodiscard]] std::filesystem::path begin_replacement(const std::filesystem::path& store,
                                                      std::string_view name);
/// The space of before is set aside, and what was made in begin_replacement()'s directory takes its place.
/// Wherever the process dies, one of the two is the space when the store has been opened again, whole.
/// @return where the space of before lies now; none where there was none.
std::optional<std::filesystem::path> finish_replacement(const std::filesystem::path& store,
                                                        std::string_view name);
/// Both, with make(that directory) in between. Where one throws, the replacement is settled.
void replace_space(const std::filesystem::path& store, std::string_view name,
                   const std::function<void(const std::filesystem::path& made)>& make);
/// Finishes or undoes the replacement of a space that has failed, or whose process has died.
void settle_replacement(const std::filesystem::path& store, std::string_view name);
/// When a store is opened: of all its spaces; and removes what was not set aside to the end.
void settle_replacements(const std::filesystem::path& store);

}  // namespace sharpwave::memory
