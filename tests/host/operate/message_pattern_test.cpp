#include "host/operate/message_pattern.hpp"

#include <gtest/gtest.h>

namespace sharpwave::operate {
namespace {

TEST(MessagePattern, MasksWhatChanges) {
  EXPECT_EQ(message_pattern("stored item 77 in 0.25 ms"), "stored item <n> in <n> ms");
  EXPECT_EQ(message_pattern("grew by -1.5e-05, to +3"), "grew by <n>, to <n>");
  EXPECT_EQ(message_pattern("trace=4bf92f3577b34da6a3ce929d0e0e4736: no"), "trace=<id>: no");
  EXPECT_EQ(message_pattern("run 3f2504e0-4f89-41d3-9a0c-0305e82c3301 ended"), "run <id> ended");
  EXPECT_EQ(message_pattern("at 0x7ffDEAD (x)"), "at <hex> (x)");
  EXPECT_EQ(message_pattern("'/data/store/000123.sst' cannot be read"), "'<path>' cannot be read");
  EXPECT_EQ(message_pattern("../a/b.yaml:12:3: wrong"), "<path>: wrong");
  EXPECT_EQ(message_pattern("from 10.0.0.7:51234 since 2026-01-31T09:30:00.5Z"),
            "from <address> since <time>");
  EXPECT_EQ(message_pattern("population L4E_17"), "population L<n>E_<n>");
}

TEST(MessagePattern, LeavesWords) {
  EXPECT_EQ(message_pattern("read and/or written at MB/s"), "read and/or written at MB/s");
  EXPECT_EQ(message_pattern("deadbeef and facade"), "deadbeef and facade");  // no digit: words
  EXPECT_EQ(message_pattern("  a \t b\n"), "a b");
  EXPECT_EQ(message_pattern(""), "");
}

TEST(MessagePattern, OfSimilarMessagesIsOne) {
  EXPECT_EQ(message_pattern("slow: 1,234.5 ms of /a/b for 1a2b3c4d5e"),
            message_pattern("slow: 7 ms of /c for 99999999aa"));
}

TEST(MessagePattern, IsShortCleanAndWithoutSecrets) {
  EXPECT_EQ(message_pattern("token=abc"), "token=[masked]");
  EXPECT_EQ(message_pattern("a\x1b[31mb\xff z"), "a [<n>mb z");
  const std::string pattern = message_pattern(std::string(100'000, 'x'));
  EXPECT_LE(pattern.size(), 243U);
  EXPECT_LE(message_pattern(std::string(100'000, ':') + "1").size(), 243U);
}

TEST(OneLine, CutsBetweenCharacters) {
  EXPECT_EQ(one_line("a\nb\tc", 10), "a b c");
  EXPECT_EQ(one_line("abc", 3), "abc");
  EXPECT_EQ(one_line("abcd", 3), "abc…");
  EXPECT_EQ(one_line("aµµ", 4), "aµ…");
  EXPECT_EQ(one_line("\xed\xa0\x80x", 9), "   x");  // a surrogate is no character
}

}  // namespace
}  // namespace sharpwave::operate
