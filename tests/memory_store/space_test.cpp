#include "memory_store/space.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/verify.hpp"
#include "tests/memory_store/memory_backend.hpp"
#include "tests/memory_store/space_items.hpp"

namespace sharpwave::memory {
namespace {

using testing::MemoryBackend;

/// A backend that stays when a space on it goes, and can be told to fail.
class SharedBackend : public StorageBackend {
 public:
  explicit SharedBackend(std::shared_ptr<MemoryBackend> under) : under_(std::move(under)) {}
  void write(const WriteBatch& batch, bool sync) override {
    ++n_writes;
    if (is_full) throw Error(ExitCode::no_room, "the disk is full");
    under_->write(batch, sync);
  }
  void sync() override { under_->sync(); }
  [[nodiscard]] std::optional<std::string> get(Column column, std::string_view key) const override {
    return under_->get(column, key);
  }
  void scan(Column column, std::string_view prefix, Order order, const Visit& visit) const override {
    std::size_t n = 0;
    under_->scan(column, prefix, order, [&](std::string_view key, std::string_view value) {
      if (column == damaged_column && key >= first_damaged && key <= last_damaged)
        throw Error(ExitCode::damaged_data, "table 000012.sst: block checksum mismatch");
      ++n;
      return visit(key, value);
    });
  }
  [[nodiscard]] std::uint64_t bytes() const override { return under_->bytes(); }
  [[nodiscard]] double write_buffer_fill() const override { return under_->write_buffer_fill(); }

  bool is_full = false;
  std::atomic<int> n_writes = 0;
  std::optional<Column> damaged_column;
  std::string first_damaged;
  std::string last_damaged;

 private:
  std::shared_ptr<MemoryBackend> under_;
};

class SpaceTest : public ::testing::Test {
 protected:
  SpaceTest() { reopen(); }
  void reopen() {
    reopen([](SharedBackend&) {});
  }
  void reopen(const auto& prepare) {
    auto backend = std::make_unique<SharedBackend>(under_);
    prepare(*backend);
    backend_ = backend.get();
    space_.emplace(std::move(backend), true, false);
  }
  Space& space() { return *space_; }
  ItemId add(const std::vector<float>& vector, double kappa = 0) {
    Item item;
    item.kappa = kappa;
    return testing::put(space(), item, vector);
  }
  std::vector<ItemId> ids() { return testing::ids_of(space()); }

