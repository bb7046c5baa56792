#include "memory_store/backup.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/emergency.hpp"
#include "memory_store/kill_point.hpp"
#include "memory_store/replace_space.hpp"
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

BackupManifest sample() {
  return {.space = "default",
          .id = 7,
          .contents = {.sequence = 12, .items = 10, .values = 33},
          .files = {{"meta/7", 5, std::string(64, 'a')},
                    {"private/7/MANIFEST-000004", 1000, std::string(64, '0')},
                    {"shared_checksum/000009_sAB12_99.sst", 1U << 20, std::string(64, 'f')}}};
}

TEST(BackupManifest, IsReadAsItWasWritten) {
  const std::string bytes = encode_manifest(sample());
  EXPECT_EQ(decode_manifest(bytes, "manifest"), sample());
  // The digest is that of the rest: `grep -v '^ "sha256"' manifest-7.json | sha256sum`.
  const std::size_t line = bytes.find(" \"sha256\"");
  const std::size_t next = bytes.find('\n', line) + 1;
  EXPECT_EQ(bytes.substr(line + 12, 64), to_hex(sha256(bytes.substr(0, line) + bytes.substr(next))));
}

TEST(BackupManifest, EveryOtherByteIsRefused) {
  const std::string bytes = encode_manifest(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(code_of([&] { static_cast<void>(decode_manifest(changed, "m")); }), ExitCode::damaged_data)
        << i;
    EXPECT_EQ(code_of([&] { static_cast<void>(decode_manifest(bytes.substr(0, i), "m")); }),
              ExitCode::damaged_data)
        << i;
  }
}

// With a digest that fits: whoever wrote it meant it.
TEST(BackupManifest, NothingLeadsOutOfItsFolder) {
  for (const char* name :
       {"/etc/passwd", "../../db/CURRENT", "private/7/../../x", "private/7/", "private/8/CURRENT",
        "shared_checksum/.", "shared_checksum/..", "meta/8", "meta/7/x", "", "private/7/a\\b"}) {
    BackupManifest manifest = sample();
    manifest.files[1].name = name;
    EXPECT_EQ(code_of([&] { static_cast<void>(decode_manifest(encode_manifest(manifest), "m")); }),
              ExitCode::damaged_data)
        << name;
  }
}

TEST(BackupManifest, NoOtherJsonIsTaken) {
  const std::vector<std::string> bodies{"{\n}\n", "{\n \"format\": 1\n}\n", "[]",
                                        "{\n" + std::string(100000, '['), "{\n\"a\":" + std::string(9, '[')};
  for (std::string body : bodies) {
    if (!body.starts_with("{\n")) body = "{\n" + body;
    const std::string bytes = "{\n \"sha256\": \"" + to_hex(sha256(body)) + "\",\n" + body.substr(2);
    EXPECT_EQ(code_of([&] { static_cast<void>(decode_manifest(bytes, "m")); }), ExitCode::damaged_data);
  }
}

TEST(Backup, GivesBackWhatWasThere) {
  ScratchStore scratch;
  Store& store = scratch.open();
  std::vector<ItemId> expected;
  {
    const auto space = store.space("default");
    for (int i = 0; i < 30; ++i) add(*space, {1, 0}, "item " + std::to_string(i));
    space->commit(
        [](Transaction& t) { t.put({.from = 1, .to = 2, .type = EdgeType::co_replayed, .weight = .5}); });
    space->commit([](Transaction& t) { t.erase(7); });
    expected = ids_of(*space);
  }
  const BackupManifest manifest = store.backup("default", 3);
  EXPECT_EQ(manifest.contents.items, 29U);
  EXPECT_EQ(manifest.contents.sequence, 32U);
  EXPECT_EQ(store.verify("default", manifest.id), manifest);
  {
    const auto space = store.space("default");
    for (int i = 0; i < 5; ++i) add(*space, {0, 1}, "later");
    EXPECT_EQ(code_of([&] { store.restore("default", manifest.id); }), ExitCode::usage) << "it is in use";
  }
  store.restore("default", manifest.id);
  const auto space = store.space("default");
  EXPECT_EQ(ids_of(*space), expected);
  EXPECT_EQ(space->sequence(), 32U);
  EXPECT_EQ(space->find(30)->metadata, "item 29");
  EXPECT_EQ(space->edges_of(2).size(), 1U);
  EXPECT_TRUE(space->damage().empty());
  EXPECT_EQ(add(*space, {1, 0}), 31U);
  const OpenedSpace aside =
      open_space(scratch.path() / "set_aside" / "default-1", make_rocks_resources({}), true);
  EXPECT_EQ(aside.report.sequence, 37U) << "nothing was thrown away";
}

