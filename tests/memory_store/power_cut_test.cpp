// What a power cut leaves, and a full disk. SHARPWAVE_CYCLES sets how many, SHARPWAVE_SEED the first of them.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

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
#include "memory_store/synced_file.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/memory_store/power_cut_file_system.hpp"
#include "tests/support/settings.hpp"

namespace sharpwave::memory {
namespace {

using test::setting;
using testing::PowerCutFileSystem;

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

  /// How many acknowledged items, or changes of them, are gone, and how many that were erased are back; 1 at
  /// least where the space cannot be opened.
  std::size_t n_lost() {
    try {
      OpenedSpace opened = open_space(directory_.path(), resources(nullptr), false);
      Space space(std::move(opened.backend), true, opened.report.is_read_only);
      std::size_t n = space.damage().size();
      for (const auto& [id, changes] : acknowledged_) {
        const std::optional<Item> item = space.find(id);
        const bool is_there = item && item->accesses >= changes && !space.vector_of(id).empty();
        n += is_there || id == in_doubt_ ? 0 : 1;
      }
      for (const ItemId id : erased_) n += space.find(id) ? 1 : 0;
      is_writable_ = !space.is_read_only();
      if (is_writable_) space.commit([](Transaction& t) { t.insert({}, std::vector<float>(16, .25F)); });
      return n;
    } catch (const Error& error) {
      what_ = error.what();
      return acknowledged_.size();
    }
  }
  /// And goes on, as n_lost() has found.
  [[nodiscard]] bool is_writable() const { return is_writable_; }
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
    for (const auto& [id, changes] : acknowledged_)
      if (!after.contains(id)) erased_.push_back(id);
    acknowledged_ = after;
    in_doubt_ = kNoItem;
  }

  TemporaryDirectory directory_;
  std::mt19937_64 random_;
  std::shared_ptr<PowerCutFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  Acknowledged acknowledged_;
  std::vector<ItemId> erased_;  ///< that was acknowledged
  ItemId in_doubt_ = kNoItem;   ///< the power went while it was erased
  bool is_writable_ = false;
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
    EXPECT_TRUE(cycle.is_writable()) << "SHARPWAVE_CYCLES=1 SHARPWAVE_SEED=" << seed << " " << cycle.what();
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

/// Likewise where not every change is synced: what is there after a cut is what was there after some change,
/// and none before the one that `synced` promised. The power may be cut while that is found out, too.
class UnsyncedCycle {
 public:
  UnsyncedCycle(std::uint64_t seed, SyncMode mode, bool syncs) : random_(seed), mode_(mode), syncs_(syncs) {
    for (auto n_rounds = syncs ? 1 + random_() % 3 : 1; n_rounds > 0; --n_rounds) run();
  }
  [[nodiscard]] bool keeps_its_promise() const {
    const std::uint64_t promised = read_synced(directory_.path()).value_or(0);
    try {
      const OpenedSpace opened = open_space(directory_.path(), make_rocks_resources(limits()), false, mode_);
      return !opened.report.is_read_only && opened.report.sequence >= promised;
    } catch (const Error&) {
      return false;
    }
  }
  void expect_a_state_of_before(const std::string& seed) const {
    const std::uint64_t promised = read_synced(directory_.path()).value_or(0);
    const auto resources = make_rocks_resources(limits());
    OpenedSpace opened = open_space(directory_.path(), resources, false, mode_);
    const std::uint64_t sequence = opened.report.sequence;
    const Space space(std::move(opened.backend), false, opened.report.is_read_only);
    std::string told;
    for (const std::string& note : opened.report.notes) told += note + "; ";
    for (const Damage& damage : space.damage()) told += damage.what + "; ";
    EXPECT_FALSE(space.is_read_only()) << seed << told;
    EXPECT_GE(sequence, promised) << seed << told;
    ASSERT_LT(sequence, states_.size()) << seed << told;
    EXPECT_EQ(state_of(space), states_[sequence]) << seed << "at change " << sequence << ", " << told;
  }
  [[nodiscard]] std::size_t n_changes() const { return states_.size() - 1; }
  [[nodiscard]] std::size_t n_synced() const { return n_synced_; }

