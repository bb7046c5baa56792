#include "host/operate/log_analysis.hpp"

#include <algorithm>
#include <utility>

#include "host/base/error.hpp"
#include "host/operate/message_pattern.hpp"
#include "host/operate/secrets.hpp"

namespace sharpwave::operate {
namespace {

constexpr std::size_t kMostMalformed = 5;
constexpr std::size_t kMostModules = 32;
constexpr std::size_t kMostPatterns = 10'000;
constexpr std::size_t kMostMoments = 4096;
constexpr std::size_t kExampleBytes = 200;
constexpr std::size_t kMaskedBytes = 2 << 10;

std::size_t index_of(Level level) {
  return static_cast<std::size_t>(level);
}

std::int64_t rounded_down(std::int64_t value, std::int64_t unit) {
  return value >= 0 ? value / unit : -((-value + unit - 1) / unit);
}

std::string example_of(std::string_view message) {
  return one_line(mask_secrets(message.substr(0, kMaskedBytes)), kExampleBytes);
}

void note(FoundInLog& found, const LogLine& line) {
  ++found.count;
  if (line.time_ms) found.last_ms = line.time_ms;
  found.example = example_of(line.message);
}

void extend(std::optional<std::int64_t>& first, std::optional<std::int64_t>& last, std::int64_t time_ms) {
  first = std::min(first.value_or(time_ms), time_ms);
  last = std::max(last.value_or(time_ms), time_ms);
}

}  // namespace

void LogAnalysis::add_file(const std::filesystem::path& file) {
  LogSummary::File told{file.string(), 0, 0, {}};
  try {
    told.bytes = for_each_line(file, 0, [&](const LineOfFile& line) {
      ++told.lines;
      add_line(line, told.path);
    });
  } catch (const Error& error) {
    told.error = error.what();
  }
  so_far_.files.push_back(std::move(told));
}

void LogAnalysis::add_line(const LineOfFile& line, const std::string& file) {
  ++so_far_.n_lines;
  if (line.bytes > kLongestLine) {
    ++so_far_.n_too_long;
    return add_malformed(line, file,
                         "a line of " + std::to_string(line.bytes) + " bytes, expected at most " +
                             std::to_string(kLongestLine));
  }
  LineOutcome outcome = read_log_line(line.text);
  if (!outcome.line) {
    ++so_far_.n_malformed;
    return add_malformed(line, file, outcome.fault + ", expected an object of docs/formats/log.md");
  }
  count(*outcome.line);
}

void LogAnalysis::add_malformed(const LineOfFile& line, const std::string& file, std::string fault) {
  if (so_far_.malformed.size() == kMostMalformed) return;
  constexpr std::size_t kExcerpt = 80;
  so_far_.malformed.push_back({file, line.number, std::move(fault),
                               one_line(mask_secrets(line.text.substr(0, kMaskedBytes)), kExcerpt)});
}

void LogAnalysis::count(const LogLine& line) {
  const bool is_outside = (window_.since_ms && (!line.time_ms || *line.time_ms < *window_.since_ms)) ||
                          (window_.until_ms && (!line.time_ms || *line.time_ms >= *window_.until_ms));
  if (is_outside) {
    ++so_far_.n_outside;
    return;
  }
  ++so_far_.n_counted;
  ++so_far_.by_level[index_of(line.level)];
  std::string module = one_line(line.module, 32);
  if (module.empty()) module = "(none)";
  if (modules_.size() >= kMostModules && !modules_.contains(module)) module = "(other)";
  ++modules_[module][index_of(line.level)];
  if (line.time_ms) {
    extend(so_far_.first_ms, so_far_.last_ms, *line.time_ms);
    count_moment(*line.time_ms, line.level);
  } else {
    ++so_far_.n_without_time;
  }
  count_pattern(line);
  if (const std::optional<FamilyOfLine> of_line = family_of(line)) {
    LogSummary::OfFamily& family = so_far_.families[of_line->family];
    note(family, line);
    family.said += of_line->is_said ? 1 : 0;
  }
  for (const std::size_t sign : signs_of(line)) note(signs_[sign], line);
}

void LogAnalysis::count_pattern(const LogLine& line) {
  KeptPattern& kept = patterns_[message_pattern(line.message)];
  if (++kept.count == 1) {
    kept.module = one_line(line.module, 32);
    kept.level = line.level;
    kept.example = example_of(line.message);
  }
  if (line.time_ms) extend(kept.first_ms, kept.last_ms, *line.time_ms);
  if (patterns_.size() > kMostPatterns) forget_rare_patterns();
}

/// What is frequent stays: the half that was seen least often goes, and what it counted is told.
void LogAnalysis::forget_rare_patterns() {
  std::vector<std::uint64_t> counts;
  for (const auto& [text, kept] : patterns_) counts.push_back(kept.count);
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  const std::uint64_t most = *middle;
  for (auto at = patterns_.begin(); at != patterns_.end();) {
    if (at->second.count > most) {
      ++at;
      continue;
    }
    so_far_.n_forgotten += at->second.count;
    at = patterns_.erase(at);
  }
}

void LogAnalysis::count_moment(std::int64_t time_ms, Level level) {
  ++moments_[rounded_down(time_ms, moment_ms_)][index_of(level)];
  while (moments_.size() > kMostMoments) widen_moments();
}

void LogAnalysis::widen_moments() {
  std::map<std::int64_t, LevelCounts> wider;
  for (const auto& [moment, counts] : moments_)
    for (std::size_t level = 0; level < counts.size(); ++level)
      wider[rounded_down(moment, 2)][level] += counts[level];
  moments_ = std::move(wider);
  moment_ms_ *= 2;
}

void LogAnalysis::put_timeline(LogSummary& summary) const {
  if (moments_.empty()) return;
  const std::int64_t first = moments_.begin()->first;
  const std::int64_t n_moments = moments_.rbegin()->first - first + 1;
  const auto most = static_cast<std::int64_t>(kMostBins);
  const std::int64_t moments_per_bin = (n_moments + most - 1) / most;
  summary.timeline_begin_ms = first * moment_ms_;
  summary.bin_ms = moments_per_bin * moment_ms_;
  summary.timeline.resize(static_cast<std::size_t>((n_moments + moments_per_bin - 1) / moments_per_bin));
  for (const auto& [moment, counts] : moments_) {
    LevelCounts& bin = summary.timeline[static_cast<std::size_t>((moment - first) / moments_per_bin)];
    for (std::size_t level = 0; level < counts.size(); ++level) bin[level] += counts[level];
  }
}

LogSummary LogAnalysis::summary() const {
  LogSummary summary = so_far_;
  for (const auto& [name, counts] : modules_) summary.modules.push_back({name, counts});
  for (const auto& [text, kept] : patterns_)
    summary.patterns.push_back(
        {text, kept.module, kept.level, kept.count, kept.first_ms, kept.last_ms, kept.example});
  std::sort(summary.patterns.begin(), summary.patterns.end(), [](const auto& a, const auto& b) {
    return a.count != b.count ? a.count > b.count : a.pattern < b.pattern;
  });
  if (summary.patterns.size() > kMostShownPatterns) summary.patterns.resize(kMostShownPatterns);
  for (std::size_t i = 0; i < kFamilies.size(); ++i) summary.families[i].name = kFamilies[i];
  for (std::size_t i = 0; i < signs_.size(); ++i) {
    if (signs_[i].count == 0) continue;
    FoundInLog found = signs_[i];
    const Sign& sign = log_signs()[i];
    found.name = sign.name;
    auto& list = sign.kind == SignKind::performance ? summary.performance
                 : sign.kind == SignKind::recovery  ? summary.recovery
                                                    : summary.critical;
    list.push_back(std::move(found));
  }
  put_timeline(summary);
  summary.recommendations = recommendations_for(summary);
  return summary;
}

}  // namespace sharpwave::operate
