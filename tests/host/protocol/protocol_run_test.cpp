#include "host/protocol/protocol_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "host/base/error.hpp"
#include "tests/host/protocol/trained_network.hpp"

namespace sharpwave::testing {
namespace {

/// A protocol whose population of two neurons fires what `fires` says of each step: how often neuron 0, and
/// how often neuron 1.
class Played {
 public:
  using Fires = std::function<std::array<int, 2>(std::uint64_t step, const Presented& now)>;
  explicit Played(const ModelSpec& spec) : spec_(spec), run_(spec) {}

  /// In blocks of up to `block` steps, through a state each time where `resumes` says so.
  void play(const Fires& fires, std::uint64_t block, bool resumes) {
    while (!run_.is_over()) {
      if (const auto due = run_.due(step_)) presented.push_back(*due);
      const std::uint64_t n = std::min(block, run_.steps_left(step_));
      ASSERT_GT(n, 0U);
      Block out{.first_step = step_ + 1, .n_steps = n, .offsets = {0}};
      for (std::uint64_t i = 0; i < n; ++i) {
        const auto counts = fires(++step_, presented.back());
        for (std::uint32_t neuron = 0; neuron < 2; ++neuron)
          out.ids.insert(out.ids.end(), static_cast<std::size_t>(counts[neuron]), neuron);
        out.offsets.push_back(out.ids.size());
      }
      if (auto trial = run_.take(out)) trials.push_back(*trial);
      if (resumes) {
        const ProtocolState state = run_.state();
        ASSERT_FALSE(find_fault(state));
        ProtocolRun other(spec_, state, step_);
        EXPECT_EQ(other.state(), state);
        std::destroy_at(&run_);
        std::construct_at(&run_, spec_, state, step_);
      }
    }
  }

  std::vector<Presented> presented;
  std::vector<Trial> trials;
  [[nodiscard]] const ProtocolRun& run() const { return run_; }
  [[nodiscard]] std::uint64_t step() const { return step_; }

 private:
  const ModelSpec& spec_;
  ProtocolRun run_;
  std::uint64_t step_ = 0;
};

/// Neuron 0 answers to even items, neuron 1 to odd ones, but for item 5, which it takes for even. Item 2 is
/// answered only at its third presentation.
std::array<int, 2> answers(std::uint64_t, const Presented& now) {
  if (now.stimulus == Presented::kNothing) return {1, 1};  // does not count
  if (now.item == 2 && now.gain < 2) return {0, 0};
  const bool is_even = now.item % 2 == 0 || now.item == 5;
  return is_even ? std::array{1, 0} : std::array{0, 1};
}

ModelSpec two_neurons() {
  return trained_network(400, 2);
}

TEST(ProtocolRun, PresentsRestsRepeatsLabelsAndTests) {
  const ModelSpec spec = two_neurons();
  Played played(spec);
  played.play(answers, 1000, false);
  const std::vector<PhaseResult> results = played.run().results();
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].trials, 8U);
  EXPECT_EQ(results[0].repeats, 4U) << "two of item 2 in each epoch";
  EXPECT_EQ(results[1].trials, 1U);
  EXPECT_EQ(results[2].repeats, 2U);
  EXPECT_EQ(results[3].trials, 2U);
  EXPECT_EQ(results[3].correct, 1U);
  EXPECT_EQ(results[3].confusion, (std::vector<std::vector<std::uint64_t>>{{1, 0, 0}, {1, 0, 0}}));
  EXPECT_EQ(played.step(), (8U + 4 + 4 + 2 + 2) * 60 + 30);

