// The directory of one run, and the rule that no run is ever overwritten unasked.
#pragma once

#include <filesystem>
#include <vector>

namespace sharpwave {

/// Files in `directory` that a run makes: run.json, spikes.h5, report_*.h5, and what a killed run left of
/// them under the name *.partial. Sorted; nothing else is listed.
[[nodiscard]] std::vector<std::filesystem::path> run_files(const std::filesystem::path& directory);

/// Makes the directory if it is not there, and proves that it can be written to.
/// @throws Error(io) naming the file where a run lies there and `force` is false, or what stands in the way.
void prepare_output_directory(const std::filesystem::path& directory, bool force);

/// Removes the run in `directory`, run.json first, so that what is left of it cannot pass as a run; leaves
/// every other file alone.
void remove_run(const std::filesystem::path& directory);

}  // namespace sharpwave
