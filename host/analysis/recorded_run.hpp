// What a run left in its directory: run.json and spikes.h5; reports are in recorded_report.hpp. The formats
// are described in docs/formats. The files may be damaged or made to do harm: everything is checked, nothing
// is allocated for a size that a file merely claims.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/io/json_place.hpp"

namespace sharpwave::analysis {

struct PopulationRecord {
  std::string name;
  std::uint32_t size = 0;
  std::uint64_t spikes = 0;            ///< of all its neurons, in the recorded part
  std::uint32_t recorded = 0;          ///< neurons whose spikes were recorded; 0: it is not in spikes.h5
  std::optional<double> threshold_mV;  ///< of all its neurons; none where they differ
  bool says_recorded = false;          ///< run.json says so; else it is what read_run() takes for granted
};

struct RecordedRun {
  std::filesystem::path directory;
  double dt_ms = 0;
  std::uint64_t first_step = 0;  ///< the end of the warm-up; steps after it were recorded
  std::uint64_t n_steps = 0;     ///< recorded, at most kMostSteps
  bool interrupted = false;
  std::vector<PopulationRecord> populations;  ///< as in run.json; names differ
  Json connections;  ///< array, or null where there is no network.json; what is in it is not checked
  std::uint64_t connections_omitted = 0;  ///< further ones
  Json config;                            ///< text, or null
  Json summary;                           ///< the other keys of run.json, in its order

  [[nodiscard]] double start_ms() const;
  [[nodiscard]] double stop_ms() const;
  /// None where there is none of this name.
  [[nodiscard]] const PopulationRecord* population(const std::string& name) const;
};

/// Reads run.json, and of spikes.h5 which populations it holds. Where run.json does not say how many neurons
/// were recorded, as in older versions, it was all of a population that is in spikes.h5.
/// @throws Error(io) where the directory is none of a run, Error(damaged_data) naming file, key and what was
/// expected.
[[nodiscard]] RecordedRun read_run(const std::filesystem::path& directory);

/// The recorded spikes of one population.
struct Spikes {
  std::vector<std::uint64_t> steps;    ///< [n_spikes] the step in which each was fired; never descending
  std::vector<std::uint32_t> neurons;  ///< [n_spikes] its neuron, as an index into `fired`
  std::vector<std::uint32_t> fired;    ///< node ids of the neurons with a spike, ascending
};

/// @param population  one of run.populations; no spikes where it was not recorded.
/// @throws Error(io), where there is no spikes.h5; Error(damaged_data) naming file and dataset, also where
/// spikes.h5 contradicts run.json: a time outside the recorded part or before its predecessor, a node id
/// beyond the population, spikes of more neurons than were recorded, another number of spikes than were
/// fired. Takes 12 bytes for a spike, and some megabytes while it reads.
[[nodiscard]] Spikes read_spikes(const RecordedRun& run, const PopulationRecord& population);

}  // namespace sharpwave::analysis
