// What is promised where not every change is synced, and what is kept of it.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/interval_sync.hpp"
#include "memory_store/space_logs.hpp"
#include "memory_store/synced_file.hpp"
#include "tests/memory_store/memory_backend.hpp"
#include "tests/memory_store/store_files.hpp"

namespace sharpwave::memory {
namespace {

using namespace std::chrono_literals;
using testing::add;
using testing::content;
using testing::flip;
using testing::MemoryBackend;
using testing::overwrite;
using testing::ScratchStore;

/// Waits until it holds, at most ten seconds.
bool soon(const auto& holds) {
  for (int i = 0; i < 10000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

struct FakeWork {
  std::atomic<std::uint64_t> sequence = 0;
  std::atomic<int> n_syncs = 0;
  std::atomic<int> n_failures = 0;
  std::atomic<bool> fails = false;

  IntervalSync::Work work() {
    return {.sequence = [this] { return sequence.load(); },
            .sync =
                [this](std::uint64_t) {
                  ++n_syncs;
                  if (fails) throw std::runtime_error("the disk is gone");
                },
            .failed = [this](const std::string&) { ++n_failures; }};
  }
};

TEST(IntervalSync, SyncsWhatIsNewAndRestsWhileNothingIs) {
  FakeWork fake;
  const IntervalSync sync(fake.work(), 1ms, 0);
  fake.sequence = 5;
  EXPECT_TRUE(soon([&] { return sync.synced() == 5; }));
  const int n = fake.n_syncs;
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(fake.n_syncs, n);
  EXPECT_EQ(sync.synced(), 5U) << "it does not lag while nothing happens";
  fake.sequence = 6;
  EXPECT_TRUE(soon([&] { return sync.synced() == 6; }));
}

TEST(IntervalSync, SyncsWhatIsLeftWhenItEnds) {
  FakeWork fake;
  {
    const IntervalSync sync(fake.work(), 1h, 0);
    fake.sequence = 3;
    EXPECT_EQ(sync.synced(), 0U);
  }
  EXPECT_EQ(fake.n_syncs, 1);
}

TEST(IntervalSync, WithoutAnIntervalSyncsWhenItIsAskedTo) {
  FakeWork fake;
  {
    IntervalSync sync(fake.work(), 0ms, 0);
    fake.sequence = 3;
    sync.sync_now();
    EXPECT_EQ(sync.synced(), 3U);
    sync.sync_now();
    fake.sequence = 4;
  }
  EXPECT_EQ(fake.n_syncs, 1);
}

TEST(IntervalSync, TellsAFailureAndDoesNotTryAgain) {
  FakeWork fake;
  fake.fails = true;
  {
    const IntervalSync sync(fake.work(), 1ms, 0);
    fake.sequence = 1;
    EXPECT_TRUE(soon([&] { return fake.n_failures == 1; }));
    fake.fails = false;
    fake.sequence = 2;
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(sync.synced(), 0U);
  }
  EXPECT_EQ(fake.n_syncs, 1);
  EXPECT_EQ(fake.n_failures, 1);
}

class BackendThatCannotSync : public MemoryBackend {
 public:
  void sync() override { throw Error(ExitCode::io, "the disk is gone"); }
};

TEST(SyncMode, ASyncThatFailsMakesTheSpaceReadOnly) {
  Space space(std::make_unique<BackendThatCannotSync>(), false, false);
  space.sync_every(1ms, 0, [](std::uint64_t) { ADD_FAILURE() << "nothing was synced"; });
  add(space, {1, 0});
  EXPECT_TRUE(soon([&] { return space.is_read_only(); }));
  ASSERT_EQ(space.damage().size(), 1U);
  EXPECT_EQ(space.damage()[0].where, "sync");
  EXPECT_EQ(space.synced(), 0U);
  EXPECT_THROW(add(space, {1, 0}), Error);
  EXPECT_THROW(space.sync(), Error);
}

TEST(SyncedFile, HoldsWhatWasWrittenAndEveryOtherByteIsRefused) {
  const std::string bytes = encode_synced(0x0102030405060708);
  ASSERT_EQ(bytes.size(), 32U);
  EXPECT_EQ(bytes.substr(0, 8), "SWSYNCED");
  EXPECT_EQ(bytes.substr(8, 4), std::string("\1\0\0\0", 4));
  EXPECT_EQ(bytes.substr(16), std::string("\x08\x07\x06\x05\x04\x03\x02\x01\0\0\0\0\0\0\0\0", 16));
  EXPECT_EQ(decode_synced(bytes, "synced"), 0x0102030405060708U);
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_THROW(static_cast<void>(decode_synced(flipped, "synced")), Error) << bit;
  }
  for (const std::size_t n : {0, 31, 33})
    EXPECT_THROW(static_cast<void>(decode_synced(std::string(n, '\0'), "synced")), Error);
}

StoreOptions options_of(SyncMode mode) {
  StoreOptions options;
  options.sync = mode;
  options.sync_interval = 1ms;
  return options;
}

TEST(SyncMode, TheFileSaysHowFarEverythingIsOnTheDisk) {
  ScratchStore scratch;
  {
    Store& store = scratch.open(options_of(SyncMode::interval));
    EXPECT_EQ(store.sync_mode(), SyncMode::interval);
    const auto space = store.space("default");
    EXPECT_EQ(space->synced(), 0U);
    for (int i = 0; i < 5; ++i) add(*space, {1, 0});
    EXPECT_TRUE(soon([&] { return space->synced() == 5U; }));
    EXPECT_EQ(read_synced(scratch.space_path()), 5U);
    add(*space, {1, 0});
  }
  scratch.close();
  EXPECT_EQ(read_synced(scratch.space_path()), 6U) << "closing syncs";
  {
    const auto space = scratch.open(options_of(SyncMode::none)).space("default");
    add(*space, {1, 0});
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(space->synced(), 6U);
    space->sync();
    EXPECT_EQ(space->synced(), 7U);
    EXPECT_EQ(read_synced(scratch.space_path()), 7U) << "who asked for it may rely on it";
    add(*space, {1, 0});
  }
  scratch.close();
  EXPECT_EQ(read_synced(scratch.space_path()), 7U) << "closing does not sync";
  EXPECT_EQ(scratch.open(options_of(SyncMode::always)).space("default")->synced(), 8U);
  EXPECT_EQ(read_synced(scratch.space_path()), std::nullopt) << "all that is acknowledged is on the disk";
}

// 20 changes in a log that is damaged in its middle; `synced` says that so many of them were on the disk.
TEST(SyncMode, DamageBehindWhatWasSyncedIsATornTailAndBeforeItIsDamage) {
  ScratchStore scratch;
  for (int i = 0; i < 20; ++i) add(*scratch.open(options_of(SyncMode::none)).space("default"), {1, 0});
  scratch.close();
  // Each opening has put what was there into tables.
  EXPECT_EQ(read_synced(scratch.space_path()), 19U);
  {
    const auto space = scratch.open(options_of(SyncMode::none)).space("default");
    for (int i = 0; i < 20; ++i) add(*space, {1, 0});
  }
  scratch.close();
  const auto log = scratch.files(".log").back();
  flip(log, content(log).size() / 2);
  std::size_t n_before = 0;
  for (const std::uint64_t promised : {std::uint64_t{40}, std::uint64_t{0}}) {
    if (promised == 0)
      write_synced(scratch.space_path(), n_before);
    else
      write_synced(scratch.space_path(), promised);
    Store& store = scratch.open(options_of(SyncMode::interval));
    const auto space = store.space("default");
    EXPECT_EQ(space->is_read_only(), promised == 40);
    EXPECT_EQ(store.report("default").start, Start::fallback);
    n_before = space->size();
    EXPECT_GT(n_before, 20U);
    EXPECT_LT(n_before, 40U);
    EXPECT_EQ(space->sequence(), n_before);
    if (promised == 0) {
      EXPECT_EQ(add(*space, {1, 0}), n_before + 1);
    }
  }
}

TEST(SyncMode, ALogThatIsShorterThanWhatWasSyncedIsDamage) {
  ScratchStore scratch;
  {
    const auto space = scratch.open(options_of(SyncMode::interval)).space("default");
    for (int i = 0; i < 10; ++i) add(*space, {1, 0});
  }
  scratch.close();
  const auto log = scratch.files(".log").back();
  std::string bytes = content(log);
  const std::uint64_t next_write = find_log_damage(bytes).next_write;
  // Syncs are records without a write: behind the last write is one, at least.
  while (find_log_damage(bytes).next_write == next_write) bytes.pop_back();
  overwrite(log, bytes);
  Store& store = scratch.open(options_of(SyncMode::interval));
  EXPECT_TRUE(store.space("default")->is_read_only());
  EXPECT_EQ(store.space("default")->size(), 9U);
  EXPECT_EQ(read_synced(scratch.space_path()), 10U) << "the promise stays";
}

LogFile log_of(std::uint64_t number, std::uint64_t first, std::uint64_t next, LogEnd end = LogEnd::whole,
               std::uint64_t behind = 0) {
  LogFile log{
      .path = std::to_string(number) + ".log", .number = number, .bytes = next > 0 ? 100U : 0U, .damage = {}};
  log.damage = {.end = end,
                .at_byte = 50,
                .records = next - first,
                .records_behind = behind,
                .first_write = first,
                .next_write = next};
  return log;
}

TEST(SpaceLogs, GoOnFromOneToTheNext) {
  EXPECT_FALSE(look_at({}, std::nullopt).problem);
  EXPECT_FALSE(look_at({log_of(4, 1, 10), log_of(9, 10, 20)}, std::nullopt).problem);
  EXPECT_FALSE(look_at({log_of(4, 5, 10), log_of(9, 10, 20)}, 7).problem) << "some of it is in tables";
  EXPECT_FALSE(look_at({log_of(4, 0, 0), log_of(9, 0, 0)}, std::nullopt).problem) << "nothing was written";
  const LogFindings cut = look_at({log_of(4, 1, 10, LogEnd::cut_off), log_of(9, 0, 0)}, std::nullopt);
  EXPECT_FALSE(cut.problem);
  EXPECT_EQ(cut.notes.size(), 1U);
}

TEST(SpaceLogs, WhatIsMissingBetweenThemIsAGap) {
  struct Case {
    std::vector<LogFile> logs;
    std::optional<std::uint64_t> last_write;
    std::size_t at;
  };
  const std::vector<Case> cases{{{log_of(4, 1, 8), log_of(9, 10, 20)}, std::nullopt, 1},
                                {{log_of(4, 0, 0), log_of(9, 10, 20)}, std::nullopt, 1},
                                {{log_of(9, 10, 20)}, 8, 0}};
  for (const Case& c : cases) {
    const auto problem = look_at(c.logs, c.last_write).problem;
    ASSERT_TRUE(problem);
    EXPECT_TRUE(problem->is_gap);
    EXPECT_TRUE(problem->goes_on);
    EXPECT_EQ(problem->log, c.at);
    EXPECT_EQ(problem->whole_behind, 10U);
  }
}

TEST(SpaceLogs, DamageGoesOnWhereSomethingStandsBehindIt) {
  const auto last = look_at({log_of(4, 1, 10), log_of(9, 10, 20, LogEnd::damaged)}, std::nullopt).problem;
  ASSERT_TRUE(last);
  EXPECT_FALSE(last->goes_on);
  const auto middle =
      look_at({log_of(4, 1, 10, LogEnd::damaged, 2), log_of(9, 14, 20)}, std::nullopt).problem;
  ASSERT_TRUE(middle);
  EXPECT_TRUE(middle->goes_on);
  EXPECT_FALSE(middle->is_gap);
  EXPECT_EQ(middle->whole_behind, 8U);
}

}  // namespace
}  // namespace sharpwave::memory
