#include "benchmarks/gpu/prediction.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "benchmarks/gpu/report.hpp"

namespace sharpwave::gpu_limits {
namespace {

Spread exactly(double value) {
  return {value, value, value};
}

Device device_of_100_sms() {
  Device device;
  device.name = "a GPU";
  device.n_sms = 100;
  device.sm_clock_MHz = 1000;
  return device;
}

/// Figures that a prediction has to choose among.
std::vector<Answer> answers() {
  return {{"barrier",
           "?",
           {{"counter", {{"blocks", 1}, {"words_read", 1}}, "us", exactly(0.1)},
            {"counter", {{"blocks", 100}, {"words_read", 0}}, "us", exactly(0.2)},
            {"counter", {{"blocks", 100}, {"words_read", 1}}, "us", exactly(1.5)},
            {"flags", {{"blocks", 100}, {"words_read", 1}}, "us", {0.5, 1.0, 9.0}}},
           {}},
          {"kernel",
           "?",
           {{"empty kernel", {{"blocks", 64}}, "us", exactly(1)},
            {"empty kernel", {{"blocks", 100}}, "us", exactly(2)}},
           {}},
          {"adds",
           "?",
           {{"shared, random", {{"bytes", 131'072}}, "G/s", exactly(50)},
            {"shared, random", {{"bytes", 163'840}}, "G/s", exactly(96.7)},
            {"shared, random", {{"bytes", 163'840}}, "G/s an SM", exactly(0.967)},
            {"shared, random", {{"bytes", 204'800}}, "G/s", exactly(1)},
            {"shared, one cell", {{"bytes", 163'840}}, "G/s", exactly(1000)},
            {"global, random", {{"bytes", 10'000'000}}, "G/s", exactly(1)},
            {"global, random", {{"bytes", 30'000'000}}, "G/s", exactly(9.67)}},
           {}},
          {"fetch",
           "?",
           {{"hop", {{"bytes", 1 << 20}}, "ns", exactly(0.001)},
            {"round of rows", {{"warps", 1}, {"in_flight", 16}}, "us", exactly(0.3)},
            {"round of rows", {{"warps", 1}, {"in_flight", 32}}, "us", exactly(3)},
            {"round of rows", {{"warps", 32}, {"in_flight", 1}}, "us", exactly(2)},
            {"row, of an SM", {{"warps", 32}, {"in_flight", 1}}, "ns", exactly(0.0625)}},
           {}},
          {"copy",
           "?",
           {{"copy, by a kernel", {{"bytes", 1}}, "GB/s", exactly(1000)},
            {"copy, by the runtime", {{"bytes", 1}}, "GB/s", exactly(3000)},
            {"read", {{"bytes", 1}}, "GB/s", exactly(9000)}},
           {}}};
}

TEST(GpuLimits, AreTheFiguresThatFitTheMicrocircuit) {
  const Limits limits = limits_of(device_of_100_sms(), answers());
  EXPECT_DOUBLE_EQ(limits.barrier_us, 1.0);
  EXPECT_DOUBLE_EQ(limits.kernel_us, 2.0);
  EXPECT_DOUBLE_EQ(limits.rows_us, 2.0);  // 16 rows at once are fewer than the 25 spikes of a step
  EXPECT_DOUBLE_EQ(limits.shared_adds_per_us, 96'700);
  EXPECT_DOUBLE_EQ(limits.global_adds_per_us, 9'670);
  EXPECT_DOUBLE_EQ(limits.shared_bytes_per_us, 128.0 * 100 * 1000);
  EXPECT_DOUBLE_EQ(limits.global_bytes_per_us, 3'000'000);
}

TEST(GpuLimits, AddUpToAStep) {
  Step step;
  step.neurons = 100'000;  // 4.8 MB
  const std::vector<Prediction> predictions = predictions_of(limits_of(device_of_100_sms(), answers()), step);
  ASSERT_EQ(predictions.size(), 3U);
  // Barrier 1, rows 2, additions 1, update 4.8e6 / 12.8e6.
  EXPECT_DOUBLE_EQ(predictions[0].step_us, 1 + 2 + 1 + 0.375);
  EXPECT_DOUBLE_EQ(predictions[0].real_time_factor, 0.04375);
  EXPECT_DOUBLE_EQ(predictions[1].step_us, 3);  // rows and additions take longer than barrier and update
  // Two kernels 4, rows 2, additions 10, neurons 4.8e6 / 3e6.
  EXPECT_DOUBLE_EQ(predictions[2].step_us, 4 + 2 + 10 + 1.6);
}

TEST(GpuLimits, ThatWereNotMeasuredArePredictedFromNowhere) {
  std::vector<Answer> some = answers();
  for (const Answer& answer : answers()) {
    some.erase(some.begin());
    EXPECT_THROW(static_cast<void>(limits_of(device_of_100_sms(), some)), CheckFailed);
    some.push_back(answer);
  }
  EXPECT_NO_THROW(static_cast<void>(limits_of(device_of_100_sms(), some)));
  Device another = device_of_100_sms();
  another.n_sms = 132;  // no barrier of as many blocks
  EXPECT_THROW(static_cast<void>(limits_of(another, some)), CheckFailed);
}

TEST(GpuLimits, SpreadsAreOfWhatCanBeATime) {
  const Spread odd = spread_of({3, 1, 2});
  EXPECT_EQ(odd.min, 1);
  EXPECT_EQ(odd.median, 2);
  EXPECT_EQ(odd.max, 3);
  EXPECT_EQ(spread_of({4, 1, 2, 3}).median, 2.5);
  EXPECT_THROW(static_cast<void>(spread_of({})), CheckFailed);
  for (const double impossible :
       {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(static_cast<void>(spread_of({1, impossible})), CheckFailed);
}

TEST(GpuLimits, ChecksSayWhatWasReadAndExpected) {
  EXPECT_NO_THROW(expect_equal("sum", 3, 3));
  EXPECT_NO_THROW(expect_at_least("cells", 3, 3));
  try {
    expect_equal("sum", 3, 4);
    FAIL();
  } catch (const CheckFailed& failed) {
    EXPECT_STREQ(failed.what(), "sum: read 3, expected 4");
  }
  EXPECT_THROW(expect_at_least("cells", 2, 3), CheckFailed);
}

TEST(GpuLimits, AreShownWithTheirSpreadAndPlace) {
  const std::vector<Answer> all = answers();
  const std::string table = text_of(all[0]);
  EXPECT_NE(table.find("blocks 100, words_read 1"), std::string::npos) << table;
  EXPECT_NE(table.find("0.5 /          1 /          9 us"), std::string::npos) << table;
  const Json json = json_of(all[0]);
  EXPECT_EQ(json["figures"][3]["where"]["blocks"], 100);
  EXPECT_EQ(json["figures"][3]["max"], 9.0);
  const Limits limits = limits_of(device_of_100_sms(), all);
  const std::vector<Prediction> predictions = predictions_of(limits);
  EXPECT_EQ(json_of(limits, predictions)["steps"].size(), 3U);
  const std::string steps = text_of(limits, predictions);
  for (const Prediction& p : predictions) EXPECT_NE(steps.find(p.formula), std::string::npos) << steps;
}

}  // namespace
}  // namespace sharpwave::gpu_limits
