#include "host/cli/status_line.hpp"

#include <gtest/gtest.h>

namespace sharpwave::cli {
namespace {

template <class Act>
std::string written_on_stderr(Act act) {
  ::testing::internal::CaptureStderr();
  act();
  return ::testing::internal::GetCapturedStderr();
}

TEST(StatusLine, IsRewrittenOnATerminalAndRemovedOnce) {
  StatusLine line(StatusLine::Style::terminal);
  EXPECT_EQ(written_on_stderr([&] { line.clear(); }), "") << "nothing is there yet";
  EXPECT_EQ(written_on_stderr([&] {
              line.say("one");
              line.say("two");
            }),
            "\r\x1b[Kone\r\x1b[Ktwo");
  EXPECT_EQ(written_on_stderr([&] {
              line.clear();
              line.clear();
            }),
            "\r\x1b[K");
}

TEST(StatusLine, IsNotThereWhereNothingIsToBeSaid) {
  StatusLine line(StatusLine::Style::silent);
  EXPECT_EQ(written_on_stderr([&] {
              line.say("one");
              line.clear();
            }),
            "");
}

TEST(StatusLine, IsLimitedByATerminalOnly) {
  EXPECT_EQ(StatusLine(StatusLine::Style::lines).width(), 0U);
  EXPECT_GT(StatusLine(StatusLine::Style::terminal).width(), 0U);
}

TEST(StatusLine, IsNotDueAtOnce) {
  EXPECT_FALSE(StatusLine(StatusLine::Style::lines).is_due());
}

}  // namespace
}  // namespace sharpwave::cli
