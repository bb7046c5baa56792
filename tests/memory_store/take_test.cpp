#include "memory_store/take.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <latch>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "memory_store/by_hand.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/space_status.hpp"
#include "tests/memory_store/kept_space.hpp"

namespace sharpwave::memory {
namespace {

using testing::ids_of;
using testing::KeptSpace;
using testing::signal_of;
using Ids = std::vector<ItemId>;

constexpr float kNotFinite = std::numeric_limits<float>::quiet_NaN();

class TakeTest : public ::testing::Test {
 protected:
  Taken take(const ConsolidationSignal& signal) {
    return memory::take(*space_, parameters_, {&signal, 1}).at(0);
  }
  Taken take(std::vector<float> embedding) { return take(signal_of(std::move(embedding), ++n_)); }
  std::map<std::string, std::uint64_t> rejected() { return status_of(*space_).rejected; }

  KeptSpace space_;
  TakeParameters parameters_;
  std::uint64_t n_ = 0;
};

TEST_F(TakeTest, WhatIsNewIsFormedAndWhatIsAlikeReplays) {
  ConsolidationSignal first = signal_of({2, 0}, 1);
  first.statistics = {.n_spikes = 7, .weight_change = 3};
  first.modulators = {.dopamine = 1.5};
  const Taken formed = take(first);
  EXPECT_EQ(formed.outcome, Outcome::formed);
  EXPECT_EQ(formed.item, 1U);
  EXPECT_EQ(formed.novelty, 1);
  const Item item = *space_->find(1);
  EXPECT_EQ(item.type, ItemType::episodic);
  EXPECT_EQ(item.kappa, 0);
  EXPECT_DOUBLE_EQ(item.importance, .5 + .5 * (.4 + .15 + .225));
  EXPECT_EQ(item.event_ms, 200);
  EXPECT_EQ(item.statistics.n_spikes, 7);
  EXPECT_EQ(item.modulators.dopamine, 1.5);
  EXPECT_EQ(item.provenance.population, "E");
  EXPECT_EQ(item.provenance.signal, 1U);
  EXPECT_EQ(space_->vector_of(1), (std::vector<float>{1, 0})) << "of length 1";

  const Taken replayed = take(signal_of({.96F, .28F}, 2));
  EXPECT_EQ(replayed.outcome, Outcome::replayed);
  EXPECT_EQ(replayed.item, 1U);
  EXPECT_NEAR(replayed.novelty, .04, 1e-6);
  const Item after = *space_->find(1);
  EXPECT_EQ(after.kappa, .01);
  EXPECT_EQ(after.replays, 1U);
  EXPECT_NEAR(after.importance, item.importance + (1 - item.importance) * .4 * .04, 1e-6);
  EXPECT_EQ(after.event_ms, 200) << "it remains the episode that it was";

  const Taken other = take(signal_of({0, 1}, 3));
  EXPECT_EQ(other.outcome, Outcome::formed);
  EXPECT_EQ(other.novelty, 1);
  EXPECT_EQ(take(signal_of({-1, 0}, 4)).novelty, 1) << "0 to the second item";
  EXPECT_EQ(ids_of(*space_), (Ids{1, 2, 3}));
}

TEST_F(TakeTest, TheThresholdIsTheCosine) {
  take({1, 0});
  EXPECT_EQ(take({.79F, std::sqrt(1 - .79F * .79F)}).outcome, Outcome::formed);
  EXPECT_EQ(take({.81F, -std::sqrt(1 - .81F * .81F)}).outcome, Outcome::replayed);
}

TEST_F(TakeTest, ASignalThatWasTakenIsKnownAlsoAfterARestart) {
  take(signal_of({1, 0}, 5));
  EXPECT_EQ(take(signal_of({0, 1}, 5)).outcome, Outcome::known);
  EXPECT_EQ(take(signal_of({0, 1}, 4)).outcome, Outcome::known);
  space_.reopen();
  EXPECT_EQ(take(signal_of({1, 0}, 5)).outcome, Outcome::known);
  EXPECT_EQ(space_.n_writes, 0) << "nothing has changed";
  EXPECT_EQ(space_->sequence(), 1U);
  EXPECT_EQ(space_->find(1)->replays, 0U);
  for (const auto& other : std::vector<std::function<void(Provenance&)>>{
           [](Provenance& p) { p.run = "other"; }, [](Provenance& p) { p.branch = 1; },
           [](Provenance& p) { p.instance = 1; }, [](Provenance& p) { p.population = "I"; }}) {
    ConsolidationSignal signal = signal_of({1, 0}, 5);
    other(signal.provenance);
    EXPECT_EQ(take(signal).outcome, Outcome::replayed);
    EXPECT_EQ(take(signal).outcome, Outcome::known);
  }
}

TEST_F(TakeTest, BehindAClosedGateNothingHappensButThatItIsTaken) {
  take(signal_of({1, 0}, 1));
  parameters_.gate_floor.dopamine = .5;
  const Taken gated = take(signal_of({.6F, .8F}, 2));
  EXPECT_EQ(gated.outcome, Outcome::gated);
  EXPECT_NEAR(gated.novelty, .4, 1e-6);
  EXPECT_EQ(take(signal_of({.6F, .8F}, 2)).outcome, Outcome::known);
  EXPECT_EQ(space_->size(), 1U);
  EXPECT_EQ(status_of(*space_).gated, 1U);
  ConsolidationSignal rewarded = signal_of({.6F, .8F}, 3);
  rewarded.modulators.dopamine = .5;
  EXPECT_EQ(take(rewarded).outcome, Outcome::formed);
}

TEST_F(TakeTest, ABatchIsAsOneAfterTheOther) {
  std::mt19937 random(5);
  std::vector<ConsolidationSignal> signals;
  for (std::uint64_t i = 1; i <= 700; ++i) {
    const double angle = static_cast<double>(random() % 1000) / 1000 * 6.28;
    signals.push_back(signal_of({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)),
                                 static_cast<float>(random() % 3)},
                                i % 50 == 0 ? i - 20 : i));
    if (i % 60 == 0) signals.back().embedding[1] = kNotFinite;
  }
  KeptSpace single;
  std::vector<Taken> one_by_one;
  for (const ConsolidationSignal& signal : signals)
    one_by_one.push_back(memory::take(*single, parameters_, {&signal, 1}).at(0));
  const std::vector<Taken> batch = memory::take(*space_, parameters_, signals);
  ASSERT_EQ(batch.size(), signals.size());
  std::map<Outcome, int> outcomes;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    ++outcomes[batch[i].outcome];
    EXPECT_EQ(batch[i].outcome, one_by_one[i].outcome) << i;
    EXPECT_EQ(batch[i].item, one_by_one[i].item) << i;
    EXPECT_EQ(batch[i].novelty, one_by_one[i].novelty) << i;
  }
  EXPECT_EQ(outcomes.size(), 4U) << "all but gated";
  EXPECT_EQ(ids_of(*space_), ids_of(*single));
  for (const ItemId id : ids_of(*space_)) {
    EXPECT_EQ(space_->find(id)->kappa, single->find(id)->kappa);
    EXPECT_EQ(space_->find(id)->importance, single->find(id)->importance);
  }
  EXPECT_EQ(space_.n_writes, 3) << "256 signals share a write";
}

