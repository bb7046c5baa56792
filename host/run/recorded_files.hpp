// Makes the files of a recording: spikes.h5, report_*.h5, plasticity.h5, weights_*.h5 and neuromodulators.h5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/run/recording_header.hpp"
#include "host/run/recording_reader.hpp"

namespace sharpwave {

struct RecordedFiles {
  RecordingHeader header;
  RecordingEnd end;  ///< how far the recording could be used; the files hold just that
  std::vector<std::filesystem::path>
      files;                          ///< in the order spikes, reports, plasticity, weights, neuromodulators
  std::vector<std::uint64_t> spikes;  ///< that were recorded, of each population of the header
};

/// None is made where nothing is recorded for it. The files depend on what was recorded
/// alone, not on how it was cut into blocks. Takes memory for one block.
/// @throws Error(io), Error(no_room); Error(damaged_data) where not even the header can be used. What is
/// wrong further behind is in `end`.
[[nodiscard]] RecordedFiles write_recorded_files(const std::filesystem::path& recording,
                                                 const std::filesystem::path& directory);

}  // namespace sharpwave
