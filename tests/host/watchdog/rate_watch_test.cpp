#include "host/watchdog/rate_watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

/// A of 10 neurons, parrots, B of 5; dt 1 ms, windows of 20 and 100 steps.
ModelSpec network() {
  ModelSpec spec;
  spec.simulation.dt_ms = 1;
  spec.populations = {testing::population("A", 10, NeuronModel::iaf_psc_exp),
                      {"relay", 3, ParrotSpec{}},
                      {"noise", 4, PoissonSourceSpec{}},
                      testing::population("B", 5, NeuronModel::izhikevich)};
  spec.watchdog.window_steps = 20;
  spec.watchdog.silent_window_steps = 100;
  return spec;
}

/// What is found where A fires `spikes_of(step)` times in each step, and B once in every tenth.
std::vector<Finding> found(const ModelSpec& spec, std::uint64_t steps, std::uint64_t at_once,
                           const std::function<std::uint64_t(std::uint64_t)>& spikes_of) {
  RateWatch watch(spec);
  std::vector<Finding> findings;
  for (std::uint64_t first = 1; first <= steps; first += at_once) {
    Block block;
    block.begin(first, std::min(at_once, steps + 1 - first), {});
    for (std::uint64_t step = first; step < first + block.n_steps; ++step) {
      for (std::uint64_t i = 0; i < spikes_of(step); ++i) block.ids.push_back(static_cast<std::uint32_t>(i));
      if (step % 10 == 0) block.ids.push_back(13);
      block.offsets.push_back(block.ids.size());
    }
    const bool may_find = watch.may_find(block);
    const std::size_t n_before = findings.size();
    watch.take(block, findings);
    EXPECT_TRUE(may_find || findings.size() == n_before);
  }
  return findings;
}

TEST(RateWatch, TheLimitIsHalfOfWhatRefractorinessAndTheStepAllow) {
  const ModelSpec spec = network();
  // t_ref is 2 ms: at most 500 Hz; izhikevich has none: at most 1000 Hz with steps of 1 ms.
  EXPECT_DOUBLE_EQ(default_runaway_rate_Hz(*spec.populations[0].neurons(), 1), 250);
  EXPECT_DOUBLE_EQ(default_runaway_rate_Hz(*spec.populations[3].neurons(), 1), 500);
  EXPECT_DOUBLE_EQ(default_runaway_rate_Hz(*spec.populations[0].neurons(), 4), 125);
  NeuronSpec two = *spec.populations[0].neurons();
  two[NeuronParameter::t_ref] = std::vector<double>{5, 4};
  EXPECT_DOUBLE_EQ(default_runaway_rate_Hz(two, 1), 125);
}

TEST(RateWatch, FindsARunawayAtTheEndOfItsWindowOnceForEachTime) {
  // 3 of 10 neurons in a step of 1 ms are 300 Hz, above 250; 2 of 10 are 200 Hz.
  const auto course = [](std::uint64_t step) { return step > 40 && step <= 80 ? 3U : 2U; };
  for (const std::uint64_t at_once : {1, 7, 20, 1000}) {
    const auto findings = found(network(), 200, at_once, course);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].sign, WatchdogSign::runaway);
    EXPECT_EQ(findings[0].step, 60U);
    EXPECT_EQ(findings[0].population, "A");
    EXPECT_DOUBLE_EQ(findings[0].rate->rate_Hz, 300);
    EXPECT_DOUBLE_EQ(findings[0].rate->limit_Hz, 250);
  }
  const auto twice =
      found(network(), 200, 50, [](std::uint64_t step) { return step <= 20 || step > 180 ? 3U : 2U; });
  ASSERT_EQ(twice.size(), 2U);
  EXPECT_EQ(twice[0].step, 20U);
  EXPECT_EQ(twice[1].step, 200U);
}

TEST(RateWatch, AConfiguredRateCounts) {
  ModelSpec spec = network();
  spec.watchdog.runaway_rate_Hz = 199;
  EXPECT_EQ(found(spec, 20, 20, [](auto) { return 2U; }).size(), 1U);
  spec.watchdog.runaway_rate_Hz = 201;
  EXPECT_EQ(found(spec, 20, 20, [](auto) { return 2U; }).size(), 0U);
  spec.watchdog.runaway_rate_Hz = 199;
  spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::runaway)] = WatchdogAction::off;
  EXPECT_EQ(found(spec, 20, 20, [](auto) { return 2U; }).size(), 0U);
}

