// Windows, ripples and embeddings against a reference that works each of them out from all spikes.
#include "host/signals/collector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "host/base/error.hpp"
#include "tests/host/signals/train_engine.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint64_t kSteps = 20'000;

struct Told {
  std::vector<Signal> signals;
  SignalState state;
};

/// Blocks of random lengths, as long as the collector lets them be; at the cuts another collector goes on
/// with the state of the one before.
Told told(const ModelSpec& spec, std::uint64_t seed, const std::vector<std::uint64_t>& cuts = {}) {
  Told told;
  TrainEngine engine;
  const auto listen = [&](Signal&& signal) { told.signals.push_back(std::move(signal)); };
  auto collector = std::make_unique<SignalCollector>(spec, engine, nullptr, listen);
  std::mt19937_64 random(seed);
  Block block;
  auto cut = cuts.begin();
  while (engine.step() < kSteps) {
    std::uint64_t n =
        std::min({1 + random() % 500, kSteps - engine.step(), collector->steps_left(engine.step())});
    if (cut != cuts.end()) n = std::min(n, *cut - engine.step());
    engine.advance(n, block);
    collector->take(block);
    if (cut == cuts.end() || engine.step() != *cut) continue;
    ++cut;
    told.state = collector->state();
    EXPECT_FALSE(find_fault(told.state)) << find_fault(told.state)->column;
    collector = std::make_unique<SignalCollector>(spec, engine, &told.state, listen);
  }
  told.state = collector->state();
  return told;
}

void expect_signals(const std::vector<Signal>& found,
                    const std::vector<reference::ExpectedSignal>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    SCOPED_TRACE("signal " + std::to_string(k));
    EXPECT_EQ(found[k].number, k + 1);
    EXPECT_EQ(found[k].begin_step, expected[k].begin_step);
    EXPECT_EQ(found[k].end_step, expected[k].end_step);
    EXPECT_EQ(found[k].n_spikes, expected[k].n_spikes);
    EXPECT_DOUBLE_EQ(found[k].mean_rate_Hz, expected[k].rate_Hz);
    EXPECT_DOUBLE_EQ(found[k].synchrony, expected[k].synchrony);
    ASSERT_EQ(found[k].embedding.size(), expected[k].embedding.size());
    for (std::size_t i = 0; i < expected[k].embedding.size(); ++i)
      EXPECT_NEAR(found[k].embedding[i], expected[k].embedding[i], 1e-6);
  }
}

TEST(Collector, WindowsAreAsTheReferenceWorksThemOut) {
  std::uint64_t n_silent = 0;
  for (const std::uint64_t window : {100, 230, 47}) {
    const ModelSpec spec =
        remembering(500, kSteps - 500, {.window_steps = window, .embedding = {.settle = 4}});
    reference::Spans spans;
    for (std::uint64_t end = window; end <= kSteps; end += window) spans.emplace_back(end - window, end);
    const auto expected = reference::signals_of(
        train_of_B(kSteps), {.n_neurons = kNeurons, .n_steps = kSteps, .warm_up_steps = 500, .settle = 4},
        spans);
    ASSERT_GT(expected.size(), 20U);
    const Told found = told(spec, window);
    expect_signals(found.signals, expected);
    const StreamState& stream = found.state.streams.at(0);
    EXPECT_EQ(stream.told[kSignals], expected.size());
    EXPECT_EQ(stream.told[kWindowsSeen], spans.size());
    // Those that begin in the warm-up are none of these.
    const std::uint64_t recorded = spans.size() - (500 + window - 1) / window;
    EXPECT_EQ(stream.told[kSignals] + stream.told[kSilent] + stream.told[kSettling], recorded);
    n_silent += stream.told[kSilent];
  }
  EXPECT_GT(n_silent, 0U) << "no window is silent: the test shows less than it could";
}

