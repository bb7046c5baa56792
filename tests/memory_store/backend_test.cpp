// What every storage backend must do: one body, run for each.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "memory_store/rocks_backend.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/memory_backend.hpp"

namespace sharpwave::memory::testing {
namespace {

/// A backend that may be closed and opened again.
class Fixture {
 public:
  virtual ~Fixture() = default;
  virtual StorageBackend& get() = 0;
  virtual void reopen() = 0;
};

class InMemory : public Fixture {
 public:
  StorageBackend& get() override { return backend_; }
  void reopen() override {}

 private:
  MemoryBackend backend_;
};

class InRocks : public Fixture {
 public:
  InRocks() { reopen(); }
  StorageBackend& get() override { return *backend_; }
  void reopen() override {
    backend_.reset();
    backend_ = std::make_unique<RocksBackend>(directory_.path() / "db", make_rocks_resources({}),
                                              LogRecovery::whole, false);
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<RocksBackend> backend_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Fixture>()> make;
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class Backend : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { fixture_ = GetParam().make(); }
  StorageBackend& backend() { return fixture_->get(); }
  void put(Column column, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.put(column, key, value);
    backend().write(batch, true);
  }
  std::vector<std::string> keys(Column column, const std::string& prefix, Order order,
                                std::size_t most = 1000) {
    std::vector<std::string> keys;
    backend().scan(column, prefix, order, [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return keys.size() < most;
    });
    return keys;
  }
  std::unique_ptr<Fixture> fixture_;
};

using Keys = std::vector<std::string>;

TEST_P(Backend, GivesBackWhatWasWrittenLast) {
  EXPECT_EQ(backend().get(Column::items, "a"), std::nullopt);
  put(Column::items, "a", "1");
  put(Column::items, "a", "2");
  put(Column::items, std::string("\0\xff", 2), std::string("\0", 1));
  EXPECT_EQ(backend().get(Column::items, "a"), "2");
  EXPECT_EQ(backend().get(Column::items, std::string_view("\0\xff", 2)), std::string("\0", 1));
  EXPECT_EQ(backend().get(Column::vectors, "a"), std::nullopt) << "columns know nothing of each other";
}

TEST_P(Backend, WritesOfABatchHappenInTheirOrder) {
  WriteBatch batch;
  batch.put(Column::items, "a", "1");
  batch.erase(Column::items, "a");
  batch.put(Column::edges, "b", "");
  batch.put(Column::items, "c", "1");
  batch.put(Column::items, "c", "2");
  batch.erase(Column::meta, "never there");
  backend().write(batch, false);
  EXPECT_EQ(backend().get(Column::items, "a"), std::nullopt);
  EXPECT_EQ(backend().get(Column::edges, "b"), "");
  EXPECT_EQ(backend().get(Column::items, "c"), "2");
}

TEST_P(Backend, ScansKeysOfAPrefixInBothOrders) {
  for (const char* key : {"a", "ab", "abc", "ac", "b", "a\xff", "a\xff\xff"}) put(Column::edges, key, "x");
  EXPECT_EQ(keys(Column::edges, "ab", Order::ascending), (Keys{"ab", "abc"}));
  EXPECT_EQ(keys(Column::edges, "ab", Order::descending), (Keys{"abc", "ab"}));
  EXPECT_EQ(keys(Column::edges, "a\xff", Order::descending), (Keys{"a\xff\xff", "a\xff"}));
  EXPECT_EQ(keys(Column::edges, "", Order::ascending, 3), (Keys{"a", "ab", "abc"}));
  EXPECT_EQ(keys(Column::edges, "", Order::descending, 2), (Keys{"b", "a\xff\xff"}));
  EXPECT_EQ(keys(Column::edges, "c", Order::ascending), Keys{});
  EXPECT_EQ(keys(Column::items, "", Order::descending), Keys{});
}

TEST_P(Backend, AScanSeesOneMoment) {
  for (const char* key : {"a", "b", "c"}) put(Column::items, key, "x");
  Keys seen;
  backend().scan(Column::items, "", Order::ascending, [&](std::string_view key, std::string_view) {
    seen.emplace_back(key);
    WriteBatch batch;
    batch.erase(Column::items, "b");
    batch.put(Column::items, "d", "x");
    backend().write(batch, false);
    return true;
  });
  EXPECT_EQ(seen, (Keys{"a", "b", "c"}));
  EXPECT_EQ(keys(Column::items, "", Order::ascending), (Keys{"a", "c", "d"}));
}

TEST_P(Backend, IsAMapAlsoAfterItWasClosed) {
  std::mt19937 random(1);
  std::map<std::pair<Column, std::string>, std::string> expected;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 500; ++i) {
      const Column column = kColumns[random() % std::size(kColumns)];
      const std::string key = std::to_string(random() % 100);
      WriteBatch batch;
      if (random() % 3 == 0) {
        batch.erase(column, key);
        expected.erase({column, key});
      } else {
        const std::string value(random() % 1000, static_cast<char>(random()));
        batch.put(column, key, value);
        expected.insert_or_assign({column, key}, value);
      }
      backend().write(batch, i % 50 == 0);
    }
    backend().sync();
    fixture_->reopen();
    std::map<std::pair<Column, std::string>, std::string> found;
    for (const Column column : kColumns)
      backend().scan(column, "", Order::ascending, [&](std::string_view key, std::string_view value) {
        found.emplace(std::pair(column, key), value);
        return true;
      });
    EXPECT_EQ(found, expected);
  }
  EXPECT_GT(backend().bytes(), 0U);
}

TEST_P(Backend, TakesWritesOfSeveralThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      for (int i = 0; i < 50; ++i) put(Column::items, std::to_string(t) + "/" + std::to_string(i), "x");
    });
  threads.clear();
  EXPECT_EQ(keys(Column::items, "", Order::ascending).size(), 200U);
}

INSTANTIATE_TEST_SUITE_P(All, Backend,
                         ::testing::Values(Kind{"memory", [] { return std::make_unique<InMemory>(); }},
                                           Kind{"rocksdb", [] { return std::make_unique<InRocks>(); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace sharpwave::memory::testing