TEST(RateWatch, FindsSilenceAndSparsenessOfNeurons) {
  ModelSpec spec = network();
  // B fires 10 times in 100 ms: 20 Hz of 5 neurons; the parrots' silence is nobody's business.
  const auto silent = found(spec, 300, 30, [](std::uint64_t step) { return step > 100 ? 1U : 0U; });
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_EQ(silent[0].sign, WatchdogSign::silent);
  EXPECT_EQ(silent[0].step, 100U);
  EXPECT_EQ(silent[0].population, "A");
  spec.populations[3].expected_rate_Hz = 2001;  // of which 20 are less than a hundredth
  const auto sparse = found(spec, 300, 30, [](std::uint64_t) { return 1U; });
  ASSERT_EQ(sparse.size(), 1U);
  EXPECT_EQ(sparse[0].sign, WatchdogSign::sparse);
  EXPECT_EQ(sparse[0].population, "B");
  EXPECT_DOUBLE_EQ(sparse[0].rate->rate_Hz, 20);
  spec.populations[3].expected_rate_Hz = 1999;
  EXPECT_EQ(found(spec, 300, 30, [](std::uint64_t) { return 1U; }).size(), 0U);
}

TEST(RateWatch, AnAnomalyIsFarFromTheMedianOfTheLastWindows) {
  // A fires 20 times in a window; sqrt(20) = 4.47 is its deviation, as all windows are equal. In window 61 it
  // fires 34 times: 3.13 deviations.
  const auto course = [](std::uint64_t step) { return step > 1200 && step <= 1214 ? 2U : 1U; };
  const auto findings = found(network(), 2000, 100, course);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].sign, WatchdogSign::anomaly);
  EXPECT_EQ(findings[0].step, 1220U);
  EXPECT_NEAR(findings[0].rate->score, 14 / std::sqrt(20.0), 1e-12);
  EXPECT_DOUBLE_EQ(findings[0].rate->limit_Hz, 100);
  const auto early = [](std::uint64_t step) { return step > 200 && step <= 214 ? 2U : 1U; };
  EXPECT_EQ(found(network(), 900, 100, early).size(), 0U) << "too few windows to judge by";
}

/// Of the definition: half of the values are below it.
double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

TEST(RateWatch, AnomaliesAreThoseOfTheDefinition) {
  constexpr std::size_t kWindows = 600;
  std::mt19937 random(7);
  std::vector<std::uint64_t> counts;  // of A, in windows of 20 steps
  for (std::size_t w = 0; w < kWindows; ++w) {
    const double mean = w % 97 < 5 ? 45 : 20 + 0.02 * static_cast<double>(w);
    counts.push_back(std::min<std::uint64_t>(std::poisson_distribution<std::uint64_t>(mean)(random), 99));
  }
  ModelSpec spec = network();
  spec.watchdog.actions[static_cast<std::size_t>(WatchdogSign::runaway)] = WatchdogAction::off;
  const auto findings = found(spec, 20 * kWindows, 130, [&](std::uint64_t step) {
    const std::uint64_t in_window = counts[(step - 1) / 20];
    return in_window / 20 + ((step - 1) % 20 < in_window % 20 ? 1 : 0);
  });
  std::size_t k = 0;
  bool was_unusual = false;
  for (std::size_t w = 50; w < kWindows; ++w) {
    std::vector<double> before(counts.begin() + static_cast<std::ptrdiff_t>(w > 200 ? w - 200 : 0),
                               counts.begin() + static_cast<std::ptrdiff_t>(w));
    const double middle = median_of(before);
    for (double& value : before) value = std::abs(value - middle);
    const double deviation = std::max(1.4826 * median_of(before), std::sqrt(std::max(middle, 1.0)));
    const double score = (static_cast<double>(counts[w]) - middle) / deviation;
    const bool is_unusual = std::abs(score) > spec.watchdog.anomaly_score;
    if (is_unusual && !was_unusual) {
      ASSERT_LT(k, findings.size());
      EXPECT_EQ(findings[k].step, 20 * (w + 1));
      EXPECT_EQ(findings[k].rate->score, score);
      ++k;
    }
    was_unusual = is_unusual;
  }
  EXPECT_EQ(k, findings.size());
  EXPECT_GT(k, 5U) << "else this shows nothing";
}

