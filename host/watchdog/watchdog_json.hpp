// watchdog.json: docs/formats/watchdog_json.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/network/model_spec.hpp"
#include "host/watchdog/finding.hpp"
#include "host/watchdog/watch_state.hpp"

namespace sharpwave {

/// Those that were found, by name: {"anomaly": 3}.
[[nodiscard]] nlohmann::ordered_json found_json(const SignCounts& found);

/// What a run that was halted was halted by, as its watchdog.json says; empty where that cannot be read.
[[nodiscard]] std::string message_of_halt(const std::filesystem::path& directory);

/// Keeps what is found in a run's directory. The file is whole at any time.
class WatchdogFile {
 public:
  static constexpr const char* kName = "watchdog.json";

  /// @param found_before  of a run that goes on: so much of what the file has stays. Else nothing.
  /// @param injected      as the file has it then, or where there is none.
  WatchdogFile(const std::filesystem::path& directory, double dt_ms, const SignCounts* found_before,
               const std::vector<std::string>& injected);

  /// Keeps the first hundred of each sign, and what halts the run; of the others it keeps the number. What is
  /// kept and more than logged is on the disk then, so that a run makes no more than a few hundred writes,
  /// however long it is.
  void add(const Finding& finding);
  /// All that is kept is on the disk then: nothing that a checkpoint counts as found may be missing. Where it
  /// cannot be written the log says so, and the next call tries again.
  void flush();
  /// Writes what is not on the disk yet. @throws Error(io), Error(no_room) naming the file.
  void finish();

  /// Nothing was found or put in, now or in the earlier part of the run: there need be no file.
  [[nodiscard]] bool is_empty() const { return found_ == SignCounts() && injected_.empty(); }

 private:
  void keep_earlier();
  void write();

  std::filesystem::path path_;
  double dt_ms_;
  std::vector<std::string> injected_;
  std::vector<std::string> findings_;  // each as JSON
  SignCounts found_{};
  bool is_written_ = true;  // but for counts of what is not kept
  bool is_all_written_ = true;
};

}  // namespace sharpwave
