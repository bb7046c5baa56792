#include "host/cli/format.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sharpwave::cli {
namespace {

TEST(Format, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(77169), "77,169");
  EXPECT_EQ(grouped(298880968), "298,880,968");
  EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Format, ScalesBytes) {
  EXPECT_EQ(bytes(0), "0 B");
  EXPECT_EQ(bytes(999), "999 B");
  EXPECT_EQ(bytes(1536), "1.50 KiB");
  EXPECT_EQ(bytes(std::uint64_t{1'610'612'736}), "1.50 GiB");
  EXPECT_EQ(bytes(std::uint64_t{250} << 20), "250 MiB");
}

TEST(Format, WritesDurations) {
  EXPECT_EQ(duration(0.0121), "12 ms");
  EXPECT_EQ(duration(3.24159), "3.24 s");
  EXPECT_EQ(duration(45.67), "45.7 s");
  EXPECT_EQ(duration(75), "1:15 min");
  EXPECT_EQ(duration(3599.6), "1:00:00 h");
  EXPECT_EQ(duration(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_NE(duration(std::numeric_limits<double>::infinity()), "");
}

TEST(Format, KeepsFourFigures) {
  EXPECT_EQ(figure(7.5694), "7.569");
  EXPECT_EQ(figure(12.345), "12.35");
  EXPECT_EQ(figure(123.45), "123.5");
  EXPECT_EQ(figure(1234.5), "1,235");
  EXPECT_EQ(figure(-1234.4), "-1,234");
  EXPECT_EQ(figure(std::numeric_limits<double>::infinity()), "-");
}

TEST(Format, WritesMillisecondsWithoutIdleZeros) {
  EXPECT_EQ(milliseconds(0), "0 ms");
  EXPECT_EQ(milliseconds(1500), "1,500 ms");
  EXPECT_EQ(milliseconds(0.25), "0.25 ms");
  EXPECT_EQ(milliseconds(3 * 0.1), "0.3 ms");
  EXPECT_EQ(milliseconds(999.9999), "1,000 ms");
}

TEST(Format, CountsColumnsAndNotBytes) {
  EXPECT_EQ(columns("▁▂é"), 3U);
  EXPECT_EQ(left("▁▂", 4), "▁▂  ");
  EXPECT_EQ(left("population", 5), "popu…");
  EXPECT_EQ(left("ééééé", 3), "éé…");
  EXPECT_EQ(right("é", 3), "  é");
  EXPECT_EQ(right("long", 2), "long") << "a figure is never cut";
}

}  // namespace
}  // namespace sharpwave::cli
