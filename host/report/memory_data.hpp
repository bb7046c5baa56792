// What the page shows of memory.json.
#pragma once

#include <cstddef>

#include "host/analysis/recorded_run.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::report {

/// How much of it a page holds.
struct MemoryLimits {
  std::size_t spaces = 6;
  std::size_t ripples = 3000;
};

/// {spaces_total, spaces, ripples}, see host/report/page/README.md: the first spaces, and the first ripples
/// of the run's own instance; what was recalled in phases that test, by trials.h5. Null where the run has no
/// memory.json.
/// @throws Error(io); Error(damaged_data) naming file, key or dataset, and what was expected.
[[nodiscard]] Json memory_data(const analysis::RecordedRun& run, MemoryLimits most);

}  // namespace sharpwave::report