 private:
  static RocksLimits limits() {
    RocksLimits limits;
    limits.write_buffer_bytes = 64 << 10;
    return limits;
  }
  static Acknowledged state_of(const Space& space) {
    Acknowledged state;
    for (const auto& [id, summary] : space.summaries()) state[id] = space.find(id)->accesses;
    return state;
  }

  void run() {
    const auto files = std::make_shared<PowerCutFileSystem>(syncs_);
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    files->cut_after(5 + random_() % 600);
    try {
      OpenedSpace opened =
          open_space(directory_.path(), make_rocks_resources(limits(), env.get()), false, mode_);
      RocksBackend* const backend = opened.backend.get();
      Space space(std::move(opened.backend), false, opened.report.is_read_only);
      states_.resize(opened.report.sequence + 1);
      while (!files->is_cut()) {
        change(space);
        if (random_() % 40 == 0) backend->flush();
        if (mode_ != SyncMode::interval || random_() % 20 != 0) continue;
        backend->sync();
        write_synced(directory_.path(), space.sequence());
        ++n_synced_;
      }
    } catch (const Error& error) {
      EXPECT_TRUE(files->is_cut()) << error.what();
    }
    files->lose_what_was_not_synced(random_);
  }

  void change(Space& space) {
    Acknowledged after = states_.back();
    const auto kind = random_() % 10;
    const auto at = after.empty()
                        ? after.end()
                        : std::next(after.begin(), static_cast<std::ptrdiff_t>(random_() % after.size()));
    space.commit([&](Transaction& t) {
      Item item;
      item.metadata.assign(random_() % 2000, 'x');
      if (after.empty() || kind < 5) {
        after[t.insert(item, std::vector<float>(16, .25F))] = 0;
      } else if (kind < 8) {
        item = *t.find(at->first);
        item.accesses = ++at->second;
        t.update(item);
      } else {
        t.erase(at->first);
        after.erase(at);
      }
      states_.push_back(after);  // it may be there even where the power goes before that is said
    });
  }

  TemporaryDirectory directory_;
  std::mt19937_64 random_;
  SyncMode mode_;
  bool syncs_;
  std::vector<Acknowledged> states_{{}};  ///< after each change, by its number
  std::size_t n_synced_ = 0;
};

TEST(PowerCut, LosesNothingThatWasSyncedWhereSomethingIsNot) {
  const std::uint64_t n_cycles = setting("SHARPWAVE_CYCLES", 20);
  const std::uint64_t first = setting("SHARPWAVE_SEED", std::random_device()());
  std::cout << n_cycles << " power cuts, SHARPWAVE_SEED=" << first << "\n";
  std::size_t n_changes = 0;
  std::size_t n_synced = 0;
  for (std::uint64_t seed = first; seed < first + n_cycles; ++seed) {
    const UnsyncedCycle cycle(seed, seed % 4 == 0 ? SyncMode::none : SyncMode::interval, true);
    cycle.expect_a_state_of_before("SHARPWAVE_CYCLES=1 SHARPWAVE_SEED=" + std::to_string(seed) + " ");
    n_changes += cycle.n_changes();
    n_synced += cycle.n_synced();
  }
  EXPECT_GT(n_changes, 10 * n_cycles) << "or nothing was tested";
  EXPECT_GT(n_synced, n_cycles);
}

TEST(PowerCut, BreaksPromisesWhereNothingIsSynced) {
  std::size_t n_broken = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    if (!UnsyncedCycle(seed, SyncMode::interval, false).keeps_its_promise()) ++n_broken;
  EXPECT_GE(n_broken, 5U);
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
