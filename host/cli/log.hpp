// The log: on stderr as text or JSON lines, and in the directory of a run as JSON lines.
#pragma once

#include <spdlog/spdlog.h>

#include <filesystem>
#include <string>

#include "host/base/error.hpp"
#include "host/cli/log_options.hpp"

namespace sharpwave::cli {

/// Who says something; each has a level of its own.
enum class Module { config, run, checkpoint, watchdog, report, bench, memory, service };

/// What a module says, once set_up_log() was called.
[[nodiscard]] spdlog::logger& log_of(Module module);

/// Directs the log to stderr; the level is the option's, else SHARPWAVE_LOG_LEVEL's, else `otherwise`, of
/// what is quiet, on stderr alone, warn; the format text unless it says json.
/// @throws Error(usage) for a level, a module or a format that does not exist.
void set_up_log(const LogOptions& options, const char* otherwise, bool quiet = false);

/// Of one module, or of all where `module` is empty, from now on. @return false where one of them is none.
[[nodiscard]] bool set_log_level(const std::string& module, const std::string& level);

/// What failed, also where the log was not set up yet: as a line of its own that names the program, or begins
/// with the place in a config as editors expect it, or as a line of JSON.
void log_failure(const Error& error);

/// Lines from now on are of this run (empty: of a batch), and wait for log_into().
void begin_log_of(const std::string& run_id);
/// And how far it came.
void set_simulated_ms(double time_ms);

/// Adds everything that is said to a file as JSON lines, behind what is there, from what was said before on.
/// A file that cannot be written to loses lines, not the run. Until end_log() it stays that file.
void log_into(const std::filesystem::path& file);
/// What follows is of another run; what still waits for a file will have none.
void end_log();

}  // namespace sharpwave::cli