TEST(Collector, RipplesAreAsTheReferenceFindsThem) {
  const RippleSpec ripple{.factor = 2, .shortest_bins = 2, .longest_bins = 3};
  const ModelSpec spec = remembering(0, kSteps, {.ripple = ripple, .embedding = {.settle = 2}});
  const reference::SignalSetup setup{.n_neurons = kNeurons,
                                     .n_steps = kSteps,
                                     .settle = 2,
                                     .factor = 2,
                                     .shortest_bins = 2,
                                     .longest_bins = 3};
  const auto [spans, bursts] = reference::ripples_of(train_of_B(kSteps), setup);
  const auto expected = reference::signals_of(train_of_B(kSteps), setup, spans);
  ASSERT_GT(expected.size(), 3U);
  const Told found = told(spec, 3);
  expect_signals(found.signals, expected);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_EQ(found.signals[k].kind, SignalKind::ripple);
    EXPECT_DOUBLE_EQ(found.signals[k].burst, bursts[k + spans.size() - expected.size()]);
  }
}

TEST(Collector, ARateCanBeTheThreshold) {
  // In a bin of 50 steps of 0.1 ms 20 neurons fire 60 Hz where they have 6 spikes.
  const auto ripples_above = [](double rate_Hz) {
    const RippleSpec ripple{.rate_Hz = rate_Hz, .shortest_bins = 1, .longest_bins = 1};
    return told(remembering(0, kSteps, {.ripple = ripple, .embedding = {.settle = 1}}), 1).signals;
  };
  std::size_t expected = 0;
  for (std::uint64_t begin = 0; begin + 50 <= kSteps; begin += 50) {
    std::uint64_t n = 0;
    for (std::uint64_t step = begin + 1; step <= begin + 50; ++step)
      for (const std::uint32_t id : ids_of(step)) n += id >= kOthers ? 1 : 0;
    expected += n > 6 ? 1 : 0;
  }
  const auto found = ripples_above(60);
  EXPECT_EQ(found.size() + 1, expected) << "the first teaches mean and deviation";
  for (const Signal& signal : found) EXPECT_DOUBLE_EQ(signal.burst, static_cast<double>(signal.n_spikes) / 6);
  EXPECT_TRUE(ripples_above(1e6).empty());
}

TEST(Collector, CutsAndBlocksChangeNothing) {
  MemorySpec memory{.window_steps = 230, .embedding = {.settle = 3}};
  memory.populations = {{0, "aaa"}, {2, "bbb"}};
  memory.ripple = RippleSpec{.factor = 2, .shortest_bins = 2};
  const ModelSpec spec = remembering(300, kSteps - 300, memory);
  const Told whole = told(spec, 1);
  ASSERT_GT(whole.signals.size(), 50U);
  std::mt19937_64 random(5);
  for (int k = 0; k < 20; ++k) {
    std::vector<std::uint64_t> cuts;
    for (std::uint64_t at = 1 + random() % 900; at < kSteps; at += 1 + random() % 900) cuts.push_back(at);
    const Told cut = told(spec, random(), cuts);
    EXPECT_EQ(cut.state, whole.state) << k;
    EXPECT_EQ(cut.signals.size(), whole.signals.size());
  }
}

TEST(Collector, TheDigestIsOfAllThatASignalSays) {
  Sha256 hash;
  const Signal signal{.number = 3, .begin_step = 1, .end_step = 2, .embedding = {0.6F, 0.8F}, .n_spikes = 4};
  const Sha256::Digest digest = chained(hash, {}, signal);
  EXPECT_EQ(chained(hash, {}, signal), digest);
  EXPECT_NE(chained(hash, digest, signal), digest);
  const auto differs = [&](auto change) {
    Signal other = signal;
    change(other);
    return chained(hash, {}, other) != digest;
  };
  EXPECT_TRUE(differs([](Signal& s) { s.kind = SignalKind::ripple; }));
  EXPECT_TRUE(differs([](Signal& s) { s.stream = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.number = 4; }));
  EXPECT_TRUE(differs([](Signal& s) { s.begin_step = 0; }));
  EXPECT_TRUE(differs([](Signal& s) { s.end_step = 3; }));
  EXPECT_TRUE(differs([](Signal& s) { s.item = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.label = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.embedding[1] = -0.8F; }));
  EXPECT_TRUE(differs([](Signal& s) { s.embedding.pop_back(); }));
  EXPECT_TRUE(differs([](Signal& s) { s.n_spikes = 5; }));
  EXPECT_TRUE(differs([](Signal& s) { s.mean_rate_Hz = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.synchrony = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.burst = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.weight_change = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.eligibility = 1; }));
  EXPECT_TRUE(differs([](Signal& s) { s.levels.acetylcholine = 1; }));
}