TEST_F(TakeTest, WhatIsWrongIsCountedListedAndTaken) {
  struct Case {
    const char* reason;
    std::function<void(ConsolidationSignal&)> spoil;
    bool is_remembered = true;
  };
  take(signal_of({1, 0, 0}, ++n_));
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<Case> cases{
      {"not_finite", [](auto& s) { s.embedding[1] = kNotFinite; }},
      {"not_finite", [](auto& s) { s.embedding[0] = -std::numeric_limits<float>::infinity(); }},
      {"wrong_dimension", [](auto& s) { s.embedding.pop_back(); }},
      {"wrong_dimension", [](auto& s) { s.embedding.push_back(0); }},
      {"wrong_dimension", [](auto& s) { s.embedding.clear(); }},
      {"oversized", [](auto& s) { s.embedding.assign(4097, 1); }},
      {"oversized", [](auto& s) { s.embedding.assign(1'000'000, 1); }},
      {"no_direction", [](auto& s) { s.embedding.assign(3, 0); }},
      {"not_finite", [=](auto& s) { s.statistics.n_spikes = inf; }},
      {"not_finite", [=](auto& s) { s.statistics.mean_rate_Hz = -inf; }},
      {"not_finite", [](auto& s) { s.statistics.synchrony = static_cast<double>(kNotFinite); }},
      {"not_finite", [=](auto& s) { s.statistics.burst_strength = inf; }},
      {"not_finite", [=](auto& s) { s.statistics.weight_change = inf; }},
      {"not_finite", [=](auto& s) { s.statistics.eligibility = inf; }},
      {"not_finite", [=](auto& s) { s.modulators.dopamine = inf; }},
      {"not_finite", [=](auto& s) { s.modulators.serotonin = inf; }},
      {"not_finite", [=](auto& s) { s.modulators.noradrenaline = inf; }},
      {"not_finite", [](auto& s) { s.modulators.acetylcholine = static_cast<double>(kNotFinite); }},
      {"bad_window", [](auto& s) { s.provenance.end_ms = s.provenance.begin_ms; }},
      {"bad_window", [](auto& s) { s.provenance.begin_ms = -1; }},
      {"bad_window", [](auto& s) { s.provenance.begin_ms = static_cast<double>(kNotFinite); }},
      {"bad_window", [](auto& s) { s.provenance.end_ms = 1.1e15; }},
      {"bad_number", [](auto& s) { s.provenance.signal = 0; }, false},
      {"bad_number", [](auto& s) { s.provenance.signal = UINT64_MAX; }, false},
      {"bad_number", [](auto& s) { s.provenance.signal = kLastSignal + 1; }, false},
      {"oversized", [](auto& s) { s.provenance.run.assign(257, 'x'); }, false},
      {"oversized", [](auto& s) { s.provenance.config_digest.assign(257, 'x'); }, false},
      {"oversized", [](auto& s) { s.provenance.population.assign(10'000'000, 'x'); }, false},
      {"bad_text", [](auto& s) { s.provenance.population = "E\n"; }, false},
      {"bad_text", [](auto& s) { s.provenance.run = "\xff\xfe"; }, false},
  };
  std::map<std::string, std::uint64_t> expected;
  for (const Case& c : cases) {
    ConsolidationSignal signal = signal_of({0, 1, 0}, ++n_);
    c.spoil(signal);
    const Taken taken = take(signal);
    EXPECT_EQ(taken.outcome, Outcome::rejected) << c.reason;
    ASSERT_TRUE(taken.refusal.has_value());
    EXPECT_STREQ(name_of(taken.refusal->reason), c.reason) << taken.refusal->what;
    ++expected[c.reason];
    EXPECT_EQ(rejected(), expected);
    const Quarantined last = quarantined(*space_).back();
    EXPECT_EQ(last.reason, c.reason);
    EXPECT_NE(last.from.find(taken.refusal->what), std::string::npos) << last.from;
    EXPECT_LE(last.from.size(), 4096U);
    EXPECT_LE(last.bytes.size(), kMostQuarantinedBytes);
    if (c.is_remembered) {
      EXPECT_EQ(take(signal).outcome, Outcome::known) << c.reason;
    }
  }
  EXPECT_EQ(space_->size(), 1U);
  EXPECT_EQ(space_->find(1)->replays, 0U);
  EXPECT_EQ(quarantined(*space_).size(), cases.size());
  space_.reopen();
  EXPECT_EQ(rejected(), expected);
  EXPECT_FALSE(space_->is_read_only()) << "nothing is damaged";
  EXPECT_EQ(take({0, 1, 0}).outcome, Outcome::formed);
}

