// What a plugin's answers do to the network: against a loop of one step at a time that does the same by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>
#include <regex>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/checkpoint/checkpoint_store.hpp"
#include "host/io/atomic_file.hpp"
#include "host/network/memory_spec.hpp"
#include "host/run/spike_digest.hpp"
#include "host/signals/collector.hpp"
#include "tests/host/io/temporary_folder.hpp"
#include "tests/host/signals/plugins.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

std::string coupled(const std::string& couple) {
  return "{plugin: " + test_plugin("plain") +
         ", populations: [E], window: 10, embedding: {kind: counts, settle: 3}, " + "couple: {delay: 7, " +
         couple + "}}";
}

const std::string kNovelty = "novelty: {region: cortex, gain: 0.8}";
const std::string kReplay = "replay: {population: E, blend: 0.4, duration: 12, current: 300}";

/// As the plugin of the tests answers.
struct Remembering {
  std::uint64_t taken = 0;
  double sum = 0;
  double novelty = 0;
  std::vector<float> pattern;  ///< or none
  void take(const Signal& signal) {
    ++taken;
    sum += static_cast<double>(signal.embedding[0]);
    novelty = 1 - std::abs(sum) / (1 + static_cast<double>(taken));
    pattern.clear();
    if (taken % 3 != 0) return;
    pattern = signal.embedding;
    pattern[0] = static_cast<float>(sum);
  }
};

/// The run step by step, with answers 14 steps after their signals were told.
std::string digest_by_hand(const ModelSpec& spec) {
  const auto engine = make_cpu_engine(spec, 1);
  const CouplingSpec& coupling = *spec.memory->coupling;
  Remembering memory;
  struct Due {
    std::uint64_t step;
    double novelty;
    std::vector<float> pattern;
  };
  std::deque<Due> due;
  std::deque<std::vector<float>> patterns;
  std::uint64_t busy_until = 0;
  SignalCollector collector(spec, *engine, nullptr, [&](Signal&& signal) {
    memory.take(signal);
    const bool may_replay =
        coupling.replay && spec.memory->populations[signal.stream].population == spec.replayed_into;
    due.push_back({engine->step() + 14, memory.novelty, may_replay ? memory.pattern : std::vector<float>()});
  });
  SpikeDigest digest;
  Block block;
  for (std::uint64_t step = 0; step < spec.simulation.warm_up_steps + spec.simulation.steps; ++step) {
    for (; !due.empty() && due.front().step == step; due.pop_front()) {
      if (coupling.novelty_region)
        engine->give_novelty(*coupling.novelty_region, std::min(1.0, 0.8 * due.front().novelty), 0);
      if (!due.front().pattern.empty()) patterns.push_back(due.front().pattern);
    }
    if (!patterns.empty() && busy_until <= step) {
      const float most = *std::ranges::max_element(patterns.front());
      Replay replay{.after = step, .until = step + 24, .live = 0.6};
      for (const float x : patterns.front())
        replay.current_pA.push_back(
            x > 0 ? static_cast<float>(300 * (static_cast<double>(x) / static_cast<double>(most))) : 0);
      patterns.pop_front();
      busy_until = step + 24;
      engine->replay(replay);
    }
    engine->advance(1, block);
    digest.add_block(block);
    collector.take(block);
  }
  EXPECT_GT(memory.taken, 10U);
  return digest.hex();
}

TEST(Coupling, AnswersActSoManyStepsLaterOnAnyThreadsAndAfterAResume) {
  const test::TemporaryFolder folder;
  const std::string uncoupled =
      run_in(
          model_of(remembered_config("{plugin: " + test_plugin("plain") + ", populations: [E], window: 10}")),
          folder / "uncoupled")
          .summary.spike_digest;
  std::vector<std::string> seen{uncoupled};
  for (const std::string& couple : {kNovelty, kReplay, kNovelty + ", " + kReplay}) {
    SCOPED_TRACE(couple);
    const ModelSpec spec = model_of(remembered_config(coupled(couple)));
    const std::string expected = digest_by_hand(spec);
    for (const std::string& other : seen) EXPECT_NE(expected, other) << "the coupling does nothing";
    const auto folder_of = [&](const std::string& name) {
      return folder / (std::to_string(seen.size()) + name);
    };
    for (const int threads : {1, 3})
      EXPECT_EQ(run_in(spec, folder_of(std::to_string(threads)), threads).summary.spike_digest, expected);
    std::mt19937 random(7);
    for (int trial = 0; trial < 2; ++trial) {
      const auto here = folder_of("stopped" + std::to_string(trial));
      RunSummary summary = run_in(spec, here, 2, 1 + static_cast<int>(random() % 40)).summary;
      int resumes = 0;
      for (; summary.interrupted; ++resumes)
        summary =
            resume_in(spec, here, 1 + static_cast<int>(random() % 3), 1 + static_cast<int>(random() % 40))
                .summary;
      EXPECT_GT(resumes, 0);
      EXPECT_EQ(summary.spike_digest, expected) << trial;
      EXPECT_EQ(lines_of(here / "told.txt").front(), "open branch 0 instance 0 coupled");
      EXPECT_EQ(std::ranges::count(lines_of(here / "told.txt"), "open branch 0 instance 0 coupled snapshot"),
                resumes);
    }
    seen.push_back(expected);
  }
}