  ASSERT_EQ(played.trials.size(), 15U);
  const Trial& third = played.trials[11];  // of the labelling
  EXPECT_EQ(third.phase, 2U);
  EXPECT_EQ(third.item, 2U);
  EXPECT_EQ(third.attempts, 3U);
  EXPECT_EQ(third.gain, 2);
  EXPECT_EQ(third.spikes, 40U) << "those of the rest and of the attempts before do not count";
  EXPECT_EQ(third.counts, (std::vector<std::uint32_t>{40, 0}));
  EXPECT_TRUE(played.trials[0].counts.empty()) << "kept only where somebody asks";
  EXPECT_EQ(played.trials[8].item, kNoClass) << "nothing is presented";
  EXPECT_EQ(played.trials[14].label, 1U);
  EXPECT_EQ(played.trials[14].told, 0U);
}

TEST(ProtocolRun, EveryEpochHasAllItemsInAnOrderOfItsOwn) {
  ModelSpec spec = two_neurons();
  ProtocolSpec protocol = *spec.protocol;
  protocol.phases.resize(1);
  protocol.phases[0].epochs = 20;
  spec.protocol = std::make_shared<const ProtocolSpec>(protocol);
  const auto orders = [&] {
    Played played(spec);
    played.play([](std::uint64_t, const Presented&) { return std::array{1, 1}; }, 1000, false);
    std::vector<std::vector<std::uint32_t>> result(20);
    for (std::size_t k = 0; k < played.trials.size(); ++k) result[k / 4].push_back(played.trials[k].item);
    return result;
  };
  const auto drawn = orders();
  EXPECT_EQ(orders(), drawn);
  for (std::vector<std::uint32_t> order : drawn) {
    std::ranges::sort(order);
    EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  }
  // 24 orders in 20 epochs: that no more than 3 occur has a probability below 24^3 / 6 (3 / 24)^20 < 1e-14.
  EXPECT_GT(std::set(drawn.begin(), drawn.end()).size(), 3U);
  ++spec.simulation.seed;
  EXPECT_NE(orders(), drawn);
}

TEST(ProtocolRun, BlocksAndResumesChangeNothing) {
  const ModelSpec spec = two_neurons();
  Played whole(spec);
  whole.play(answers, 1000, false);
  for (const std::uint64_t block : {1, 7, 1000}) {
    Played other(spec);
    other.play(answers, block, true);
    EXPECT_EQ(other.trials, whole.trials);
    EXPECT_EQ(other.presented, whole.presented);
    EXPECT_EQ(other.run().results(), whole.run().results());
  }
}

// Step by step, from the words of the documentation; it keeps everything.
std::vector<Trial> reference(const ModelSpec& spec, const Played::Fires& fires) {
  const ProtocolSpec& protocol = *spec.protocol;
  std::vector<Trial> trials;
  std::map<std::uint32_t, std::vector<std::vector<double>>> labelled;  // class -> counts of its trials
  std::uint64_t step = 0;
  for (std::uint32_t p = 0; p < protocol.phases.size(); ++p) {
    const PhaseSpec& phase = protocol.phases[p];
    if (phase.is_to_label) labelled.clear();
    for (std::uint64_t t = 0; t < phase.n_trials(); ++t) {
      Trial trial{.phase = p, .attempts = 0};
      if (phase.stimulus) trial.item = phase.items[t % phase.items.size()];
      if (phase.stimulus) trial.label = protocol.stimuli[0].labels[trial.item];
      std::vector<std::uint32_t> counts;
      do {
        trial.gain = 1 + trial.attempts * phase.repeat.gain_step;
        ++trial.attempts;
        trial.first_step = step + 1;
        counts.assign(2, 0);
        Presented now{.gain = trial.gain};
        if (phase.stimulus) now.stimulus = 0;
        if (phase.stimulus) now.item = trial.item;
        for (std::uint64_t i = 0; i < phase.duration_steps; ++i) {
          const auto fired = fires(++step, now);
          for (int n = 0; n < 2 && phase.responses; ++n)
            counts[static_cast<std::size_t>(n)] +=
                static_cast<std::uint32_t>(fired[static_cast<std::size_t>(n)]);
        }
        for (std::uint64_t i = 0; i < phase.rest_steps; ++i) fires(++step, Presented());
        trial.spikes = counts[0] + counts[1];
      } while (trial.spikes < phase.repeat.below && trial.attempts < phase.repeat.most_times);
      if (phase.keeps_responses()) trial.counts = counts;
      if (phase.is_to_label) labelled[trial.label].push_back({double(counts[0]), double(counts[1])});
      if (phase.is_to_test) {
        std::map<std::uint32_t, std::vector<double>> of_class;
        for (std::size_t n = 0; n < 2; ++n) {
          double best = 0;
          std::uint32_t stands_for = kNoClass;
          for (const auto& [label, all] : labelled) {
            double sum = 0;
            for (const auto& one : all) sum += one[n];
            if (sum / double(all.size()) > best) stands_for = label;
            best = std::max(best, sum / double(all.size()));
          }
          if (stands_for != kNoClass) of_class[stands_for].push_back(counts[n]);
        }
        double best = 0;
        for (const auto& [label, all] : of_class) {
          double sum = 0;
          for (const double one : all) sum += one;
          if (sum / double(all.size()) > best) trial.told = label;
          best = std::max(best, sum / double(all.size()));
        }
      }
      trials.push_back(trial);
    }
  }
  return trials;
}