TEST_F(TakeTest, TheBytesInQuarantineAreThoseThatCame) {
  ConsolidationSignal signal = signal_of({1, kNotFinite}, 3);
  signal.modulators.acetylcholine = 8;
  take(signal);
  const Quarantined kept = quarantined(*space_).at(0);
  EXPECT_EQ(kept.number, 1U);
  EXPECT_EQ(kept.from.substr(0, 66), "signal 3 of population 'E', instance 0, branch 0, run 'run': value");
  ASSERT_EQ(kept.bytes.size(), 12 * sizeof(double) + 2 * sizeof(float));
  double numbers[12];
  std::memcpy(numbers, kept.bytes.data(), sizeof numbers);
  EXPECT_EQ(numbers[0], 300);
  EXPECT_EQ(numbers[1], 400);
  EXPECT_EQ(numbers[11], 8);
  EXPECT_EQ(kept.bytes.substr(sizeof numbers), bytes_of(signal.embedding));
}

TEST_F(TakeTest, OnlyTheNewestOfWhatWasRefusedIsKept) {
  std::vector<ConsolidationSignal> signals;
  for (std::uint64_t i = 1; i <= kMostQuarantined + 5; ++i) signals.push_back(signal_of({kNotFinite}, i));
  memory::take(*space_, parameters_, signals);
  EXPECT_EQ(rejected()["not_finite"], kMostQuarantined + 5);
  const std::vector<Quarantined> kept = quarantined(*space_);
  ASSERT_EQ(kept.size(), kMostQuarantined);
  EXPECT_EQ(kept.front().number, 6U);
  EXPECT_EQ(kept.back().number, kMostQuarantined + 5);
}

