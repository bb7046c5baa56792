// Whole runs with a plugin: what it is told, and that nothing else changes.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/io/hdf5.hpp"
#include "host/network/memory_spec.hpp"
#include "host/signals/collector.hpp"
#include "tests/host/batch/batch_fixture.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/signals/plugins.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

std::string plain(const std::string& more, const std::string& options = "{}") {
  return "{plugin: " + test_plugin("plain") +
         ", populations: [{population: E, space: eee}, {population: I, space: iii}], " +
         "plasticity: [EE], options: " + options + ", " + more + "}";
}

const std::string kWindows =
    "window: 10, ripple: {threshold: 1.2, shortest: 5, longest: 15}, embedding: {dimension: 32, settle: 5}";

TEST(MemoryRun, SpikesAreTheSameWithItAndWithoutItAndSignalsOnAnyThreads) {
  const test::TemporaryFolder folder;
  const std::string config = remembered_config(plain(kWindows));
  const std::string without = config.substr(0, config.rfind("memory:"));
  const RunSummary bare = run_in(model_of(without), folder / "bare").summary;
  EXPECT_FALSE(bare.memory);
  ASSERT_GT(bare.spikes_total, 500U);
  std::optional<RunSummary::Memory> first;
  for (const int threads : {1, 2, 3}) {
    const RunSummary with = run_in(model_of(config), folder / std::to_string(threads), threads).summary;
    EXPECT_EQ(with.spike_digest, bare.spike_digest) << threads;
    ASSERT_TRUE(with.memory);
    EXPECT_GT(with.memory->signals, 40U);
    EXPECT_GT(with.memory->settling, 0U);
    EXPECT_EQ(with.memory->dropped, 0U);
    EXPECT_GT(with.memory->worker_s, 0);
    if (!first) first = with.memory;
    EXPECT_EQ(with.memory->signal_digest, first->signal_digest) << threads;
    EXPECT_EQ(with.memory->signals, first->signals);
    const auto told = lines_of(folder / std::to_string(threads) / "told.txt");
    EXPECT_EQ(told.size() - 1, first->signals);
    EXPECT_EQ(told[0], "open branch 0 instance 0");
    EXPECT_EQ(read_run_json(folder / std::to_string(threads) / "run.json").memory, with.memory);
  }
  const RunSummary other = run_in(model_of(config, {"memory.embedding.seed=2"}), folder / "seed").summary;
  EXPECT_EQ(other.spike_digest, bare.spike_digest);
  EXPECT_NE(other.memory->signal_digest, first->signal_digest);
}

TEST(MemoryRun, AStoppedRunTellsTheSameAsOneThatWasNot) {
  const test::TemporaryFolder folder;
  const ModelSpec spec = model_of(remembered_config(plain(kWindows)));
  const RunSummary whole = run_in(spec, folder / "whole").summary;
  std::mt19937 random(11);
  for (int trial = 0; trial < 3; ++trial) {
    const auto here = folder / std::to_string(trial);
    RunSummary summary = run_in(spec, here, 2, 1 + static_cast<int>(random() % 30)).summary;
    while (summary.interrupted)
      summary = resume_in(spec, here, 1 + static_cast<int>(random() % 3), 1 + static_cast<int>(random() % 30))
                    .summary;
    EXPECT_EQ(summary.spike_digest, whole.spike_digest);
    EXPECT_EQ(summary.memory->signal_digest, whole.memory->signal_digest) << trial;
    EXPECT_EQ(summary.memory->signals, whole.memory->signals);
    EXPECT_EQ(summary.memory->silent, whole.memory->silent);
    EXPECT_EQ(summary.memory->settling, whole.memory->settling);
    const auto told = lines_of(here / "told.txt");
    std::set<std::string> different(told.begin(), told.end());
    std::erase_if(different, [](const std::string& line) { return line.starts_with("open"); });
    EXPECT_EQ(different.size(), whole.memory->signals);
  }
}

struct Logged {
  std::string population;
  std::string space;
  std::vector<std::uint64_t> numbers;
  std::vector<double> end_ms;
  std::vector<double> weight_changes;
  std::vector<float> embeddings;
  bool operator==(const Logged&) const = default;
};

std::vector<Logged> logged_in(const std::filesystem::path& file) {
  std::vector<Logged> logged;
  const hdf5::File opened = hdf5::File::open(file);
  const hdf5::Group populations = opened.root().group("populations");
  for (const std::string& name : populations.names()) {
    const hdf5::Group group = populations.group(name);
    logged.push_back({.population = group.text_attribute("population").value(),
                      .space = group.text_attribute("space").value(),
                      .numbers = group.dataset("number").read_unsigned(),
                      .end_ms = group.dataset("end").read_doubles(),
                      .weight_changes = group.dataset("weight_change").read_doubles(),
                      .embeddings = group.dataset("embedding").read_floats()});
  }
  return logged;
}