TEST(Backup, TheNewestStayAndADroppedSpaceComesBack) {
  ScratchStore scratch;
  Store& store = scratch.open();
  store.create("digits");
  for (int i = 0; i < 4; ++i) {
    add(*store.space("digits"), {1, 0});
    store.backup("digits", 2);
  }
  ASSERT_EQ(store.backups("digits").size(), 2U);
  EXPECT_EQ(store.verify("digits", store.backups("digits")[0]).contents.items, 3U);
  EXPECT_EQ(store.verify("digits", store.backups("digits")[1]).contents.items, 4U);
  EXPECT_EQ(code_of([&] { store.backup("digits", 0); }), ExitCode::usage);
  store.drop("digits");
  store.restore("digits", store.backups("digits")[0]);
  EXPECT_EQ(store.space("digits")->size(), 3U);
  EXPECT_EQ(code_of([&] { static_cast<void>(store.backups("../x")); }), ExitCode::usage);
}

TEST(Backup, IsOfOneMomentWhileTheSpaceIsChanged) {
  ScratchStore scratch;
  Store& store = scratch.open();
  std::atomic<bool> is_over = false;
  add(*store.space("default"), {1, 0});
  std::thread writer([&] {
    const auto space = store.space("default");
    while (!is_over) add(*space, {1, 0}, std::string(500, 'x'));
  });
  for (int i = 0; i < 3; ++i) {
    const BackupManifest manifest = store.backup("default", 5);
    EXPECT_EQ(manifest.contents.items, manifest.contents.sequence) << "each change makes an item";
    EXPECT_EQ(store.verify("default", manifest.id), manifest);
  }
  is_over = true;
  writer.join();
  const std::vector<std::uint32_t> ids = store.backups("default");
  ASSERT_EQ(ids.size(), 3U);
  store.restore("default", ids[1]);
  EXPECT_EQ(store.space("default")->size(), store.space("default")->sequence());
}

TEST(Backup, AFlippedByteIsFoundAndSuchABackupIsNotRestored) {
  ScratchStore scratch;
  Store& store = scratch.open();
  for (int i = 0; i < 20; ++i) add(*store.space("default"), {1, 0}, "item");
  const BackupManifest manifest = store.backup("default", 1);
  const fs::path folder = scratch.path() / "backups" / "default";
  std::vector<std::string> names{"manifest-" + std::to_string(manifest.id) + ".json"};
  for (const BackupFile& file : manifest.files) names.push_back(file.name);
  for (const std::string& name : names) {
    const std::string whole = content(folder / name);
    for (const std::size_t at : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
      if (whole.empty()) continue;
      flip(folder / name, at);
      const std::string where = name + " byte " + std::to_string(at);
      EXPECT_EQ(code_of([&] { store.verify("default", manifest.id); }), ExitCode::damaged_data) << where;
      EXPECT_EQ(code_of([&] { store.restore("default", manifest.id); }), ExitCode::damaged_data) << where;
      testing::overwrite(folder / name, whole);
    }
  }
  EXPECT_EQ(store.verify("default", manifest.id), manifest);
  EXPECT_FALSE(fs::exists(scratch.path() / "set_aside")) << "the space was not touched";
  EXPECT_EQ(store.space("default")->size(), 20U);
}

TEST(Backup, WhatIsDamagedIsNotBackedUp) {
  ScratchStore scratch;
  Store& store = scratch.open();
  const auto space = store.space("default");
  add(*space, {1, 0});
  WriteBatch batch;
  batch.put(Column::items, item_key(1), "no item");
  space->backend().write(batch, true);
  EXPECT_EQ(code_of([&] { store.backup("default", 1); }), ExitCode::damaged_data);
  EXPECT_TRUE(store.backups("default").empty());
  EXPECT_EQ(code_of([&] { static_cast<void>(space->find(1)); }), ExitCode::damaged_data);
  EXPECT_EQ(code_of([&] { store.backup("default", 1); }), ExitCode::io) << "it is read-only now";
}

