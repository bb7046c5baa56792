#include "memory_store/emergency.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memory_store/codec.hpp"
#include "memory_store/log_damage.hpp"
#include "memory_store/quarantine.hpp"
#include "memory_store/salvage.hpp"
#include "memory_store/synced_file.hpp"
#include "tests/memory_store/memory_backend.hpp"
#include "tests/memory_store/store_files.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

namespace fs = std::filesystem;

using test::code_of;
using testing::add;
using testing::content;
using testing::digest_of;
using testing::flip;
using testing::ids_of;
using testing::ScratchStore;

class EmergencyTest : public ::testing::Test {
 protected:
  /// Does it to the default space, with the confirmation that it takes, after a dry run that changes nothing.
  EmergencyReport recover(Emergency mode, bool backup_first = false) {
    scratch_.close();
    EmergencyOptions options{
        .space = "default", .dry_run = true, .backup_first = backup_first, .confirmation = {}};
    const std::string before = digest_of(scratch_.path());
    const auto looked = memory::recover(scratch_.path(), mode, options).at(0);
    EXPECT_EQ(digest_of(scratch_.path()), before) << "a dry run changes nothing";
    options.dry_run = false;
    options.confirmation = confirmation_of(mode, "default");
    const auto reports = memory::recover(scratch_.path(), mode, options);
    EXPECT_EQ(reports.size(), 1U);
    EXPECT_EQ(looked.found, reports.at(0).found) << "the dry run has seen the same";
    EXPECT_EQ(looked.failure, reports.at(0).failure);
    return reports.at(0);
  }
  std::shared_ptr<Space> open() { return scratch_.open().space("default"); }
  void fill(int n, const std::string& metadata = {}) {
    const auto space = open();
    for (int i = 0; i < n; ++i) add(*space, {1, 0}, metadata);
  }
  static std::string text(const EmergencyReport& report) {
    std::string all;
    for (const auto* lines : {&report.found, &report.done})
      for (const std::string& line : *lines) all += line + "\n";
    return all + report.failure;
  }

  ScratchStore scratch_;
};

TEST_F(EmergencyTest, ModesHaveNames) {
  for (const char* name : {"sanitize-nan", "set-aside-wal", "rebuild-indexes", "reset-space",
                           "restore-latest", "read-only", "writable"}) {
    const auto mode = emergency_of(name);
    ASSERT_TRUE(mode) << name;
    EXPECT_STREQ(name_of(*mode), name);
  }
  EXPECT_FALSE(emergency_of("repair"));
  EXPECT_EQ(confirmation_of(Emergency::reset_space, "default"), "reset-space default");
  EXPECT_EQ(confirmation_of(Emergency::reset_space, ""), "reset-space *");
}

TEST_F(EmergencyTest, NothingHappensWithoutTheWordsOrTheStore) {
  fill(2);
  EmergencyOptions options{
      .space = "default", .dry_run = false, .backup_first = false, .confirmation = "yes"};
  const auto reset = [&] { memory::recover(scratch_.path(), Emergency::reset_space, options); };
  EXPECT_EQ(code_of(reset), ExitCode::usage);
  options.confirmation = "reset-space other";
  EXPECT_EQ(code_of(reset), ExitCode::usage);
  options.confirmation = "reset-space default";
  EXPECT_EQ(code_of(reset), ExitCode::io) << "this process has the store";
  options.dry_run = true;
  EXPECT_EQ(code_of(reset), ExitCode::ok) << "looking is allowed beside it";
  EXPECT_EQ(open()->size(), 2U);
  scratch_.close();
  options = {.space = "other", .dry_run = true, .backup_first = false, .confirmation = {}};
  EXPECT_EQ(code_of(reset), ExitCode::usage) << "no such space";
  options.space = "../default";
  EXPECT_EQ(code_of(reset), ExitCode::usage);
  const fs::path nothing = scratch_.path() / "nothing";
  options = {.space = "", .dry_run = false, .backup_first = false, .confirmation = "reset-space *"};
  EXPECT_EQ(code_of([&] { memory::recover(nothing, Emergency::reset_space, options); }), ExitCode::usage);
  EXPECT_FALSE(fs::exists(nothing)) << "no store is made";
}