TEST(SignalLog, HoldsEachSignalOnceAlsoWhereARunWasStoppedOrKilled) {
  const test::TemporaryFolder folder;
  const std::string log =
      "{plugin: " SHARPWAVE_SIGNAL_LOG
      ", populations: [{population: E, space: eee}, {population: I, space: iii}], plasticity: "
      "[EE], " +
      kWindows + "}";
  const ModelSpec spec = model_of(remembered_config(log));
  const RunSummary whole = run_in(spec, folder / "whole").summary;
  const std::vector<Logged> expected = logged_in(folder / "whole" / "signals.h5");
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_EQ(expected[0].population, "E");
  EXPECT_EQ(expected[1].space, "iii");
  EXPECT_EQ(expected[0].numbers.size() + expected[1].numbers.size(), whole.memory->signals);
  for (const Logged& population : expected) {
    for (std::size_t k = 0; k < population.numbers.size(); ++k) EXPECT_EQ(population.numbers[k], k + 1);
    EXPECT_TRUE(std::ranges::is_sorted(population.end_ms));
    EXPECT_GT(*std::ranges::max_element(population.weight_changes), 0);
    EXPECT_EQ(population.embeddings.size(), 32 * population.numbers.size());
  }
  // Stopped, and then killed after what was simulated since a checkpoint was flushed: told again, passed
  // over.
  const auto here = folder / "stopped";
  RunSummary summary = run_in(spec, here, 2, 25).summary;
  ASSERT_TRUE(summary.interrupted);
  std::filesystem::copy(here, folder / "older", std::filesystem::copy_options::recursive);
  summary = resume_in(spec, here, 1, 20).summary;
  std::filesystem::copy_file(here / "signals.h5", folder / "older" / "signals.h5",
                             std::filesystem::copy_options::overwrite_existing);
  while (summary.interrupted) summary = resume_in(spec, here, 3, 20).summary;
  EXPECT_EQ(logged_in(here / "signals.h5"), expected);
  summary = resume_in(spec, folder / "older", 1).summary;
  EXPECT_EQ(logged_in(folder / "older" / "signals.h5"), expected);
  const auto status = nlohmann::json::parse(summary.memory->status);
  EXPECT_GT(status["passed_over"], 0) << "nothing was told twice: the test shows less than it could";
  // Another run is not mixed with it, and one that replaces it begins anew.
  RunOptions options = options_of(here);
  options.run_id = std::string(32, 'f');
  options.force = true;
  const RunSignals signals;
  SilentSink sink;
  EXPECT_EQ(run(spec, options, signals, sink).summary.memory->signal_digest, whole.memory->signal_digest);
  EXPECT_EQ(logged_in(here / "signals.h5"), expected);
}

TEST(SignalLog, RefusesOptionsAndFilesOfOthers) {
  const test::TemporaryFolder folder;
  const auto fails = [&](const std::string& options, ExitCode code, const std::string& part) {
    const ModelSpec spec = model_of(remembered_config(
        "{plugin: " SHARPWAVE_SIGNAL_LOG ", populations: [E], window: 10, options: " + options + "}"));
    try {
      run_in(spec, folder / "run");
      FAIL() << "it runs";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  fails("{file: a.h5}", ExitCode::invalid_config, "it has no options");
}

TEST(MemoryRun, AFullQueueDropsAndSaysSo) {
  const test::TemporaryFolder folder;
  const std::string slow = plain(kWindows + ", queue: {capacity: 1, when_full: drop}", "{sleep_ms: 20}");
  const RunSummary dropping = run_in(model_of(remembered_config(slow)), folder / "slow").summary;
  const RunSummary waiting = run_in(model_of(remembered_config(plain(kWindows))), folder / "quick").summary;
  EXPECT_EQ(dropping.spike_digest, waiting.spike_digest);
  EXPECT_EQ(dropping.memory->signal_digest, waiting.memory->signal_digest);
  EXPECT_GT(dropping.memory->dropped, 0U);
  EXPECT_EQ(lines_of(folder / "slow" / "told.txt").size() - 1 + dropping.memory->dropped,
            dropping.memory->signals);
}

TEST(MemoryRun, EndsWithWhatThePluginSays) {
  const test::TemporaryFolder folder;
  const auto fails = [&](const std::string& options, ExitCode code, const std::string& part) {
    try {
      run_in(model_of(remembered_config(plain(kWindows, options))), folder / part);
      ADD_FAILURE() << options;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find("the test wants " + part + " to fail"), std::string::npos)
          << error.what();
    }
  };
  fails("{fail: open, result: 1}", ExitCode::invalid_config, "open");
  fails("{fail: take, result: 4, after: 5}", ExitCode::damaged_data, "take");
  fails("{fail: flush, result: 3}", ExitCode::no_room, "flush");
}

TEST(MemoryRun, WhatThePluginDoesNotAcceptLeavesTheRunOfBefore) {
  const test::TemporaryFolder folder;
  const auto run_again = [&](const std::string& options) {
    RunOptions o = options_of(folder.path());
    o.force = true;
    const RunSignals signals;
    SilentSink sink;
    return run(model_of(remembered_config(plain("window: 10", options))), o, signals, sink).summary;
  };
  const std::string digest = run_again("{}").spike_digest;
  try {
    run_again("{fail: check}");
    ADD_FAILURE() << "it runs";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::io);
    EXPECT_NE(std::string(error.what()).find("check to fail"), std::string::npos) << error.what();
  }
  EXPECT_EQ(read_run_json(folder / "run.json").spike_digest, digest);
  EXPECT_EQ(run_again("{}").spike_digest, digest);
}