TEST_F(TakeTest, OfTwoThatAreAlikeOneIsFormedWhoeverBringsThem) {
  constexpr int kThreads = 4;
  constexpr std::uint64_t kSignals = 60;
  space_.ms_a_write = 1;  // so that changes wait for each other, and share writes
  std::latch begin(kThreads);
  std::vector<std::jthread> threads;
  for (std::uint32_t thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      begin.arrive_and_wait();
      for (std::uint64_t i = 0; i < kSignals; ++i) {
        std::vector<float> pattern(20, 0);
        pattern[i % 20] = 1;
        ConsolidationSignal signal = signal_of(pattern, i + 1);
        signal.provenance.instance = thread;
        memory::take(*space_, parameters_, {&signal, 1});
      }
    });
  threads.clear();
  EXPECT_LT(space_.n_writes, kThreads * static_cast<int>(kSignals)) << "or nothing was shared";
  EXPECT_EQ(space_->size(), 20U);
  std::uint64_t replays = 0;
  for (const ItemId id : ids_of(*space_)) replays += space_->find(id)->replays;
  EXPECT_EQ(replays, kThreads * kSignals - 20);
}

TEST_F(TakeTest, AReadOnlySpaceTakesNothing) {
  take({1, 0});
  space_.reopen(true);
  EXPECT_THROW(take({0, 1}), Error);
  EXPECT_EQ(space_->size(), 1U);
}

// --- by hand ----------------------------------------------------------------------------------------------

class ByHandTest : public TakeTest {};

TEST_F(ByHandTest, ItemsAreAddedAndRemoved) {
  const Added added = add(*space_,
                          {.type = ItemType::procedural,
                           .kappa = .2,
                           .importance = .9,
                           .event_ms = 12,
                           .valid_from_us = 1,
                           .valid_until_us = 2,
                           .metadata = "{\"who\": \"\xc3\xa9\"}"},
                          std::vector<float>{0, 3});
  EXPECT_EQ(added.id, 1U);
  EXPECT_FALSE(added.refusal.has_value());
  const Item item = *space_->find(1);
  EXPECT_EQ(item.type, ItemType::procedural);
  EXPECT_EQ(item.kappa, .2);
  EXPECT_EQ(item.importance, .9);
  EXPECT_EQ(item.event_ms, 12);
  EXPECT_EQ(item.valid_from_us, 1);
  EXPECT_EQ(item.valid_until_us, 2);
  EXPECT_EQ(item.metadata, "{\"who\": \"\xc3\xa9\"}");
  EXPECT_TRUE(item.provenance.run.empty());
  EXPECT_TRUE(remove(*space_, 1));
  EXPECT_FALSE(remove(*space_, 1));
  EXPECT_EQ(space_->size(), 0U);
}

TEST_F(ByHandTest, TheSameEmbeddingIsADuplicateAndOneBesideItIsNot) {
  EXPECT_EQ(add(*space_, {}, std::vector<float>{1, 2}).id, 1U);
  const Added again = add(*space_, {.metadata = "other"}, std::vector<float>{2, 4});
  EXPECT_EQ(again.id, 1U);
  ASSERT_TRUE(again.refusal.has_value());
  EXPECT_EQ(again.refusal->reason, Reason::duplicate);
  EXPECT_EQ(add(*space_, {}, std::vector<float>{1, 2.000001F}).id, 2U);
  EXPECT_EQ(rejected()["duplicate"], 1U);
  EXPECT_EQ(quarantined(*space_).at(0).bytes, bytes_of(std::vector<float>{2, 4}));
  remove(*space_, 1);
  EXPECT_EQ(add(*space_, {}, std::vector<float>{1, 2}).id, 3U) << "it is gone";
}