  std::shared_ptr<MemoryBackend> under_ = std::make_shared<MemoryBackend>();
  SharedBackend* backend_ = nullptr;
  std::optional<Space> space_;
};

using Ids = std::vector<ItemId>;

TEST_F(SpaceTest, BeginsEmpty) {
  EXPECT_EQ(space().size(), 0U);
  EXPECT_EQ(space().dimension(), 0U);
  EXPECT_EQ(space().sequence(), 0U);
  EXPECT_EQ(space().find(1), std::nullopt);
  EXPECT_TRUE(space().nearest({}, 3, nullptr).empty());
}

TEST_F(SpaceTest, KeepsWhatIsPutIntoItOverARestart) {
  const ItemId a = add({1, 0});
  const ItemId b = add({0, 1}, .3);
  EXPECT_EQ((Ids{a, b}), (Ids{1, 2}));
  space().commit(
      [&](Transaction& t) { t.put({.from = a, .to = b, .type = EdgeType::abstracts, .weight = .8}); });
  reopen();
  EXPECT_EQ(space().size(), 2U);
  EXPECT_EQ(space().dimension(), 2U);
  EXPECT_EQ(space().sequence(), 3U);
  EXPECT_EQ(space().find(b)->kappa, .3);
  EXPECT_EQ(space().find(b)->sequence, 2U);
  EXPECT_EQ(space().vector_of(a), (std::vector<float>{1, 0}));
  ASSERT_EQ(space().edges_of(b).size(), 1U);
  EXPECT_EQ(space().edges_of(b)[0].weight, .8);
  EXPECT_EQ(add({0, 1}), 3U) << "ids go on";
}

// A known failure of such stores.
TEST_F(SpaceTest, AnUpdateOfKappaSurvivesARestart) {
  const ItemId id = add({1, 0});
  for (int i = 0; i < 3; ++i)
    space().commit([&](Transaction& t) {
      Item item = *t.find(id);
      item.kappa += .05;
      t.update(item);
    });
  EXPECT_EQ(band_of(space().summaries()[0].second.kappa), Band::replayed);
  reopen();
  EXPECT_EQ(band_of(space().summaries()[0].second.kappa), Band::replayed);
  EXPECT_EQ(band_of(space().find(id)->kappa), Band::replayed);
}

// Another one.
TEST_F(SpaceTest, StopAndStartLeaveTheNumberOfItemsAsItWas) {
  for (int i = 0; i < 10; ++i) add({1, 0});
  for (int round = 0; round < 3; ++round) {
    reopen();
    EXPECT_EQ(space().size(), 10U);
    EXPECT_EQ(space().sequence(), 10U) << "opening changes nothing";
  }
}

TEST_F(SpaceTest, AnItemGoesWithItsVectorAndEdges) {
  const ItemId a = add({1, 0});
  const ItemId b = add({0, 1});
  const ItemId c = add({0, 1});
  space().commit([&](Transaction& t) {
    t.put({.from = a, .to = b});
    t.put({.from = b, .to = c});
    t.put({.from = c, .to = a});
  });
  space().commit([&](Transaction& t) {
    t.put({.from = b, .to = a, .type = EdgeType::abstracts});
    EXPECT_TRUE(t.erase(b));
    EXPECT_FALSE(t.erase(b));
    EXPECT_EQ(t.find(b), std::nullopt);
  });
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(ids(), (Ids{a, c}));
    EXPECT_TRUE(space().vector_of(b).empty());
    EXPECT_TRUE(space().edges_of(b).empty());
    ASSERT_EQ(space().edges_of(a).size(), 1U);
    EXPECT_EQ(space().edges_of(a)[0].from, c);
    reopen();
    EXPECT_TRUE(space().damage().empty());
  }
}

TEST_F(SpaceTest, AChangeThatThrowsHasNotHappened) {
  const ItemId a = add({1, 0});
  EXPECT_THROW(space().commit([&](Transaction& t) {
    t.insert({}, std::vector<float>{0, 1});
    t.erase(a);
    throw Error(ExitCode::usage, "no");
  }),
               Error);
  EXPECT_EQ(ids(), Ids{a});
  EXPECT_EQ(space().sequence(), 1U);
  EXPECT_EQ(add({0, 1}), 2U) << "the id was not used up";
}

TEST_F(SpaceTest, WhereTheDiskRefusesAChangeTheSpaceIsReadOnlyUntilItIsOpenedAgain) {
  add({1, 0});
  backend_->is_full = true;
  EXPECT_THROW(add({0, 1}), Error);
  backend_->is_full = false;
  EXPECT_EQ(space().size(), 1U);
  EXPECT_TRUE(space().is_read_only());
  EXPECT_EQ(space().damage().at(0).what, "the disk is full");
  EXPECT_THROW(add({0, 1}), Error);
  EXPECT_EQ(space().find(1)->id, 1U) << "reading goes on";
  reopen();
  EXPECT_EQ(add({0, 1}), 2U);
  EXPECT_EQ(space().sequence(), 2U);
}

TEST_F(SpaceTest, ChangesOfSeveralThreadsAllHappenAndShareWrites) {
  constexpr int kThreads = 8;
  constexpr int kChanges = 50;
  const ItemId id = add({1, 0});
  std::latch begin(kThreads);
  std::atomic<int> n_refused = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&] {
      begin.arrive_and_wait();
      for (int i = 0; i < kChanges; ++i) {
        try {
          space().commit([&](Transaction& change) {
            Item item = *change.find(id);
            ++item.accesses;
            change.update(item);
            if (i % 10 == 0) throw Error(ExitCode::usage, "not this one");
          });
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ExitCode::usage);
          ++n_refused;
        }
      }
    });
  threads.clear();
  EXPECT_EQ(n_refused, kThreads * kChanges / 10);
  EXPECT_EQ(space().find(id)->accesses, kThreads * kChanges * 9 / 10U);
  EXPECT_EQ(space().sequence(), 1 + kThreads * kChanges * 9 / 10U);
  EXPECT_LE(backend_->n_writes, 1 + kThreads * kChanges);
}

TEST_F(SpaceTest, SearchesExactlyAndBreaksTiesByTheSmallerId) {
  const ItemId a = add({1, 0});
  const ItemId b = add({.6F, .8F});
  const ItemId c = add({1, 0}, .5);
  const ItemId d = add({-1, 0});
  const std::vector<float> query{1, 0};
  EXPECT_EQ(space().nearest(query, 3, nullptr), (std::vector<Neighbour>{{a, 1}, {c, 1}, {b, .6F}}));
  EXPECT_EQ(space().nearest(query, 10, [](ItemId, const Summary& s) { return s.kappa < .5; }),
            (std::vector<Neighbour>{{a, 1}, {b, .6F}, {d, -1}}));
  EXPECT_TRUE(space().nearest(query, 0, nullptr).empty());
}

