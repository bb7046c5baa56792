// Makes a run of what a killed one left.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "host/run/recording_reader.hpp"

namespace sharpwave {

struct RecoveredRun {
  double recorded_ms = 0;  ///< that could be used
  double planned_ms = 0;   ///< that it would have recorded
  RecordingEnd end;
  std::vector<std::filesystem::path> files;  ///< run.json, spikes.h5, reports
};

/// Where `directory` has a recording and no run.json: makes spikes.h5, report_*.h5 and last run.json
/// (docs/formats/run_json.md, `killed`) of as much of the recording as is whole and genuine; `end` says how
/// much that is. The recording stays, for the run may go on. None where there is nothing to be made.
/// @throws Error(io) where the run is still going on, or naming a file; Error(damaged_data) where not even
/// the recording's header can be used; Error(no_room).
[[nodiscard]] std::optional<RecoveredRun> recover_killed_run(const std::filesystem::path& directory);

}  // namespace sharpwave
