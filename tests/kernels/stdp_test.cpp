#include "kernels/stdp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "tests/reference/stdp_reference.hpp"

namespace sharpwave {
namespace {

using reference::StdpSetup;

std::vector<float> decays(double dt_ms, double tau_ms, int size) {
  std::vector<float> values;
  for (int k = 0; k < size; ++k) values.push_back(static_cast<float>(std::exp(-k * dt_ms / tau_ms)));
  return values;
}

/// Of one neuron.
class Posts {
 public:
  void add(const StdpConstants& c, std::int64_t step) {
    PostSpike spike{.step = step, .trace = 1.0f, .rate = c.learning.includes(step) ? 1.0f : 0.0f};
    if (!spikes_.empty()) {
      spike.trace = post_trace(c, spikes_.back(), step);
      spike.slow = slow_post_trace(c, spikes_.back(), step);
    }
    spikes_.push_back(spike);
  }
  [[nodiscard]] const PostSpike* newest() const { return spikes_.empty() ? nullptr : &spikes_.back(); }
  [[nodiscard]] const PostSpike* before(const PostSpike* spike, std::int64_t step) const {
    return spike == spikes_.data() || (spike - 1)->step <= step ? nullptr : spike - 1;
  }

 private:
  std::vector<PostSpike> spikes_;
};

/// A synapse as an engine drives it: a spike reaches it with its delay, and what the target does in that step
/// comes after.
class Driven {
 public:
  explicit Driven(const StdpSetup& s, int table = 20000)
      : setup_(s),
        plus_(decays(s.dt_ms, s.tau_plus_ms, table)),
        minus_(decays(s.dt_ms, s.tau_minus_ms, table)),
        slow_plus_(decays(s.dt_ms, s.tau_slow_plus_ms, table)),
        slow_minus_(decays(s.dt_ms, s.tau_slow_minus_ms, table)),
        switches_(s.switches.begin(), s.switches.end()) {
    constants_ = {.pairing = static_cast<StdpPairing>(s.pairs),
                  .axonal = s.axonal,
                  .power_law = s.power_law,
                  .plus = static_cast<float>(s.power_law ? s.plus * std::pow(s.w_max, s.mu_plus) : s.plus),
                  .minus = static_cast<float>(s.minus),
                  .triplet_plus = static_cast<float>(s.triplet_plus),
                  .triplet_minus = static_cast<float>(s.triplet_minus),
                  .per_pre = static_cast<float>(s.per_pre),
                  .mu_plus = static_cast<float>(s.mu_plus),
                  .mu_minus = static_cast<float>(s.mu_minus),
                  .w_min = static_cast<float>(s.w_min),
                  .w_max = static_cast<float>(s.w_max),
                  .decay_plus = {plus_.data(), static_cast<std::int64_t>(plus_.size())},
                  .decay_minus = {minus_.data(), static_cast<std::int64_t>(minus_.size())},
                  .decay_slow_plus = {slow_plus_.data(), static_cast<std::int64_t>(slow_plus_.size())},
                  .decay_slow_minus = {slow_minus_.data(), static_cast<std::int64_t>(slow_minus_.size())},
                  .learning = {switches_.data(), static_cast<std::int64_t>(switches_.size())}};
  }

