// report_*.h5 in SONATA layout; the format is described in docs/formats/report.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"

namespace sharpwave {

/// What a report's files say about themselves.
struct ReportHeader {
  std::string name;                     ///< of the report, as in ReportSpec
  std::string population;               ///< whose elements are recorded
  std::vector<std::uint32_t> node_ids;  ///< within it, ascending
  std::vector<Recordable> variables;
  std::string weight_unit;  ///< of the population's synapses
  double dt_ms = 0;
  std::uint64_t interval_steps = 1;
};

/// Where a report's files lie: one for each variable, in their order.
[[nodiscard]] std::vector<std::filesystem::path> report_files(const std::filesystem::path& directory,
                                                              const std::string& name,
                                                              const std::vector<Recordable>& variables);

/// Writes one report. SONATA knows one variable per file, so a report of one variable is
/// report_<name>.h5 and one of several is report_<name>_<variable>.h5 for each. Names appear only in
/// finish(); until then the files are called `<name>.partial`.
class ReportWriter {
 public:
  /// @throws Error(io) naming the file; Error(invalid_config) for a name that cannot be a file's.
  ReportWriter(const std::filesystem::path& directory, const ReportHeader& header);
  ~ReportWriter();  ///< without finish(): leaves the `.partial` files
  ReportWriter(ReportWriter&&) noexcept;
  ReportWriter& operator=(ReportWriter&&) noexcept;

  /// Takes what Block::ReportSamples holds.
  /// @param steps   [n_samples] ascending by interval_steps, also against the block before; a sample's time
  ///                is step * dt_ms.
  /// @param values  [n_samples][n_variables][n_elements].
  /// @throws Error(io) naming the file; the writer is then unusable.
  void append(std::span<const std::uint64_t> steps, std::span<const float> values);

  /// Writes what is buffered and the times, closes, syncs, and names the files. To be called once, last.
  /// @throws Error(io) naming the file.
  void finish();

  /// The files that finish() makes, in the order of the variables.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sharpwave
