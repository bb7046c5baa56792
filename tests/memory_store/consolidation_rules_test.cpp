#include "memory_store/consolidation_rules.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "memory_store/cycle_schedule.hpp"

namespace sharpwave::memory {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ConsolidationRules, KappaRisesOnAGrid) {
  EXPECT_NE(.05 + .05 + .05, .15) << "why there is one";
  EXPECT_EQ(raised(raised(raised(0, .05), .05), .05), .15);
  EXPECT_EQ(raised(raised(raised(.15, .05), .05), .05), .3);
  EXPECT_EQ(raised(.97, .05), 1);
  double kappa = 0;
  for (int i = 0; i < 100; ++i) kappa = raised(kappa, .01);
  EXPECT_EQ(kappa, 1);
}

TEST(ConsolidationRules, ImportanceRisesByAShareOfWhatIsMissing) {
  const TakeParameters p;
  EXPECT_DOUBLE_EQ(importance_after(.5, 1, {}, {}, p), .5 + .5 * .4);
  EXPECT_DOUBLE_EQ(importance_after(.5, 2, {}, {}, p), .5 + .5 * .4) << "surprise counts up to 1";
  EXPECT_DOUBLE_EQ(importance_after(.5, 0, {.dopamine = 1.5}, {}, p), .5 + .5 * .3 / 2);
  EXPECT_DOUBLE_EQ(importance_after(.5, 0, {.dopamine = .5}, {}, p), .5)
      << "so much is told without modulators";
  EXPECT_DOUBLE_EQ(importance_after(.5, 0, {.dopamine = -3}, {}, p), .5) << "nothing lowers it";
  EXPECT_DOUBLE_EQ(importance_after(.5, 0, {}, {.weight_change = 3}, p), .5 + .5 * .3 * .75);
  EXPECT_DOUBLE_EQ(importance_after(.5, 1, {.dopamine = 1e300}, {.weight_change = 1e300}, p), 1);
  EXPECT_DOUBLE_EQ(importance_after(.5, 0, {}, {.weight_change = 1e-320}, p), .5) << "half / x is infinite";
}

TEST(ConsolidationRules, ImportanceIsHalvedAfterEachHalfLifeWithoutUse) {
  std::vector<std::uint64_t> halved;
  for (std::uint64_t cycle = 0; cycle < 70; ++cycle)
    if (is_halved(cycle, 3, 20)) halved.push_back(cycle);
  EXPECT_EQ(halved, (std::vector<std::uint64_t>{23, 43, 63}));
  EXPECT_FALSE(is_halved(2, 3, 1)) << "used in a later cycle";
}

TEST(ConsolidationRules, AModulatorBelowItsFloorClosesTheGate) {
  const TakeParameters open;
  EXPECT_TRUE(is_gate_open({.dopamine = -1e300}, open.gate_floor)) << "by default it is always open";
  Modulators floor = open.gate_floor;
  floor.acetylcholine = .2;
  EXPECT_TRUE(is_gate_open({.acetylcholine = .2}, floor));
  EXPECT_FALSE(is_gate_open({.dopamine = 1, .acetylcholine = .19}, floor));
}

TEST(ConsolidationParameters, AreSoundByDefault) {
  EXPECT_EQ(check(ConsolidationParameters{}), std::vector<std::string>{});
}

TEST(ConsolidationParameters, AllFaultsAreTold) {
  ConsolidationParameters p;
  p.take.similarity = kNan;
  p.nrem.passes = 0;
  p.cycle.apart_s = -1;
  const std::vector<std::string> faults = check(p);
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(faults[0], "take.similarity: nan, expected above -1, up to 1");
  EXPECT_EQ(faults[1], "nrem.passes: 0, expected 1 to 1000");
  EXPECT_EQ(faults[2], "cycle.apart_s: -1, expected a finite number of at least 0");
}