/// Without neuromodulators and plasticity, so that nothing but the coupling makes blocks end.
std::string unregulated(std::string config) {
  for (const auto& [pattern, with] :
       {std::pair{R"(neuromodulators:\n.*\n)", ""}, std::pair{R"(,\s*input_gain: cortex)", ""},
        std::pair{R"(,\s*plasticity: \{rule.*\}\})", "}"}})
    config = std::regex_replace(config, std::regex(pattern), with);
  return config;
}

// Windows of 6.5 ms and ripples of 5 ms bins: they end in one step, in the middle of each other, and one bin
// late.
TEST(Coupling, AnswersToRipplesActSoManyStepsAfterTheyWereTold) {
  const test::TemporaryFolder folder;
  const std::string memory = "{plugin: " + test_plugin("plain") +
                             ", populations: [E, {population: I, space: iii}], window: 6.5, ripple: "
                             "{threshold: 1.1, shortest: 5, longest: 20}, "
                             "embedding: {kind: counts, settle: 3}, couple: {delay: 7, " +
                             kReplay + "}}";
  const ModelSpec spec = model_of(unregulated(remembered_config(memory)), {"checkpoint.interval=6.5"});
  const std::string expected = digest_by_hand(spec);
  for (const int threads : {1, 3}) {
    const RunSummary summary = run_in(spec, folder / std::to_string(threads), threads).summary;
    EXPECT_EQ(summary.spike_digest, expected) << threads;
    EXPECT_GT(summary.memory->signals, 60U);
  }
  std::mt19937 random(11);
  for (int trial = 0; trial < 4; ++trial) {
    const auto here = folder / ("stopped" + std::to_string(trial));
    RunSummary summary = run_in(spec, here, 2, 1 + static_cast<int>(random() % 40)).summary;
    while (summary.interrupted)
      summary = resume_in(spec, here, 1 + static_cast<int>(random() % 3), 1 + static_cast<int>(random() % 40))
                    .summary;
    EXPECT_EQ(summary.spike_digest, expected) << trial;
  }
}

TEST(Coupling, SnapshotsLieBesideTheirCheckpointsAndGoWithThem) {
  const test::TemporaryFolder folder;
  const ModelSpec spec = model_of(remembered_config(coupled(kNovelty)), {"checkpoint.keep=2"});
  run_in(spec, folder / "run");
  std::size_t n_snapshots = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run" / "checkpoints"))
    if (entry.is_directory()) {
      ++n_snapshots;
      EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(entry.path()).replace_extension(".h5")));
    }
  EXPECT_EQ(n_snapshots, 2U);
  // A run that replaces it leaves nothing of them.
  RunOptions options = options_of(folder / "run");
  options.force = true;
  const RunSignals signals;
  SilentSink sink;
  static_cast<void>(
      run(model_of(remembered_config("{plugin: " + test_plugin("plain") + ", populations: [E], window: 10}")),
          options, signals, sink));
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run" / "checkpoints"))
    EXPECT_FALSE(entry.is_directory()) << entry.path();
}

TEST(Coupling, WithoutItsSnapshotARunDoesNotGoOn) {
  const test::TemporaryFolder folder;
  const ModelSpec spec = model_of(remembered_config(coupled(kNovelty)));
  ASSERT_TRUE(run_in(spec, folder / "run", 1, 20).summary.interrupted);
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run" / "checkpoints"))
    if (entry.is_directory()) std::filesystem::remove_all(entry.path());
  std::string reported;
  try {
    const StoppedRun stopped(folder / "run",
                             [&](const std::filesystem::path&, const std::string& why) { reported = why; });
    FAIL() << "it goes on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::no_checkpoint) << error.what();
  }
  EXPECT_NE(reported.find(".memory is not there"), std::string::npos) << reported;
}

TEST(Coupling, WithoutItsNewestSnapshotARunGoesOnFromTheOneBefore) {
  const test::TemporaryFolder folder;
  const ModelSpec spec = model_of(remembered_config(coupled(kNovelty)), {"checkpoint.interval=20"});
  const std::string expected = run_in(spec, folder / "whole").summary.spike_digest;
  ASSERT_TRUE(run_in(spec, folder / "run", 1, 70).summary.interrupted);
  const CheckpointStore store(folder / "run");
  const auto checkpoints = store.entries();
  ASSERT_GE(checkpoints.size(), 2U);
  std::filesystem::remove_all(store.companion_of(checkpoints.front().step));
  EXPECT_EQ(resume_in(spec, folder / "run").summary.spike_digest, expected);
}

