#include "host/operate/log_analysis.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <set>

#include "tests/host/operate/scratch.hpp"

namespace sharpwave::operate {
namespace {

void add(LogAnalysis& analysis, const std::string& text) {
  analysis.add_line({text, 1, text.size()}, "log");
}

void add(LogAnalysis& analysis, const std::string& time, const std::string& level, const std::string& message,
         const std::string& module = "memory") {
  add(analysis, Json({{"time", time}, {"level", level}, {"module", module}, {"message", message}}).dump());
}

std::uint64_t total(const LogSummary& summary) {
  std::uint64_t n = 0;
  for (const LevelCounts& bin : summary.timeline) n = std::accumulate(bin.begin(), bin.end(), n);
  return n;
}

const FoundInLog* found(const std::vector<FoundInLog>& list, const std::string& name) {
  for (const FoundInLog& one : list)
    if (one.name == name) return &one;
  return nullptr;
}

TEST(LogAnalysis, CountsByLevelModuleAndPattern) {
  LogAnalysis analysis;
  for (int i = 0; i < 3; ++i)
    add(analysis, "2026-01-31T09:00:0" + std::to_string(i) + "Z", "info", "stored item " + std::to_string(i));
  add(analysis, "2026-01-31T09:00:05Z", "error", "a block is damaged", "run");
  const LogSummary summary = analysis.summary();
  EXPECT_EQ(summary.n_counted, 4U);
  EXPECT_EQ(summary.by_level, (LevelCounts{0, 0, 3, 0, 1, 0}));
  ASSERT_EQ(summary.modules.size(), 2U);
  EXPECT_EQ(summary.modules[0].name, "memory");
  EXPECT_EQ(summary.modules[1].counts, (LevelCounts{0, 0, 0, 0, 1, 0}));
  ASSERT_EQ(summary.patterns.size(), 2U);
  EXPECT_EQ(summary.patterns[0].pattern, "stored item <n>");
  EXPECT_EQ(summary.patterns[0].count, 3U);
  EXPECT_EQ(summary.patterns[0].last_ms, parse_time("2026-01-31T09:00:02"));
  EXPECT_EQ(summary.first_ms, parse_time("2026-01-31T09:00:00"));
  EXPECT_EQ(summary.last_ms, parse_time("2026-01-31T09:00:05"));
  EXPECT_EQ(summary.families[2].count, 1U);
  EXPECT_EQ(summary.families[2].said, 0U);
  ASSERT_NE(found(summary.critical, "damaged_data"), nullptr);
  ASSERT_FALSE(summary.recommendations.empty());
  EXPECT_EQ(summary.recommendations[0].anchor, "data-corruption");
}

TEST(LogAnalysis, TimelineHasEachLineOnceInAtMostSixtyBins) {
  for (const int n_seconds : {1, 59, 60, 61, 4000, 100'000}) {
    LogAnalysis analysis;
    const std::int64_t begin = *parse_time("2026-01-31");
    for (int i = 0; i < n_seconds; ++i) add(analysis, time_text(begin + i * 1000LL), "info", "tick");
    const LogSummary summary = analysis.summary();
    EXPECT_LE(summary.timeline.size(), kMostBins);
    EXPECT_GE(summary.timeline.size(), std::min<std::size_t>(30, static_cast<std::size_t>(n_seconds)));
    EXPECT_EQ(total(summary), static_cast<std::uint64_t>(n_seconds));
    EXPECT_LE(summary.timeline_begin_ms, begin);
  }
}

TEST(LogAnalysis, TakesTimesOfAllAges) {
  LogAnalysis analysis;
  for (const char* time : {"0000-01-01", "1969-12-31T23:59:59.999Z", "9999-12-31", "2026-01-31"})
    add(analysis, time, "info", "m");
  const LogSummary summary = analysis.summary();
  EXPECT_LE(summary.timeline.size(), kMostBins);
  EXPECT_EQ(total(summary), 4U);
}

TEST(LogAnalysis, WindowIsHalfOpenAndAsksForATime) {
  LogAnalysis analysis({parse_time("2026-01-31"), parse_time("2026-02-01")});
  for (const char* time : {"2026-01-30T23:59:59.999Z", "2026-01-31T00:00:00.000Z", "2026-01-31T23:59:59.999Z",
                           "2026-02-01T00:00:00Z", ""})
    add(analysis, time, "info", "m");
  const LogSummary summary = analysis.summary();
  EXPECT_EQ(summary.n_counted, 2U);
  EXPECT_EQ(summary.n_outside, 3U);
}

TEST(LogAnalysis, ShowsTheFirstLinesThatAreNone) {
  LogAnalysis analysis;
  for (int i = 0; i < 7; ++i) add(analysis, "garbage token=abc");
  const LogSummary summary = analysis.summary();
  EXPECT_EQ(summary.n_malformed, 7U);
  ASSERT_EQ(summary.malformed.size(), 5U);
  EXPECT_EQ(summary.malformed[0].excerpt, "garbage token=[masked]");
  EXPECT_EQ(summary.n_counted, 0U);
  EXPECT_TRUE(analysis_json(summary)["timeline"].is_null());
}

TEST(LogAnalysis, HoldsNoMoreThanItMay) {
  LogAnalysis analysis;
  std::uint64_t n = 0;
  for (int i = 0; i < 25'000; ++i) {
    std::string word;  // of letters alone, so that each is a pattern of its own
    for (int rest = i + 1; rest > 0; rest /= 20) word += static_cast<char>('g' + rest % 20);
    add(analysis, "2026-01-31", "info", "odd " + word, "module " + word);
    if (i % 3 == 0) add(analysis, "2026-01-31", "info", "frequent"), ++n;
  }
  const LogSummary summary = analysis.summary();
  ASSERT_FALSE(summary.patterns.empty());
  EXPECT_EQ(summary.patterns[0].pattern, "frequent");
  EXPECT_EQ(summary.patterns[0].count, n);
  EXPECT_GT(summary.n_forgotten, 0U);
  EXPECT_EQ(summary.patterns.size(), kMostShownPatterns);
  EXPECT_LE(summary.modules.size(), 33U);
  std::uint64_t in_modules = 0;
  for (const auto& module : summary.modules)
    in_modules = std::accumulate(module.counts.begin(), module.counts.end(), in_modules);
  EXPECT_EQ(in_modules, summary.n_counted);
}

TEST(LogAnalysis, TellsOfAFileThatCannotBeRead) {
  const Scratch scratch;
  LogAnalysis analysis;
  analysis.add_file(scratch.write("log.jsonl", R"({"message":"m"})"));
  analysis.add_file(scratch / "none.jsonl");
  const LogSummary summary = analysis.summary();
  ASSERT_EQ(summary.files.size(), 2U);
  EXPECT_EQ(summary.files[0].error, "");
  EXPECT_NE(summary.files[1].error.find("none.jsonl: cannot be opened"), std::string::npos);
  EXPECT_EQ(summary.n_without_time, 1U);
}

TEST(Recommendations, NameEveryAnchorThatThereIs) {
  const std::vector<std::pair<std::string, std::string>> lines{
      {"start_failed: cannot listen", "will-not-start"},
      {"search was slow", "high-latency"},
      {"the WAL lags behind", "wal-lag"},
      {"out of memory", "memory-growth"},
      {"a block is corrupt", "data-corruption"},
      {"the space is not there", "space-isolation"},
      {"V_m is not finite", "nan-or-inf"},
      {"consolidation failed", "consolidation-stuck"},
      {"the index failed", "index-corruption"},
      {"TLS handshake failed", "device-or-tls-failure"}};
  for (const auto& [message, anchor] : lines) {
    LogAnalysis analysis;
    add(analysis, "2026-01-31", "error", message);
    std::set<std::string> anchors;
    for (const auto& one : analysis.summary().recommendations) anchors.insert(one.anchor);
    EXPECT_TRUE(anchors.contains(anchor)) << message;
  }
  EXPECT_EQ(common_issue("wal-lag"), "docs/operations/common_issues.md#wal-lag");
}

TEST(AnalysisJson, HasAllOfItAndNoSecret) {
  LogAnalysis analysis;
  add(analysis, "2026-01-31", "error", "Bearer hunter2 is damaged and slow, resuming");
  const Json json = analysis_json(analysis.summary());
  for (const char* key :
       {"format", "files", "lines", "first", "last", "levels", "modules", "patterns", "forgotten", "families",
        "performance", "recovery", "critical", "timeline", "recommendations"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json.dump().find("hunter2"), std::string::npos);
  EXPECT_EQ(json["families"].size(), 7U);
}

}  // namespace
}  // namespace sharpwave::operate