TEST(RateWatch, GoesOnFromItsStateAsIfItHadNeverStopped) {
  ModelSpec spec = network();
  spec.populations[3].expected_rate_Hz = 2001;  // B is sparse
  // A runs away in windows 10 and 11, is silent for 100 steps, and unusual late on.
  const auto block_of = [](std::uint64_t step) {
    const bool runs_away = step > 180 && step <= 220;
    const bool rests = step > 300 && step <= 500;
    const bool is_late = step > 1500 && step <= 1520;
    const bool is_later = step > 2060 && step <= 2095;
    Block block;
    block.begin(step, 1, {});
    const std::uint32_t n = runs_away ? 3 : rests ? 0 : is_late || is_later ? 2 : 1;
    for (std::uint32_t i = 0; i < n; ++i) block.ids.push_back(i);
    if (step % 10 == 0) block.ids.push_back(13);
    block.offsets.push_back(block.ids.size());
    return block;
  };
  // [step] findings of the step, and the state after it.
  constexpr std::uint64_t kSteps = 2200;
  std::vector<std::vector<Finding>> whole(kSteps + 1);
  std::vector<RateState> states{RateWatch(spec).state()};
  RateWatch watch(spec);
  std::size_t n_found = 0;
  for (std::uint64_t step = 1; step <= kSteps; ++step) {
    const Block block = block_of(step);
    watch.take(block, whole[step]);
    EXPECT_TRUE(watch.may_find(block) || whole[step].empty());
    n_found += whole[step].size();
    states.push_back(watch.state());
  }
  ASSERT_EQ(n_found, 5U) << "runaway, silent, sparse, two anomalies";
  for (std::uint64_t cut = 0; cut < kSteps; cut += 37) {
    RateWatch resumed(spec);
    resumed.go_on_from(states[cut]);
    for (std::uint64_t step = cut + 1; step <= kSteps; ++step) {
      std::vector<Finding> findings;
      resumed.take(block_of(step), findings);
      ASSERT_EQ(findings.size(), whole[step].size()) << "cut at " << cut << ", step " << step;
      for (std::size_t k = 0; k < findings.size(); ++k) {
        EXPECT_EQ(findings[k].sign, whole[step][k].sign);
        EXPECT_EQ(findings[k].population, whole[step][k].population);
        EXPECT_EQ(findings[k].rate->score, whole[step][k].rate->score);
      }
    }
    EXPECT_EQ(resumed.state(), states[kSteps]);
  }
}

TEST(RateWatch, RefusesAStateOfOtherPopulations) {
  RateWatch watch(network());
  const auto expect_refused = [&](const std::function<void(RateState&)>& change) {
    RateState other = watch.state();
    change(other);
    EXPECT_THROW(watch.go_on_from(other), Error);
  };
  expect_refused([](RateState& state) { state.in_window.pop_back(); });
  expect_refused([](RateState& state) { state.in_silent_window.pop_back(); });
  expect_refused([](RateState& state) { state.signs.push_back(0); });
  expect_refused([](RateState& state) { state.recent.resize(4); });
}

TEST(RateWatch, OfAnotherNetworkFindsTheSameAgain) {
  RateWatch watch(network());
  const auto fill = [&](std::uint64_t first) {
    Block block;
    block.begin(first, 20, {});
    for (int i = 0; i < 20; ++i) {
      block.ids.insert(block.ids.end(), {0, 1, 2});
      block.offsets.push_back(block.ids.size());
    }
    std::vector<Finding> findings;
    watch.take(block, findings);
    return findings.size();
  };
  EXPECT_EQ(fill(1), 1U) << "300 Hz";
  EXPECT_EQ(fill(21), 0U) << "still";
  RateState anew = watch.state();
  anew.begin_anew();
  watch.go_on_from(anew);
  EXPECT_EQ(fill(41), 1U);
}

}  // namespace
}  // namespace sharpwave