TEST_F(EmergencyTest, ResetSetsTheSpaceAside) {
  fill(3);
  scratch_.close();
  const std::string before = digest_of(scratch_.space_path());
  EXPECT_EQ(text(recover(Emergency::reset_space)).find("damaged"), std::string::npos);
  EXPECT_EQ(digest_of(scratch_.path() / "set_aside" / "default-1"), before);
  EXPECT_EQ(open()->size(), 0U);
  EXPECT_EQ(add(*open(), {1, 0, 0}), 1U) << "also with another dimension";
}

TEST_F(EmergencyTest, AllSpacesAreDoneAndACopyIsSetAsideFirst) {
  fill(3);
  scratch_.open().create("digits");
  add(*scratch_.open().space("digits"), {1, 0});
  scratch_.close();
  const std::string before = digest_of(scratch_.space_path());
  const auto reports =
      memory::recover(scratch_.path(), Emergency::read_only,
                      {.space = "", .dry_run = false, .backup_first = true, .confirmation = "read-only *"});
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(digest_of(scratch_.path() / "set_aside" / "default-1"), before);
  EXPECT_TRUE(fs::exists(scratch_.path() / "set_aside" / "digits-1"));
  EXPECT_TRUE(scratch_.open().space("digits")->is_read_only());
}

TEST_F(EmergencyTest, ASpaceIsMarkedReadOnlyUntilItIsNot) {
  fill(3);
  recover(Emergency::read_only);
  EXPECT_TRUE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 3U);
  const EmergencyReport refused = recover(Emergency::reset_space);
  EXPECT_NE(refused.failure.find("marked read-only"), std::string::npos);
  EXPECT_EQ(refused.code, ExitCode::io);
  recover(Emergency::writable);
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 3U);
  EXPECT_EQ(recover(Emergency::writable).code, ExitCode::ok);
  EXPECT_EQ(recover(Emergency::writable).done.size(), 0U) << "there was no mark";
}

TEST_F(EmergencyTest, AnIndexIsRemoved) {
  fill(3);
  EXPECT_TRUE(recover(Emergency::rebuild_indexes).done.empty());
  const fs::path index = scratch_.space_path() / "index";
  fs::create_directories(index);
  testing::overwrite(index / "vectors", "not an index");
  EXPECT_EQ(recover(Emergency::rebuild_indexes).done.size(), 1U);
  EXPECT_FALSE(fs::exists(index));
  EXPECT_EQ(open()->size(), 3U);
}

TEST_F(EmergencyTest, TheNewestBackupThatIsWholeIsRestored) {
  const auto none = [&] { return recover(Emergency::restore_latest).failure; };
  fill(1);
  EXPECT_NE(none().find("there is no backup of the space"), std::string::npos);
  EXPECT_EQ(recover(Emergency::restore_latest).code, ExitCode::usage);
  for (int i = 0; i < 3; ++i) {
    add(*open(), {1, 0});
    scratch_.open().backup("default", 5);
  }
  scratch_.close();
  const fs::path folder = scratch_.path() / "backups" / "default";
  flip(folder / "manifest-3.json", 100);
  flip(folder / "private" / "2" / "CURRENT", 3);
  const EmergencyReport report = recover(Emergency::restore_latest);
  EXPECT_EQ(report.found.size(), 2U) << text(report);
  EXPECT_EQ(open()->size(), 2U) << "that of backup 1";
  EXPECT_FALSE(open()->is_read_only());
  scratch_.close();
  flip(folder / "meta" / "1", 3);
  EXPECT_NE(none().find("of 3 backups none is whole"), std::string::npos);
  EXPECT_EQ(open()->size(), 2U) << "the space is what it was";
}

TEST_F(EmergencyTest, DamagedLogsAreSetAsideAndWhatStandsBeforeIsTheSpace) {
  fill(20);
  scratch_.close();
  const fs::path log = scratch_.files(".log").back();
  flip(log, content(log).size() / 2);
  const std::string damaged = content(log);
  const std::size_t n_before = open()->size();
  ASSERT_TRUE(open()->is_read_only());
  fs::create_directories(scratch_.space_path() / "index");
  const EmergencyReport report = recover(Emergency::set_aside_wal);
  EXPECT_FALSE(fs::exists(scratch_.space_path() / "index")) << "it may have what stood in the logs";
  EXPECT_NE(text(report).find("whole records stand behind that"), std::string::npos) << text(report);
  EXPECT_NE(text(report).find("change " + std::to_string(n_before) + " is the last"), std::string::npos);
  EXPECT_TRUE(content(scratch_.path() / "set_aside" / "default-1" / log.filename()) == damaged);
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(open()->size(), n_before);
  EXPECT_EQ(add(*open(), {1, 0}), n_before + 1);
  EXPECT_EQ(recover(Emergency::set_aside_wal).found, std::vector<std::string>{"the logs are whole"});
}

