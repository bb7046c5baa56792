// Reading of report_*.h5, which may be much larger than memory, and damaged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/analysis/recorded_run.hpp"
#include "host/io/hdf5.hpp"

namespace sharpwave::analysis {

/// report_*.h5 in the run's directory, sorted.
[[nodiscard]] std::vector<std::filesystem::path> report_files(const RecordedRun& run);

/// One variable of one report.
class RecordedReport {
 public:
  /// Reads everything but the values.
  /// @throws Error(io); Error(damaged_data) naming file and object, also where it contradicts run.json.
  [[nodiscard]] static RecordedReport open(const RecordedRun& run, const std::filesystem::path& file);

  /// From the file's name: what stands between "report_" and, if that is its end, "_<variable>".
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& population() const { return population_; }
  [[nodiscard]] const std::string& variable() const { return variable_; }
  [[nodiscard]] const std::string& units() const { return units_; }
  /// Of the columns; ascending, within the population.
  [[nodiscard]] const std::vector<std::uint32_t>& node_ids() const { return node_ids_; }
  /// Frame k was sampled at start_ms + k step_ms.
  [[nodiscard]] double start_ms() const { return start_ms_; }
  [[nodiscard]] double step_ms() const { return step_ms_; }
  [[nodiscard]] std::uint64_t n_frames() const { return n_frames_; }

  /// The first frames of some columns.
  /// @param most_frames  as many as there are if that is less.
  /// @param columns      indices into node_ids(), in any order.
  /// @return [columns][frames]; values may be anything that a float can be.
  /// @throws Error(damaged_data).
  /// Reads these frames whole, 16 MiB at a time; takes memory for what it returns.
  [[nodiscard]] std::vector<float> read(std::uint64_t most_frames,
                                        std::span<const std::uint32_t> columns) const;

 private:
  explicit RecordedReport(hdf5::File file, hdf5::Dataset data)
      : file_(std::move(file)), data_(std::move(data)) {}
  void read_mapping(const hdf5::Group& mapping, const RecordedRun& run);

  hdf5::File file_;
  hdf5::Dataset data_;  // after `file_`: closes before it
  std::string name_;
  std::string population_;
  std::string variable_;
  std::string units_;
  std::vector<std::uint32_t> node_ids_;
  double start_ms_ = 0;
  double step_ms_ = 0;
  std::uint64_t n_frames_ = 0;
};

}  // namespace sharpwave::analysis
