// The traces that the page shows: the first samples of some neurons of each report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/analysis/recorded_report.hpp"
#include "host/analysis/recorded_run.hpp"

namespace sharpwave::report {

/// Of which neurons the spikes are wanted, and what they are.
struct TracedNeurons {
  std::map<std::string, std::map<std::uint32_t, std::vector<double>>> spikes_ms;  ///< [population][node id]

  /// Fills in the spikes of those of the population.
  void add(const analysis::RecordedRun& run, const analysis::PopulationRecord& population,
           const analysis::Spikes& spikes);
};

/// One variable of one report, thinned; see host/report/page/README.md.
class TraceData {
 public:
  /// @param most_values  that are shown of it.
  TraceData(const analysis::RecordedRun& run, const std::filesystem::path& file, std::uint64_t most_values);

  /// Asks for the spikes of the neurons that are shown.
  void want_spikes(TracedNeurons& neurons) const;
  [[nodiscard]] Json finish(const TracedNeurons& neurons) const;

 private:
  const analysis::RecordedRun& run_;
  analysis::RecordedReport report_;
  std::vector<std::uint32_t> columns_;
  std::uint64_t n_samples_ = 0;
};

}  // namespace sharpwave::report