TEST(ConsolidationParameters, EveryNumberHasItsRange) {
  using P = ConsolidationParameters;
  const auto real = [](const char* name, const std::function<double&(P&)>& of, std::vector<double> bad) {
    bad.push_back(kNan);
    for (const double value : bad) {
      P p;
      of(p) = value;
      const std::vector<std::string> faults = check(p);
      ASSERT_FALSE(faults.empty()) << name << " " << value;
      EXPECT_NE(faults[0].find(name), std::string::npos) << faults[0];
    }
  };
  const auto count = [](const char* name, const std::function<std::uint64_t&(P&)>& of,
                        const std::vector<std::uint64_t>& bad) {
    for (const std::uint64_t value : bad) {
      P p;
      of(p) = value;
      const std::vector<std::string> faults = check(p);
      ASSERT_FALSE(faults.empty()) << name << " " << value;
      EXPECT_NE(faults[0].find(name), std::string::npos) << faults[0];
    }
  };
  real("take.similarity", [](P& p) -> double& { return p.take.similarity; }, {-1, 1.01, kInf});
  real("take.gate_floor.dopamine", [](P& p) -> double& { return p.take.gate_floor.dopamine; }, {});
  real("take.gate_floor.serotonin", [](P& p) -> double& { return p.take.gate_floor.serotonin; }, {});
  real("take.gate_floor.noradrenaline", [](P& p) -> double& { return p.take.gate_floor.noradrenaline; }, {});
  real("take.gate_floor.acetylcholine", [](P& p) -> double& { return p.take.gate_floor.acetylcholine; }, {});
  real("take.importance", [](P& p) -> double& { return p.take.importance; }, {-.1, 1.1});
  real("take.surprise_gain", [](P& p) -> double& { return p.take.surprise_gain; }, {-.1, 1.1, .5});
  real("take.dopamine_gain", [](P& p) -> double& { return p.take.dopamine_gain; }, {-.1, 1.1});
  real("take.change_gain", [](P& p) -> double& { return p.take.change_gain; }, {-.1, 1.1});
  real("take.dopamine_neutral", [](P& p) -> double& { return p.take.dopamine_neutral; }, {-kInf, kInf});
  real("take.dopamine_half", [](P& p) -> double& { return p.take.dopamine_half; }, {0, -1, kInf});
  real("take.change_half", [](P& p) -> double& { return p.take.change_half; }, {0, -1, kInf});
  real("take.replay_kappa", [](P& p) -> double& { return p.take.replay_kappa; }, {-.1, 1e-7, 1.1});
  real("nrem.most_kappa", [](P& p) -> double& { return p.nrem.most_kappa; }, {-.1, 1.1});
  real("nrem.least_importance", [](P& p) -> double& { return p.nrem.least_importance; }, {-.1, 1.1});
  count("nrem.most_items", [](P& p) -> std::uint64_t& { return p.nrem.most_items; }, {0, 1'000'001});
  count("nrem.passes", [](P& p) -> std::uint64_t& { return p.nrem.passes; }, {0, 1001});
  real("nrem.kappa", [](P& p) -> double& { return p.nrem.kappa; }, {-.1, 1e-7, 1.1});
  count("nrem.together", [](P& p) -> std::uint64_t& { return p.nrem.together; }, {0, kMostTogether + 1});
  real("nrem.edge_start", [](P& p) -> double& { return p.nrem.edge_start; }, {-.1, 1.1});
  real("nrem.edge", [](P& p) -> double& { return p.nrem.edge; }, {-.1, 1e-7, 1.1});
  real("reinjection.least_kappa", [](P& p) -> double& { return p.reinjection.least_kappa; }, {-.1, .31, 1.1});
  real("reinjection.below_kappa", [](P& p) -> double& { return p.reinjection.below_kappa; }, {-.1, .1, 1.1});
  count("reinjection.most_items", [](P& p) -> std::uint64_t& { return p.reinjection.most_items; },
        {kMostReinjected + 1});
  real("reinjection.kappa", [](P& p) -> double& { return p.reinjection.kappa; }, {-.1, 1e-7, 1.1});
  real("rem.least_kappa", [](P& p) -> double& { return p.rem.least_kappa; }, {-.1, .71, 1.1});
  real("rem.most_kappa", [](P& p) -> double& { return p.rem.most_kappa; }, {-.1, 1.1});
  real("rem.similarity", [](P& p) -> double& { return p.rem.similarity; }, {0, 1.1});
  count("rem.least_members", [](P& p) -> std::uint64_t& { return p.rem.least_members; }, {0, 1, 101});
  count("rem.most_members", [](P& p) -> std::uint64_t& { return p.rem.most_members; }, {0, 1, 1001});
  count("rem.most_leaders", [](P& p) -> std::uint64_t& { return p.rem.most_leaders; }, {0, 1'000'001});
  real("rem.kappa", [](P& p) -> double& { return p.rem.kappa; }, {-.1, 1.1});
  real("rem.edge", [](P& p) -> double& { return p.rem.edge; }, {-.1, 1.1});
  real("rem.more_kappa", [](P& p) -> double& { return p.rem.more_kappa; }, {-.1, 1e-7, 1.1});
  real("prune.most_kappa", [](P& p) -> double& { return p.prune.most_kappa; }, {-.1, 1.1});
  real("prune.below_importance", [](P& p) -> double& { return p.prune.below_importance; }, {-.1, 1.1});
  count("cycle.rounds", [](P& p) -> std::uint64_t& { return p.cycle.rounds; }, {0, 1001});
  count("cycle.half_life", [](P& p) -> std::uint64_t& { return p.cycle.half_life; }, {0, 1'000'001});
  real("cycle.apart_s", [](P& p) -> double& { return p.cycle.apart_s; }, {-1, kInf});
  real("cycle.every_s", [](P& p) -> double& { return p.cycle.every_s; }, {0, -1, kInf});
  real("cycle.write_buffer", [](P& p) -> double& { return p.cycle.write_buffer; }, {-.1, 1.1});
  real("cycle.inserts_per_minute", [](P& p) -> double& { return p.cycle.inserts_per_minute; }, {-1, kInf});
  real("cycle.simulated_every_ms", [](P& p) -> double& { return p.cycle.simulated_every_ms; }, {0, .5, kInf});
}

