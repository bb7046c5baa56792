// What the page shows of watchdog.json.
#pragma once

#include <cstddef>

#include "host/analysis/recorded_run.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::report {

/// {total, findings: [...]}: all findings that the file has, the first `most_histories` with a history.
/// Nothing was found where there is no file.
/// @throws Error(damaged_data) naming the key and what was expected.
[[nodiscard]] Json watchdog_data(const analysis::RecordedRun& run, std::size_t most_histories);

}  // namespace sharpwave::report
