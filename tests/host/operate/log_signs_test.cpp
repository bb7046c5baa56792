#include "host/operate/log_signs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sharpwave::operate {
namespace {

LogLine line_of(Level level, std::string message, std::string family = "") {
  LogLine line;
  line.level = level;
  line.message = std::move(message);
  line.family = std::move(family);
  return line;
}

std::string family_name(Level level, const std::string& message, const std::string& said = "") {
  const auto found = family_of(line_of(level, message, said));
  return found ? kFamilies[found->family] : "";
}

std::vector<std::string> names_of_signs(Level level, const std::string& message) {
  std::vector<std::string> names;
  for (const std::size_t i : signs_of(line_of(level, message))) names.emplace_back(log_signs()[i].name);
  return names;
}

bool shows(const std::string& sign, const std::string& message, Level level = Level::error) {
  const std::vector<std::string> names = names_of_signs(level, message);
  return std::find(names.begin(), names.end(), sign) != names.end();
}

TEST(Family, IsWhatTheLineSays) {
  EXPECT_EQ(family_name(Level::info, "all is well", "index"), "index");
  EXPECT_EQ(family_name(Level::error, "no space left", "consolidation"), "consolidation");
  // One that is none is not believed.
  EXPECT_EQ(family_name(Level::error, "no space left", "nonsense"), "resource");
}

TEST(Family, IsToldByWordsOfWarningsAndErrors) {
  EXPECT_EQ(family_name(Level::error, "write failed: No space left on device"), "resource");
  EXPECT_EQ(family_name(Level::error, "the token is wrong"), "access");
  EXPECT_EQ(family_name(Level::warning, "the space 'a' is not there"), "space");
  EXPECT_EQ(family_name(Level::error, "000123.sst: checksum mismatch"), "persistence");
  EXPECT_EQ(family_name(Level::error, "the index could not be built"), "index");
  EXPECT_EQ(family_name(Level::warning, "Consolidation stopped"), "consolidation");
  EXPECT_EQ(family_name(Level::error, "read 1025, which is out of range"), "range");
  EXPECT_EQ(family_name(Level::error, "something else"), "");
  EXPECT_EQ(family_name(Level::info, "the index is ready"), "");
  EXPECT_EQ(family_name(Level::other, "the index is ready"), "");
}

TEST(Phrase, AsksForWholeWordsUnlessItSaysOtherwise) {
  EXPECT_TRUE(has_phrase("it is nan now", "nan"));
  EXPECT_FALSE(has_phrase("finance takes nanoseconds", "nan"));
  EXPECT_TRUE(has_phrase("corrupted", "corrupt*"));
  EXPECT_FALSE(has_phrase("uncorrupted", "corrupt*"));
  EXPECT_TRUE(has_phrase("wal is far behind", "wal&behind"));
  EXPECT_FALSE(has_phrase("wal is fine", "wal&behind"));
  EXPECT_TRUE(has_phrase("x=nan", "nan"));
}

TEST(Signs, AreFound) {
  EXPECT_TRUE(shows("slow_operation", "search was slow: 2 s", Level::info));
  EXPECT_TRUE(shows("timeout", "GET /x timed out", Level::info));
  EXPECT_TRUE(shows("real_time_factor", "the real-time factor is 3.2", Level::warning));
  EXPECT_FALSE(shows("real_time_factor", "the real-time factor is 0.2", Level::info));
  EXPECT_TRUE(shows("warm_start", "default: warm start, 7 writes", Level::info));
  EXPECT_TRUE(shows("fallback_start", "the end of the log was given up", Level::warning));
  EXPECT_TRUE(shows("resume", "resuming run 7", Level::info));
  EXPECT_TRUE(shows("salvage", "it was set aside", Level::warning));
  EXPECT_TRUE(shows("index_rebuild", "rebuilding the index", Level::info));
  EXPECT_TRUE(shows("non_finite", "V_m became NaN at step 7"));
  EXPECT_TRUE(shows("damaged_data", "a block is damaged"));
  EXPECT_TRUE(shows("disk_full", "write: No space left on device"));
  EXPECT_TRUE(shows("device_or_tls", "CUDA error 700"));
  EXPECT_TRUE(shows("start_failed", "127.0.0.1:8080: address already in use"));
  EXPECT_TRUE(names_of_signs(Level::info, "stored item 7").empty());
}

TEST(Signs, HaveNamesOfTheirOwnAndPhrasesInSmallLetters) {
  std::vector<std::string> names;
  for (const Sign& sign : log_signs()) {
    names.emplace_back(sign.name);
    EXPECT_FALSE(sign.phrases.empty());
    for (const std::string phrase : sign.phrases) EXPECT_EQ(phrase, in_small_letters(phrase));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace sharpwave::operate
