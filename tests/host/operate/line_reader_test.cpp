#include "host/operate/line_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/host/operate/scratch.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::operate {
namespace {

struct Read {
  std::string text;
  std::uint64_t number;
  std::uint64_t bytes;
  bool operator==(const Read&) const = default;
};

std::vector<Read> lines_of(std::string_view content, std::uint64_t from = 0) {
  const Scratch scratch;
  std::vector<Read> lines;
  const std::uint64_t n = for_each_line(scratch.write("log", content), from, [&](const LineOfFile& line) {
    lines.push_back({std::string(line.text), line.number, line.bytes});
  });
  EXPECT_EQ(n, content.size() - from);
  return lines;
}

TEST(LineReader, NumbersLinesAndLeavesEmptyOnesOut) {
  EXPECT_EQ(lines_of("a\n\nbc\nd"), (std::vector<Read>{{"a", 1, 1}, {"bc", 3, 2}, {"d", 4, 1}}));
  EXPECT_EQ(lines_of(""), std::vector<Read>{});
  EXPECT_EQ(lines_of("\n\n"), std::vector<Read>{});
}

TEST(LineReader, KeepsTheBeginningOfALongLineAndAllOfTheNext) {
  const std::string longer(kLongestLine + 70'000, 'x');
  const std::vector<Read> lines = lines_of(longer + "\nnext\n");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, longer.substr(0, kLongestLine));
  EXPECT_EQ(lines[0].bytes, longer.size());
  EXPECT_EQ(lines[1], (Read{"next", 2, 4}));
}

TEST(LineReader, FromTheMiddleBeginsWithAWholeLine) {
  EXPECT_EQ(lines_of("secret=abc\nwhole\n", 8), (std::vector<Read>{{"whole", 1, 5}}));
  EXPECT_EQ(lines_of("no line feed", 3), std::vector<Read>{});
}

TEST(LineReader, RefusesWhatHasNoLines) {
  const auto refusal = [](const std::filesystem::path& file) {
    return test::refusal_of(ExitCode::io,
                            [&] { static_cast<void>(for_each_line(file, 0, [](const LineOfFile&) {})); });
  };
  EXPECT_NE(refusal("/dev/zero").find("neither a file nor a pipe"), std::string::npos);
  EXPECT_NE(refusal("/").find("neither a file nor a pipe"), std::string::npos);
  EXPECT_NE(refusal("/nowhere/log").find("/nowhere/log: cannot be opened"), std::string::npos);
}

}  // namespace
}  // namespace sharpwave::operate