TEST_F(ByHandTest, WhatIsWrongIsRefused) {
  const auto refuses = [&](const NewItem& item, const std::vector<float>& embedding, Reason reason) {
    const std::uint64_t before = rejected()[name_of(reason)];
    const Added added = add(*space_, item, embedding);
    ASSERT_TRUE(added.refusal.has_value()) << name_of(reason);
    EXPECT_EQ(added.refusal->reason, reason) << added.refusal->what;
    EXPECT_EQ(added.id, kNoItem);
    EXPECT_EQ(rejected()[name_of(reason)], before + 1);
    EXPECT_EQ(quarantined(*space_).back().reason, name_of(reason));
  };
  const std::vector<float> fine{1, 0};
  const double nan = std::nan("");
  static_cast<void>(add(*space_, {}, std::vector<float>{0, 1}));
  refuses({.kappa = 1.1}, fine, Reason::out_of_range);
  refuses({.kappa = nan}, fine, Reason::out_of_range);
  refuses({.importance = -.1}, fine, Reason::out_of_range);
  refuses({.importance = nan}, fine, Reason::out_of_range);
  refuses({.event_ms = nan}, fine, Reason::out_of_range);
  refuses({.event_ms = 1e16}, fine, Reason::out_of_range);
  refuses({.type = static_cast<ItemType>(3)}, fine, Reason::out_of_range);
  refuses({.valid_from_us = 5, .valid_until_us = 5}, fine, Reason::out_of_range);
  refuses({.metadata = std::string(kMostMetadataBytes + 1, 'x')}, fine, Reason::oversized);
  refuses({.metadata = "\xc3"}, fine, Reason::bad_text);
  refuses({.metadata = "\xed\xa0\x80"}, fine, Reason::bad_text);
  refuses({.metadata = "\xc0\x80"}, fine, Reason::bad_text);
  refuses({}, {1, kNotFinite}, Reason::not_finite);
  refuses({}, {1}, Reason::wrong_dimension);
  refuses({}, {0, 0}, Reason::no_direction);
  refuses({}, std::vector<float>(5000, 1), Reason::oversized);
  EXPECT_EQ(space_->size(), 1U);
}

TEST_F(ByHandTest, AccessesAreCountedAndKeepAnItemYoung) {
  for (const auto& vector : {std::vector<float>{1, 0}, std::vector<float>{0, 1}}) take(vector);
  space_->commit([](Transaction& change) { change.set_number("cycle", 7); });
  AccessCounts counts;
  counts.note(Ids{1, 2, 1, 99});
  counts.note(Ids{1});
  const int before = space_.n_writes;
  counts.write(*space_);
  EXPECT_EQ(space_.n_writes, before + 1);
  EXPECT_EQ(space_->find(1)->accesses, 3U);
  EXPECT_EQ(space_->find(1)->last_used_cycle, 7U);
  EXPECT_EQ(space_->find(2)->accesses, 1U);
  counts.write(*space_);
  EXPECT_EQ(space_.n_writes, before + 1) << "nothing waits";
  space_.reopen(true);
  counts.note(Ids{1});
  counts.write(*space_);
  EXPECT_EQ(space_->find(1)->accesses, 3U) << "a read-only space counts nothing";
}

TEST_F(ByHandTest, AccessesThatCouldNotBeWrittenWaitOn) {
  constexpr ItemId kItems = 300;  // two changes
  space_->commit([](Transaction& change) {
    for (ItemId id = 1; id <= kItems; ++id) change.insert({}, std::vector<float>{1, 0});
  });
  AccessCounts counts;
  const Ids all = ids_of(*space_);
  counts.note(all);
  space_.writes_left = 1;
  EXPECT_THROW(counts.write(*space_), Error);
  space_.reopen();
  EXPECT_EQ(space_->find(1)->accesses, 1U);
  EXPECT_EQ(space_->find(kItems)->accesses, 0U);
  counts.note(Ids{kItems});
  counts.write(*space_);
  for (const ItemId id : all) EXPECT_EQ(space_->find(id)->accesses, id == kItems ? 2U : 1U) << id;
}

TEST(Texts, AreUtf8) {
  EXPECT_TRUE(is_utf8("", true));
  EXPECT_TRUE(is_utf8("E \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x81", true));
  EXPECT_TRUE(is_utf8("a\nb", false));
  EXPECT_FALSE(is_utf8("a\nb", true));
  EXPECT_FALSE(is_utf8("\x7f", true));
  for (const char* bad : {"\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xe2\x82", "\xff"})
    EXPECT_FALSE(is_utf8(bad, false)) << bad;
}

}  // namespace
}  // namespace sharpwave::memory