TEST(Coupling, ForgedAnswersAreRefused) {
  const test::TemporaryFolder folder;
  const ModelSpec spec = model_of(remembered_config(coupled(kReplay)));
  ASSERT_TRUE(run_in(spec, folder / "run", 1, 35).summary.interrupted);
  const CheckpointStore store(folder / "run");
  const Checkpoint whole = read_checkpoint(store.entries().front().file);
  const auto refused = [&](const ModelSpec& of, auto change) {
    Checkpoint forged = whole;
    forged.config_digest = of.config_digest;
    change(forged.instances.front().signals);
    write_file_atomically(store.entries().front().file, encode_checkpoint(forged));
    try {
      static_cast<void>(resume_in(of, folder / "run", 1, 1));
    } catch (const Error& error) {
      return error.code() == ExitCode::damaged_data;
    }
    return false;
  };
  EXPECT_TRUE(refused(spec, [](SignalState& s) {
    s.answer_due = {s.answer_due.empty() ? 1000 : s.answer_due.back()};
    s.answer_novelty = {0};
    s.answer_patterns = {41};
    s.patterns.assign(41, 1);
  }));
  EXPECT_TRUE(refused(spec, [](SignalState& s) { s.to_replay.assign(41, 1); }));
  EXPECT_TRUE(refused(model_of(remembered_config(coupled(kNovelty))),
                      [](SignalState& s) { s.to_replay.assign(40, 1); }));
  const std::string uncoupled = "{plugin: " + test_plugin("plain") +
                                ", populations: [E], window: 10, embedding: {kind: counts, settle: 3}}";
  EXPECT_TRUE(refused(model_of(remembered_config(uncoupled)), [](SignalState& s) {
    s.answer_due = {1000};
    s.answer_novelty = {0};
    s.answer_patterns = {0};
    s.patterns.clear();
    s.to_replay.clear();
  }));
}

// A divergence is found by running again, from a state before answers that have acted since.
TEST(Coupling, AnswersActAgainWhereTheWatchdogRunsAgain) {
  const test::TemporaryFolder folder;
  const auto digest = [&](const std::string& action) {
    std::string config = remembered_config(coupled(kNovelty + ", " + kReplay));
    const std::string watch = "watchdog: {runaway: off}";
    config.replace(config.find(watch), watch.size(),
                   "watchdog: {runaway: off, divergence: " + action + ", bound: 500}");
    const RunSignals signals;
    SilentSink sink;
    RunOptions options = options_of(folder / action, 2);
    options.injections = {parse_injection("1000@step=411,population=E,neuron=3,variable=V_m")};
    return run(model_of(config), options, signals, sink).summary.spike_digest;
  };
  EXPECT_EQ(digest("warn"), digest("off"));
}

// --- replay, by the engine --------------------------------------------------------------------------------

ModelSpec driven(const std::vector<InputSpec>& inputs) {
  ModelSpec spec;
  spec.simulation.dt_ms = 0.5;
  spec.populations = {population("E", 50, NeuronModel::iaf_psc_exp),
                      population("I", 20, NeuronModel::iaf_psc_exp)};
  spec.projections.push_back(projection(spec, 0, 1, ConnectionRule::fixed_indegree, 40, 1));
  spec.projections.back().degree = {5};
  spec.inputs = inputs;
  spec.replayed_into = 0;
  return spec;
}

InputSpec poisson(const ModelSpec& spec, std::vector<double> times_ms, std::vector<double> rates_Hz) {
  return {.name = "p",
          .target = whole(spec, 0),
          .kind = PoissonInputSpec{.rate = {std::move(times_ms), std::move(rates_Hz)}, .weight = 40}};
}

std::vector<Spike> with_replay(const ModelSpec& spec, const Replay& replay, int threads) {
  const auto engine = make_cpu_engine(spec, threads);
  std::vector<Spike> spikes = simulate(*engine, replay.after, 33);
  engine->replay(replay);
  const std::vector<Spike> more = simulate(*engine, 800 - replay.after, 47);
  spikes.insert(spikes.end(), more.begin(), more.end());
  return spikes;
}

