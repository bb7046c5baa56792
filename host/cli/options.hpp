// The options of each command, as both the parser and the help know them.
#pragma once

// "--set V=[1,2]" is one value: cxxopts would split it at the comma.
#define CXXOPTS_VECTOR_DELIMITER '\0'
// std::regex recurses once a character: an argument of 100 kB would end the process.
#define CXXOPTS_NO_REGEX
#include <cxxopts.hpp>

namespace sharpwave::cli {

[[nodiscard]] cxxopts::Options run_options();
[[nodiscard]] cxxopts::Options resume_options();
[[nodiscard]] cxxopts::Options validate_options();
[[nodiscard]] cxxopts::Options export_options();
[[nodiscard]] cxxopts::Options report_options();
[[nodiscard]] cxxopts::Options inspect_options();
[[nodiscard]] cxxopts::Options bench_options();
[[nodiscard]] cxxopts::Options trace_options();
/// What all behind `memory` take.
[[nodiscard]] cxxopts::Options memory_options();
[[nodiscard]] cxxopts::Options serve_options();
[[nodiscard]] cxxopts::Options configs_options();
[[nodiscard]] cxxopts::Options new_options();
[[nodiscard]] cxxopts::Options schema_options();
[[nodiscard]] cxxopts::Options completion_options();

/// Those of every command.
void add_log_level_and_help(cxxopts::Options& options);

/// A command with the options that it knows.
struct CommandOptions {
  const char* command;
  cxxopts::Options (*options)();
};
/// All of them, in the order in which they are listed.
[[nodiscard]] const std::vector<CommandOptions>& commands_with_options();

}  // namespace sharpwave::cli
