// Tells how a batch goes, and shows what came out of it.
#pragma once

#include <filesystem>
#include <string>

#include "host/base/stopwatch.hpp"
#include "host/batch/batch_run.hpp"
#include "host/cli/status_line.hpp"

namespace sharpwave::cli {

/// One progress line of a batch, at most `width` columns (0: no limit).
/// @param simulated_ms  since the command began, in `wall_s`.
/// @param before_ms     of what it had been before, also of instances that are not to run again.
[[nodiscard]] std::string batch_progress_text(const BatchRecord& batch, double simulated_ms, double before_ms,
                                              double wall_s, std::size_t width);

/// A line for each of the first instances, then the totals.
[[nodiscard]] std::string batch_table(const BatchRecord& batch, const std::string& directory, bool colour);

class BatchReporter : public BatchSink {
 public:
  /// @param directory  of the batch, where its log will be.
  BatchReporter(const BatchRecord& batch, StatusLine::Style style, std::filesystem::path directory);

  void directory_taken() override;
  void group_begins(const BatchRecord& batch, std::size_t group) override;
  void group_built(const BatchRecord& batch, std::size_t group) override;
  void instance_begins(const BatchRecord& batch, const BatchInstance& instance) override;
  void advanced(const BatchRecord& batch, double simulated_ms) override;
  void checkpoint_ended(const BatchInstance& instance, const CheckpointOutcome& outcome) override;
  void watchdog_found(const BatchInstance& instance, const ModelSpec& spec, const Finding& finding) override;
  void warned(const BatchInstance& instance, const std::string& what) override;
  void instance_ended(const BatchRecord& batch, const BatchInstance& instance) override;

  /// As that of StatusLine.
  void clear() { line_.clear(); }

 private:
  void show(const BatchRecord& batch);

  std::filesystem::path directory_;
  StatusLine line_;
  double before_ms_ = 0;
  double simulated_ms_ = 0;
  Stopwatch watch_;
};

}  // namespace sharpwave::cli
