// What a power cut leaves, and a full disk. SHARPWAVE_CYCLES sets how many, SHARPWAVE_SEED the first of them.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/open_space.hpp"
#include "memory_store/space.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/power_cut_file_system.hpp"

namespace sharpwave::memory {
namespace {

using testing::PowerCutFileSystem;

std::uint64_t setting(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

/// Items by id with the number of times that each was changed, as far as was acknowledged.
using Acknowledged = std::map<ItemId, std::uint64_t>;

/// Changes a space at random until the power is cut. What the last change did is not known.
class Cycle {
 public:
  Cycle(std::uint64_t seed, bool syncs) : random_(seed), files_(std::make_shared<PowerCutFileSystem>(syncs)) {
    env_ = rocksdb::NewCompositeEnv(files_);
  }

  void run() {
    files_->cut_after(20 + random_() % 400);
    try {
      OpenedSpace opened = open_space(directory_.path(), resources(env_.get()), false);
      RocksBackend* const backend = opened.backend.get();
      Space space(std::move(opened.backend), true, false);
      while (!files_->is_cut()) {
        change(space);
        if (random_() % 40 == 0) backend->flush();
      }
    } catch (const Error&) {
      EXPECT_TRUE(files_->is_cut());
    }
    files_->lose_what_was_not_synced(random_);
  }

  /// How many acknowledged items, or changes of them, are gone; 1 at least where the space cannot be opened.
  std::size_t n_lost() {
    try {
      OpenedSpace opened = open_space(directory_.path(), resources(nullptr), false);
      const Space space(std::move(opened.backend), true, opened.report.is_read_only);
      std::size_t n = space.damage().size();
      for (const auto& [id, changes] : acknowledged_) {
        const std::optional<Item> item = space.find(id);
        const bool is_there = item && item->accesses >= changes && !space.vector_of(id).empty();
        n += is_there || id == in_doubt_ ? 0 : 1;
      }
      return n;
    } catch (const Error& error) {
      what_ = error.what();
      return acknowledged_.empty() ? 0 : acknowledged_.size();
    }
  }
  [[nodiscard]] std::size_t n_acknowledged() const { return acknowledged_.size(); }
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  static std::shared_ptr<const RocksResources> resources(rocksdb::Env* env) {
    RocksLimits limits;
    limits.write_buffer_bytes = 64 << 10;  // so that tables are written, too
    return make_rocks_resources(limits, env);
  }

  void change(Space& space) {
    Acknowledged after = acknowledged_;
    space.commit([&](Transaction& t) {
      const auto kind = random_() % 10;
      if (after.empty() || kind < 5) {
        Item item;
        item.metadata.assign(random_() % 2000, 'x');
        after[t.insert(item, std::vector<float>(16, .25F))] = 0;
        return;
      }
      const auto at = std::next(after.begin(), static_cast<std::ptrdiff_t>(random_() % after.size()));
      in_doubt_ = at->first;
      if (kind < 8) {
        Item item = *t.find(at->first);
        item.accesses = ++at->second;
        t.update(item);
        in_doubt_ = kNoItem;  // the old state is there at least
      } else {
        t.erase(at->first);
        after.erase(at);
      }
    });
    acknowledged_ = after;
    in_doubt_ = kNoItem;
  }

  TemporaryDirectory directory_;
  std::mt19937_64 random_;
  std::shared_ptr<PowerCutFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  Acknowledged acknowledged_;
  ItemId in_doubt_ = kNoItem;  ///< the power went while it was erased
  std::string what_;
};

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
  const std::uint64_t n_cycles = setting("SHARPWAVE_CYCLES", 50);
  const std::uint64_t first = setting("SHARPWAVE_SEED", std::random_device()());
  std::cout << n_cycles << " power cuts, SHARPWAVE_SEED=" << first << "\n";
  std::size_t n_acknowledged = 0;
  for (std::uint64_t seed = first; seed < first + n_cycles; ++seed) {
    Cycle cycle(seed, true);
    cycle.run();
    EXPECT_EQ(cycle.n_lost(), 0U) << "SHARPWAVE_CYCLES=1 SHARPWAVE_SEED=" << seed << " " << cycle.what();
    n_acknowledged += cycle.n_acknowledged();
  }
  EXPECT_GT(n_acknowledged, n_cycles) << "or nothing was tested";
}

// The test of the test: where a sync is none, a cut must be seen.
TEST(PowerCut, LosesSomethingWhereNothingIsSynced) {
  std::size_t n_lost = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cycle cycle(seed, false);
    cycle.run();
    n_lost += cycle.n_lost();
  }
  EXPECT_GT(n_lost, 20U);
}

TEST(FullDisk, LosesNothingThatWasAcknowledged) {
  const TemporaryDirectory directory;
  RocksLimits limits;
  limits.write_buffer_bytes = 64 << 10;
  std::vector<ItemId> kept;
  for (int round = 0; round < 5; ++round) {
    const auto files = std::make_shared<PowerCutFileSystem>(true);
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    OpenedSpace opened = open_space(directory.path(), make_rocks_resources(limits, env.get()), false);
    Space space(std::move(opened.backend), true, opened.report.is_read_only);
    EXPECT_TRUE(space.damage().empty());
    EXPECT_GE(space.size(), kept.size());
    EXPECT_LE(space.size(), kept.size() + 1) << "one change was in doubt";
    kept.clear();
    for (const auto& [id, summary] : space.summaries()) kept.push_back(id);
    const auto add = [&] {
      ItemId id = kNoItem;
      Item item;
      item.metadata.assign(3000, 'x');
      space.commit([&](Transaction& t) { id = t.insert(item, std::vector<float>(16, .25F)); });
      kept.push_back(id);
    };
    for (int i = 0; i < 20; ++i) add();
    files->set_full(true);
    try {
      add();
      ADD_FAILURE() << "there was no room";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::no_room) << error.what();
    }
    for (const ItemId id : kept) EXPECT_TRUE(space.find(id).has_value()) << "reading goes on";
    files->set_full(false);
    EXPECT_THROW(add(), Error);
    EXPECT_TRUE(space.is_read_only());
  }
  OpenedSpace opened = open_space(directory.path(), make_rocks_resources(limits), false);
  const Space space(std::move(opened.backend), true, opened.report.is_read_only);
  for (const ItemId id : kept) EXPECT_TRUE(space.find(id).has_value()) << id;
}

}  // namespace
}  // namespace sharpwave::memory
