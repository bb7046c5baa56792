// A whole store as of one moment, for a run that goes on from a checkpoint.
#pragma once

#include <filesystem>

namespace sharpwave::memory {

/// The store in a directory goes beside it, as `store`.before, in place of one that was set aside so before.
/// @throws Error(io), also where another process owns it; Error(damaged_data) where it is of another format.
void set_store_aside(const std::filesystem::path& store);

/// A store that was written by Store::snapshot() takes the place of the one in `store`, which is set aside.
/// Wherever the process dies, it can be done again.
/// @throws Error(damaged_data) where there is no snapshot; Error(io), Error(no_room).
void restore_snapshot(const std::filesystem::path& snapshot, const std::filesystem::path& store);

}  // namespace sharpwave::memory