TEST(Collector, AStateOfAnotherPopulationIsRefused) {
  const TrainEngine engine;
  const ModelSpec spec = remembering(0, kSteps, {.window_steps = 100});
  SignalState state = SignalCollector(spec, engine, nullptr, [](Signal&&) {}).state();
  const auto refused = [&](const SignalState& other) {
    try {
      const SignalCollector collector(spec, engine, &other, [](Signal&&) {});
    } catch (const Error& error) {
      return error.code() == ExitCode::damaged_data;
    }
    return false;
  };
  EXPECT_FALSE(refused(state));
  SignalState other = state;
  other.streams[0].population = "A";
  EXPECT_TRUE(refused(other));
  other = state;
  other.streams[0].window_mean.pop_back();
  EXPECT_TRUE(refused(other));
  other = state;
  other.changes.push_back(1);
  EXPECT_TRUE(refused(other));
  other = state;
  other.streams.push_back(other.streams[0]);
  EXPECT_TRUE(refused(other));
}

TEST(SignalState, ListsThatCannotBeAreFound) {
  const Told whole = told(remembering(0, kSteps, {.window_steps = 230, .ripple = RippleSpec{}}), 1, {7'010});
  const auto fault = [&](auto change) {
    SignalState state = whole.state;
    state.streams[0].window = {10, 1, 2, 3, 0, 0};
    state.streams[0].window_counts.assign(kNeurons, 0);
    change(state);
    const auto found = find_fault(state);
    return found ? found->column : std::string("none");
  };
  EXPECT_EQ(fault([](SignalState&) {}), "none");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].told.pop_back(); }), "streams/0/told");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window.pop_back(); }), "streams/0/window");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window[2] = ~0ULL; }), "streams/0/window");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_counts.pop_back(); }), "streams/0/window_counts");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_bin = {3, 3}; }), "streams/0/window_bin");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_bin = {kNeurons}; }), "streams/0/window_bin");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_mean[0] = -1; }), "streams/0/window_mean");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_squares[0] = NAN; }), "streams/0/window_squares");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].window_squares.pop_back(); }),
            "streams/0/window_squares");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].bins.pop_back(); }), "streams/0/bins");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].bin_indices = {kNeurons}; }), "streams/0/bin_indices");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].ripple = {1}; }), "streams/0/ripple");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].ripple_peak = {1}; }), "streams/0/ripple_peak");
  EXPECT_EQ(fault([](SignalState& s) { s.streams[0].ripple_mean.pop_back(); }), "streams/0/ripple_mean");
  EXPECT_EQ(fault([](SignalState& s) { s.answer_due = {3}; }), "answer_due");
  const auto answers = [](SignalState& s) {
    s.answer_due = {3, 5};
    s.answer_novelty = {0.5, 1};
    s.answer_patterns = {2, 0};
    s.patterns = {1, 2};
  };
  EXPECT_EQ(fault(answers), "none");
  const auto with_answers = [&](auto change) {
    return fault([&](SignalState& s) {
      answers(s);
      change(s);
    });
  };
  EXPECT_EQ(with_answers([](SignalState& s) { s.answer_due = {5, 3}; }), "answer_due");
  EXPECT_EQ(with_answers([](SignalState& s) { s.answer_novelty[0] = INFINITY; }), "answer_novelty");
  EXPECT_EQ(with_answers([](SignalState& s) { s.answer_patterns = {~0ULL, 3}; }), "patterns");
  EXPECT_EQ(with_answers([](SignalState& s) { s.patterns[1] = NAN; }), "patterns");
  EXPECT_EQ(with_answers([](SignalState& s) { s.to_replay = {NAN}; }), "to_replay");
}

}  // namespace
}  // namespace sharpwave::testing
