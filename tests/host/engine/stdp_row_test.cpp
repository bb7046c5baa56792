// CpuKernels::stdp_row against StdpSynapse, one synapse after the other, for every instruction set.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/engine/plasticity.hpp"
#include "kernels/fixed_point.hpp"
#include "tests/host/engine/every_isa.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint32_t kElements = 40;
constexpr std::uint32_t kLongestRow = 70;  // every remainder of whole vectors, and several of these

class StdpRow : public EveryIsa {};

INSTANTIATE_TEST_SUITE_P(Isa, StdpRow, ::testing::Values(&kCpuKernelsAvx2, &kCpuKernelsAvx512),
                         [](const auto& isa) { return std::string(isa.param->name); });

struct Rule {
  DecayRate plus_rate = DecayRate::of(1.0 / 20), minus_rate = DecayRate::of(1.0 / 30);
  std::vector<float> plus, minus;
  StdpConstants constants;

  Rule(StdpPairing pairing, bool axonal, float mu_plus, float mu_minus, std::size_t table)
      : plus(decay_values(plus_rate, table)), minus(decay_values(minus_rate, table + 7)) {
    constants = {.pairing = pairing,
                 .axonal = axonal,
                 .plus = 0.3f,
                 .minus = 0.2f,
                 .mu_plus = mu_plus,
                 .mu_minus = mu_minus,
                 .w_min = 0.25f,
                 .w_max = 8,
                 .decay_plus = {plus.data(), static_cast<std::int64_t>(plus.size()), plus_rate},
                 .decay_minus = {minus.data(), static_cast<std::int64_t>(minus.size()), minus_rate},
                 .learning = {&kNeverFired, 1}};
  }
};

template <class Visit>
void for_each_rule(const Visit& visit) {
  for (const StdpPairing pairing : {StdpPairing::all_to_all, StdpPairing::symmetric})
    for (const bool axonal : {false, true})
      for (const auto& [mu_plus, power_law] :
           {std::pair{0.0f, false}, {1.0f, false}, {0.4f, false}, {0.4f, true}, {1.0f, true}})
        for (const float mu_minus : {0.0f, 1.0f})
          for (const std::size_t table : {30u, 560u}) {
            Rule rule(pairing, axonal, mu_plus, mu_minus, table);
            rule.constants.power_law = power_law;
            ASSERT_TRUE(takes_rows(rule.constants));
            SCOPED_TRACE("pairing " + std::to_string(static_cast<int>(pairing)) +
                         (axonal ? ", axonal" : ", dendritic") + (power_law ? ", power law" : "") + ", mu " +
                         std::to_string(mu_plus) + " " + std::to_string(mu_minus) + ", tables of " +
                         std::to_string(table));
            visit(rule.constants);
            if (::testing::Test::HasFatalFailure()) return;
          }
}

/// Targets that fire with a probability in each step from `begin` to `end`.
void fire(PostHistory& posts, const StdpConstants& c, std::int64_t begin, std::int64_t end,
          double probability, std::mt19937& random) {
  std::bernoulli_distribution fires(probability);
  for (std::int64_t step = begin; step < end; ++step) {
    posts.set_now(step);
    for (std::uint32_t element = 1; element < kElements; ++element)  // the first has never fired
      if (fires(random)) posts.add(c, element, step, 1.0f);
  }
}

std::int64_t draw(std::mt19937& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution(low, high)(random);
}

/// A spike of a source as it may be found some steps before `now`.
PreSpike random_spike(const StdpConstants& c, std::int64_t now, std::mt19937& random) {
  PreSpike pre{.origin = c.axonal ? now : now - draw(random, 0, 40)};
  const std::int64_t kind = draw(random, 0, 15);
  if (kind == 0) return pre;
  if (kind == 1) {  // once more in its step
    pre.last = pre.origin;
    return pre;
  }
  pre.last = pre.origin - draw(random, 1, kind < 4 ? 5 : 100);
  pre.n_at_last = kind == 2 ? 2 : 1;
  if (kind == 3) return pre;
  pre.before_last = pre.last - draw(random, 1, 100);
  if (kind == 4) pre.since = draw(random, pre.last, pre.origin);
  if (kind == 5) {  // silent for longer than any clock, brought up to date lately
    pre.since = draw(random, pre.last, pre.origin);
    pre.last -= 1 << 17;
    pre.before_last = kNeverFired;
    return pre;
  }
  pre.trace_at_last = static_cast<float>(draw(random, 1, 1000)) / 500.0f;
  return pre;
}

