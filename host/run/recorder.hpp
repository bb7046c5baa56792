// Writes what a run records: the chosen spikes and the reports, as SONATA files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/io/report_writer.hpp"
#include "host/io/spike_writer.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/population_ids.hpp"

namespace sharpwave {

class Recorder {
 public:
  /// Opens the files in `directory`. Neither spikes.h5 nor a report is made where nothing is recorded.
  /// @throws Error(io) naming the file.
  Recorder(const ModelSpec& spec, const std::filesystem::path& directory);

  /// Takes the next block of the recorded part; the warm-up is not recorded.
  void record(const Block& block);

  /// Neurons whose spikes are recorded, of each population that is not virtual.
  [[nodiscard]] std::vector<std::uint64_t> recorded() const;

  /// Completes the files and gives them their names; no record() after it.
  /// @return the files in the order spikes, reports.
  std::vector<std::filesystem::path> finish();

 private:
  /// A recorded population; `file_index` is its place in spikes.h5.
  struct Recorded {
    std::optional<std::size_t> file_index;
    std::vector<bool> chosen;  // [size of the population]; empty: all of it
    std::vector<std::uint64_t> node_ids;
    std::vector<double> times_ms;
  };

  void choose(const ModelSpec& spec);
  void open_spikes(const ModelSpec& spec, const std::filesystem::path& directory);
  void open_reports(const ModelSpec& spec, const std::filesystem::path& directory);
  void collect(std::size_t rank, std::span<const std::uint32_t> ids, double time_ms);

  PopulationIds populations_;
  double dt_ms_;
  std::vector<Recorded> recorded_;  // [rank]
  std::filesystem::path spikes_path_;
  std::optional<SpikeWriter> spikes_;
  std::vector<ReportWriter> reports_;
};

}  // namespace sharpwave