TEST_F(SpaceTest, ADamagedValueIsNamedAndTheRestIsServed) {
  for (int i = 0; i < 5; ++i) add({1, 0});
  std::string value = *under_->get(Column::items, item_key(2));
  value[9] = static_cast<char>(value[9] ^ 1);
  WriteBatch batch;
  batch.put(Column::items, item_key(2), value);
  batch.erase(Column::vectors, item_key(4));
  under_->write(batch, true);
  reopen();
  EXPECT_EQ(ids(), (Ids{1, 3, 5}));
  std::string told;
  for (const Damage& damage : space().damage()) told += damage.where + ": " + damage.what + "\n";
  EXPECT_NE(told.find("items/2: the checksum does not fit"), std::string::npos) << told;
  EXPECT_NE(told.find("item 4 has no vector"), std::string::npos) << told;
  EXPECT_TRUE(space().is_read_only());
  EXPECT_THROW(add({0, 1}), Error);
  EXPECT_THROW(static_cast<void>(space().find(2)), DamagedValue);
  EXPECT_EQ(space().find(3)->id, 3U);
}

TEST_F(SpaceTest, AroundADamagedBlockEverythingIsServed) {
  for (int i = 0; i < 9; ++i) add({1, 0});
  reopen([](SharedBackend& backend) {
    backend.damaged_column = Column::items;
    backend.first_damaged = item_key(4);
    backend.last_damaged = item_key(6);
  });
  EXPECT_EQ(ids(), (Ids{1, 2, 3, 7, 8, 9}));
  EXPECT_NE(space().damage()[0].what.find("000012.sst"), std::string::npos) << "the file is named";
  EXPECT_TRUE(space().is_read_only());
}

TEST_F(SpaceTest, ValuesFoundDamagedLaterMakeItReadOnly) {
  add({1, 0});
  WriteBatch batch;
  batch.put(Column::items, item_key(1), "nonsense");
  under_->write(batch, true);
  EXPECT_FALSE(space().is_read_only());
  EXPECT_THROW(static_cast<void>(space().find(1)), DamagedValue);
  EXPECT_TRUE(space().is_read_only());
  EXPECT_EQ(space().damage().size(), 1U);
}

TEST_F(SpaceTest, DamageThatAChangeMeetsMakesItReadOnly) {
  const Edge edge{.from = 1, .to = 2};
  const Provenance signal;
  const std::vector<std::pair<std::pair<Column, std::string>, std::function<void(Transaction&)>>> cases{
      {{Column::edges, edge_key(edge)}, [&](Transaction& t) { static_cast<void>(t.find(edge)); }},
      {{Column::signals, signal_key(signal)},
       [&](Transaction& t) { static_cast<void>(t.watermark(signal)); }},
      {{Column::meta, "cycle"}, [](Transaction& t) { static_cast<void>(t.number("cycle")); }}};
  for (const auto& [place, change] : cases) {
    reopen();
    WriteBatch batch;
    batch.put(place.first, place.second, "nonsense");
    under_->write(batch, true);
    EXPECT_FALSE(space().is_read_only());
    EXPECT_THROW(space().commit(change), DamagedValue);
    EXPECT_TRUE(space().is_read_only());
    ASSERT_EQ(space().damage().size(), 1U);
    EXPECT_NE(space().damage()[0].what.find(name_of(place.first)), std::string::npos);
    WriteBatch mended;
    mended.erase(place.first, place.second);
    under_->write(mended, true);
  }
}

TEST_F(SpaceTest, DamageThatVerifyMeetsMakesItReadOnly) {
  add({1, 0});
  const std::string key = signal_key({});
  WriteBatch batch;
  batch.put(Column::signals, key, "nonsense");
  under_->write(batch, true);
  EXPECT_EQ(verify(space()).damage.size(), 1U);
  EXPECT_TRUE(space().is_read_only());
  EXPECT_EQ(space().damage(), verify(space()).damage) << "once, however often it is found";
}

TEST_F(SpaceTest, DamageIsListedOnceAndTheRestCounted) {
  for (int i = 0; i < 120; ++i) add({1, 0});
  WriteBatch batch;
  for (ItemId id = 1; id <= 120; ++id) batch.put(Column::items, item_key(id), "nonsense");
  under_->write(batch, true);
  for (int round = 0; round < 3; ++round)
    for (ItemId id = 1; id <= 50; ++id) EXPECT_THROW(static_cast<void>(space().find(id)), DamagedValue);
  EXPECT_EQ(space().damage().size(), 50U);
  EXPECT_EQ(space().n_damage(), 50U);
  for (ItemId id = 51; id <= 120; ++id) EXPECT_THROW(static_cast<void>(space().find(id)), DamagedValue);
  EXPECT_EQ(space().damage().size(), Space::kMostDamage);
  EXPECT_EQ(space().n_damage(), 120U);
}