TEST(ProtocolRun, IsAsTheReferenceOverRandomResponses) {
  ModelSpec spec = two_neurons();
  ProtocolSpec protocol = *spec.protocol;
  protocol.phases[0].is_shuffled = false;
  spec.protocol = std::make_shared<const ProtocolSpec>(protocol);
  for (unsigned seed = 0; seed < 30; ++seed) {
    // A function of the step: both ask for each once.
    const Played::Fires fires = [&](std::uint64_t step, const Presented& now) {
      std::mt19937 random(seed * 100'003 + static_cast<unsigned>(step));
      const double share = now.stimulus == Presented::kNothing ? 0.5 : 0.1 * now.gain;
      return std::array{static_cast<int>(std::bernoulli_distribution(std::min(1.0, share))(random)),
                        static_cast<int>(std::bernoulli_distribution(0.5 * share)(random))};
    };
    Played played(spec);
    played.play(fires, 11, false);
    EXPECT_EQ(played.trials, reference(spec, fires)) << seed;
  }
}

TEST(ProtocolRun, RefusesAStateThatIsNotItsOwn) {
  const ModelSpec spec = two_neurons();
  ProtocolRun run(spec);
  const ProtocolState good = run.state();
  EXPECT_NO_THROW(ProtocolRun(spec, good, 59));
  const auto refuses = [&](auto change, std::uint64_t step) {
    ProtocolState state = good;
    change(state);
    EXPECT_THROW(ProtocolRun(spec, state, step), Error);
  };
  refuses([](ProtocolState&) {}, 60);
  refuses([](ProtocolState& s) { s.position.clear(); }, 0);
  refuses([](ProtocolState& s) { s = {}; }, 0);
  refuses([](ProtocolState& s) { s.position[0] = 5; }, 0);
  refuses([](ProtocolState& s) { s.position[1] = 8; }, 0);
  refuses([](ProtocolState& s) { s.position[2] = 4; }, 0);
  refuses([](ProtocolState& s) { s.position[3] = 1; }, 0);
  refuses([](ProtocolState& s) { s.position[0] = 2; }, 0);  // no counts, no responses
  refuses([](ProtocolState& s) { s.trials.pop_back(); }, 0);
  refuses([](ProtocolState& s) { s.confusion.pop_back(); }, 0);
  refuses([](ProtocolState& s) { s.counts = {1}; }, 0);
  refuses([](ProtocolState& s) { s.labelled = {1, 2, 3}; }, 0);
  refuses([](ProtocolState& s) { s.repeats[0] = ~std::uint64_t{0}; }, 0);
}

}  // namespace
}  // namespace sharpwave::testing