TEST(ReplaceSpace, IsFinishedOrUndoneWhenTheStoreIsOpened) {
  ScratchStore scratch;
  add(*scratch.open().space("default"), {1, 0});
  scratch.close();
  const fs::path space = scratch.space_path();
  fs::create_directories(scratch.space_path("default.new") / "db");
  fs::create_directories(scratch.space_path("other.dropped") / "db");
  fs::copy(space, scratch.space_path("default.ready"), fs::copy_options::recursive);
  EXPECT_EQ(scratch.open().space("default")->size(), 1U) << "the old one is there: undone";
  for (const char* gone : {"default.new", "default.ready", "other.dropped"})
    EXPECT_FALSE(fs::exists(scratch.space_path(gone))) << gone;
  scratch.close();
  fs::rename(space, scratch.space_path("default.ready"));
  EXPECT_EQ(scratch.open().space("default")->size(), 1U) << "the old one is gone: finished";
  scratch.close();
  EXPECT_EQ(next_set_aside(scratch.path(), "default").filename(), "default-1");
  fs::create_directories(scratch.path() / "set_aside" / "default-7");
  fs::create_directories(scratch.path() / "set_aside" / "default-x-9");
  EXPECT_EQ(next_set_aside(scratch.path(), "default").filename(), "default-8");
  EXPECT_EQ(next_set_aside(scratch.path(), "default-x").filename(), "default-x-10");
}

/// Makes the step behind a kill point fail, as a disk does, while it is there.
class FailingStep {
 public:
  explicit FailingStep(const char* name) {
    failing = name;
    at_kill_point = [](const char* passed) {
      if (std::string_view(passed) == failing) throw Error(ExitCode::no_room, "the disk is full");
    };
  }
  ~FailingStep() { at_kill_point = nullptr; }
  FailingStep(const FailingStep&) = delete;
  FailingStep& operator=(const FailingStep&) = delete;

 private:
  static inline std::string_view failing;
};

bool has_leftovers(const ScratchStore& scratch) {
  for (const char* folder : {"spaces", "set_aside"})
    if (fs::exists(scratch.path() / folder))
      for (const auto& entry : fs::directory_iterator(scratch.path() / folder))
        if (entry.path().has_extension()) return true;
  return false;
}

TEST(ReplaceSpace, ThatFailsHalfwayLeavesOneOfTheTwoAndCanBeDoneAgain) {
  for (const char* step : {"restore.copied", "replace.made", "replace.ready", "replace.set_aside"}) {
    ScratchStore scratch;
    Store& store = scratch.open();
    add(*store.space("default"), {1, 0});
    const std::uint32_t id = store.backup("default", 1).id;
    add(*store.space("default"), {1, 0});
    {
      const FailingStep failing(step);
      EXPECT_EQ(code_of([&] { store.restore("default", id); }), ExitCode::no_room) << step;
    }
    EXPECT_FALSE(has_leftovers(scratch)) << step;
    const bool is_restored = std::string_view(step) == "replace.set_aside";
    EXPECT_EQ(store.space("default")->size(), is_restored ? 1U : 2U) << step;
    store.restore("default", id);
    EXPECT_EQ(store.space("default")->size(), 1U) << step;
    scratch.close();
    EXPECT_EQ(scratch.open().space("default")->size(), 1U) << step;
  }
}

TEST(ReplaceSpace, ThatFailsInAnEmergencyLeavesNothingBehind) {
  for (const char* step : {"replace.made", "replace.ready", "replace.set_aside"}) {
    ScratchStore scratch;
    add(*scratch.open().space("default"), {1, 0});
    scratch.close();
    const auto reset = [&] {
      return recover(scratch.path(), Emergency::reset_space,
                     {.space = "default",
                      .dry_run = false,
                      .backup_first = false,
                      .confirmation = "reset-space default"})
          .at(0);
    };
    {
      const FailingStep failing(step);
      EXPECT_EQ(reset().code, ExitCode::no_room) << step;
    }
    EXPECT_FALSE(has_leftovers(scratch)) << step;
    EXPECT_EQ(reset().failure, "") << step;
    EXPECT_EQ(scratch.open().space("default")->size(), 0U) << step;
  }
}