TEST_F(SpaceTest, CountersBelowWhatIsThereAreDamage) {
  for (int i = 0; i < 3; ++i) add({1, 0});
  for (const auto& [key, number] : {std::pair{"next_id", 4U}, std::pair{"sequence", 3U}}) {
    for (const bool is_enough : {false, true}) {
      WriteBatch batch;
      batch.put(Column::meta, key, sealed(Column::meta, key, encode_number(is_enough ? number : number - 1)));
      under_->write(batch, true);
      reopen();
      EXPECT_EQ(space().is_read_only(), !is_enough) << key;
      EXPECT_EQ(space().damage().size(), is_enough ? 0U : 1U) << key;
      EXPECT_EQ(space().size(), 3U) << "it is served";
    }
  }
}

// A reader sees ways back and edges at different moments.
TEST_F(SpaceTest, EdgesThatGoWhileTheyAreReadAreNoDamage) {
  const ItemId to = add({1, 0});
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 2; ++reader)
    readers.emplace_back([&] {
      while (!is_over && !space().is_read_only()) EXPECT_NO_THROW(static_cast<void>(space().edges_of(to)));
    });
  try {
    for (int i = 0; i < 2'000; ++i) {
      const ItemId from = add({0, 1});
      space().commit([&](Transaction& t) { t.put({.from = from, .to = to}); });
      space().commit([&](Transaction& t) { EXPECT_TRUE(t.erase(from)); });
    }
  } catch (const Error& error) {
    ADD_FAILURE() << error.what();  // it has become read-only
  }
  is_over = true;
  readers.clear();
  EXPECT_TRUE(space().damage().empty());
}

TEST_F(SpaceTest, AWayBackWithoutItsEdgeIsDamage) {
  const ItemId from = add({0, 1});
  const ItemId to = add({1, 0});
  space().commit([&](Transaction& t) { t.put({.from = from, .to = to}); });
  WriteBatch batch;
  batch.erase(Column::edges, edge_key({.from = from, .to = to}));
  under_->write(batch, true);
  EXPECT_THROW(static_cast<void>(space().edges_of(to)), DamagedValue);
  EXPECT_TRUE(space().is_read_only());
}

TEST_F(SpaceTest, IsWhatAMapOfItemsWouldBe) {
  std::mt19937 random(3);
  std::map<ItemId, double> expected;
  std::map<std::pair<ItemId, ItemId>, double> edges;
  const auto any = [&] { return std::next(expected.begin(), random() % expected.size())->first; };
  for (int i = 0; i < 1'500; ++i) {
    const double kappa = static_cast<double>(random() % 1000) / 1000;
    space().commit([&](Transaction& t) {
      for (int k = 0; k < 3; ++k) {
        const auto kind = random() % 10;
        if (expected.size() < 5 || kind < 4) {
          Item item;
          item.kappa = kappa;
          expected.emplace(t.insert(item, std::vector<float>{1, 0}), kappa);
        } else if (kind < 6) {
          Item item = *t.find(any());
          item.kappa = kappa;
          expected[item.id] = kappa;
          t.update(item);
        } else if (kind < 8) {
          const Edge edge{.from = any(), .to = any(), .type = EdgeType::co_replayed, .weight = kappa};
          if (edge.from == edge.to) continue;
          edges[{edge.from, edge.to}] = kappa;
          t.put(edge);
        } else {
          const ItemId id = any();
          expected.erase(id);
          std::erase_if(edges, [&](const auto& e) { return e.first.first == id || e.first.second == id; });
          EXPECT_TRUE(t.erase(id));
        }
      }
    });
    if (i % 300 == 299) reopen();
  }
  std::map<ItemId, double> found;
  std::map<std::pair<ItemId, ItemId>, double> found_edges;
  for (const auto& [id, summary] : space().summaries()) {
    found.emplace(id, space().find(id)->kappa);
    EXPECT_EQ(summary.kappa, found[id]);
    for (const Edge& edge : space().edges_of(id)) found_edges[{edge.from, edge.to}] = edge.weight;
  }
  EXPECT_EQ(found, expected);
  EXPECT_EQ(found_edges, edges);
  EXPECT_TRUE(space().damage().empty());
}

}  // namespace
}  // namespace sharpwave::memory
