// What logs come to: docs/formats/log_analysis_json.md.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/base/json.hpp"
#include "host/operate/line_reader.hpp"
#include "host/operate/log_line.hpp"
#include "host/operate/log_signs.hpp"

namespace sharpwave::operate {

inline constexpr std::size_t kMostBins = 60;
inline constexpr std::size_t kMostShownPatterns = 20;

using LevelCounts = std::array<std::uint64_t, kLevels.size()>;

/// How often something was found, and the last of it.
struct FoundInLog {
  std::string name;
  std::uint64_t count = 0;
  std::optional<std::int64_t> last_ms;  ///< of the last that has a time
  std::string example;                  ///< the last message, one line, secrets masked
};

struct LogSummary {
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
    std::string error;  ///< why it could not be read; empty where it was
  };
  struct Malformed {
    std::string file;
    std::uint64_t line = 0;
    std::string fault;
    std::string excerpt;
  };
  struct OfModule {
    std::string name;
    LevelCounts counts{};
  };
  struct Pattern {
    std::string pattern;
    std::string module;
    Level level = Level::other;  ///< of the first
    std::uint64_t count = 0;
    std::optional<std::int64_t> first_ms;
    std::optional<std::int64_t> last_ms;
    std::string example;
  };
  struct OfFamily : FoundInLog {
    std::uint64_t said = 0;  ///< lines that named it themselves
  };
  struct Recommendation {
    std::string anchor;
    std::string because;
    std::string action;
  };

  std::vector<File> files;
  std::uint64_t n_lines = 0;    ///< that are not empty
  std::uint64_t n_counted = 0;  ///< that everything below is of
  std::uint64_t n_malformed = 0;
  std::uint64_t n_too_long = 0;
  std::uint64_t n_outside = 0;  ///< before --since, from --until on, or without a time where either is given
  std::uint64_t n_without_time = 0;  ///< among those counted
  std::vector<Malformed> malformed;  ///< the first, at most 5
  std::optional<std::int64_t> first_ms;
  std::optional<std::int64_t> last_ms;
  LevelCounts by_level{};
  std::vector<OfModule> modules;  ///< by name; beyond 32 of them "(other)"
  std::vector<Pattern> patterns;  ///< the most frequent, at most kMostShownPatterns
  std::uint64_t n_forgotten = 0;  ///< lines of rare patterns that were dropped for want of room
  std::array<OfFamily, kFamilies.size()> families;
  std::vector<FoundInLog> performance;  ///< what was found at all, likewise below
  std::vector<FoundInLog> recovery;
  std::vector<FoundInLog> critical;
  std::int64_t timeline_begin_ms = 0;
  std::int64_t bin_ms = 0;            ///< 0 without a timeline
  std::vector<LevelCounts> timeline;  ///< at most kMostBins
  std::vector<Recommendation> recommendations;
};

/// Takes lines one after the other, and keeps what they come to. Memory does not grow with the logs: at most
/// 10,000 patterns and 4,096 moments are held, of which the rarest are dropped, and neighbours made one.
class LogAnalysis {
 public:
  struct Window {
    std::optional<std::int64_t> since_ms;  ///< from this moment on
    std::optional<std::int64_t> until_ms;  ///< before this one
  };
  explicit LogAnalysis(Window window = {}) : window_(window) {}

  /// All of a file. Does not throw for what is in it; one that cannot be read is told in the summary.
  void add_file(const std::filesystem::path& file);
  /// @param file  by which it is named where it is malformed.
  void add_line(const LineOfFile& line, const std::string& file);

  [[nodiscard]] LogSummary summary() const;

 private:
  struct KeptPattern {
    std::string module;
    Level level = Level::other;
    std::uint64_t count = 0;
    std::optional<std::int64_t> first_ms;
    std::optional<std::int64_t> last_ms;
    std::string example;
  };

  void add_malformed(const LineOfFile& line, const std::string& file, std::string fault);
  void count(const LogLine& line);
  void count_pattern(const LogLine& line);
  void forget_rare_patterns();
  void count_moment(std::int64_t time_ms, Level level);
  void widen_moments();
  void put_timeline(LogSummary& summary) const;

  Window window_;
  LogSummary so_far_;
  std::map<std::string, LevelCounts> modules_;
  std::unordered_map<std::string, KeptPattern> patterns_;
  std::vector<FoundInLog> signs_ = std::vector<FoundInLog>(log_signs().size());
  std::map<std::int64_t, LevelCounts> moments_;  ///< by time over moment_ms_, rounded down
  std::int64_t moment_ms_ = 1000;
};

/// What the findings of a summary ask for, most urgent first.
[[nodiscard]] std::vector<LogSummary::Recommendation> recommendations_for(const LogSummary& summary);

/// docs/formats/log_analysis_json.md
[[nodiscard]] Json analysis_json(const LogSummary& summary);

/// Where an anchor of docs/operations/common_issues.md is, as text.
[[nodiscard]] std::string common_issue(std::string_view anchor);

}  // namespace sharpwave::operate
