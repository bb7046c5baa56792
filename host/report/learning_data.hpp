// What the page shows of plastic projections and of neuromodulators; see host/report/page/README.md.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "host/analysis/recorded_run.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::report {

/// How much of it a page holds.
struct LearningLimits {
  std::size_t projections = 16;
  std::size_t weight_files = 6;
  std::size_t regions = 16;
};

/// Of each projection of plasticity.h5, samples thinned; empty where there is no such file.
/// @throws Error(io), Error(damaged_data) naming file and dataset; so do all.
[[nodiscard]] Json plasticity_data(const analysis::RecordedRun& run, std::size_t most);

/// Its weights_*.h5, by name.
[[nodiscard]] std::vector<std::filesystem::path> weight_files(const analysis::RecordedRun& run);

/// Of each weights_*.h5, synapses and samples thinned, and how weights change with the time between spikes
/// where all that was recorded are pairs.
[[nodiscard]] Json weights_data(const analysis::RecordedRun& run, std::size_t most);

/// Of each region of neuromodulators.h5, likewise.
[[nodiscard]] Json modulators_data(const analysis::RecordedRun& run, std::size_t most);

}  // namespace sharpwave::report
