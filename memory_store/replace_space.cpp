#include "memory_store/replace_space.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "host/io/atomic_file.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"

namespace sharpwave::memory {

namespace fs = std::filesystem;

namespace {

// No names of spaces: those have no dot.
constexpr const char* kBeingMade = ".new";
constexpr const char* kReady = ".ready";
constexpr const char* kBeingDropped = ".dropped";
constexpr const char* kSetAside = "set_aside";

fs::path beside(const fs::path& space, const char* suffix) {
  fs::path path = space;
  return path += suffix;
}

}  // namespace

fs::path space_path(const fs::path& store, std::string_view name) {
  return store / "spaces" / name;
}

fs::path backups_path(const fs::path& store, std::string_view name) {
  return store / "backups" / name;
}

fs::path next_set_aside(const fs::path& store, std::string_view name) {
  const fs::path folder = store / kSetAside;
  make_folder(folder);
  sync_folder(store);
  const std::string prefix = std::string(name) + "-";
  std::uint64_t last = 0;
  for (const fs::path& entry : list_folder(folder)) {
    const std::string text = entry.filename().string();
    if (!text.starts_with(prefix)) continue;
    std::uint64_t number = 0;
    std::from_chars(text.data() + prefix.size(), text.data() + text.size(), number);
    last = std::max(last, number);
  }
  return folder / (prefix + std::to_string(last + 1));
}

fs::path begin_replacement(const fs::path& store, std::string_view name) {
  settle_replacement(store, name);
  const fs::path made = beside(space_path(store, name), kBeingMade);
  make_folder(made);
  return made;
}

std::optional<fs::path> finish_replacement(const fs::path& store, std::string_view name) {
  const fs::path space = space_path(store, name);
  const fs::path ready = beside(space, kReady);
  std::optional<fs::path> aside;
  if (is_there(space)) aside = next_set_aside(store, name);
  sync_tree(beside(space, kBeingMade));
  kill_point("replace.made");
  move_durably(beside(space, kBeingMade), ready);
  kill_point("replace.ready");
  if (aside) {
    move_durably(space, *aside);
    kill_point("replace.set_aside");
  }
  move_durably(ready, space);
  kill_point("replace.done");
  return aside;
}

void replace_space(const fs::path& store, std::string_view name,
                   const std::function<void(const fs::path& made)>& make) {
  const fs::path made = begin_replacement(store, name);
  try {
    make(made);
    finish_replacement(store, name);
  } catch (...) {
    // On a full disk what is there of it would stand in the way of everything else.
    settle_replacement(store, name);
    throw;
  }
}

void settle_replacement(const fs::path& store, std::string_view name) {
  const fs::path space = space_path(store, name);
  const fs::path ready = beside(space, kReady);
  if (is_there(ready) && !is_there(space)) move_durably(ready, space);
  for (const char* suffix : {kReady, kBeingMade, kBeingDropped}) remove_tree(beside(space, suffix));
}

void settle_replacements(const fs::path& store) {
  for (const fs::path& entry : list_folder(store / "spaces"))
    if (const fs::path suffix = entry.extension();
        suffix == kReady || suffix == kBeingMade || suffix == kBeingDropped)
      settle_replacement(store, entry.stem().string());
  for (const fs::path& entry : list_folder(store / kSetAside))
    if (entry.extension() == kPartialSuffix) remove_tree(entry);
}

}  // namespace sharpwave::memory