TEST(CycleSchedule, ACycleIsDueByCommandLoadOrSchedule) {
  const CycleParameters p;
  const auto trigger = [&](Load load) { return due(load, p); };
  EXPECT_EQ(trigger({.since_cycle_s = 299, .is_commanded = true, .has_changed = true}), Trigger::none);
  EXPECT_EQ(trigger({.since_cycle_s = 300, .is_commanded = true}), Trigger::command);
  EXPECT_EQ(trigger({.since_cycle_s = 300, .has_changed = true, .inserts_per_minute = 11}), Trigger::inserts);
  EXPECT_EQ(trigger({.since_cycle_s = 300, .has_changed = true, .inserts_per_minute = 10}), Trigger::none);
  EXPECT_EQ(trigger({.since_cycle_s = 300, .has_changed = true, .write_buffer = .71}), Trigger::write_buffer);
  EXPECT_EQ(trigger({.since_cycle_s = 300, .has_changed = true, .write_buffer = .7}), Trigger::none);
  EXPECT_EQ(trigger({.since_cycle_s = 3599, .has_changed = true}), Trigger::none);
  EXPECT_EQ(trigger({.since_cycle_s = 3600, .has_changed = true}), Trigger::schedule);
  EXPECT_EQ(trigger({.since_cycle_s = kInf, .write_buffer = .9}), Trigger::none) << "nothing has changed";
}

TEST(CycleSchedule, InsertsOfTheLastMinuteCount) {
  InsertRate rate;
  EXPECT_EQ(rate.last_minute(1000), 0U);
  rate.note(1000, 5);
  rate.note(1000, 1);
  rate.note(1030, 4);
  EXPECT_EQ(rate.last_minute(1030), 10U);
  EXPECT_EQ(rate.last_minute(1059), 10U);
  EXPECT_EQ(rate.last_minute(1060), 4U);
  EXPECT_EQ(rate.last_minute(1090), 0U);
  rate.note(1120, 1);
  EXPECT_EQ(rate.last_minute(1120), 1U) << "a second's place is used again";
}

}  // namespace
}  // namespace sharpwave::memory
