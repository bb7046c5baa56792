// Tells on stderr how a run goes.
#pragma once

#include <filesystem>
#include <string>

#include "host/cli/activity.hpp"
#include "host/cli/status_line.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/progress.hpp"

namespace sharpwave::cli {

/// The text of one progress line, at most `width` columns (0: no limit).
[[nodiscard]] std::string progress_text(const Progress& progress, double dt_ms, std::size_t width);

/// Says what the watchdog has found, and what is done about it.
/// @param who  stands before it: "instance 0003: ".
void log_finding(const Finding& finding, const ModelSpec& spec, const std::string& who = {});

class RunReporter : public ProgressSink {
 public:
  /// @param spec      outlives this object, too.
  /// @param activity  receives the blocks of the recorded part; outlives this object.
  /// @param directory  of the run, where its log will be.
  RunReporter(const ModelSpec& spec, StatusLine::Style style, Activity& activity,
              std::filesystem::path directory);

  void construction_begins(const NetworkPlan& plan) override;
  void construction_ended(const ConstructionReport& report) override;
  void state_adopted(const std::vector<std::string>& mismatches) override;
  void directory_taken() override;
  void block_ended(const Progress& progress, const Block& block) override;
  void checkpoint_ended(const CheckpointOutcome& outcome) override;
  void watchdog_found(const Finding& finding) override;
  void writing_begins() override;

  /// As that of StatusLine.
  void clear() { line_.clear(); }

 private:
  std::filesystem::path directory_;
  const ModelSpec& spec_;
  Activity& activity_;
  StatusLine line_;
};

}  // namespace sharpwave::cli
