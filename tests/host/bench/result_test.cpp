#include "host/bench/result.hpp"

#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "tests/host/bench/sample_report.hpp"

namespace sharpwave::bench {
namespace {

TEST(BenchResult, RangeOfOddAndEvenNumbers) {
  const Range odd = range_of({3, 1, 2});
  EXPECT_EQ(odd.min, 1);
  EXPECT_EQ(odd.median, 2);
  EXPECT_EQ(odd.max, 3);
  EXPECT_EQ(range_of({4, 1, 2, 3}).median, 2.5);
  EXPECT_EQ(range_of({7}).median, 7);
}

TEST(BenchResult, FiguresOfKnownRepeats) {
  const Report report = sample_report();
  const Result& result = report.results.front();
  EXPECT_EQ(result.bytes_per_synapse(), 2);
  EXPECT_EQ(result.real_time_factor().median, 1);
  EXPECT_EQ(result.events_per_s().max, 40'000);
  // Ten passes over the synapses would take 10 ms.
  ASSERT_TRUE(result.times_read_pass());
  EXPECT_DOUBLE_EQ(result.times_read_pass()->min, 25);
  EXPECT_DOUBLE_EQ(result.times_read_pass()->max, 100);
  // 20,000 bytes in 0.5 s, where 1 MB a second could be copied.
  EXPECT_DOUBLE_EQ(result.share_of_copy()->median, 0.04);
  EXPECT_FALSE(result.noisy());
}

TEST(BenchResult, ANoisyRepeatMakesItNoisy) {
  Report report = sample_report();
  report.results.front().repeats[1].others_share = 0.06;
  EXPECT_TRUE(report.results.front().noisy());
}

TEST(BenchResult, UnknownNoiseIsNotNone) {
  Report report = sample_report();
  report.results.front().repeats[2].others_share = {};
  EXPECT_FALSE(report.results.front().others_share());
  EXPECT_TRUE(to_json(report)["results"][0]["others_share"].is_null());
}

TEST(BenchResult, AGpuHasNoRatiosToTheProcessorsMemory) {
  Report report = sample_report();
  for (Measurement& m : report.results.front().repeats) m.read_pass_s = m.copy_bytes_per_s = {};
  EXPECT_FALSE(report.results.front().times_read_pass());
  EXPECT_TRUE(to_json(report)["results"][0]["share_of_copy"].is_null());
}

TEST(BenchResult, IsReadBackAsABaseline) {
  const Baseline baseline = read_baseline(to_json(sample_report()).dump(), "before.json");
  EXPECT_EQ(baseline.version, "0.1.0");
  EXPECT_EQ(baseline.processor, "a processor");
  EXPECT_EQ(baseline.allowed, 2);
  ASSERT_EQ(baseline.results.size(), 1u);
  const BaselineResult& result = baseline.results.front();
  EXPECT_EQ(result.name, "brunel");
  EXPECT_EQ(result.threads, 2);
  EXPECT_EQ(result.spike_digest, "cd");
  EXPECT_EQ(result.wall_s.min, 0.25);
  EXPECT_EQ(result.wall_s.median, 0.5);
  EXPECT_EQ(result.construction_s.max, 2);
  EXPECT_DOUBLE_EQ(result.times_read_pass->median, 50);
  ASSERT_EQ(result.figures.size(), 1u);
  EXPECT_EQ(result.figures[0].first, "held_up_ms");
  EXPECT_EQ(result.figures[0].second.median, 20);
}

TEST(BenchResult, AReportOfBeforeThereWereFiguresIsRead) {
  Json json = to_json(sample_report());
  json["results"][0].erase("figures");
  EXPECT_TRUE(read_baseline(json.dump(), "before.json").results.front().figures.empty());
}

TEST(BenchResult, RepeatsAndTheirFiguresAreAppended) {
  Result result = sample_report().results.front();
  Result other = result;
  other.repeats.resize(1);
  other.figures[0].values = {50, 40};
  result.add(std::move(other));
  EXPECT_EQ(result.repeats.size(), 4u);
  EXPECT_EQ(result.figures[0].values, (std::vector<double>{20, 10, 30, 50, 40}));
  Report report = sample_report();
  report.results.front() = result;
  const Json figure = to_json(report)["results"][0]["figures"]["held_up_ms"];
  EXPECT_EQ(figure["median"], 30);
  EXPECT_EQ(figure["better"], "less");
  EXPECT_EQ(figure["values"].size(), 5u);
}

std::string fault_of(const std::string& text) {
  try {
    static_cast<void>(read_baseline(text, "before.json"));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    return error.what();
  }
  return "no fault";
}

TEST(BenchResult, ADamagedBaselineIsRefusedWithThePlace) {
  EXPECT_EQ(fault_of("{}"), "before.json: expected a key 'version'");
  EXPECT_EQ(fault_of(R"({"version": "1", "machine": {"processor": 1}})"),
            "before.json: machine.processor: read 1; expected text");
  EXPECT_NE(fault_of("nonsense").find("before.json: is not JSON"), std::string::npos);
  const auto damaged = [](const char* key, const Json& value) {
    Json json = to_json(sample_report());
    json["results"][0][key] = value;
    return fault_of(json.dump());
  };
  EXPECT_EQ(damaged("threads", -1),
            "before.json: results[0].threads: read -1; expected an integer from 0 to 1024");
  EXPECT_EQ(damaged("figures", 3), "before.json: results[0].figures: read 3; expected an object");
  EXPECT_EQ(damaged("wall_s", 3), "before.json: results[0].wall_s: read 3; expected an object");
  EXPECT_EQ(
      damaged("wall_s", {{"min", 2}, {"median", 1}, {"max", 3}}),
      "before.json: results[0].wall_s: read {\"min\":2,\"median\":1,\"max\":3}; expected min <= median <= "
      "max");
  EXPECT_EQ(damaged("wall_s", {{"min", -2}, {"median", 1}, {"max", 3}}),
            "before.json: results[0].wall_s.min: read -2; expected a number from 0 on");
}

}  // namespace
}  // namespace sharpwave::bench
