// Snapshots of a store, for a run that goes on from a checkpoint.
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"
#include "memory_store/replace_space.hpp"
#include "memory_store/store.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

void Store::snapshot(const fs::path& folder) {
  const fs::path made = folder.string() + ".partial";
  remove_tree(made);
  try {
    make_folder(made / "spaces");
    for (const std::string& name : spaces()) {
      make_folder(space_path(made, name));
      const std::shared_ptr<Space> used = space(name);
      if (used->is_read_only()) continue;  // nobody changes it; its folder stays empty
      dynamic_cast<RocksBackend&>(used->backend()).copy_to(space_path(made, name) / "db");
    }
    sync_tree(made);
    kill_point("snapshot.made");
    move_durably(made, folder);
    kill_point("snapshot.done");
  } catch (const Error&) {
    remove_tree(made);
    throw;
  }
}

void expect_snapshot(const fs::path& folder) {
  if (!is_there(folder / "spaces"))
    throw Error(ExitCode::damaged_data,
                fmt::format("{}: there is no snapshot of a memory store", folder.string()));
}

void Store::go_back_to(const fs::path& snapshot) {
  expect_snapshot(snapshot);
  expect_writable();
  const std::lock_guard lock(mutex_);
  settle_replacements(directory_);
  std::vector<std::string> leaving = spaces();
  std::erase_if(leaving, [&](const std::string& name) { return is_there(space_path(snapshot, name)); });
  std::vector<std::string> coming;
  for (const fs::path& entry : list_folder(snapshot / "spaces"))
    if (is_there(entry / "db")) coming.push_back(entry.filename().string());
  for (const auto* names : {&leaving, &coming})
    for (const std::string& name : *names) expect_unmarked(name);
  for (const std::string& name : leaving) set_aside(name);
  kill_point("go_back.set_aside");
  for (const std::string& name : coming) {
    close_unless_in_use(name);
    replace_space(directory_, name, [&](const fs::path& made) {
      copy_tree_durably(space_path(snapshot, name), made);
      // The snapshot shares tables with what it is a snapshot of.
      const fs::path mark = space_path(directory_, name) / kDamagedMark;
      if (is_there(mark)) copy_file_durably(mark, made / kDamagedMark);
      kill_point("go_back.copied");
    });
  }
}

void Store::begin_anew() {
  expect_writable();
  const std::lock_guard lock(mutex_);
  settle_replacements(directory_);
  expect_all_unmarked();
  for (const std::string& name : spaces()) set_aside(name);
}

void Store::set_aside(const std::string& name) {
  close_unless_in_use(name);
  if (!is_there(space_path(directory_, name))) return;
  move_durably(space_path(directory_, name), next_set_aside(directory_, name));
  kill_point("set_aside.done");
}

}  // namespace sharpwave::memory
