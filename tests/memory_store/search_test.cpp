#include "memory_store/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/space.hpp"
#include "tests/memory_store/clustered_vectors.hpp"
#include "tests/memory_store/memory_backend.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

using testing::ClusteredVectors;
using testing::kClusteredDimension;
using testing::MemoryBackend;

std::unique_ptr<Space> make_space(std::size_t index_from) {
  return std::make_unique<Space>(std::make_unique<MemoryBackend>(), true, false,
                                 IndexOptions{.folder = {}, .space = {}, .from_vectors = index_from});
}

void wait_for_index(const Space& space) {
  while (space.index().state != IndexState::ready || space.index().n_waiting > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string refusal(const Space& space, const std::vector<float>& vector, const Query& query) {
  return test::refusal_of(ExitCode::usage, [&] { static_cast<void>(space.search(vector, query)); });
}

/// Items with the vectors that they were made of.
struct Known {
  Item item;
  std::vector<float> vector;
};

std::vector<Known> fill(Space& space, std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  ClusteredVectors draw(kClusteredDimension, 10, seed);
  std::vector<Known> known;
  space.commit([&](Transaction& t) {
    for (std::size_t i = 0; i < n; ++i) {
      Item item;
      item.kappa = static_cast<double>(random() % 101) / 100;
      item.type = static_cast<ItemType>(random() % 3);
      item.event_ms = static_cast<double>(random() % 1000);
      item.recorded_us = static_cast<std::int64_t>(random() % 1000);
      known.push_back({item, draw.next()});
      known.back().item.id = t.insert(item, known.back().vector);
    }
  });
  return known;
}

/// By the definition, in double precision.
std::vector<std::pair<double, ItemId>> by_similarity(const std::vector<Known>& known,
                                                     const std::vector<float>& vector,
                                                     const std::function<bool(const Item&)>& is_one) {
  std::vector<std::pair<double, ItemId>> all;
  for (const Known& one : known) {
    if (!is_one(one.item)) continue;
    double sum = 0;
    for (std::size_t i = 0; i < vector.size(); ++i)
      sum += static_cast<double>(vector[i]) * static_cast<double>(one.vector[i]);
    all.emplace_back(-sum, one.item.id);
  }
  std::ranges::sort(all);
  return all;
}

TEST(Search, OfAnEmptySpaceFindsNothing) {
  const auto space = make_space(100);
  const Answer answer = space->search(std::vector<float>{3, 4}, {});
  EXPECT_TRUE(answer.neighbours.empty());
  EXPECT_EQ(answer.n_matching, 0U);
}

TEST(Search, TakesVectorsOfAnyLength) {
  const auto space = make_space(100);
  space->commit([](Transaction& t) {
    t.insert({}, std::vector<float>{1, 0});
    t.insert({}, std::vector<float>{.6F, .8F});
  });
  const Answer answer = space->search(std::vector<float>{3e30F, 4e30F}, {.k = 5});
  ASSERT_EQ(answer.neighbours.size(), 2U);
  EXPECT_EQ(answer.neighbours[0].id, 2U);
  EXPECT_FLOAT_EQ(answer.neighbours[0].similarity, 1);
  EXPECT_FLOAT_EQ(answer.neighbours[1].similarity, .6F);
  EXPECT_EQ(answer.plan, Plan::exact_scan);
  EXPECT_EQ(answer.index_state, IndexState::none_needed);
  EXPECT_EQ(answer.n_looked_at, 2U);
}

TEST(Search, RefusesWhatCannotBeMeant) {
  const double nan = std::nan("");
  const auto space = make_space(100);
  space->commit([](Transaction& t) { t.insert({}, std::vector<float>{1, 0}); });
  const std::vector<float> vector{1, 0};
  EXPECT_EQ(refusal(*space, vector, {}), "");
  EXPECT_EQ(refusal(*space, vector, {.k = 0}), "0 neighbours, expected 1 to 1024");
  EXPECT_EQ(refusal(*space, vector, {.k = 1025}), "1025 neighbours, expected 1 to 1024");
  EXPECT_EQ(refusal(*space, vector, {.kappa = {{.4, .3}}}),
            "kappa from 0.4 to 0.3: expected a range that does not end before it begins");
  EXPECT_NE(refusal(*space, vector, {.kappa = {{nan, .3}}}), "");
  EXPECT_NE(refusal(*space, vector, {.event_ms = {{0, nan}}}), "");
  EXPECT_NE(refusal(*space, vector, {.recorded_us = {{1, 0}}}), "");
  EXPECT_EQ(refusal(*space, {1, 0, 0}, {}), "an embedding has 3 values, expected 2");
  EXPECT_EQ(refusal(*space, {1, std::nanf("")}, {}), "value 1 of an embedding is nan, expected a finite one");
  EXPECT_NE(refusal(*space, {0, 0}, {}), "");
}

TEST(Search, FindsByEveryPlanWhatTheDefinitionSays) {
  constexpr std::size_t kItems = 1'500;
  const auto space = make_space(300);
  std::vector<Known> known = fill(*space, kItems, 5);
  wait_for_index(*space);
  space->commit([&](Transaction& t) {  // tombstones, and what has changed since it came
    for (std::size_t i = 0; i < 100; ++i) t.erase(known[i].item.id);
    for (std::size_t i = 100; i < 150; ++i) {
      known[i].item.kappa = .5;
      t.update(known[i].item);
    }
  });
  known.erase(known.begin(), known.begin() + 100);
  std::mt19937_64 random(6);
  ClusteredVectors draw(kClusteredDimension, 10, 5);
  std::map<Plan, int> n_by_plan;
  double n_wanted = 0;
  double n_found = 0;
  for (int i = 0; i < 400; ++i) {
    Query query{.k = 1 + random() % 40};
    const double width = static_cast<double>(random() % 101) / 100;
    if (random() % 3 == 0) query.kappa = {1 - width, 1};
    if (random() % 4 == 0) query.type = static_cast<ItemType>(random() % 3);
    if (random() % 3 == 0) query.event_ms = {0, 1000 * width};
    if (random() % 3 == 0) query.recorded_us = {static_cast<std::int64_t>(random() % 200), 1000};
    query.exact = random() % 10 == 0;
    const std::vector<float> vector = draw.next();
    const auto expected = by_similarity(known, vector, [&](const Item& item) {
      return (!query.kappa || (item.kappa >= query.kappa->from && item.kappa <= query.kappa->until)) &&
             (!query.type || item.type == *query.type) &&
             (!query.event_ms || (item.event_ms >= 0 && item.event_ms <= query.event_ms->until)) &&
             (!query.recorded_us || item.recorded_us >= query.recorded_us->from);
    });
    const Answer answer = space->search(vector, query);
    ++n_by_plan[answer.plan];
    EXPECT_EQ(answer.index_state, IndexState::ready);
    ASSERT_EQ(answer.neighbours.size(), std::min(query.k, expected.size()));
    EXPECT_EQ(answer.n_matching.value_or(expected.size()), expected.size());
    EXPECT_TRUE(std::is_sorted(answer.neighbours.begin(), answer.neighbours.end()));
    const bool is_scan = answer.plan == Plan::exact_scan || answer.plan == Plan::filtered_scan;
    EXPECT_TRUE(is_scan || !query.exact);
    std::size_t n_same = 0;
    for (const Neighbour& neighbour : answer.neighbours) {
      const auto at = std::ranges::find(expected, neighbour.id, &std::pair<double, ItemId>::second);
      ASSERT_NE(at, expected.end()) << "it is not meant";
      EXPECT_NEAR(neighbour.similarity, -at->first, 1e-6);
      n_same += static_cast<std::size_t>(at - expected.begin()) < query.k ? 1 : 0;
    }
    EXPECT_TRUE(!is_scan || n_same == answer.neighbours.size());
    n_wanted += static_cast<double>(answer.neighbours.size());
    n_found += static_cast<double>(n_same);
  }
  for (const Plan plan : {Plan::exact_scan, Plan::filtered_scan, Plan::index, Plan::filtered_index})
    EXPECT_GE(n_by_plan[plan], 10) << name_of(plan);
  EXPECT_GT(n_found / n_wanted, .995);
}

// A filter that leaves out just what is near, while it means most of all.
TEST(Search, ScansWhereTheCandidatesAreNotTheOnesThatAreMeant) {
  const auto space = make_space(300);
  ClusteredVectors draw(kClusteredDimension, 2, 8);
  space->commit([&](Transaction& t) {
    for (int i = 0; i < 400; ++i) {
      Item item;
      item.kappa = i < 100 ? 1 : 0;
      t.insert(item, draw.around(i < 100 ? 0 : 1));
    }
  });
  wait_for_index(*space);
  const std::vector<float> query = draw.around(0);
  EXPECT_EQ(space->search(query, {}).plan, Plan::index);
  const Answer answer = space->search(query, {.kappa = {{0, .5}}});
  EXPECT_EQ(answer.plan, Plan::filtered_scan);
  EXPECT_EQ(answer.n_matching, 300U);
  EXPECT_EQ(answer.neighbours, space->nearest(unit_vector(query, kClusteredDimension), 10,
                                              [](ItemId id, const Summary&) { return id > 100; }));
}

// Where everything near is gone, what is found in the graph are tombstones.
TEST(Search, ScansWhereTheCandidatesAreGone) {
  const auto space = make_space(300);
  ClusteredVectors draw(kClusteredDimension, 2, 8);
  space->commit([&](Transaction& t) {
    for (int i = 0; i < 500; ++i) t.insert({}, draw.around(i < 100 ? 0 : 1));
  });
  wait_for_index(*space);
  space->commit([&](Transaction& t) {
    for (ItemId id = 1; id <= 95; ++id) t.erase(id);
  });
  const std::vector<float> query = draw.around(0);
  const Answer answer = space->search(query, {});
  EXPECT_EQ(answer.plan, Plan::exact_scan);
  EXPECT_EQ(answer.neighbours, space->nearest(unit_vector(query, kClusteredDimension), 10, nullptr));
}

TEST(Search, GivesTheSmallerIdsOfEquallyNearOnes) {
  const auto space = make_space(300);
  ClusteredVectors draw(kClusteredDimension, 4, 9);
  std::vector<std::vector<float>> kinds;
  for (std::size_t i = 0; i < 5; ++i) kinds.push_back(draw.next());
  space->commit([&](Transaction& t) {
    for (std::size_t i = 0; i < 600; ++i) t.insert({}, i % 3 == 0 ? kinds[i % 5] : draw.next());
  });
  wait_for_index(*space);
  for (const std::vector<float>& kind : kinds)
    for (const std::size_t k : {std::size_t{1}, std::size_t{7}, std::size_t{39}, std::size_t{41}})
      EXPECT_EQ(space->search(kind, {.k = k}).neighbours,
                space->search(kind, {.k = k, .exact = true}).neighbours)
          << k;
}

TEST(Search, AsksTheIndexOnlyWhereThatCostsLess) {
  const auto space = make_space(300);
  ClusteredVectors draw(kClusteredDimension, 10, 10);
  space->commit([&](Transaction& t) {
    for (int i = 0; i < 600; ++i) t.insert({}, draw.next());
  });
  wait_for_index(*space);
  EXPECT_EQ(space->search(draw.next(), {.k = 10}).plan, Plan::index) << "50 candidates";
  EXPECT_EQ(space->search(draw.next(), {.k = 50}).plan, Plan::index) << "100 candidates, as much as a scan";
  EXPECT_EQ(space->search(draw.next(), {.k = 51}).plan, Plan::exact_scan);
  EXPECT_EQ(space->search(draw.next(), {.k = 1024}).neighbours.size(), 600U);
}

}  // namespace
}  // namespace sharpwave::memory
