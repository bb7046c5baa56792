// Tells on stderr how a run goes: one line that is rewritten on a terminal, now and then a line elsewhere.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "host/cli/activity.hpp"
#include "host/network/model_spec.hpp"
#include "host/run/progress.hpp"

namespace sharpwave::cli {

/// The text of one progress line, at most `width` columns (0: no limit).
[[nodiscard]] std::string progress_text(const Progress& progress, double dt_ms, std::size_t width);

class RunReporter : public ProgressSink {
 public:
  enum class Style { silent, lines, terminal };

  /// @param activity  receives the blocks of the recorded part; outlives this object.
  /// @param directory  of the run, where its log will be.
  RunReporter(const ModelSpec& spec, Style style, Activity& activity, std::filesystem::path directory);

  void construction_begins(const NetworkPlan& plan) override;
  void construction_ended(const ConstructionReport& report) override;
  void state_adopted(const std::vector<std::string>& mismatches) override;
  void directory_taken() override;
  void block_ended(const Progress& progress, const Block& block) override;
  void checkpoint_ended(const CheckpointOutcome& outcome) override;
  void watchdog_found(const Finding& finding) override;
  void writing_begins() override;

  /// Removes a line that is still on the terminal, so that other output starts on an empty one.
  void clear();

 private:
  void say(const std::string& text);

  std::filesystem::path directory_;
  Style style_;
  double dt_ms_;
  Activity& activity_;
  bool line_is_shown_ = false;
  std::chrono::steady_clock::time_point last_shown_ = std::chrono::steady_clock::now();
};

}  // namespace sharpwave::cli