struct Row {
  std::vector<std::uint16_t> elements;
  std::vector<float> weights;
};

Row random_row(const StdpConstants& c, std::uint32_t n, std::mt19937& random) {
  Row row;
  for (std::uint32_t i = 0; i < n; ++i) {
    row.elements.push_back(static_cast<std::uint16_t>(draw(random, 0, kElements - 1)));  // many twice
    // Half-way between grid values, too, and at the bounds.
    row.weights.push_back(draw(random, 0, 1) == 0 ? static_cast<float>(draw(random, 1, 32)) / 4.0f
                                                  : static_cast<float>(draw(random, 300, 7900)) / 1000.0f);
    if (draw(random, 0, 9) == 0) row.weights.back() = draw(random, 0, 1) == 0 ? c.w_min : c.w_max;
  }
  return row;
}

struct Outcome {
  std::vector<std::uint32_t> weights;  ///< their bits
  std::vector<std::int64_t> delivered;
  StdpCounts counts;
  bool operator==(const Outcome&) const = default;
};

template <class Acc>
Outcome outcome_of(const std::vector<float>& weights, const std::vector<Acc>& acc, const StdpCounts& counts) {
  Outcome outcome{.weights = {}, .delivered = {acc.begin(), acc.end()}, .counts = counts};
  for (const float w : weights) outcome.weights.push_back(std::bit_cast<std::uint32_t>(w));
  return outcome;
}

template <class Acc>
void deliver_one(const StdpConstants& c, const PostHistory& posts, const PreSpike& pre, double units,
                 std::uint16_t element, float& w, std::vector<Acc>& acc, StdpCounts& counts) {
  const PostHistory::OfNeuron of_neuron(posts, element);
  float none = 0;
  w = StdpSynapse(c, of_neuron).on_pre(pre, w, none, counts);
  acc[element] += static_cast<Acc>(round_to_even(static_cast<double>(w) * units));
}

template <class Acc>
Outcome one_by_one(const StdpConstants& c, const PostHistory& posts, const PreSpike& pre, double units,
                   Row row) {
  std::vector<Acc> acc(kElements, 3);
  StdpCounts counts;
  for (std::size_t i = 0; i < row.elements.size(); ++i)
    deliver_one(c, posts, pre, units, row.elements[i], row.weights[i], acc, counts);
  return outcome_of(row.weights, acc, counts);
}

/// @param find    what they find of the targets' traces is found for all targets before.
/// @param n_left  grows by those that the kernel left alone.
template <class Acc>
Outcome as_row(const CpuKernels& kernels, const StdpConstants& c, PostHistory& posts, const PreSpike& pre,
               double units, Row row, bool find, std::uint64_t& n_left) {
  const std::size_t n = row.elements.size();
  constexpr std::uint16_t kBehindElement = 0xffff;
  constexpr float kBehindWeight = 123.0f;
  row.elements.push_back(kBehindElement);
  row.weights.push_back(kBehindWeight);
  std::vector<Acc> acc(kElements, 3);
  std::vector<std::uint32_t> left(n + 1);
  StdpCounts counts;
  const std::optional<StdpRowArguments> given = stdp_row_arguments(c, pre, posts.epoch());
  if (!given) {
    ADD_FAILURE() << "the row looks back beyond the clock";
    return {};
  }
  StdpRowArguments a = *given;
  a.units_per_weight = units;
  a.elements = row.elements.data();
  a.weights = row.weights.data();
  a.n = static_cast<std::uint32_t>(n);
  a.next_elements = row.elements.data();
  a.next_weights = row.weights.data();
  a.spikes = posts.recent();
  if (find)
    posts.find_traces(kernels, c, pre.origin, 0, kElements);
  else
    a.traces = posts.recent_traces();
  if constexpr (sizeof(Acc) == 4)
    a.narrow = acc.data();
  else
    a.wide = acc.data();
  a.left = left.data();
  a.counts = &counts;
  left.resize(kernels.stdp_row(a));
  n_left += left.size();
  EXPECT_EQ(row.weights.back(), kBehindWeight);
  row.weights.pop_back();
  for (const std::uint32_t i : left)
    deliver_one(c, posts, pre, units, row.elements[i], row.weights[i], acc, counts);
  return outcome_of(row.weights, acc, counts);
}

