#include "host/analysis/statistics_json.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/host/analysis/run_directory.hpp"

namespace sharpwave::analysis {
namespace {

const Json kNothing = Json::parse(R"({"mean": null, "sd": null, "histogram": null})");

class StatisticsJson : public testing::Test {
 protected:
  /// Of one population of `size` neurons, all recorded, in steps of `dt_ms` without warm-up.
  Json of_one(std::uint32_t size, double dt_ms, double simulated_ms, std::vector<double> times_ms,
              std::vector<std::uint64_t> ids, std::uint32_t recorded) {
    json_ = test::run_json(times_ms.size(), 0);
    json_["dt_ms"] = dt_ms;
    json_["warm_up_ms"] = 0.0;
    json_["simulated_ms"] = simulated_ms;
    json_["populations"].erase(1);
    json_["populations"][0]["size"] = size;
    json_["populations"][0]["recorded"] = recorded;
    test::write_run_json(folder_.path(), json_);
    test::write_spikes(folder_.path(), {{"E", std::move(times_ms), std::move(ids)}});
    const Json statistics = statistics_json(read_run(folder_.path()));
    EXPECT_EQ(statistics["populations"].size(), 1U);
    return statistics["populations"][0];
  }

  test::TemporaryFolder folder_;
  Json json_;
};

// Spikes of E at 5.1 (2), 5.3 (0), 5.3 (3), 7.0 (2), 9.9 (2), 15.0 ms (0) in 10 ms; of I none.
TEST_F(StatisticsJson, OfTheExampleByHand) {
  test::write_example(folder_.path());
  Json json = statistics_json(read_run(folder_.path()));
  // 5 bins of 2 ms: counts of 0: 1 0 0 0 1; of 2: 2 0 1 0 0 (7.0 ms ends the first); of 3: 1 0 0 0 0.
  // Deviations times 5: (3 -2 -2 -2 3), (7 -3 2 -3 -3), (4 -1 -1 -1 -1).
  const Json correlation = json["populations"][0]["correlation"];
  EXPECT_EQ(correlation["neurons"], 3);
  EXPECT_EQ(correlation["pairs"], 3);
  EXPECT_EQ(correlation["bin_ms"], 2.0);
  const double r02 = (21 + 6 - 4 + 6 - 9) / std::sqrt(30.0 * 80);
  const double r03 = (12 + 2 + 2 + 2 - 3) / std::sqrt(30.0 * 20);
  const double r23 = (28 + 3 - 2 + 3 + 3) / std::sqrt(80.0 * 20);
  EXPECT_NEAR(correlation["mean"], (r02 + r03 + r23) / 3, 1e-15);
  // 100 bins of a step.
  const Json over_time = json["populations"][0]["rate_over_time"];
  EXPECT_EQ(over_time["start_ms"], 5.0);
  EXPECT_EQ(over_time["bin_ms"], 0.1);
  ASSERT_EQ(over_time["Hz"].size(), 100U);
  EXPECT_DOUBLE_EQ(over_time["Hz"][0], 2500.0);  // one of four in 0.1 ms
  EXPECT_DOUBLE_EQ(over_time["Hz"][1], 0.0);
  EXPECT_DOUBLE_EQ(over_time["Hz"][2], 5000.0);
  EXPECT_DOUBLE_EQ(over_time["Hz"][99], 2500.0);

  for (Json& population : json["populations"]) {
    population.erase("correlation");
    population.erase("rate_over_time");
  }
  // Neuron 2 has intervals of 19 and 29 steps: mean 24, deviation sqrt(50). Rates: 200, 0, 300 and 100 Hz.
  json["populations"][0]["cv_isi"]["mean"] =
      std::abs(json["populations"][0]["cv_isi"]["mean"].get<double>() - std::sqrt(50.0) / 24) < 1e-15;
  json["populations"][0]["cv_isi"]["histogram"]["start"] = "the same";
  json["populations"][0]["rate_Hz"]["sd"] =
      std::abs(json["populations"][0]["rate_Hz"]["sd"].get<double>() - 100 * std::sqrt(5.0 / 3)) < 1e-12;
  const Json expected = Json::parse(R"({
    "start_ms": 5.0, "stop_ms": 15.0,
    "populations": [
      {"name": "E", "size": 4, "recorded": 4, "spikes": 6,
       "rate_Hz": {"mean": 150.0, "sd": true, "histogram": {"start": 0.0, "width": 200.0, "counts": [2, 2]}},
       "cv_isi": {"neurons": 1, "mean": true, "sd": null,
                  "histogram": {"start": "the same", "width": 0.0, "counts": [1]}},
       "power_spectrum": null},
      {"name": "I", "size": 2, "recorded": 2, "spikes": 0,
       "rate_Hz": {"mean": 0.0, "sd": 0.0, "histogram": {"start": 0.0, "width": 0.0, "counts": [2]}},
       "cv_isi": {"neurons": 0, "mean": null, "sd": null, "histogram": null},
       "power_spectrum": null}],
    "connections": [{"source": "E", "target": "I", "synapses": 8}]})");
  EXPECT_EQ(json.dump(1), expected.dump(1));  // the text, because the order of keys is promised
}

TEST_F(StatisticsJson, OfARunWithoutSpikes) {
  const Json json = of_one(3, 0.1, 100, {}, {}, 3);
  EXPECT_EQ(json["rate_Hz"]["mean"], 0.0);
  EXPECT_EQ(json["correlation"]["neurons"], 0);
  EXPECT_EQ(json["correlation"]["pairs"], 0);
  EXPECT_TRUE(json["correlation"]["mean"].is_null());
  EXPECT_EQ(json["power_spectrum"]["segments"], 2);  // 100 bins of 1 ms in segments of 64
  EXPECT_EQ(json["power_spectrum"]["segment_ms"], 64.0);
  EXPECT_EQ(json["power_spectrum"]["frequency_Hz"].size(), 32U);
  EXPECT_EQ(json["power_spectrum"]["frequency_Hz"][0], 15.625);
  EXPECT_EQ(json["power_spectrum"]["frequency_Hz"][31], 500.0);
  EXPECT_EQ(json["power_spectrum"]["Hz2_per_Hz"], Json(std::vector<double>(32, 0.0)));
}

TEST_F(StatisticsJson, OfOneSpikeOfOneNeuron) {
  const Json json = of_one(1, 0.1, 100, {50.0}, {0}, 1);
  EXPECT_EQ(json["rate_Hz"].dump(),
            R"({"mean":10.0,"sd":null,"histogram":{"start":10.0,"width":0.0,"counts":[1]}})");
  EXPECT_EQ(json["cv_isi"]["neurons"], 0);
  EXPECT_EQ(json["correlation"]["neurons"], 1);
  EXPECT_EQ(json["correlation"]["pairs"], 0);
  EXPECT_TRUE(json["correlation"]["mean"].is_null());
}

TEST_F(StatisticsJson, OfARunOfOneStep) {
  const Json json = of_one(2, 0.1, 0.1, {0.1}, {1}, 2);
  EXPECT_DOUBLE_EQ(json["rate_Hz"]["mean"], 5000.0);
  ASSERT_EQ(json["rate_over_time"]["Hz"].size(), 1U);
  EXPECT_DOUBLE_EQ(json["rate_over_time"]["Hz"][0], 5000.0);
  EXPECT_EQ(json["correlation"]["neurons"], 0);  // no bin of 2 ms was filled
  EXPECT_TRUE(json["power_spectrum"].is_null());
}

TEST_F(StatisticsJson, OfARunInterruptedBeforeItsFirstStep) {
  const Json json = of_one(2, 0.1, 0, {}, {}, 2);
  EXPECT_EQ(json["rate_Hz"], kNothing);
  EXPECT_EQ(json["rate_over_time"]["Hz"], Json::array());
  EXPECT_EQ(json["correlation"]["pairs"], 0);
  EXPECT_TRUE(json["power_spectrum"].is_null());
}

TEST_F(StatisticsJson, OfStepsLongerThanBins) {
  const Json json = of_one(2, 4, 400, {4, 8, 16}, {0, 0, 1}, 2);
  EXPECT_EQ(json["correlation"]["bin_ms"], 4.0);
  EXPECT_EQ(json["power_spectrum"]["bin_ms"], 4.0);
  EXPECT_EQ(json["power_spectrum"]["segment_ms"], 256.0);
  EXPECT_EQ(json["power_spectrum"]["frequency_Hz"][31], 125.0);
}

TEST_F(StatisticsJson, OfAPopulationRecordedInPart) {
  const Json json = of_one(1000, 0.1, 1000, {1, 2, 3}, {10, 10, 20}, 4);
  EXPECT_EQ(json["size"], 1000);
  EXPECT_EQ(json["recorded"], 4);
  EXPECT_EQ(json["rate_Hz"]["mean"], 0.75);  // 2, 1, 0 and 0 spikes
  EXPECT_EQ(json["rate_Hz"]["histogram"].dump(), R"({"start":0.0,"width":2.0,"counts":[3,1]})");
}

TEST_F(StatisticsJson, OfIdenticalTrains) {
  const Json json = of_one(3, 1, 10, {2, 2, 2, 7, 7, 7}, {0, 1, 2, 0, 1, 2}, 3);
  EXPECT_EQ(json["correlation"].dump(), R"({"neurons":3,"pairs":3,"bin_ms":2.0,"mean":1.0,"sd":0.0,)"
                                        R"("histogram":{"start":1.0,"width":0.0,"counts":[3]}})");
  EXPECT_EQ(json["rate_Hz"]["sd"], 0.0);
}

// A file of some bytes must not ask for more memory or time than its spikes.
TEST_F(StatisticsJson, OfAHugePopulationInAnEndlessRun) {
  const double endless_ms = 0.1 * static_cast<double>(std::uint64_t{1} << 40);
  const Json json = of_one(0xffffffff, 0.1, endless_ms, {1, 1e11}, {0xfffffffe, 0}, 0xffffffff);
  EXPECT_EQ(json["rate_Hz"]["histogram"]["counts"][0], 0xfffffffd);
  EXPECT_EQ(json["correlation"]["pairs"], 1);
}

TEST_F(StatisticsJson, LeavesOutWhatWasNotRecorded) {
  Json json = test::run_json(6, 5);
  json["populations"][1]["recorded"] = 0;
  test::write_example(folder_.path());
  std::filesystem::remove(folder_ / "network.json");
  test::write_run_json(folder_.path(), json);
  test::write_spikes(folder_.path(), {{"E", {5.1, 5.3, 5.3, 7.0, 9.9, 15.0}, {2, 0, 3, 2, 2, 0}}});
  const Json statistics = statistics_json(read_run(folder_.path()));
  ASSERT_EQ(statistics["populations"].size(), 1U);
  EXPECT_EQ(statistics["populations"][0]["name"], "E");
  EXPECT_TRUE(statistics["connections"].is_null());
}

}  // namespace
}  // namespace sharpwave::analysis
