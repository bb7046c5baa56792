// The progress line and the closing table.
#include <gtest/gtest.h>

#include "host/cli/closing_table.hpp"
#include "host/cli/format.hpp"
#include "host/cli/run_reporter.hpp"
#include "tests/host/cli/texts.hpp"

namespace sharpwave::cli {
namespace {

constexpr Progress kHalfWay{.steps_done = 5000, .steps = 10'000, .spikes = 30'000, .wall_s = 1.5};

TEST(ProgressText, SaysWhereTheRunIs) {
  const std::string text = progress_text(kHalfWay, 0.1, 0);
  expect_in("simulated 500 of 1,000 ms", text);
  expect_in(" 50 %", text);
  expect_in("real-time factor 3.000", text);
  expect_in("20,000 spikes/s", text);
  expect_in("1.50 s left", text);
}

TEST(ProgressText, NamesTheWarmUp) {
  Progress progress = kHalfWay;
  progress.warm_up = true;
  expect_in("warm-up 500 of 1,000 ms", progress_text(progress, 0.1, 0));
}

Progress of_a_protocol() {
  Progress progress = kHalfWay;
  progress.trials = {.done = 1030, .n = 1040, .phase = "test", .tested = 8, .correct = 6};
  return progress;
}

TEST(ProgressText, OfAProtocolTellsTheTrialAndWhatIsRight) {
  Progress progress = of_a_protocol();
  expect_in("test: trial 1,030 of 1,040  99 %  75.0 % right", progress_text(progress, 0.1, 0));
  progress.trials = {.done = 10, .n = 1040, .phase = "train"};
  expect_in("train: trial 10 of 1,040   0 %  real-time factor", progress_text(progress, 0.1, 0));
  progress.trials = {.done = 1040, .n = 1040, .tested = 20, .correct = 1};
  expect_in("end: trial 1,040 of 1,040 100 %  5.0 % right", progress_text(progress, 0.1, 0));
}

// Steps say nothing of it: items may be repeated.
TEST(ProgressText, OfAProtocolTellsTheTimeLeftByItsTrials) {
  Progress progress = kHalfWay;
  progress.trials = {.done = 30, .n = 40, .before = 20, .phase = "train"};
  // 1.5 s for 10 trials since the resume, and 10 are left.
  expect_in("1.50 s left", progress_text(progress, 0.1, 0));
}

TEST(ProgressText, NeverWrapsOnANarrowTerminal) {
  for (std::size_t width = 10; width < 200; ++width) {
    EXPECT_LE(columns(progress_text(kHalfWay, 0.1, width)), width);
    EXPECT_LE(columns(progress_text(of_a_protocol(), 0.1, width)), width);
  }
}

RunResult result_of_two_populations() {
  RunResult result;
  RunSummary& run = result.summary;
  run.title = "Two populations";
  run.threads = 2;
  run.simulated_ms = 1000;
  run.wall_s = 0.5;
  run.real_time_factor = 0.5;
  run.construction_s = 0.012;
  run.peak_memory_bytes = std::uint64_t{250} << 20;
  run.synapses = 123'456;
  run.spikes_total = 9000;
  run.spike_digest = "0123abcd";
  run.populations = {{"E", 800, 8000, 10.0}, {"I", 200, 1000, 5.0}};
  result.files = {"runs/two/run.json", "runs/two/spikes.h5"};
  return result;
}

ModelSpec two_populations() {
  ModelSpec spec;
  spec.simulation.steps = 10'000;
  spec.populations = {{"E", 800, NeuronSpec{}}, {"I", 200, NeuronSpec{}}};
  return spec;
}

TEST(ClosingTable, ShowsRatesTotalsAndFiles) {
  const Activity activity(two_populations(), 40);
  const std::string text = closing_table(result_of_two_populations(), activity, {});
  for (const char* part :
       {"Two populations", "8,000", "10.00", "9,000; 9.000 Hz", "500 ms", "real-time factor 0.500",
        "2 threads", "250 MiB", "123,456 synapses", "0123abcd", "runs/two/run.json", "runs/two/spikes.h5"}) {
    expect_in(part, text);
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "no colour unless asked for";
  EXPECT_EQ(text.find("interrupted"), std::string::npos);
  EXPECT_EQ(text.find("│"), std::string::npos) << "no raster unless asked for";
}

TEST(ClosingTable, HasTheRasterAndColoursWhenAskedFor) {
  const Activity activity(two_populations(), 40);
  const std::string text =
      closing_table(result_of_two_populations(), activity, {.colour = true, .raster = true});
  expect_in("\x1b[1m", text);
  expect_in("│", text);
}

TEST(ClosingTable, SaysThatARunWasInterrupted) {
  const Activity activity(two_populations(), 40);
  RunResult result = result_of_two_populations();
  result.summary.interrupted = true;
  expect_in("interrupted   after 1,000 ms", closing_table(result, activity, {}));
}

TEST(ClosingTable, LimitsTheNumberOfRows) {
  ModelSpec spec = two_populations();
  RunResult result = result_of_two_populations();
  spec.populations.clear();
  result.summary.populations.clear();
  for (int i = 0; i < 100; ++i) {
    spec.populations.push_back({std::string("P").append(std::to_string(i)), 1, NeuronSpec{}});
    result.summary.populations.push_back({spec.populations.back().name, 1, 0, 0.0});
  }
  const std::string text = closing_table(result, Activity(spec, 40), {});
  expect_in("and 60 more populations", text);
  EXPECT_EQ(text.find("P40"), std::string::npos);
}

TEST(SparklineColumns, FitTheTerminal) {
  EXPECT_EQ(sparkline_columns(200), 40U);
  EXPECT_EQ(sparkline_columns(80), 28U);
  EXPECT_EQ(sparkline_columns(20), 10U);
}

}  // namespace
}  // namespace sharpwave::cli
