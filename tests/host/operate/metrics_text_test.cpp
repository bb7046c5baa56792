#include "host/operate/metrics_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace sharpwave::operate {
namespace {

TEST(MetricsText, IsRead) {
  const MetricsOutcome outcome = parse_metrics(
      "# HELP a what\n# TYPE a gauge\na 1\na{space=\"x\",y=\"}\\\"\"} 2.5e3 1700000000\n\nb NaN\r\nc +Inf\n# "
      "TYPE d counter\n");
  ASSERT_TRUE(outcome.metrics) << outcome.fault;
  const Metrics& metrics = *outcome.metrics;
  EXPECT_EQ(metrics.value_of("a"), 1);
  EXPECT_EQ(metrics.largest_of("a"), 2500);
  EXPECT_EQ(metrics.samples.at("a")[1].labels, "space=\"x\",y=\"}\\\"\"");
  EXPECT_FALSE(metrics.value_of("b"));
  EXPECT_FALSE(metrics.largest_of("b"));
  EXPECT_EQ(metrics.value_of("c"), INFINITY);
  EXPECT_TRUE(metrics.knows("d"));  // a counter without a sample so far
  EXPECT_FALSE(metrics.knows("e"));
}

TEST(MetricsText, RefusesWhatIsNone) {
  const auto fault = [](const char* text) { return parse_metrics(text).fault; };
  EXPECT_EQ(fault("a 1\n<html>"), "line 2: read '<html>', expected the name of a metric");
  EXPECT_EQ(fault("a"), "line 1: read 'a', expected a number behind the name");
  EXPECT_EQ(fault("a 1x"), "line 1: read 'a 1x', expected a number behind the name");
  EXPECT_EQ(fault("a{b=\"c} 1"), "line 1: read 'a{b=\"c} 1', expected labels that end in '}'");
  EXPECT_EQ(fault(""), "there is no metric in it");
  EXPECT_EQ(fault("# TYPE a gauge"), "there is no metric in it");
}

}  // namespace
}  // namespace sharpwave::operate