// RocksDB knows of the logs before the last one only.
TEST_F(EmergencyTest, ALastLogThatIsMissingIsToldAndGivenUp) {
  fill(5);
  scratch_.close();
  fs::remove(scratch_.files(".log").back());
  for (int round = 0; round < 2; ++round) EXPECT_TRUE(open()->is_read_only());
  EXPECT_NE(text(recover(Emergency::set_aside_wal)).find("no log is there"), std::string::npos);
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(recover(Emergency::set_aside_wal).found, std::vector<std::string>{"the logs are whole"});
}

TEST_F(EmergencyTest, APromiseThatIsBrokenIsGivenUp) {
  fill(5);
  scratch_.close();
  write_synced(scratch_.space_path(), 9);
  EXPECT_TRUE(open()->is_read_only());
  EXPECT_NE(text(recover(Emergency::set_aside_wal)).find("change 9 was on the disk"), std::string::npos);
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 5U);
}

/// A store as a machine leaves it that stopped while memtables waited to be written: two logs count.
class LogGapTest : public EmergencyTest {
 protected:
  void make_image(SyncMode sync) {
    StoreOptions options;
    options.sync = sync;
    options.limits.write_buffer_bytes = 64 << 10;
    const auto space = scratch_.open(options).space("default");
    rocksdb::DB& database = dynamic_cast<RocksBackend&>(space->backend()).database();
    ASSERT_TRUE(database.PauseBackgroundWork().ok());
    while (scratch_.files(".log").size() < 2) add(*space, {1, 0}, std::string(1000, 'x'));
    for (int i = 0; i < 3; ++i) add(*space, {1, 0});
    fs::copy(scratch_.path(), image(), fs::copy_options::recursive);
    ASSERT_TRUE(database.ContinueBackgroundWork().ok());
    n_all_ = space->size();
  }
  /// The store of that moment, of whose first log so many records are left. No log looks damaged then.
  void take_image(std::uint64_t n_kept, std::optional<std::uint64_t> promised) {
    scratch_.close();
    fs::remove_all(scratch_.path());
    fs::copy(image(), scratch_.path(), fs::copy_options::recursive);
    const fs::path log = scratch_.files(".log").front();
    const std::string whole = content(log);
    std::size_t n_bytes = std::min<std::size_t>(whole.size(), n_kept);
    const auto records = [&] { return find_log_damage(whole.substr(0, n_bytes)).records; };
    while (n_bytes < whole.size() && records() < n_kept) ++n_bytes;
    testing::overwrite(log, whole.substr(0, n_bytes));
    if (promised)
      write_synced(scratch_.space_path(), *promised);
    else
      remove_synced(scratch_.space_path());
  }
  [[nodiscard]] fs::path image() const { return scratch_.path().parent_path() / "image"; }

  std::size_t n_all_ = 0;
};

TEST_F(LogGapTest, IsDamageUnlessNothingOfItWasPromised) {
  make_image(SyncMode::none);
  take_image(1000000, std::nullopt);
  EXPECT_EQ(open()->size(), n_all_) << "there is none";
  EXPECT_FALSE(open()->is_read_only());
  take_image(5, 4);
  EXPECT_FALSE(open()->is_read_only()) << "nothing was promised of what is missing";
  EXPECT_EQ(open()->size(), 5U);
  EXPECT_EQ(add(*open(), {1, 0}), 6U);
  take_image(5, 6);
  EXPECT_TRUE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 5U);
  take_image(5, std::nullopt);
  EXPECT_TRUE(open()->is_read_only()) << "all was promised";
  EXPECT_EQ(open()->size(), 5U);
  EXPECT_EQ(recover(Emergency::set_aside_wal).failure, "");
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 5U);
  EXPECT_EQ(add(*open(), {1, 0}), 6U);
}

