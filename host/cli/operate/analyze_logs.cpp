#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/cli/commands.hpp"
#include "host/cli/format.hpp"
#include "host/cli/log.hpp"
#include "host/operate/log_analysis.hpp"

namespace sharpwave::cli {
namespace {

using operate::FoundInLog;
using operate::Level;
using operate::LevelCounts;
using operate::LogSummary;

std::uint64_t count_of(const LevelCounts& counts, Level level) {
  return counts[static_cast<std::size_t>(level)];
}

std::string levels_text(const LevelCounts& counts) {
  std::string text;
  for (const Level level : operate::kLevels)
    if (const std::uint64_t n = count_of(counts, level); n > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(n), operate::name_of(level));
  return text.empty() ? "none" : text;
}

std::string when_text(const std::optional<std::int64_t>& time_ms) {
  return time_ms ? operate::time_text(*time_ms) : "at no time";
}

void print_files(const LogSummary& summary) {
  for (const LogSummary::File& file : summary.files)
    fmt::print("{}: {}\n", printable(file.path),
               file.error.empty() ? fmt::format("{} lines, {}", grouped(file.lines), bytes(file.bytes))
                                  : printable(file.error));
  fmt::print("{}",
             labelled("lines", fmt::format("{} counted, {} outside of the window, {} without a time, {} "
                                           "malformed, {} too long",
                                           grouped(summary.n_counted), grouped(summary.n_outside),
                                           grouped(summary.n_without_time), grouped(summary.n_malformed),
                                           grouped(summary.n_too_long))));
  for (const LogSummary::Malformed& one : summary.malformed)
    fmt::print("  {}:{}: {}: {}\n", printable(one.file), one.line, one.fault, one.excerpt);
  if (summary.first_ms)
    fmt::print("{}", labelled("from, to", when_text(summary.first_ms) + ", " + when_text(summary.last_ms)));
}

void print_totals(const LogSummary& summary) {
  fmt::print("\nLevels\n  {}\n", levels_text(summary.by_level));
  fmt::print("\nModules\n");
  for (const LogSummary::OfModule& module : summary.modules)
    fmt::print("  {}{}\n", left(module.name, 14), levels_text(module.counts));
}

void print_patterns(const LogSummary& summary) {
  fmt::print("\nMost frequent messages\n");
  for (const LogSummary::Pattern& one : summary.patterns)
    fmt::print("  {}  {}{}\n", right(grouped(one.count), 9), left(operate::name_of(one.level), 9),
               one.pattern);
  if (summary.n_forgotten > 0)
    fmt::print("  {}  of rare messages that there was no room for\n", right(grouped(summary.n_forgotten), 9));
}

void print_families(const LogSummary& summary) {
  fmt::print("\nErrors by family\n");
  for (const LogSummary::OfFamily& family : summary.families) {
    fmt::print("  {}{}", left(family.name, 16), right(grouped(family.count), 9));
    if (family.count > 0) fmt::print("  last {}: {}", when_text(family.last_ms), family.example);
    fmt::print("\n");
  }
}

void print_found(const char* title, const std::vector<FoundInLog>& list) {
  fmt::print("\n{}\n", title);
  if (list.empty()) fmt::print("  none\n");
  for (const FoundInLog& found : list)
    fmt::print("  {}{}  last {}: {}\n", left(found.name, 22), right(grouped(found.count), 7),
               when_text(found.last_ms), found.example);
}

/// A character for each bin; that of a bin with something in it is never blank.
std::string sparkline(const std::vector<LevelCounts>& bins, Level level) {
  constexpr std::array kBars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::uint64_t most = 1;
  for (const LevelCounts& bin : bins) most = std::max(most, count_of(bin, level));
  std::string line;
  for (const LevelCounts& bin : bins) {
    const std::uint64_t n = count_of(bin, level);
    const double share = static_cast<double>(n) / static_cast<double>(most);
    line += n == 0 ? " " : kBars[std::min<std::size_t>(7, static_cast<std::size_t>(share * 8))];
  }
  return line;
}

void print_timeline(const LogSummary& summary) {
  if (summary.timeline.empty()) return;
  fmt::print("\nTimeline, from {}, {} a column\n", operate::time_text(summary.timeline_begin_ms),
             duration(static_cast<double>(summary.bin_ms) / 1000));
  for (const Level level : operate::kLevels)
    if (count_of(summary.by_level, level) > 0)
      fmt::print("  {}|{}|\n", left(operate::name_of(level), 9), sparkline(summary.timeline, level));
}

void print_recommendations(const LogSummary& summary) {
  fmt::print("\nRecommendations\n");
  if (summary.recommendations.empty()) fmt::print("  none: nothing was found that asks for something\n");
  for (const LogSummary::Recommendation& one : summary.recommendations)
    fmt::print("  {}\n    because of {}\n    {}\n", operate::common_issue(one.anchor), one.because,
               one.action);
}

void print_summary(const LogSummary& summary) {
  print_files(summary);
  print_totals(summary);
  print_patterns(summary);
  print_families(summary);
  print_found("Performance", summary.performance);
  print_found("Recovery", summary.recovery);
  print_found("Critical words", summary.critical);
  print_timeline(summary);
  print_recommendations(summary);
}

}  // namespace

ExitCode analyze_logs_command(const AnalyzeLogsArguments& arguments) {
  set_up_log(arguments.log, "info");
  operate::LogAnalysis analysis({arguments.since_ms, arguments.until_ms});
  for (const std::filesystem::path& file : arguments.files) analysis.add_file(file);
  const LogSummary summary = analysis.summary();
  if (arguments.json)
    fmt::print("{}\n", operate::analysis_json(summary).dump(2));
  else
    print_summary(summary);
  const bool all_read = std::all_of(summary.files.begin(), summary.files.end(),
                                    [](const auto& file) { return file.error.empty(); });
  if (all_read) return ExitCode::ok;
  for (const LogSummary::File& file : summary.files)
    if (!file.error.empty()) log_of(Module::report).error("{}", printable(file.error));
  return ExitCode::io;
}

}  // namespace sharpwave::cli