// Each presentation is a window, attempts that are repeated included.
TEST(MemoryRun, AWindowIsAPresentation) {
  const test::TemporaryFolder folder;
  const std::string config = protocol_config("null") + "memory: {plugin: " + test_plugin("plain") +
                             ", populations: [E], window: presentation, plasticity: [XE, EE], "
                             "embedding: {kind: counts, settle: 1}}\n";
  const ModelSpec spec = model_of(config);
  const RunSummary whole = run_in(spec, folder / "whole").summary;
  std::uint64_t presentations = 0;
  for (const PhaseResult& phase : whole.protocol)
    if (phase.name != "pause") presentations += phase.trials + phase.repeats;
  EXPECT_EQ(whole.memory->signals + whole.memory->silent + whole.memory->settling, presentations);
  ASSERT_GT(whole.memory->signals, 5U);
  // Labels of items 4 and 5, which come last.
  const auto told = lines_of(folder / "whole" / "told.txt");
  EXPECT_EQ(told.back().back(), '1');
  std::mt19937 random(3);
  for (int trial = 0; trial < 3; ++trial) {
    const auto here = folder / std::to_string(trial);
    RunSummary summary = run_in(spec, here, 1, 1 + static_cast<int>(random() % 12)).summary;
    while (summary.interrupted)
      summary = resume_in(spec, here, 2, 1 + static_cast<int>(random() % 12)).summary;
    EXPECT_EQ(summary.memory->signal_digest, whole.memory->signal_digest);
    EXPECT_EQ(summary.spike_digest, whole.spike_digest);
  }
}

// All |dw| between two readings is what the signals between them say.
TEST(MemoryRun, WeightChangesAddUpAndEligibilitiesAreOfTheEngine) {
  const ModelSpec given = model_of(remembered_config(plain("window: 10, embedding: {kind: counts}")));
  MemorySpec memory = *given.memory;
  memory.embedding.settle = 0;
  memory.populations.resize(1);
  ModelSpec spec = given;
  spec.memory = std::make_shared<const MemorySpec>(memory);
  const auto engine = make_cpu_engine(spec, 2);
  std::vector<Signal> signals;
  SignalCollector collector(spec, *engine, nullptr,
                            [&](Signal&& signal) { signals.push_back(std::move(signal)); });
  Block block;
  std::optional<LearningReading> at_first;
  for (std::uint64_t k = 0; k < 30; ++k) {
    engine->advance(20, block);
    collector.take(block);
    if (!at_first && !signals.empty()) {
      at_first = engine->read_learning()[0];
      signals.clear();
    }
  }
  ASSERT_GT(signals.size(), 15U);
  const LearningReading at_end = engine->read_learning()[0];
  const double unit = PlasticityReading::kUnit * spec.projections[0].plasticity->w_max;
  double sum = 0;
  for (const Signal& signal : signals) sum += signal.weight_change;
  const double expected = static_cast<double>(at_end.changed - at_first->changed) * unit;
  // But for what spikes have still to find, it is what the metrics say.
  const PlasticityReading metrics = engine->read_plasticity()[0];
  EXPECT_LE(at_end.changed, metrics.raised + metrics.lowered);
  EXPECT_GT(at_end.changed, (metrics.raised + metrics.lowered) / 2);
  ASSERT_GT(expected, 0);
  EXPECT_NEAR(sum, expected, 1e-9 * expected);
  EXPECT_EQ(signals.back().eligibility, static_cast<double>(at_end.eligibility) * unit);
  EXPECT_EQ(signals.back().levels.dopamine, engine->read_modulators()[0].dopamine);
}