void expect_same(const Outcome& seen, const Outcome& expected) {
  ASSERT_EQ(seen.weights, expected.weights);
  ASSERT_EQ(seen.delivered, expected.delivered);
  ASSERT_EQ(seen.counts.updates, expected.counts.updates);
  ASSERT_EQ(seen.counts.potentiations, expected.counts.potentiations);
  ASSERT_EQ(seen.counts.depressions, expected.counts.depressions);
  ASSERT_EQ(seen.counts.raised, expected.counts.raised);
  ASSERT_EQ(seen.counts.lowered, expected.counts.lowered);
  ASSERT_EQ(seen.counts.steps_plus, expected.counts.steps_plus);
  ASSERT_EQ(seen.counts.steps_minus, expected.counts.steps_minus);
}

/// Rows of every length that spikes reach at `now`.
void compare_rows(const CpuKernels& kernels, const StdpConstants& c, PostHistory& posts, std::int64_t now,
                  std::mt19937& random, StdpCounts& all, std::uint64_t& n_left) {
  for (std::uint32_t n = 0; n <= kLongestRow; ++n) {
    const PreSpike pre = random_spike(c, now, random);
    const Row row = random_row(c, n, random);
    SCOPED_TRACE("row of " + std::to_string(n) + ", origin at " + std::to_string(pre.origin) + ", last " +
                 std::to_string(pre.last));
    const double units = n % 2 == 0 ? 1.0 : -0x1p20;
    const Outcome narrow = one_by_one<std::int32_t>(c, posts, pre, units, row);
    for (const bool find : {false, true})
      expect_same(as_row<std::int32_t>(kernels, c, posts, pre, units, row, find, n_left), narrow);
    const double fine = units * 0x1p33;
    const Outcome wide = one_by_one<std::int64_t>(c, posts, pre, fine, row);
    for (const bool find : {false, true})
      expect_same(as_row<std::int64_t>(kernels, c, posts, pre, fine, row, find, n_left), wide);
    if (::testing::Test::HasFatalFailure()) return;
    all.updates += 2 * (narrow.counts.updates + wide.counts.updates);
    all.potentiations += 2 * (narrow.counts.potentiations + wide.counts.potentiations);
    all.depressions += 2 * (narrow.counts.depressions + wide.counts.depressions);
  }
}

TEST_P(StdpRow, DoesWhatEachSynapseDoes) {
  std::mt19937 random(29);
  for (const double probability : {0.003, 0.03, 0.5}) {  // seldom, in bursts, and in most steps
    StdpCounts all;
    std::uint64_t n_left = 0;
    for_each_rule([&](const StdpConstants& c) {
      for (const std::int64_t begin : {std::int64_t{-777}, std::int64_t{1}, std::int64_t{1} << 40}) {
        PostHistory posts(kElements);
        posts.clear(begin);
        fire(posts, c, begin, begin + 500, probability, random);
        ASSERT_NO_FATAL_FAILURE(compare_rows(*GetParam(), c, posts, begin + 500, random, all, n_left));
      }
    });
    if (HasFatalFailure()) return;
    EXPECT_GT(all.potentiations, all.updates / 20);
    EXPECT_GT(all.depressions, all.updates / 20);
    // The first element of all, at least, has no spikes to be in doubt about.
    EXPECT_LT(static_cast<double>(n_left) / static_cast<double>(all.updates),
              probability < 0.01 ? 0.01 : (probability < 0.1 ? 0.35 : 0.98));
    if (probability > 0.01) {
      EXPECT_GT(n_left, 0u);
    }
  }
}

TEST_P(StdpRow, KeepsTimeForLongerThanItsClockRuns) {
  std::mt19937 random(31);
  for_each_rule([&](const StdpConstants& c) {
    PostHistory posts(kElements);
    StdpCounts all;
    std::uint64_t n_left = 0;
    std::int64_t begin = -300;
    for (int k = 0; k < 40; ++k) {  // often just before the clock of 16 bits is set back, or just behind
      fire(posts, c, begin, begin + 300, 0.02, random);
      ASSERT_NO_FATAL_FAILURE(compare_rows(*GetParam(), c, posts, begin + 300, random, all, n_left));
      const std::int64_t next = begin + draw(random, 300, 20000);
      for (; begin < next; begin += 100) {
        posts.forget_before(begin - 1500);
        posts.set_now(begin);
      }
    }
  });
}