  /// The weight after each presynaptic spike.
  std::vector<double> weights(const std::vector<int>& pre, const std::vector<int>& post) {
    Posts posts;
    std::size_t next_post = 0;
    std::vector<double> result;
    PreSpike now;
    float w = static_cast<float>(setup_.initial);
    float trace = 0;
    StdpCounts counts;
    for (const int step : pre) {
      const int arrival = step + setup_.delay;
      for (; next_post < post.size() && post[next_post] < arrival; ++next_post)
        posts.add(constants_, post[next_post]);
      const std::int64_t origin = setup_.axonal ? step + setup_.delay : step - setup_.delay;
      const bool is_first = result.empty();
      const PreSpike last = now;
      now = {.origin = origin, .rate = constants_.learning.includes(step) ? 1.0f : 0.0f};
      if (!is_first)
        now = {.origin = origin,
               .last = last.origin,
               .before_last = last.last,
               .trace_at_last = pre_trace(constants_, last),
               .slow = slow_pre_trace(constants_, last.slow, 1, origin - last.origin),
               .rate = now.rate};
      const StdpSynapse synapse(constants_, posts);
      const float before = w;
      float looked_at_trace = trace;
      looked_at_ = synapse.at(now, w, looked_at_trace, counts);
      EXPECT_EQ(w, before);
      w = synapse.on_pre(now, w, trace, counts);
      if (setup_.minus >= 0) {
        EXPECT_LE(w, looked_at_) << "the spike itself has strengthened the synapse, at step " << step;
      }
      result.push_back(w);
    }
    return result;
  }