// With nobody firing any more, sum |c| decays as each trace does, though no synapse is looked at meanwhile.
TEST(MemoryRun, EligibilitiesAreAsOfNow) {
  const ModelSpec spec = model_of(R"(simulation: {dt: 0.5, duration: 400, seed: 5}
populations:
  E: {size: 20, model: iaf_psc_exp, initial: {V_m: {uniform: {low: -70, high: -55}}}}
neuromodulators: {cortex: {dopamine: {}}}
projections:
  - {name: EE, source: E, target: E, rule: fixed_indegree, indegree: 8, weight: 3, delay: 1.5,
     plasticity: {rule: three_factor, region: cortex, w_max: 90, tau_c: 100, learning_rate: 20}}
inputs: [{type: current_steps, target: E, times: [0, 100], amplitudes: [420, 0]}]
device: {kind: cpu}
)");
  for (const int threads : {1, 3}) {
    const auto engine = make_cpu_engine(spec, threads);
    ASSERT_GT(simulate(*engine, 250, 50).size(), 50U);
    const auto sum = [&] { return static_cast<double>(engine->read_learning()[0].eligibility); };
    const double at_125_ms = sum();
    ASSERT_GT(at_125_ms, 1e4);
    EXPECT_TRUE(simulate(*engine, 100, 50).empty());
    EXPECT_NEAR(sum() / at_125_ms, std::exp(-0.5), 1e-3);
    EXPECT_TRUE(simulate(*engine, 200, 50).empty());
    EXPECT_NEAR(sum() / at_125_ms, std::exp(-1.5), 1e-3);
  }
}

class MemoryBatch : public BatchFixture {};

TEST_F(MemoryBatch, EachInstanceTellsWhatItWouldAlone) {
  const std::string config = small_config("{size: 3}") + "memory: {plugin: " + test_plugin("plain") +
                             ", populations: [E], window: 5, embedding: {settle: 1}}\n";
  SmallBatch batch("", 2, config);
  ASSERT_EQ(run(batch), ExitCode::ok);
  std::set<std::string> digests;
  for (const BatchInstance& instance : batch.record.instances) {
    expect_as_alone(batch, instance, 1);
    const std::filesystem::path of_batch = here() / instance_folder(instance);
    const auto memory = read_run_json(of_batch / "run.json").memory;
    ASSERT_TRUE(memory);
    EXPECT_GT(memory->signals, 5U);
    EXPECT_EQ(memory->signal_digest,
              read_run_json(folder_.path() / "alone" / instance.name / "run.json").memory->signal_digest);
    digests.insert(memory->signal_digest);
    EXPECT_EQ(lines_of(of_batch / "told.txt")[0],
              "open branch 0 instance " + std::to_string(&instance - batch.record.instances.data()));
  }
  EXPECT_EQ(digests.size(), 3U);
}

// Signals of a course that was left are in another branch.
TEST(MemoryRun, ARollbackOpensABranch) {
  const test::TemporaryFolder folder;
  std::string config = remembered_config(plain(kWindows));
  const std::string watch = "watchdog: {runaway: off}";
  config.replace(config.find(watch), watch.size(),
                 "watchdog: {runaway: off, divergence: rollback, bound: 500}");
  const ModelSpec spec = model_of(config);
  const auto with_fault = [&](const std::filesystem::path& here, int threads) {
    const RunSignals signals;
    SilentSink sink;
    RunOptions options = options_of(here, threads);
    options.injections = {parse_injection("1000@step=330,population=E,neuron=3,variable=V_m")};
    return run(spec, options, signals, sink).summary;
  };
  const RunSummary one = with_fault(folder / "one", 1);
  EXPECT_EQ(one.repairs, 1U);
  const auto told = lines_of(folder / "one" / "told.txt");
  EXPECT_EQ(std::ranges::count(told, "open branch 0 instance 0"), 1);
  EXPECT_EQ(std::ranges::count(told, "open branch 1 instance 0"), 1);
  const RunSummary two = with_fault(folder / "two", 2);
  EXPECT_EQ(two.spike_digest, one.spike_digest);
  EXPECT_EQ(two.memory->signal_digest, one.memory->signal_digest);
}

}  // namespace
}  // namespace sharpwave::testing
