// Snapshots of a store, for a run that goes on from a checkpoint.
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/replace_space.hpp"
#include "memory_store/store.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

void Store::snapshot(const fs::path& folder) {
  const fs::path made = folder.string() + ".partial";
  remove_tree(made);
  try {
    for (const std::string& name : spaces()) {
      make_folder(space_path(made, name));
      const std::shared_ptr<Space> used = space(name);
      if (used->is_read_only()) continue;  // nobody changes it; its folder stays empty
      dynamic_cast<RocksBackend&>(used->backend()).copy_to(space_path(made, name) / "db");
    }
    sync_tree(made);
    move_durably(made, folder);
  } catch (const Error&) {
    remove_tree(made);
    throw;
  }
}

void Store::go_back_to(const fs::path& snapshot) {
  if (!is_there(snapshot / "spaces"))
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: there is no snapshot of a memory store", snapshot.string()));
  const std::vector<std::string> here = spaces();
  const std::lock_guard lock(mutex_);
  for (const std::string& name : here)
    if (!is_there(space_path(snapshot, name))) set_aside(name);
  for (const fs::path& entry : list_folder(snapshot / "spaces")) {
    if (!is_there(entry / "db")) continue;
    const std::string name = entry.filename().string();
    close_unless_in_use(name);
    const fs::path made = begin_replacement(directory_, name);
    std::error_code failure;
    fs::copy(entry, made, fs::copy_options::recursive, failure);
    if (failure) throw Error(ExitCode::io, fmt::format("{}: {}", made.string(), failure.message()));
    finish_replacement(directory_, name);
  }
}

void Store::begin_anew() {
  const std::vector<std::string> here = spaces();
  const std::lock_guard lock(mutex_);
  for (const std::string& name : here) set_aside(name);
}

void Store::set_aside(const std::string& name) {
  close_unless_in_use(name);
  if (is_there(space_path(directory_, name)))
    move_durably(space_path(directory_, name), next_set_aside(directory_, name));
}

}  // namespace sharpwave::memory
