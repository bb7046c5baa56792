// Everything that `sharpwave diagnose` looks at, before anything is made of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/operate/http_client.hpp"
#include "host/operate/metrics_text.hpp"
#include "host/operate/program.hpp"
#include "host/operate/service_file.hpp"
#include "host/operate/system_facts.hpp"

namespace sharpwave::operate {

/// What is looked at, and with what.
struct Surroundings {
  std::filesystem::path data_directory;
  std::optional<std::string> url;              ///< instead of what service.json says
  std::optional<std::filesystem::path> token;  ///< a file
  std::optional<std::filesystem::path> ca;     ///< PEM
  std::filesystem::path program;               ///< this program, which is asked about the store
};

/// The store in the data directory, where no service has it.
struct StoreLook {
  enum class State : std::uint8_t { not_looked, none, whole, damaged, unreadable, too_slow };
  State state = State::not_looked;
  std::string text;
};

/// The log of the last hour.
struct RecentErrors {
  bool is_there = false;
  std::string fault;    ///< why it could not be read
  bool is_cut = false;  ///< the hour has more than what was read of its end
  std::uint64_t n_warnings = 0;
  std::uint64_t n_errors = 0;
  std::uint64_t n_critical = 0;  ///< lines at level error with a critical word
  std::string last;              ///< the last error
};

struct Observations {
  ServiceFileOutcome service_file;
  std::optional<ProcessFacts> process;  ///< of service.json
  std::optional<HttpPlace> place;       ///< that was asked
  bool is_place_given = false;          ///< by --url
  HttpAnswer health;
  HttpAnswer ready;
  HttpAnswer metrics_answer;
  MetricsOutcome metrics;
  std::vector<double> response_s;     ///< of GET /health, each that was answered
  std::optional<ProgramOutcome> gpu;  ///< of nvidia-smi; none where there is no such program
  std::vector<std::string> missing_cpu_features;
  std::optional<DiskFacts> disk;
  MemoryFacts memory;
  StoreLook store;
  RecentErrors errors;
};

/// Looks, and changes nothing; at most 28 s.
/// @throws Error(io) where the data directory is none, or a file of a token or certificates cannot be read;
///         Error(usage) for a URL that is none.
[[nodiscard]] Observations observe(const Surroundings& surroundings);

/// Of a log the lines since `since_ms`, as far as they are in its last 16 MiB. Does not throw.
[[nodiscard]] RecentErrors recent_errors(const std::filesystem::path& log, std::int64_t since_ms);

/// The service that `surroundings` mean, with its token: that of the URL, else of service.json; none without
/// either.
/// @throws as observe().
[[nodiscard]] std::optional<HttpPlace> service_place(const Surroundings& surroundings,
                                                     const ServiceFileOutcome& file);

/// @throws Error(io) where it is no directory.
void expect_data_directory(const std::filesystem::path& directory);

}  // namespace sharpwave::operate
