#include "host/run/output_directory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/folder.hpp"
#include "host/run/recording_format.hpp"
#include "host/watchdog/watchdog_json.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInstancesFolder = "instances";
// Of the plugin signal_log, which goes on with it after a resume.
constexpr const char* kSignalsFile = "signals.h5";

/// Also the names under which the writers keep what is not complete yet.
bool made_by_a_run(std::string_view name) {
  if (name.ends_with(kPartialSuffix)) name.remove_suffix(kPartialSuffix.size());
  return name == "run.json" || name == "profile.json" || name == "trace.json" || name == kLogFile ||
         name == WatchdogFile::kName || name == "batch.json" || name == "network.json" ||
         name == "report.html" || name == "spikes.h5" || name == recording::kFileName ||
         name == "plasticity.h5" || name == "neuromodulators.h5" || name == "trials.h5" ||
         name == kSignalsFile || name == "memory.json" ||
         ((name.starts_with("report_") || name.starts_with("weights_")) && name.ends_with(".h5"));
}

/// In the folder of checkpoints. What a link stands for is another's, even if a run writes through it.
std::vector<fs::path> checkpoint_files(const fs::path& directory) {
  const fs::path folder = directory / CheckpointStore::kFolder;
  std::error_code error;
  if (fs::symlink_status(folder, error).type() != fs::file_type::directory) return {};
  return entries_of(folder, [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().native();
    std::error_code ignored;
    return (name.ends_with(".h5") || name.ends_with(kPartialSuffix)) && !entry.is_directory(ignored);
  });
}

}  // namespace

std::vector<fs::path> run_files(const fs::path& directory) {
  std::vector<fs::path> files = entries_of(directory, [](const fs::directory_entry& entry) {
    std::error_code error;
    return made_by_a_run(entry.path().filename().native()) && !entry.is_directory(error);
  });
  const std::vector<fs::path> checkpoints = checkpoint_files(directory);
  files.insert(files.end(), checkpoints.begin(), checkpoints.end());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> instance_directories(const fs::path& directory) {
  const fs::path folder = directory / kInstancesFolder;
  std::error_code error;
  if (fs::symlink_status(folder, error).type() != fs::file_type::directory) return {};
  return entries_of(folder, [](const fs::directory_entry& entry) {
    std::error_code ignored;
    return entry.path().filename().native().find_first_not_of("0123456789") == std::string::npos &&
           entry.symlink_status(ignored).type() == fs::file_type::directory;
  });
}

void make_output_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error || !fs::is_directory(directory)) {
    throw Error(ExitCode::io, "cannot make the output directory " + directory.string() + ": " +
                                  (error ? error.message() : "something else has this name"));
  }
  if (access(directory.c_str(), W_OK | X_OK) != 0) {
    throw Error(ExitCode::io,
                "cannot write into the output directory " + directory.string() + ": " + std::strerror(errno));
  }
}

void refuse_to_overwrite_a_run(const fs::path& directory) {
  auto files = run_files(directory);
  for (const fs::path& instance : instance_directories(directory)) {
    const auto of_instance = run_files(instance);
    files.insert(files.end(), of_instance.begin(), of_instance.end());
    if (!files.empty()) break;
  }
  if (files.empty()) return;
  fs::path shown = files.front();
  for (const char* telling : {recording::kFileName, "run.json", "batch.json"})
    if (std::find(files.begin(), files.end(), directory / telling) != files.end())
      shown = directory / telling;
  const bool may_go_on = shown.filename() == recording::kFileName || shown == directory / "batch.json";
  throw Error(ExitCode::io,
              shown.string() + " exists: an earlier run is not overwritten; " +
                  (may_go_on ? "`sharpwave resume " + directory.string() + "` goes on with it; or " : "") +
                  "choose another directory with --out, or replace it with --force");
}

bool has_only_results(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / "run.json", ignored) &&
         !fs::exists(directory / recording::kFileName, ignored);
}

void remove_results(const fs::path& directory) {
  std::vector<fs::path> files = run_files(directory);
  std::erase_if(files, [&](const fs::path& file) {
    return file.filename() == recording::kFileName || file.filename() == WatchdogFile::kName ||
           file.filename() == kLogFile || file.filename() == kSignalsFile || file.parent_path() != directory;
  });
  remove_files(std::move(files), "run.json");
}

void remove_unfinished_results(const fs::path& directory) noexcept {
  for (const fs::path& file : run_files(directory)) {
    std::error_code ignored;
    if (file.extension() == kPartialSuffix && file.parent_path() == directory) fs::remove(file, ignored);
  }
}

void remove_run(const fs::path& directory) {
  remove_file(directory / "batch.json");
  remove_files(run_files(directory), "run.json");
  std::error_code ignored;
  for (const fs::path& instance : instance_directories(directory)) {
    remove_run(instance);
    fs::remove(instance, ignored);  // only if nothing of others is in it
  }
  if (fs::symlink_status(directory / kInstancesFolder, ignored).type() == fs::file_type::directory)
    fs::remove(directory / kInstancesFolder, ignored);
  const fs::path checkpoints = directory / CheckpointStore::kFolder;
  std::error_code error;
  if (fs::symlink_status(checkpoints, error).type() != fs::file_type::directory) return;
  CheckpointStore(directory).remove_companions([](const fs::path&) { return true; });
  fs::remove(checkpoints, error);  // only if nothing of others is in it
}

}  // namespace sharpwave
