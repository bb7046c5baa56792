#include "memory_store/snapshot.hpp"

#include <fmt/format.h>

#include <system_error>

#include "host/base/error.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/store.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

void set_store_aside(const fs::path& store) {
  static_cast<void>(Store(store, {}));  // nobody is robbed of a store that is in use
  const fs::path before = store.string() + ".before";
  remove_tree(before);
  move_durably(store, before);
}

void restore_snapshot(const fs::path& snapshot, const fs::path& store) {
  if (!is_store(snapshot))
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: there is no snapshot of a memory store", snapshot.string()));
  const fs::path made = store.string() + ".partial";
  remove_tree(made);
  make_folder(made.parent_path());
  std::error_code failure;
  fs::copy(snapshot, made, fs::copy_options::recursive, failure);
  if (failure) throw Error(ExitCode::io, fmt::format("{}: {}", made.string(), failure.message()));
  sync_tree(made);
  if (is_there(store)) set_store_aside(store);
  move_durably(made, store);
}

}  // namespace sharpwave::memory