TEST(Replay, IsACurrentAndTheInputsAreWeakerMeanwhile) {
  const ModelSpec bare = driven({});
  const Replay replay{.after = 200, .until = 500, .live = 0, .current_pA = std::vector<float>(50, 450)};
  // The same by inputs: 450 pA and no spikes from 100 to 250 ms.
  const InputSpec step{.name = "c",
                       .target = whole(bare, 0),
                       .kind = CurrentInputSpec{.times_ms = {100, 250}, .amplitudes_pA = {450, 0}}};
  const std::vector<Spike> expected =
      simulate(driven({poisson(bare, {0, 100, 250}, {4000, 0, 4000}), step}), 1, 800);
  ASSERT_GT(expected.size(), 300U);
  const ModelSpec replayed = driven({poisson(bare, {0}, {4000})});
  for (const int threads : {1, 3}) EXPECT_EQ(with_replay(replayed, replay, threads), expected);
  EXPECT_NE(simulate(replayed, 1, 800), expected);
  // Currents that come from inputs are weaker as well.
  const InputSpec half{.name = "c",
                       .target = whole(bare, 0),
                       .kind = CurrentInputSpec{.times_ms = {0, 100, 250}, .amplitudes_pA = {512, 128, 512}}};
  const InputSpec full{.name = "c",
                       .target = whole(bare, 0),
                       .kind = CurrentInputSpec{.times_ms = {0}, .amplitudes_pA = {512}}};
  const Replay none{.after = 200, .until = 500, .live = 0.25, .current_pA = std::vector<float>(50, 0)};
  EXPECT_EQ(with_replay(driven({full}), none, 2), simulate(driven({half}), 1, 800));
}

TEST(Replay, IsPartOfTheState) {
  const ModelSpec bare = driven({});
  const ModelSpec spec = driven({poisson(bare, {0}, {3000})});
  std::vector<float> current(50);
  for (std::size_t i = 0; i < current.size(); ++i) current[i] = static_cast<float>(10 * i);
  const Replay replay{.after = 100, .until = 300, .live = 0.5, .current_pA = current};
  const std::vector<Spike> expected = with_replay(spec, replay, 1);
  for (const std::uint64_t cut : {100, 101, 180, 299, 300, 301}) {
    const auto engine = make_cpu_engine(spec, 2);
    std::vector<Spike> spikes = simulate(*engine, 100, 10);
    engine->replay(replay);
    if (cut > 100) {
      const std::vector<Spike> more = simulate(*engine, cut - 100, 10);
      spikes.insert(spikes.end(), more.begin(), more.end());
    }
    const EngineState state = engine->save();
    EXPECT_EQ(!state.replay.current_pA.empty(), cut <= 300) << cut;
    const auto other = make_cpu_engine(spec, 3);
    other->restore(state);
    EXPECT_EQ(other->save(), state);
    const std::vector<Spike> more = simulate(*other, 800 - cut, 50);
    spikes.insert(spikes.end(), more.begin(), more.end());
    EXPECT_EQ(spikes, expected) << cut;
  }
}

TEST(Replay, AnotherOneReplacesIt) {
  const ModelSpec spec = driven({});
  const auto engine = make_cpu_engine(spec, 1);
  engine->replay({.after = 0, .until = 700, .live = 1, .current_pA = std::vector<float>(50, 450)});
  std::vector<Spike> spikes = simulate(*engine, 300, 300);
  engine->replay({.after = 300, .until = 500, .live = 1, .current_pA = std::vector<float>(50, 600)});
  const std::vector<Spike> more = simulate(*engine, 500, 300);
  spikes.insert(spikes.end(), more.begin(), more.end());
  const InputSpec steps{.name = "c",
                        .target = whole(spec, 0),
                        .kind = CurrentInputSpec{.times_ms = {0, 150, 250}, .amplitudes_pA = {450, 600, 0}}};
  EXPECT_EQ(spikes, simulate(driven({steps}), 1, 800));
}

TEST(Replay, AStateThatCannotBeIsRefused) {
  const ModelSpec spec = driven({});
  const auto engine = make_cpu_engine(spec, 1);
  engine->replay({.after = 0, .until = 700, .live = 1, .current_pA = std::vector<float>(50, 450)});
  Block block;
  engine->advance(10, block);
  const EngineState state = engine->save();
  const auto refused = [&](const ModelSpec& of, auto change) {
    EngineState other = state;
    change(other.replay);
    try {
      make_cpu_engine(of, 1)->restore(other);
    } catch (const Error& error) {
      return error.code() == ExitCode::damaged_data;
    }
    return false;
  };
  ModelSpec without = spec;
  without.replayed_into.reset();
  EXPECT_FALSE(refused(spec, [](Replay&) {}));
  EXPECT_TRUE(refused(without, [](Replay&) {}));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.current_pA.pop_back(); }));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.current_pA[3] = NAN; }));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.live = 1.5; }));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.live = NAN; }));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.until = 9; }));
  EXPECT_TRUE(refused(spec, [](Replay& r) { r.after = 11; }));
}

}  // namespace
}  // namespace sharpwave::testing
