// What the page shows of a protocol: its trials, and the weights from images to neurons as images.
#pragma once

#include <cstddef>

#include "host/analysis/recorded_run.hpp"
#include "host/io/json_place.hpp"

namespace sharpwave::report {

/// {trials: [...], fields: [...]}, see host/report/page/README.md; null where the run has no protocol.
/// @param most_fields  neurons whose weights are shown.
/// @throws Error(io), Error(damaged_data) naming file and dataset.
[[nodiscard]] Json protocol_data(const analysis::RecordedRun& run, std::size_t most_fields);

}  // namespace sharpwave::report
