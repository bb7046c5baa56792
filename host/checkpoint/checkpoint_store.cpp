#include "host/checkpoint/checkpoint_store.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "host/base/error.hpp"
#include "host/base/log.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step_";
constexpr std::string_view kSuffix = ".h5";
constexpr std::size_t kDigits = 12;

std::string name_of(std::uint64_t step) {
  const std::string digits = std::to_string(step);
  std::string name(kPrefix);
  name.append(kDigits - std::min(kDigits, digits.size()), '0').append(digits).append(kSuffix);
  return name;
}

/// None where name_of() gives no such name.
std::optional<std::uint64_t> step_in(const std::string& name) {
  if (name.size() <= kPrefix.size() + kSuffix.size()) return std::nullopt;
  std::uint64_t step = 0;
  const auto [end, error] = std::from_chars(&name[kPrefix.size()], name.data() + name.size(), step);
  if (error != std::errc() || name_of(step) != name) return std::nullopt;
  return step;
}

/// None where it cannot be read.
std::vector<fs::path> all_in(const fs::path& folder) {
  return entries_of(folder, [](const fs::directory_entry&) { return true; });
}

// Of the companion whose place another takes.
constexpr std::string_view kBeforeSuffix = ".before";

/// Of a step's companion, whole, partial, or of before; who makes a partial one may do so in one that is
/// again partial.
std::optional<std::uint64_t> step_of_companion(const fs::path& path) {
  fs::path name = path.filename();
  while (name.extension() == kPartialSuffix || name.extension() == kBeforeSuffix) name = name.stem();
  if (name.extension() != CheckpointStore::kCompanionSuffix) return std::nullopt;
  return step_in(name.stem().string() + std::string(kSuffix));
}

/// Companions of steps up to `step` whose checkpoint is not there. One of a later step may be for a
/// checkpoint that is still to come.
void remove_lonely_companions(const fs::path& folder, std::uint64_t step) {
  for (const fs::path& companion : all_in(folder)) {
    std::error_code error;
    const auto its_step = step_of_companion(companion);
    if (!its_step || *its_step > step || fs::exists(folder / name_of(*its_step), error) || error) continue;
    fs::remove_all(companion, error);
    if (error)
      logger_named("checkpoint")
          ->warn("a snapshot whose checkpoint is gone stays: {}: {}", companion.string(), error.message());
  }
}

/// One checkpoint too many is no reason to say that the one just written is not there.
void remove_if_possible(const fs::path& file) {
  try {
    remove_file(file);
  } catch (const Error& error) {
    logger_named("checkpoint")->warn("a checkpoint that is not kept stays: {}", error.what());
  }
}

}  // namespace

CheckpointStore::CheckpointStore(const fs::path& run, std::size_t kept)
    : folder_(run / kFolder), kept_(kept) {
  SHARPWAVE_ASSERT(kept_ >= 1);
}

fs::path CheckpointStore::path_of(std::uint64_t step) const {
  return folder_ / name_of(step);
}

fs::path CheckpointStore::companion_of(std::uint64_t step) const {
  return path_of(step).replace_extension(kCompanionSuffix);
}

std::vector<CheckpointStore::Entry> CheckpointStore::entries() const {
  std::vector<Entry> entries;
  for (const fs::path& file : all_in(folder_))
    if (const auto step = step_in(file.filename().string())) entries.push_back({*step, file});
  std::ranges::sort(entries, std::ranges::greater(), &Entry::step);
  return entries;
}

fs::path CheckpointStore::write(std::string_view file, std::uint64_t step) const {
  std::error_code error;
  const bool made = fs::create_directories(folder_, error);
  if (error) throw Error(ExitCode::io, folder_.string() + ": cannot be made: " + error.message());
  if (made) sync_folder(folder_.parent_path());
  fs::path path = path_of(step);
  write_file_atomically(path, file);
  // Those in front are damaged, or of a course that the run has left: it has gone back to before them.
  remove_after(step);
  std::size_t n_kept = 0;
  for (const Entry& entry : entries())
    if (entry.step <= step && ++n_kept > kept_) remove_if_possible(entry.file);
  remove_lonely_companions(folder_, step);
  return path;
}