// Also where it could not be settled at once.
TEST(ReplaceSpace, IsSettledBeforeTheSpaceIsUsed) {
  ScratchStore scratch;
  Store& store = scratch.open();
  add(*store.space("default"), {1, 0});
  scratch.close();
  scratch.open();
  fs::rename(scratch.space_path(), scratch.space_path("default.ready"));
  EXPECT_EQ(scratch.open().space("default")->size(), 1U);
  scratch.close();
  Store& again = scratch.open();
  fs::rename(scratch.space_path(), scratch.space_path("default.ready"));
  EXPECT_EQ(again.space("default")->size(), 1U) << "no empty one is made in its place";
  EXPECT_FALSE(has_leftovers(scratch));
  fs::create_directories(scratch.path() / "set_aside" / "default-1.partial" / "db");
  scratch.open();
  EXPECT_FALSE(has_leftovers(scratch)) << "what was not set aside to the end";
}

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() {
    add(*store().space("default"), {1, 0});
    store().snapshot(folder());
    add(*store().space("default"), {1, 0});
    store().create("later");
  }
  Store& store() { return *store_; }
  [[nodiscard]] fs::path folder() const { return scratch_.path().parent_path() / "snapshot"; }
  std::size_t size() { return store().space("default")->size(); }
  void mark(const std::string& space) { testing::overwrite(scratch_.space_path(space) / kReadOnlyMark, ""); }

  ScratchStore scratch_;
  Store* store_ = &scratch_.open();
};

TEST_F(SnapshotTest, TakesTheStoreBack) {
  store().go_back_to(folder());
  EXPECT_EQ(size(), 1U);
  EXPECT_EQ(store().spaces(), std::vector<std::string>{"default"});
  EXPECT_TRUE(fs::exists(scratch_.path() / "set_aside" / "later-1"));
  store().begin_anew();
  EXPECT_EQ(size(), 0U);
  EXPECT_TRUE(fs::exists(scratch_.path() / "set_aside" / "default-2"));
}

TEST_F(SnapshotTest, OfAStoreThatHasNoSpaceYetTakesBackToNone) {
  ScratchStore empty;
  const fs::path none = folder().parent_path() / "none";
  empty.open().snapshot(none);
  store().go_back_to(none);
  EXPECT_EQ(store().spaces(), std::vector<std::string>{});
  EXPECT_TRUE(fs::exists(scratch_.path() / "set_aside" / "default-1"));
}

TEST_F(SnapshotTest, NothingChangesWhereASpaceIsMarkedReadOnly) {
  for (const char* name : {"default", "later"}) {
    mark(name);
    const std::string before = digest_of(scratch_.path());
    EXPECT_EQ(code_of([&] { store().go_back_to(folder()); }), ExitCode::io) << name;
    EXPECT_EQ(code_of([&] { store().begin_anew(); }), ExitCode::io) << name;
    EXPECT_EQ(code_of([&] { store().drop(name); }), ExitCode::io) << name;
    EXPECT_EQ(digest_of(scratch_.path()), before) << name;
    fs::remove(scratch_.space_path(name) / kReadOnlyMark);
  }
  store().drop("later");
  store().go_back_to(folder());
  EXPECT_EQ(size(), 1U);
}

TEST_F(SnapshotTest, WhoOnlyReadsCannotTakeItBack) {
  StoreOptions read_only;
  read_only.read_only = true;
  Store reader(scratch_.path(), read_only);
  const std::string before = digest_of(scratch_.path());
  EXPECT_EQ(code_of([&] { reader.go_back_to(folder()); }), ExitCode::io);
  EXPECT_EQ(code_of([&] { reader.begin_anew(); }), ExitCode::io);
  EXPECT_EQ(digest_of(scratch_.path()), before);
}

TEST_F(SnapshotTest, ThatCannotBeCopiedLeavesTheSpaceAsItWas) {
  {
    const FailingStep failing("go_back.copied");
    EXPECT_EQ(code_of([&] { store().go_back_to(folder()); }), ExitCode::no_room);
  }
  EXPECT_FALSE(has_leftovers(scratch_));
  EXPECT_EQ(size(), 2U);
  store().go_back_to(folder());
  EXPECT_EQ(size(), 1U);
}

}  // namespace
}  // namespace sharpwave::memory
