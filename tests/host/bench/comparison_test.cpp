#include "host/bench/comparison.hpp"

#include <gtest/gtest.h>

#include "tests/host/bench/sample_report.hpp"

namespace sharpwave::bench {
namespace {

/// What comparing the sample with itself says, after a change of the earlier one.
template <class Change>
Finding beside(Change change) {
  const Report report = sample_report();
  Baseline baseline = read_baseline(to_json(report).dump(), "before.json");
  change(baseline);
  const std::vector<Finding> findings = compare(report, baseline, 0.05);
  EXPECT_EQ(findings.size(), 1u);
  return findings.at(0);
}

bool mentions(const Finding& finding, const char* text) {
  return finding.text.find(text) != std::string::npos;
}

TEST(BenchComparison, WithItselfNothingIsWorse) {
  const Finding finding = beside([](Baseline&) {});
  EXPECT_FALSE(finding.worse) << finding.text;
  EXPECT_EQ(finding.text,
            "brunel, 2 threads: time x 1.00; construction x 1.00; memory x 1.00; held_up_ms x 1.00;");
}

TEST(BenchComparison, TimesThatDoNotOverlapAreWorse) {
  const Finding finding =
      beside([](Baseline& before) { before.results[0].wall_s = {.min = 0.1, .median = 0.2, .max = 0.24}; });
  EXPECT_TRUE(finding.worse);
  EXPECT_TRUE(mentions(finding, "time x 2.50 WORSE;")) << finding.text;
}

TEST(BenchComparison, TimesThatOverlapAreNot) {
  const Finding finding =
      beside([](Baseline& before) { before.results[0].wall_s = {.min = 0.1, .median = 0.2, .max = 0.25}; });
  EXPECT_FALSE(finding.worse) << finding.text;
}

TEST(BenchComparison, AGrowthWithinTheToleranceIsNone) {
  const auto grown_by = [](double factor) {
    return beside([factor](Baseline& before) {
      const double bytes = 1e6 / factor;
      before.results[0].peak_memory_bytes = {.min = bytes, .median = bytes, .max = bytes};
    });
  };
  EXPECT_FALSE(grown_by(1.04).worse);
  EXPECT_TRUE(grown_by(1.06).worse);
}

TEST(BenchComparison, OtherSpikesAreWorseHoweverFast) {
  const Finding finding = beside([](Baseline& before) {
    before.results[0].spike_digest = "ef";
    before.results[0].wall_s = {.min = 10, .median = 10, .max = 10};
  });
  EXPECT_TRUE(finding.worse);
  EXPECT_TRUE(mentions(finding, "OTHER SPIKES")) << finding.text;
}

TEST(BenchComparison, AnotherNetworkIsNotCompared) {
  const Finding finding = beside([](Baseline& before) {
    before.results[0].config_digest = "other";
    before.results[0].spike_digest = "ef";
  });
  EXPECT_FALSE(finding.worse || finding.compared);
  EXPECT_TRUE(mentions(finding, "not compared")) << finding.text;
}

TEST(BenchComparison, MoreBytesASynapseAreWorse) {
  EXPECT_TRUE(beside([](Baseline& before) { before.results[0].bytes_per_synapse = 1.9; }).worse);
}

TEST(BenchComparison, OnAnotherMachineOnlyRatiosToItsLimitCount) {
  const auto elsewhere = [](double times_read_pass) {
    return beside([=](Baseline& before) {
      before.processor = "another processor";
      before.results[0].wall_s = {.min = 1e-3, .median = 1e-3, .max = 1e-3};
      before.results[0].times_read_pass =
          Range{.min = times_read_pass, .median = times_read_pass, .max = times_read_pass};
    });
  };
  EXPECT_FALSE(elsewhere(50).worse);
  EXPECT_TRUE(elsewhere(20).worse) << "25 is its least value";
  EXPECT_FALSE(mentions(elsewhere(50), "construction"));
}

TEST(BenchComparison, FiguresAreWorseInTheirOwnDirection) {
  const auto with_figure = [](Figure::Better better, double before, bool of_machine, bool elsewhere) {
    Report report = sample_report();
    report.results[0].figures = {
        {.name = "figure", .better = better, .of_machine = of_machine, .values = {20, 10, 30}}};
    Baseline baseline = read_baseline(to_json(report).dump(), "before.json");
    if (elsewhere) baseline.processor = "another processor";
    baseline.results[0].figures[0].second = {.min = before, .median = before, .max = before};
    return compare(report, baseline, 0.05).at(0);
  };
  using enum Figure::Better;
  EXPECT_TRUE(with_figure(less, 9, true, false).worse);
  EXPECT_FALSE(with_figure(less, 11, true, false).worse) << "noise alone may do that";
  EXPECT_FALSE(with_figure(less, 40, true, false).worse);
  EXPECT_TRUE(with_figure(more, 40, true, false).worse);
  EXPECT_FALSE(with_figure(more, 29, true, false).worse) << "noise alone may do that";
  EXPECT_FALSE(with_figure(more, 9, true, false).worse);
  EXPECT_TRUE(mentions(with_figure(more, 40, true, false), "figure x 0.50 WORSE;"));
  EXPECT_FALSE(mentions(with_figure(more, 40, true, true), "figure")) << "of another machine";
  EXPECT_TRUE(with_figure(more, 40, false, true).worse) << "a ratio";
}

TEST(BenchComparison, AFigureThatTheBaselineLacksIsUnknown) {
  const Finding finding = beside([](Baseline& before) { before.results[0].figures.clear(); });
  EXPECT_FALSE(finding.worse);
  EXPECT_TRUE(mentions(finding, "held_up_ms unknown;")) << finding.text;
}

TEST(BenchComparison, WhatIsUnknownIsSaid) {
  const Finding finding = beside([](Baseline& before) { before.results[0].peak_memory_bytes = {}; });
  EXPECT_FALSE(finding.worse);
  EXPECT_TRUE(mentions(finding, "memory unknown;")) << finding.text;
}

TEST(BenchComparison, WhatTheBaselineLacksIsSaid) {
  const Finding finding = beside([](Baseline& before) { before.results[0].threads = 1; });
  EXPECT_FALSE(finding.worse);
  EXPECT_EQ(finding.text, "brunel, 2 threads: not in the baseline on this device");
}

TEST(BenchComparison, NoiseIsSaid) {
  EXPECT_TRUE(
      mentions(beside([](Baseline& before) { before.results[0].noisy = true; }), "(the earlier one noisy)"));
}

}  // namespace
}  // namespace sharpwave::bench
