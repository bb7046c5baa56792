// The spikes that the page's raster shows: whole trains of evenly spread neurons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/analysis/recorded_run.hpp"

namespace sharpwave::report {

/// Collects the spikes of one run, population by population. The object that it makes is described in
/// host/report/page/README.md.
class RasterData {
 public:
  /// @param most_spikes  on the page for this run; neurons are left out, then time at the end.
  RasterData(const analysis::RecordedRun& run, std::uint64_t most_spikes);

  /// To be called for each recorded population, in the order of the run.
  void add(const analysis::PopulationRecord& population, const analysis::Spikes& spikes);

  [[nodiscard]] Json finish();

 private:
  struct Row {
    std::string name;
    std::uint64_t size, recorded, stride, rows, first_row, spikes;
  };
  struct Spike {
    std::uint32_t step;  ///< after the beginning of the recorded part
    std::uint32_t row;
  };

  const analysis::RecordedRun& run_;
  std::uint64_t most_spikes_;
  std::uint64_t stride_ = 1;
  std::uint64_t n_rows_ = 0;
  std::vector<Row> populations_;
  std::vector<Spike> spikes_;
};

}  // namespace sharpwave::report