 private:
  StdpSetup setup_;
  std::vector<float> plus_, minus_, slow_plus_, slow_minus_;
  std::vector<std::int64_t> switches_;
  StdpConstants constants_;
  float looked_at_ = 0;
};

std::vector<int> random_train(std::mt19937& random, int steps, double probability) {
  std::bernoulli_distribution fires(probability);
  std::vector<int> train;
  for (int step = 1; step <= steps; ++step)
    if (fires(random)) train.push_back(step);
  return train;
}

constexpr reference::Pairs kPairs[] = {reference::Pairs::all_to_all, reference::Pairs::symmetric,
                                       reference::Pairs::presynaptic, reference::Pairs::restricted};

std::string describe(const StdpSetup& s) {
  return "pairs " + std::to_string(static_cast<int>(s.pairs)) + ", delay " + std::to_string(s.delay) +
         (s.axonal ? " axonal" : " dendritic") + ", mu " + std::to_string(s.mu_plus) + " " +
         std::to_string(s.mu_minus);
}

/// Morrison et al. 2007 in the units of NEST's stdp_pl_synapse_hom: lambda w^mu and alpha lambda w.
StdpSetup power_law(double lambda, double alpha, double mu) {
  const double w_max = 150;
  return {.plus = lambda,
          .minus = alpha * lambda * w_max,
          .mu_plus = mu,
          .mu_minus = 1,
          .power_law = true,
          .w_max = w_max,
          .initial = 45};
}

/// Every pairing, both readings of the delay, and the rules of how a change depends on the weight.
std::vector<StdpSetup> setups() {
  std::vector<StdpSetup> all;
  for (const reference::Pairs pairs : kPairs)
    for (const bool axonal : {false, true})
      for (const int delay : {1, 7, 30})
        for (const auto& [mu_plus, mu_minus] :
             {std::pair(0.0, 0.0), {1.0, 1.0}, {0.4, 0.4}, {0.0, 1.0}, {1.0, 0.3}})
          all.push_back({.pairs = pairs,
                         .delay = delay,
                         .axonal = axonal,
                         .tau_plus_ms = 16.8,
                         .tau_minus_ms = 33.7,
                         .plus = 0.15,
                         .minus = 0.85 * 0.15,
                         .mu_plus = mu_plus,
                         .mu_minus = mu_minus,
                         .w_max = 15,
                         .initial = 0.5});
  for (const reference::Pairs pairs : kPairs)
    for (const bool axonal : {false, true})
      for (const double mu : {0.0, 0.4, 1.0}) {
        StdpSetup setup = power_law(mu == 1.0 ? 0.02 : 0.1, mu == 1.0 ? 1 : 0.1, mu);
        setup.pairs = pairs;
        setup.delay = 7;
        setup.axonal = axonal;
        all.push_back(setup);
      }
  return all;
}

TEST(DecayRate, IsAsNearToTheExponentialAsItSays) {
  double largest = 0;
  for (const double dt_over_tau : {0.1 / 20, 0.1 / 33.7, 1.0 / 3, 0.01 / 1000, 2.0}) {
    const DecayRate rate = DecayRate::of(dt_over_tau);
    EXPECT_EQ(rate.after(0), 1.0f);
    const auto end = static_cast<std::int32_t>(28 / dt_over_tau) + 1;
    for (std::int32_t k = 0; k <= end; k += 1 + end / 100000) {
      const double exact = std::exp(-k * dt_over_tau);
      largest = std::max(largest, std::abs(static_cast<double>(rate.after(k)) / exact - 1));
    }
  }
  EXPECT_LT(largest, 2e-7);
  EXPECT_GT(largest, 1e-8) << "nothing was compared";
}

TEST(Stdp, FollowsThePairsOfRandomTrains) {
  std::mt19937 random(5);
  for (const StdpSetup& setup : setups())
    for (const double probability :
         {0.002, 0.05, 0.4}) {                           // rarely, at 500 Hz, and most often at the same time
      const int steps = probability > 0.1 ? 200 : 2000;  // the reference looks at all pairs
      const std::vector<int> pre = random_train(random, steps, probability);
      const std::vector<int> post = random_train(random, steps, probability);
      const std::vector<double> expected = reference::weights_of(setup, pre, post);
      const std::vector<double> seen = Driven(setup).weights(pre, post);
      ASSERT_EQ(seen.size(), expected.size());
      for (std::size_t i = 0; i < seen.size(); ++i)
        ASSERT_NEAR(seen[i], expected[i], 1e-4)
            << describe(setup) << ", spike " << i << ", p " << probability;
    }
}

// A source that is silent for long finds more spikes of its target than are looked at in one go.
TEST(Stdp, TakesManySpikesOfTheTargetInTheirOrder) {
  for (StdpSetup setup : setups()) {
    setup.plus = 0.05;
    std::vector<int> post;
    for (int step = 40; step < 1000; step += 7) post.push_back(step);
    const std::vector<int> pre = {10, 500, 1200, 1201};
    const std::vector<double> expected = reference::weights_of(setup, pre, post);
    const std::vector<double> seen = Driven(setup).weights(pre, post);
    for (std::size_t i = 0; i < seen.size(); ++i)
      ASSERT_NEAR(seen[i], expected[i], 2e-5 * setup.w_max / 15) << describe(setup);
  }
}

/// Triplets, of all spikes and of neighbours, and the rule of Vogels et al.
std::vector<StdpSetup> other_rules() {
  std::vector<StdpSetup> all;
  for (const bool axonal : {false, true})
    for (const int delay : {1, 30}) {
      StdpSetup setup{.delay = delay,
                      .axonal = axonal,
                      .tau_plus_ms = 16.8,
                      .tau_minus_ms = 33.7,
                      .plus = 0.02,
                      .minus = 0.06,
                      .w_max = 15,
                      .initial = 5,
                      .triplet_plus = 0.08,
                      .triplet_minus = 0.03};
      all.push_back(setup);
      setup.pairs = reference::Pairs::symmetric;
      all.push_back(setup);
      all.push_back({.delay = delay,
                     .axonal = axonal,
                     .plus = 0.1,
                     .minus = -0.1,
                     .w_min = 1,
                     .w_max = 15,
                     .initial = 5,
                     .per_pre = 0.05});
    }
  return all;
}

TEST(Stdp, FollowsTripletsAndAnyTwoSpikesOfRandomTrains) {
  std::mt19937 random(15);
  for (const StdpSetup& setup : other_rules())
    for (const double probability : {0.002, 0.05, 0.4}) {
      const int steps = probability > 0.1 ? 200 : 2000;
      const std::vector<int> pre = random_train(random, steps, probability);
      const std::vector<int> post = random_train(random, steps, probability);
      const std::vector<double> expected = reference::weights_of(setup, pre, post);
      const std::vector<double> seen = Driven(setup).weights(pre, post);
      ASSERT_EQ(seen.size(), expected.size());
      for (std::size_t i = 0; i < seen.size(); ++i)
        ASSERT_NEAR(seen[i], expected[i], 3e-4)
            << describe(setup) << ", spike " << i << ", p " << probability;
    }
}

// The published equations, with the constants of NEST's hpc_benchmark: a pair at 10 ms, and one at -10 ms.
TEST(Stdp, ThePowerLawGivesTheValuesOfItsEquations) {
  StdpSetup setup = power_law(0.1, 0.0513, 0.4);
  setup.axonal = true;
  setup.tau_plus_ms = 15;
  setup.tau_minus_ms = 30;
  const double w = 45;
  // The source's spikes act a step later; the last one, long after, only shows the weight. To a unit in the
  // last place of a float at 45.
  EXPECT_NEAR(Driven(setup).weights({999, 29000}, {1100}).back(),
              w + 0.1 * std::pow(w, 0.4) * std::exp(-10 / 15.0), 4e-6);
  EXPECT_NEAR(Driven(setup).weights({1099}, {1000}).back(), w - 0.0513 * 0.1 * w * std::exp(-10 / 30.0),
              4e-6);
}

/// The equations of NEST's stdp_synapse, with traces, from event to event: what a spike finds is what was
/// there before its time. Times are in steps, the delay is dendritic.
std::vector<double> weights_by_nests_equations(const StdpSetup& s, double lambda, double alpha,
                                               const std::vector<int>& pre, const std::vector<int>& post) {
  double w = s.initial;
  double K_plus = 0, K_minus = 0;
  std::vector<double> weights;
  const int last = std::max(pre.back(), post.back() + s.delay);
  for (int t = 0; t <= last; ++t) {
    K_plus *= std::exp(-s.dt_ms / s.tau_plus_ms);
    K_minus *= std::exp(-s.dt_ms / s.tau_minus_ms);
    const bool is_pre = std::ranges::binary_search(pre, t);
    const bool is_post = std::ranges::binary_search(post, t - s.delay);
    if (is_post) w += lambda * s.w_max * std::pow(1 - w / s.w_max, s.mu_plus) * K_plus;
    w = std::min(w, s.w_max);
    if (is_pre) w -= alpha * lambda * s.w_max * std::pow(w / s.w_max, s.mu_minus) * K_minus;
    w = std::max(w, 0.0);
    if (is_post) K_minus += 1;
    if (is_pre) K_plus += 1;
    if (is_pre) weights.push_back(w);
  }
  return weights;
}

/// A Poisson train of a second, and after it spikes in the orders and at the distances of NEST's test,
/// simultaneous ones among them.
std::vector<int> train_of_nests_test(std::mt19937& random, double rate_Hz, std::vector<double> last_ms) {
  std::vector<int> train = random_train(random, 9800, rate_Hz * 1e-4);
  for (const double time_ms : last_ms) train.push_back(static_cast<int>(std::lround(10 * time_ms)) + 9815);
  return train;
}

// The parameters of testsuite/pytests/test_stdp_synapse.py, with both of its delays, and exponents and rates
// besides its own. Of weights below 16 half an ulp is 2^-21; a change is at most a few times lambda w_max, of
// which factors and their product lose a few 2^-24.
TEST(Stdp, GivesTheValuesOfNestsEquations) {
  std::mt19937 random(18);
  for (const int delay : {10, 1})
    for (const auto& [mu_plus, mu_minus] :
         {std::pair(0.0, 0.0), {0.4, 0.4}, {1.0, 1.0}, {0.0, 1.0}, {1.0, 0.0}})
      for (const double pre_Hz : {5.0, 20.0, 100.0})
        for (const double post_Hz : {5.0, 20.0, 100.0}) {
          const double lambda = 0.01, alpha = 0.85;
          const StdpSetup setup{.delay = delay,
                                .tau_plus_ms = 16.8,
                                .tau_minus_ms = 33.7,
                                .plus = lambda * 15,
                                .minus = alpha * lambda * 15,
                                .mu_plus = mu_plus,
                                .mu_minus = mu_minus,
                                .w_max = 15,
                                .initial = 0.5};
          const std::vector<int> pre =
              train_of_nests_test(random, pre_Hz, {1, 5, 6, 7, 9, 11, 12, 13, 14.5, 16.1});
          const std::vector<int> post =
              train_of_nests_test(random, post_Hz, {2, 3, 4, 8, 9, 10, 12, 13.2, 15.1, 16.4});
          const std::vector<double> expected = weights_by_nests_equations(setup, lambda, alpha, pre, post);
          const std::vector<double> seen = Driven(setup, 9500).weights(pre, post);  // 28 x 33.7 ms
          ASSERT_EQ(seen.size(), expected.size());
          const double tolerance = static_cast<double>(pre.size() + post.size()) * 0x1.2p-21;
          for (std::size_t i = 0; i < seen.size(); ++i)
            ASSERT_NEAR(seen[i], expected[i], tolerance)
                << describe(setup) << ", spike " << i << ", " << pre_Hz << " and " << post_Hz << " Hz";
        }
}

// Pfister & Gerstner 2006: a triplet post-pre-post strengthens more than its pair pre-post alone; the
// published constants of visual cortex, all to all, in units of w_max.
TEST(Stdp, TripletsGiveTheValuesOfTheirEquations) {
  const StdpSetup setup{.delay = 1,
                        .axonal = true,
                        .dt_ms = 0.1,
                        .tau_plus_ms = 16.8,
                        .tau_minus_ms = 33.7,
                        .plus = 5e-10,
                        .minus = 7e-3,
                        .initial = 0.5,
                        .triplet_plus = 6.2e-3,
                        .triplet_minus = 2.3e-4};
  const auto change = [&](std::vector<int> pre, std::vector<int> post) {
    return Driven(setup).weights(pre, post).back() - 0.5;
  };
  // The source's spikes act a step later; the last one, long after, only shows the weight.
  const double r1 = std::exp(-10 / 16.8);
  const double o1 = std::exp(-5 / 33.7);
  const double o2 = std::exp(-15 / 125.0);
  EXPECT_NEAR(change({999, 29000}, {1100}), 5e-10 * r1, 1e-7);
  EXPECT_NEAR(change({999, 29000}, {950, 1100}), -7e-3 * o1 + (5e-10 + 6.2e-3 * o2) * r1, 1e-6);
  const double r2 = std::exp(-20 / 101.0);
  EXPECT_NEAR(change({799, 999}, {950}), 5e-10 * std::exp(-15 / 16.8) - (7e-3 + 2.3e-4 * r2) * o1, 1e-6);
}

// Vogels et al. 2011: dw = eta (x_post - 2 rho tau) at a spike of the source, eta x_pre at one of the target.
TEST(Stdp, TheInhibitoryRuleGivesTheValuesOfItsEquations) {
  const double eta = 0.01;
  const double alpha = 2 * 5 * 0.02;
  const StdpSetup setup{.delay = 1, .axonal = true, .plus = eta, .minus = -eta, .per_pre = eta * alpha};
  const auto change = [&](std::vector<int> pre, std::vector<int> post) {
    return Driven(setup).weights(pre, post).back() - 0.5;
  };
  const double x = std::exp(-10 / 20.0);
  EXPECT_NEAR(change({999}, {}), -eta * alpha, 1e-7);
  EXPECT_NEAR(change({1099}, {1000}), eta * (x - alpha), 1e-7) << "a spike of the target before";
  EXPECT_NEAR(change({999, 29000}, {1100}), eta * (x - 2 * alpha), 1e-7) << "and after";
}

TEST(Stdp, LearnsInItsWindowsOnly) {
  std::mt19937 random(16);
  for (StdpSetup setup : setups()) {
    setup.switches = {300, 700, 1200, 1300};
    setup.initial = 5;
    const std::vector<int> pre = random_train(random, 2000, 0.03);
    const std::vector<int> post = random_train(random, 2000, 0.03);
    const std::vector<double> expected = reference::weights_of(setup, pre, post);
    const std::vector<double> seen = Driven(setup).weights(pre, post);
    for (std::size_t i = 0; i < seen.size(); ++i)
      ASSERT_NEAR(seen[i], expected[i], 1e-4) << describe(setup) << ", spike " << i;
    setup.switches = {};
    for (const double w : Driven(setup).weights(pre, post)) ASSERT_EQ(w, 5) << describe(setup);
  }
}

TEST(Stdp, APairThatIsNotCausalNeverStrengthens) {
  std::mt19937 random(6);
  std::vector<StdpSetup> causal = setups();
  std::ranges::copy_if(other_rules(), std::back_inserter(causal),
                       [](const StdpSetup& setup) { return setup.minus >= 0; });
  for (StdpSetup setup : causal)
    for (const double probability : {0.01, 0.2}) {
      std::vector<int> pre = random_train(random, 400, probability);
      const std::vector<int> post = random_train(random, 400, probability);
      // Without a spike of the source before the last of the target there is no causal pair at all.
      for (int& step : pre) step += 400 + 2 * setup.delay;
      setup.initial = 10;
      double last = setup.initial;
      for (const double w : Driven(setup).weights(pre, post)) {
        EXPECT_LE(w, last) << describe(setup);
        last = w;
      }
    }
}

TEST(Stdp, WithoutDepressionNothingWeakensAndWithoutPotentiationNothingStrengthens) {
  std::mt19937 random(7);
  for (StdpSetup setup : setups()) {
    const std::vector<int> pre = random_train(random, 1000, 0.05);
    const std::vector<int> post = random_train(random, 1000, 0.05);
    setup.initial = 5;
    for (const bool weakens : {false, true}) {
      StdpSetup one = setup;
      (weakens ? one.plus : one.minus) = 0;
      double last = one.initial;
      for (const double w : Driven(one).weights(pre, post)) {
        EXPECT_LE(weakens ? w : last, weakens ? last : w) << describe(one);
        last = w;
      }
    }
  }
}

TEST(Stdp, SpikesAtOneTimeAreNoPair) {
  for (StdpSetup setup : setups()) {
    const std::vector<int> pre = {100, 4000, 9000};
    std::vector<int> post;
    for (const int step : pre) post.push_back(setup.axonal ? step + setup.delay : step - setup.delay);
    setup.tau_plus_ms = setup.tau_minus_ms = 1;  // of the others nothing is left
    for (const double w : Driven(setup).weights(pre, post)) EXPECT_EQ(w, setup.initial) << describe(setup);
  }
}

TEST(Stdp, StaysWithinItsBounds) {
  std::mt19937 random(8);
  for (StdpSetup setup : setups()) {
    setup.plus = setup.minus = 20;
    setup.w_min = 0.25;
    for (const double w :
         Driven(setup).weights(random_train(random, 1000, 0.1), random_train(random, 1000, 0.1))) {
      EXPECT_GE(w, 0.25f);
      EXPECT_LE(w, setup.w_max);
      EXPECT_FALSE(std::isnan(w));
    }
  }
}

// The memory's blocks: a pair at +10 ms and at -10 ms, and one outside the window.
TEST(Stdp, GivesTheGoldenValuesOfAWindow) {
  const StdpSetup setup{.pairs = reference::Pairs::symmetric,
                        .tau_plus_ms = 17,
                        .tau_minus_ms = 34,
                        .plus = 0.01,
                        .minus = 0.0105};
  const int in_window = 1001;  // 100 ms
  const auto change = [&](std::vector<int> pre, std::vector<int> post) {
    return Driven(setup, in_window).weights(pre, post).back() - 0.5;
  };
  // With a dendritic delay of a step the target's spike acts a step later; the last spike only shows the
  // weight.
  EXPECT_NEAR(change({1000, 30000}, {1099}), 0.005553, 1e-6);
  EXPECT_NEAR(change({1100}, {999}), -0.007825, 1e-6);
  EXPECT_NEAR(change({1000, 30000}, {1999}), 0.01 * std::exp(-100 / 17.0), 1e-7);
  EXPECT_EQ(change({1000, 30000}, {2000}), 0);
  EXPECT_EQ(change({2001}, {999}), 0);
}

}  // namespace
}  // namespace sharpwave
