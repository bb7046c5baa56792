// What a change sees: itself, those before it in the same write, and the space below.
#include "memory_store/transaction.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "tests/memory_store/kept_space.hpp"

namespace sharpwave::memory {
namespace {

using testing::KeptSpace;
using testing::put;

Provenance whence(std::uint64_t signal, std::uint32_t instance = 0) {
  return {.run = "run",
          .config_digest = "",
          .population = "E",
          .instance = instance,
          .branch = 0,
          .begin_ms = 0,
          .end_ms = 0,
          .signal = signal};
}

TEST(Transaction, WatermarksStandBesideTheirChange) {
  KeptSpace space;
  space->commit([](Transaction& change) {
    EXPECT_EQ(change.watermark(whence(3)), 0U);
    change.set_watermark(whence(3));
    EXPECT_EQ(change.watermark(whence(1)), 3U) << "of any signal of that instance";
    EXPECT_EQ(change.watermark(whence(1, 1)), 0U) << "but not of another";
  });
  space.reopen();
  EXPECT_THROW(space->commit([](Transaction& change) {
    EXPECT_EQ(change.watermark(whence(1)), 3U);
    change.set_watermark(whence(4));
    throw Error(ExitCode::usage, "no");
  }),
               Error);
  space->commit([](Transaction& change) { EXPECT_EQ(change.watermark(whence(1)), 3U); });
}

TEST(Transaction, NumbersAndTextsOfMetaComeAndGo) {
  KeptSpace space;
  space->commit([](Transaction& change) {
    EXPECT_EQ(change.number("n"), 0U);
    change.set_number("n", 5);
    change.set_meta("m", "text");
    change.set_meta("gone", "text");
    EXPECT_EQ(change.number("n"), 5U);
    change.erase_meta("gone");
    EXPECT_EQ(change.meta("gone"), std::nullopt);
  });
  space.reopen();
  EXPECT_EQ(space->number("n"), 5U);
  EXPECT_EQ(space->meta("m").at(0).second, "text");
  EXPECT_TRUE(space->meta("gone").empty());
  space->commit([](Transaction& change) {
    EXPECT_EQ(change.number("n"), 5U);
    EXPECT_THROW(static_cast<void>(change.number("m")), DamagedValue) << "no number";
    change.erase_meta("m");
    EXPECT_EQ(change.meta("m"), std::nullopt);
  });
  EXPECT_TRUE(space->meta("m").empty());
  space.reopen();
  EXPECT_TRUE(space->meta("m").empty());
}

TEST(Transaction, AChangeThatDoesNothingIsNone) {
  KeptSpace space;
  space->commit([](Transaction& change) { EXPECT_FALSE(change.erase(7)); });
  EXPECT_EQ(space->sequence(), 0U);
  EXPECT_EQ(space.n_writes, 0);
}

// What it did not do may be for something that was to be kept with it.
TEST(Transaction, AChangeThatDoesNothingFailsWithThoseThatItSaw) {
  KeptSpace space;
  space.ms_a_write = 200;
  space.writes_left = 1;
  const auto take = [&] {
    space->commit([](Transaction& change) {
      if (change.watermark(whence(1)) == 0) change.set_watermark(whence(1));
    });
  };
  std::jthread first([&] { space->commit([](Transaction& change) { change.set_number("n", 1); }); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::jthread second([&] { EXPECT_THROW(take(), Error); });
  std::jthread third([&] { EXPECT_THROW(take(), Error); });
}

TEST(Transaction, FindsTheNearestAmongWhatItSees) {
  KeptSpace space;
  const std::vector<float> query{1, 0};
  space->commit([&](Transaction& change) {
    EXPECT_EQ(change.nearest(query).id, kNoItem);
    EXPECT_EQ(change.identical(query), kNoItem);
    const ItemId a = change.insert({}, std::vector<float>{.6F, .8F});
    EXPECT_EQ(change.nearest(query), (Neighbour{a, .6F})) << "its own";
    const ItemId b = change.insert({}, query);
    const ItemId c = change.insert({}, query);
    EXPECT_EQ(change.nearest(query), (Neighbour{b, 1})) << "ties go to the smaller id";
    EXPECT_EQ(change.identical(query), b);
    EXPECT_TRUE(change.erase(b));
    EXPECT_EQ(change.nearest(query), (Neighbour{c, 1}));
    EXPECT_EQ(change.identical(query), c);
  });
  space->commit([&](Transaction& change) {
    EXPECT_EQ(change.nearest(query), (Neighbour{3, 1})) << "those of the space";
    EXPECT_TRUE(change.erase(3));
    EXPECT_EQ(change.nearest(query), (Neighbour{1, .6F}));
    EXPECT_EQ(change.identical(query), kNoItem);
    const ItemId d = change.insert({}, query);
    EXPECT_EQ(change.nearest(query), (Neighbour{d, 1}));
  });
  EXPECT_EQ(space->nearest(query, 1, nullptr).at(0).id, 4U);
}

TEST(Transaction, EdgesOfOneTypeAreToldApart) {
  KeptSpace space;
  for (int i = 0; i < 3; ++i) put(*space, {}, {1, 0});
  space->commit([](Transaction& change) {
    change.put({.from = 1, .to = 2, .type = EdgeType::abstracts, .weight = .8});
    change.put({.from = 1, .to = 3, .type = EdgeType::co_replayed, .weight = .1});
    change.put({.from = 3, .to = 1, .type = EdgeType::abstracts, .weight = .7});
  });
  const std::vector<Edge> edges = space->edges_from(1, EdgeType::abstracts);
  ASSERT_EQ(edges.size(), 1U);
  EXPECT_EQ(edges[0].to, 2U);
  EXPECT_EQ(edges[0].weight, .8);
}

}  // namespace
}  // namespace sharpwave::memory
