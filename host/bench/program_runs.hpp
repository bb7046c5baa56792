// `sharpwave run` on a shipped config, in a process of its own and a folder that goes with this object: what
// the cases are measured with.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/bench/result.hpp"
#include "host/run/run_signals.hpp"

namespace sharpwave::bench {

/// A process that has ended well.
struct EndedRun {
  std::filesystem::path directory;     ///< what it wrote; gone with the next run
  double seconds = 0;                  ///< from its start to its end
  std::optional<double> others_share;  ///< of all processors' time meanwhile
};

class ProgramRuns {
 public:
  /// @param config_text  of the config of a case, by its name.
  explicit ProgramRuns(std::function<std::string_view(std::string_view)> config_text);
  ~ProgramRuns();
  ProgramRuns(const ProgramRuns&) = delete;
  ProgramRuns& operator=(const ProgramRuns&) = delete;

  [[nodiscard]] std::string_view config_text(std::string_view config) const { return config_text_(config); }

  /// Gone with this object.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// @param label  in messages: "brunel, 2 threads".
  /// @throws Error with the exit code and the messages of a run that fails; Error(interrupted) after a
  /// signal.
  EndedRun run(std::string_view config, const std::vector<std::string>& overrides, int threads,
               const std::string& label);

  /// @throws Error(interrupted) after SIGINT or SIGTERM.
  void stop_where_asked() const;

 private:
  const std::filesystem::path& config_file(std::string_view config);

  std::function<std::string_view(std::string_view)> config_text_;
  RunSignals signals_;
  std::filesystem::path folder_;
  std::map<std::string, std::filesystem::path, std::less<>> config_files_;
};

/// What a run says of itself in its run.json, as the only repeat of a result.
/// @throws Error(damaged_data) for what this program does not write; Error(invalid_config) where a population
///         did not fire: times of such a run say nothing.
[[nodiscard]] Result read_result(const EndedRun& run, const std::string& label);

/// The JSON in a file of a run. @throws Error(io), Error(damaged_data).
[[nodiscard]] Json json_in(const std::filesystem::path& file);

}  // namespace sharpwave::bench