TEST_F(LogGapTest, IsRefusedWhereTheLogWasSyncedAndCanBeGivenUp) {
  make_image(SyncMode::always);
  take_image(5, std::nullopt);
  EXPECT_EQ(code_of([&] { static_cast<void>(open()); }), ExitCode::damaged_data);
  const EmergencyReport report = recover(Emergency::set_aside_wal);
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(open()->size(), 5U) << text(report);
  EXPECT_EQ(add(*open(), {1, 0}), 6U);
  take_image(1000000, std::nullopt);
  scratch_.close();
  fs::remove(scratch_.files(".log").front());
  EXPECT_EQ(code_of([&] { static_cast<void>(open()); }), ExitCode::damaged_data) << "a log that is missing";
  EXPECT_EQ(recover(Emergency::set_aside_wal).failure, "");
  EXPECT_FALSE(open()->is_read_only());
  EXPECT_EQ(open()->size(), 0U) << "what stands behind it is set aside";
}

TEST_F(EmergencyTest, WhatIsNotFiniteOrNotWholeGoesIntoQuarantine) {
  {
    const auto space = open();
    for (int i = 0; i < 10; ++i) add(*space, {1, 0}, "item");
    for (const ItemId to : {2U, 3U, 4U, 5U})
      space->commit(
          [&](Transaction& t) { t.put({.from = 1, .to = to, .type = EdgeType::co_replayed, .weight = .5}); });
    Item item = *space->find(4);
    item.kappa = std::numeric_limits<double>::quiet_NaN();
    const std::vector<float> not_finite{1, std::numeric_limits<float>::infinity()};
    WriteBatch batch;
    const auto put = [&](Column column, const std::string& key, const std::string& payload) {
      batch.put(column, key, sealed(column, key, payload));
    };
    put(Column::vectors, item_key(2), encode_vector(not_finite));
    put(Column::items, item_key(4), encode_item(item));
    batch.put(Column::items, item_key(3), std::string(100, 'x'));
    space->backend().write(batch, true);
  }
  EXPECT_TRUE(open()->is_read_only());
  const EmergencyReport report = recover(Emergency::sanitize_nan);
  ASSERT_TRUE(report.failure.empty()) << report.failure;
  const auto space = open();
  EXPECT_FALSE(space->is_read_only());
  EXPECT_TRUE(space->damage().empty());
  EXPECT_EQ(ids_of(*space), (std::vector<ItemId>{1, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(space->edges_of(1).size(), 1U) << "to 5";
  EXPECT_EQ(space->edges_of(5).size(), 1U);
  EXPECT_EQ(space->sequence(), 15U) << "14 changes, and this one";
  // Item 3; vector 2 and item 4; item 2, the vectors of 3 and 4 and the edges to all three.
  EXPECT_EQ(space->number("rejected/checksum"), 1U);
  EXPECT_EQ(space->number("rejected/not_valid"), 2U);
  EXPECT_EQ(space->number("rejected/incomplete"), 6U);
  std::size_t n = 0;
  bool has_bytes = false;
  space->backend().scan(Column::meta, "quarantine/", Order::ascending, [&](auto key, auto value) {
    EXPECT_EQ(key.size(), 11U + 8U);
    has_bytes =
        has_bytes || unsealed(Column::meta, key, value).find(std::string(100, 'x')) != std::string_view::npos;
    ++n;
    return true;
  });
  EXPECT_EQ(n, 9U);
  EXPECT_TRUE(has_bytes) << "as they came";
  EXPECT_EQ(add(*space, {1, 0}), 11U);
  EXPECT_TRUE(fs::exists(scratch_.path() / "set_aside" / "default-1"));
}

TEST(SalvageTest, KeepsTheNewestOfQuarantineAndCutsIt) {
  constexpr std::uint64_t kDamaged = kMostQuarantined + 200;
  testing::MemoryBackend from;
  WriteBatch batch;
  const auto put = [&](const std::string& key, const std::string& payload) {
    batch.put(Column::meta, key, sealed(Column::meta, key, payload));
  };
  for (ItemId id = 1; id < kDamaged; ++id) batch.put(Column::items, item_key(id), "nothing of ours");
  batch.put(Column::items, item_key(kDamaged), std::string(2 * kMostQuarantinedBytes, 'x'));
  put(quarantine_key(1), encode_quarantined({.number = 1, .reason = "old", .from = "", .bytes = ""}));
  from.write(batch, true);
  auto into = std::make_unique<testing::MemoryBackend>();
  const Salvage found = salvage(from, into.get(), 5);
  EXPECT_EQ(found.quarantined, (std::map<std::string, std::uint64_t>{{"checksum", kDamaged}}));
  const Space space(std::move(into), true, false);
  const std::vector<Quarantined> kept = quarantined(space);
  ASSERT_EQ(kept.size(), kMostQuarantined);
  EXPECT_EQ(kept.front().number, 1 + kDamaged - kMostQuarantined + 1) << "one was there before";
  EXPECT_EQ(kept.back().number, 1 + kDamaged);
  EXPECT_EQ(kept.back().bytes, item_key(kDamaged) + std::string(kMostQuarantinedBytes - 8, 'x'));
  EXPECT_EQ(space.number("quarantined"), 1 + kDamaged);
  EXPECT_EQ(space.number("rejected/checksum"), kDamaged);
}

TEST(SalvageTest, ReplacesNothingThatIsInQuarantine) {
  testing::MemoryBackend from;
  WriteBatch batch;
  batch.put(Column::meta, "cycle", "nothing of ours");  // it is read before what is in quarantine
  for (std::uint64_t number = 1; number <= kMostQuarantined; ++number) {
    const std::string key = quarantine_key(number);
    batch.put(Column::meta, key,
              sealed(Column::meta, key,
                     encode_quarantined({.number = number, .reason = "old", .from = "", .bytes = ""})));
  }
  from.write(batch, true);
  auto into = std::make_unique<testing::MemoryBackend>();
  salvage(from, into.get(), 5);
  const Space space(std::move(into), true, false);
  const std::vector<Quarantined> kept = quarantined(space);
  ASSERT_EQ(kept.size(), kMostQuarantined);
  EXPECT_EQ(kept.front().number, 2U) << "the oldest has gone";
  EXPECT_EQ(kept.front().reason, "old");
  EXPECT_EQ(kept.back().number, kMostQuarantined + 1);
  EXPECT_EQ(kept.back().reason, "checksum");
}

TEST_F(EmergencyTest, LostCountersArePutAboveWhatIsThere) {
  {
    const auto space = open();
    for (int i = 0; i < 3; ++i) add(*space, {1, 0});
    WriteBatch batch;
    for (const char* key : {"sequence", "next_id", "dimension"})
      batch.put(Column::meta, key, "nothing of ours");
    space->backend().write(batch, true);
  }
  scratch_.close();
  EXPECT_EQ(code_of([&] { static_cast<void>(open()); }), ExitCode::damaged_data);
  EXPECT_TRUE(recover(Emergency::sanitize_nan).failure.empty());
  const auto space = open();
  EXPECT_FALSE(space->is_read_only());
  EXPECT_EQ(space->size(), 3U);
  EXPECT_EQ(space->dimension(), 2U);
  EXPECT_EQ(space->sequence(), 4U);
  EXPECT_EQ(add(*space, {1, 0}), 4U);
}

TEST_F(EmergencyTest, AroundADamagedBlockEverythingIsTakenOver) {
  constexpr std::size_t kItems = 500;
  {
    const auto space = open();
    for (std::size_t i = 0; i < kItems; ++i) add(*space, {1, 0}, std::string(300, 'x'));
    dynamic_cast<RocksBackend&>(space->backend()).flush();
  }
  scratch_.close();
  std::vector<fs::path> tables = scratch_.files(".sst");
  const fs::path items = *std::max_element(tables.begin(), tables.end(), [](const auto& a, const auto& b) {
    return fs::file_size(a) < fs::file_size(b);
  });
  flip(items, fs::file_size(items) / 2);
  EXPECT_TRUE(open()->is_read_only());
  EXPECT_TRUE(recover(Emergency::sanitize_nan).failure.empty());
  const auto space = open();
  EXPECT_FALSE(space->is_read_only());
  EXPECT_LT(space->size(), kItems);
  EXPECT_GT(space->size(), kItems - 20) << "a block of 4 KiB holds few items";
  for (const ItemId id : ids_of(*space)) EXPECT_EQ(space->find(id)->metadata.size(), 300U);
  EXPECT_EQ(add(*space, {1, 0}), kItems + 1);
}

TEST_F(EmergencyTest, AWholeSpaceStaysWhatItIs) {
  fill(3);
  const EmergencyReport report = recover(Emergency::sanitize_nan);
  EXPECT_EQ(report.found, std::vector<std::string>{"everything is whole"});
  EXPECT_FALSE(fs::exists(scratch_.path() / "set_aside"));
  EXPECT_EQ(open()->size(), 3U);
}

}  // namespace
}  // namespace sharpwave::memory
