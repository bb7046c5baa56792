// The directory of one run, and the rule that no run is ever overwritten unasked.
#pragma once

#include <filesystem>
#include <vector>

namespace sharpwave {

inline constexpr const char* kLogFile = "log.jsonl";

/// Files in `directory` that a run makes: run.json, network.json, report.html, spikes.h5, report_*.h5,
/// plasticity.h5, weights_*.h5, signals.h5, profile.json, trace.json, watchdog.json, log.jsonl,
/// recording.swr, what a killed run left of them under the name *.partial, and its checkpoints/*.h5 and
/// checkpoints/*.partial; of a batch batch.json, its instances apart. Sorted; nothing else is listed. The
/// lock is none of them: who holds it removes it.
[[nodiscard]] std::vector<std::filesystem::path> run_files(const std::filesystem::path& directory);

/// Those of a batch's instances: folders of `instances` with the name of a number; sorted.
[[nodiscard]] std::vector<std::filesystem::path> instance_directories(const std::filesystem::path& directory);

/// Makes the directory if it is not there, and proves that it can be written to.
/// @throws Error(io) naming what stands in the way.
void make_output_directory(const std::filesystem::path& directory);

/// @throws Error(io) naming a file of the run that lies there.
void refuse_to_overwrite_a_run(const std::filesystem::path& directory);

/// Is there a run with results, and nothing to go on with? It came to its end, unless its run.json says that
/// it was interrupted.
[[nodiscard]] bool has_only_results(const std::filesystem::path& directory);

/// Removes what was made of the run's recording, run.json first: it is no longer what it says. The log stays.
/// @throws Error(io) naming the file.
void remove_results(const std::filesystem::path& directory);

/// Removes what of it is not complete, as far as that can be done.
void remove_unfinished_results(const std::filesystem::path& directory) noexcept;

/// Removes the run, or the batch with its instances, run.json or batch.json first, so that what is left of it
/// cannot pass as one; leaves every other file alone.
void remove_run(const std::filesystem::path& directory);

}  // namespace sharpwave
