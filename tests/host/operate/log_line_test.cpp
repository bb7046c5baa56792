#include "host/operate/log_line.hpp"

#include <gtest/gtest.h>

namespace sharpwave::operate {
namespace {

TEST(LogLine, IsReadWithWhatItSays) {
  const LineOutcome outcome = read_log_line(
      R"({"time":"2026-01-31T09:30:00.250Z","level":"warning","module":"memory","run_id":null,"simulated_ms":1.5,)"
      R"("message":"slow","family":"index","space":"default","trace":"4bf9","nested":{"message":"not this"}})");
  ASSERT_TRUE(outcome.line) << outcome.fault;
  const LogLine& line = *outcome.line;
  EXPECT_EQ(line.level, Level::warning);
  EXPECT_EQ(line.module, "memory");
  EXPECT_EQ(line.message, "slow");
  EXPECT_EQ(line.family, "index");
  EXPECT_EQ(line.space, "default");
  EXPECT_EQ(line.trace, "4bf9");
  // 2026-01-31 is day 20484 since 1970: 56 years of 365 days, 14 leap days, and 30 days.
  EXPECT_EQ(line.time_ms, ((20484 * 24LL + 9) * 60 + 30) * 60'000 + 250);
}

TEST(LogLine, OfNoTimeOrLevelIsALine) {
  const LineOutcome outcome = read_log_line(R"({"message":"m","time":5,"level":["error"],"module":{}})");
  ASSERT_TRUE(outcome.line) << outcome.fault;
  EXPECT_FALSE(outcome.line->time_ms);
  EXPECT_EQ(outcome.line->level, Level::other);
  EXPECT_EQ(outcome.line->module, "");
}

TEST(LogLine, RefusesWhatIsNone) {
  const auto fault = [](std::string_view text) { return read_log_line(text).fault; };
  EXPECT_EQ(fault("plain text"), "no JSON");
  EXPECT_EQ(fault(R"({"message":"cut)"), "no JSON");
  EXPECT_EQ(fault("{\"message\":\"\xe2\x82\"}"),
            "no JSON");  // the first two of the three bytes of a character
  EXPECT_EQ(fault(R"({"message":"m"} more)"), "no JSON");
  EXPECT_EQ(fault(R"({"message":1e999})"), "no JSON");
  EXPECT_EQ(fault("[1]"), "no JSON object");
  EXPECT_EQ(fault("7"), "no JSON object");
  EXPECT_EQ(fault(R"({"level":"info"})"), "an object without a text 'message'");
  EXPECT_EQ(fault(R"({"message":7})"), "an object without a text 'message'");
  EXPECT_EQ(fault(R"([{"message":"m"}])"), "no JSON object");
}

TEST(LogLine, DepthCostsNoStack) {
  const std::size_t depth = 100'000;
  const std::string text = R"({"message":"m","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  EXPECT_TRUE(read_log_line(text).line);
  EXPECT_FALSE(read_log_line(std::string(depth, '[')).line);
}

TEST(Time, IsReadToTheMillisecondAndWrittenTheSame) {
  for (const char* text :
       {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "9999-12-31T00:00:00.001Z"})
    EXPECT_EQ(time_text(parse_time(text).value_or(-1)), text);
  EXPECT_EQ(parse_time("1970-01-02"), 86'400'000);
  EXPECT_EQ(parse_time("1970-01-01T01:00"), 3'600'000);
  EXPECT_EQ(parse_time("1970-01-01T00:00:01"), 1000);
  EXPECT_EQ(parse_time("1970-01-01T00:00:00.0005"), 0);
}

TEST(Time, RefusesDaysThatThereAreNot) {
  for (const char* text :
       {"", "2026", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-01T24:00", "2026-01-01 10:00",
        "2026-01-01T10", "2026-01-01T10:00:00.Z", "2026-01-01T10:00+01:00", "yesterday", "-026-01-01"})
    EXPECT_FALSE(parse_time(text)) << text;
}

}  // namespace
}  // namespace sharpwave::operate
