// Lines of log.jsonl (docs/formats/log.md), read from files that nobody vouches for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sharpwave::operate {

enum class Level : std::uint8_t { trace, debug, info, warning, error, other };
inline constexpr std::array kLevels{Level::trace,   Level::debug, Level::info,
                                    Level::warning, Level::error, Level::other};
/// As in the file; "other" for what is none of the five.
[[nodiscard]] const char* name_of(Level level);
[[nodiscard]] constexpr bool is_at_least(Level level, Level least) {
  return level != Level::other && level >= least;
}

/// What is looked at of a line; texts are UTF-8, empty where the line has none.
struct LogLine {
  std::optional<std::int64_t> time_ms;  ///< since 1970, UTC; none where the line has no time that can be read
  Level level = Level::other;
  std::string module;
  std::string message;
  std::string family;  ///< as the line says, whatever that is
  std::string space;
  std::string trace;
};

/// A line, or why it is none.
struct LineOutcome {
  std::optional<LogLine> line;
  std::string fault;  ///< of what has no line: what was read and what was expected
};

/// @param text  without its line feed; any bytes.
/// Nothing nested is kept, so memory is that of the texts that LogLine holds. Safe from several threads.
/// O(size).
[[nodiscard]] LineOutcome read_log_line(std::string_view text);

/// A moment as "2026-01-31", "2026-01-31T09:30", with seconds and fractions as well, in UTC, with or without
/// "Z".
/// @return ms since 1970; none where it is something else, or no such day.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view text);
/// "2026-01-31T09:30:00.250Z".
[[nodiscard]] std::string time_text(std::int64_t time_ms);

}  // namespace sharpwave::operate