TEST_P(StdpRow, LeavesWhatIsBeforeItsClockAlone) {
  const Rule rule(StdpPairing::all_to_all, false, 0, 0, 100000);
  PostHistory posts(kElements);
  posts.clear(0);
  const std::int64_t begin = posts.epoch();
  PreSpike pre{.origin = 10, .last = begin - 1};
  EXPECT_FALSE(stdp_row_arguments(rule.constants, pre, begin));
  pre.last = begin;
  EXPECT_TRUE(stdp_row_arguments(rule.constants, pre, begin));
  // A spike before it, of whose trace something is left, cannot be told.
  posts.put(1, {.step = begin, .trace = 1.5f});
  posts.put(2, {.step = begin + 1, .trace = 1.5f});
  posts.find_traces(*GetParam(), rule.constants, pre.origin, 0, 4);
  EXPECT_EQ(posts.recent()[0].found, 0.0f);
  EXPECT_LT(posts.recent()[1].found, 0.0f);
  EXPECT_EQ(posts.recent()[2].found, 1.5f * rule.constants.decay_minus.after(pre.origin - begin - 1));
}

TEST_P(StdpRow, CountsLongRowsInFull) {
  std::mt19937 random(37);
  const Rule rule(StdpPairing::all_to_all, false, 0, 0, std::size_t{1} << 22);
  // Traces that never fade, so that each spike counts with its whole time.
  std::vector<float> lasting(std::size_t{1} << 22, 1.0f);
  StdpConstants c = rule.constants;
  c.decay_plus = {lasting.data(), 1 << 22, DecayRate{}};
  c.decay_minus = c.decay_plus;
  ASSERT_TRUE(takes_rows(c));
  PostHistory posts(kElements);
  const std::int64_t begin = posts.epoch();
  const std::int64_t end = begin + UINT16_MAX;
  for (std::uint32_t element = 0; element < kElements; ++element)
    for (const std::int64_t step : {begin + 1000, end - 4, end - 3, end - 2, end - 1})
      if (step > begin + 1000 || element % 2 == 0) posts.add(c, element, step, 1.0f);
  Row row{.elements = {}, .weights = std::vector<float>(65000, 0.25f)};
  for (std::uint32_t i = 0; i < row.weights.size(); ++i)
    row.elements.push_back(static_cast<std::uint16_t>(i % kElements));
  std::uint64_t n_left = 0;
  for (const std::int64_t origin : {end, begin + 1001}) {
    const PreSpike pre{.origin = origin, .last = end - (1 << 22) + 1, .since = begin, .trace_at_last = 0};
    const Outcome expected = one_by_one<std::int64_t>(c, posts, pre, 1, row);
    for (const bool find : {false, true})
      expect_same(as_row<std::int64_t>(*GetParam(), c, posts, pre, 1, row, find, n_left), expected);
  }
}

TEST(StdpTables, EndBeforeTheirValuesDo) {
  for (const double steps_per_tau : {0.05, 0.0125, 0.01, 1e-6, 1e-300}) {
    const StdpTables tables({.tau_plus_ms = steps_per_tau, .tau_minus_ms = 1}, 1);
    const DecayTable& table = tables.constants().decay_plus;
    EXPECT_EQ(table.after(0), 1.0f);
    for (std::int64_t k = 1; k < 5; ++k)
      EXPECT_NEAR(table.after(k), std::exp(-static_cast<double>(k) / steps_per_tau), 1e-7) << steps_per_tau;
  }
}

TEST(TakesRows, OfRulesWithoutPowersOfDepressionAndOfPairsThatNeedNoNeighbours) {
  const Rule rule(StdpPairing::symmetric, false, 0, 1, 10);
  EXPECT_TRUE(takes_rows(rule.constants));
  for (const StdpPairing pairing : {StdpPairing::presynaptic, StdpPairing::restricted}) {
    StdpConstants c = rule.constants;
    c.pairing = pairing;
    EXPECT_FALSE(takes_rows(c));
  }
  StdpConstants c = rule.constants;
  c.mu_minus = 0.4f;
  EXPECT_FALSE(takes_rows(c));
  c = rule.constants;
  c.minus = -0.1f;  // weights would need an upper bound there, too
  EXPECT_FALSE(takes_rows(c));
  c = rule.constants;
  c.decay_minus.size = (1 << 22) + 1;
  EXPECT_FALSE(takes_rows(c));
}

}  // namespace
}  // namespace sharpwave::testing
