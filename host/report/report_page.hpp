// report.html: one or several runs on a self-contained page. The page itself is in host/report/page, with the
// description of the data that it shows.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sharpwave::report {

/// At most so many runs are shown side by side.
inline constexpr std::size_t kMostRuns = 16;

/// The page as text, below 5 MB. What cannot be shown, or not all of it, is said on it.
/// @param directories  of runs, 1 .. kMostRuns.
/// @throws Error(io) where one is no run's directory; Error(damaged_data) for its run.json or spikes.h5.
[[nodiscard]] std::string report_page(const std::vector<std::filesystem::path>& directories);

/// The statistics of docs/formats/statistics.md, indented: an array with an object for each run.
/// @throws as report_page().
[[nodiscard]] std::string statistics_text(const std::vector<std::filesystem::path>& directories);

/// Writes the page of one run beside its run.json, as a whole or not at all.
/// @return its path. @throws as report_page(); Error(io).
std::filesystem::path write_report(const std::filesystem::path& directory);

}  // namespace sharpwave::report
