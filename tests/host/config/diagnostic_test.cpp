#include "host/config/diagnostic.hpp"

#include <gtest/gtest.h>

namespace sharpwave {
namespace {

TEST(Diagnostic, HasOneForm) {
  EXPECT_EQ(to_string({"a.yaml", 3, 7, "simulation.dtt", "key 'dtt'", "a known key", "did you mean 'dt'?"}),
            "a.yaml:3:7: simulation.dtt: read key 'dtt', expected a known key (did you mean 'dt'?)");
  EXPECT_EQ(to_string({"--set a=1", 0, 0, "a", "", "a map", ""}), "--set a=1: a: expected a map");
  EXPECT_EQ(to_string({"a.yaml", 1, 2, "", "3 spikes after the end", "", ""}),
            "a.yaml:1:2: read 3 spikes after the end");
}

TEST(Diagnostic, AnErrorHoldsAllOfThemALineEach) {
  const ConfigError error({{"a", 1, 1, "x", "'1'", "2", ""}, {"a", 2, 1, "y", "'3'", "4", ""}});
  EXPECT_STREQ(error.what(), "a:1:1: x: read '1', expected 2\na:2:1: y: read '3', expected 4");
  EXPECT_EQ(error.code(), ExitCode::invalid_config);
  EXPECT_EQ(error.diagnostics().size(), 2U);
}

TEST(Diagnostic, QuotedTextIsShortAndPrintable) {
  EXPECT_EQ(in_quotes("a\nb\x1b[0m"), "'a?b?[0m'");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
  // 59 letters and a two-byte character: the cut falls into it.
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\xc3\xa9z"), "'" + std::string(59, 'x') + "...'");
}

TEST(Diagnostic, LongTextLosesItsMiddle) {
  EXPECT_EQ(shortened(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(shortened("a" + std::string(100'000, 'x') + "b"),
            "a" + std::string(99, 'x') + "..." + std::string(99, 'x') + "b");
  // Both cuts fall into two-byte characters.
  EXPECT_EQ(
      shortened(std::string(99, 'x') + "\xc3\xa9" + std::string(50, 'y') + "\xc3\xa9" + std::string(99, 'z')),
      std::string(99, 'x') + "..." + std::string(99, 'z'));
}

TEST(Diagnostic, DidYouMean) {
  EXPECT_EQ(did_you_mean("tua_m", {"tau_m", "C_m"}), "did you mean 'tau_m'?");
  EXPECT_EQ(did_you_mean("c_m", {"tau_m", "C_m"}), "did you mean 'C_m'?");
  EXPECT_EQ(did_you_mean("capacitance", {"tau_m", "C_m"}), "");
}

}  // namespace
}  // namespace sharpwave