void CheckpointStore::write_companion(std::uint64_t step,
                                      const std::function<void(const fs::path& folder)>& make) const {
  const fs::path companion = companion_of(step);
  const fs::path partial = partial_path(companion);
  std::error_code error;
  fs::create_directories(folder_, error);
  if (!error) fs::remove_all(partial, error);
  if (error) throw Error(ExitCode::io, partial.string() + ": cannot be made anew: " + error.message());
  try {
    make(partial);
  } catch (...) {
    fs::remove_all(partial, error);
    throw;
  }
  // Wherever the process dies, clean_strays() finds one that is whole.
  const fs::path before = companion.string() + std::string(kBeforeSuffix);
  if (fs::exists(companion, error)) {
    fs::remove_all(before, error);  // one that could not be removed when it was replaced
    if (!error) fs::rename(companion, before, error);
  }
  if (!error) fs::rename(partial, companion, error);
  if (error) throw Error(ExitCode::io, companion.string() + ": cannot be replaced: " + error.message());
  sync_folder(folder_);
  fs::remove_all(before, error);
  if (error)
    logger_named("checkpoint")->warn("a snapshot of before stays: {}: {}", before.string(), error.message());
}

void CheckpointStore::remove_after(std::uint64_t step) const {
  for (const Entry& entry : entries())
    if (entry.step > step) remove_if_possible(entry.file);
}

void CheckpointStore::clean_strays() const {
  for (const fs::path& file : all_in(folder_))
    if (file.extension() == kPartialSuffix && step_in(file.stem().string())) remove_file(file);
  for (const fs::path& before : all_in(folder_)) {
    const fs::path companion = before.parent_path() / before.stem();
    std::error_code error;
    if (before.extension() != kBeforeSuffix || !step_of_companion(before) || fs::exists(companion, error))
      continue;
    fs::rename(before, companion, error);
    if (error) throw Error(ExitCode::io, before.string() + ": cannot be renamed: " + error.message());
  }
  remove_companions([](const fs::path& companion) {
    return companion.extension() == kPartialSuffix || companion.extension() == kBeforeSuffix;
  });
}

void CheckpointStore::remove_companions(const std::function<bool(const fs::path&)>& is_meant) const {
  for (const fs::path& companion : all_in(folder_)) {
    if (!step_of_companion(companion) || !is_meant(companion)) continue;
    std::error_code error;
    fs::remove_all(companion, error);
    if (error) throw Error(ExitCode::io, companion.string() + ": cannot be removed: " + error.message());
  }
}

CheckpointStore::Found CheckpointStore::newest_valid(const Report& report, const Check& check) const {
  const std::vector<Entry> all = entries();
  for (const Entry& entry : all) {
    try {
      Found found{entry.file, read_entry(entry)};
      if (check) check(found.checkpoint);
      return found;
    } catch (const Error& reason) {
      report(entry.file, reason.what());
    }
  }
  throw Error(ExitCode::no_checkpoint,
              folder_.string() + ": " +
                  (all.empty() ? "there is no checkpoint"
                               : "none of the " + std::to_string(all.size()) + " checkpoints can be used"));
}

Checkpoint read_entry(const CheckpointStore::Entry& entry) {
  Checkpoint checkpoint = read_checkpoint(entry.file);
  if (const std::uint64_t step = step_of(checkpoint); step != entry.step) {
    throw Error(ExitCode::damaged_data, entry.file.string() + ": holds step " + std::to_string(step) +
                                            "; expected " + std::to_string(entry.step) +
                                            ", as its name says");
  }
  return checkpoint;
}

}  // namespace sharpwave
