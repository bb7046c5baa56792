// The statistics of a run as one JSON object, described in docs/formats/statistics.md.
#pragma once

#include "host/analysis/recorded_run.hpp"

namespace sharpwave::analysis {

/// The object of the whole run, in the documented order of keys; null for what does not exist.
/// @throws Error of read_spikes(). Memory for the spikes of one population at a time.
[[nodiscard]] Json statistics_json(const RecordedRun& run);

/// The object of one population, for those who have read its spikes already.
/// @param population  recorded.
/// @param spikes      those that read_spikes() returned for it.
[[nodiscard]] Json population_statistics_json(const RecordedRun& run, const PopulationRecord& population,
                                              const Spikes& spikes);

}  // namespace sharpwave::analysis
