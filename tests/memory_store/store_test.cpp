#include "memory_store/store.hpp"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory_store/codec.hpp"
#include "memory_store/emergency.hpp"
#include "memory_store/file_bytes.hpp"
#include "memory_store/kill_point.hpp"
#include "memory_store/space_report.hpp"
#include "memory_store/table_properties.hpp"
#include "memory_store/verify.hpp"
#include "tests/memory_store/store_files.hpp"
#include "tests/support/refusals.hpp"
#include "tests/support/settings.hpp"

namespace sharpwave::memory {
namespace {

namespace fs = std::filesystem;

using test::code_of;
using testing::add;
using testing::content;
using testing::overwrite;

class StoreTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return directory_.path() / "store"; }
  Store& open(StoreOptions options = {}) {
    store_.reset();
    return store_.emplace(path(), options);
  }
  /// The files of a space's database that end so, the oldest first.
  [[nodiscard]] std::vector<fs::path> files(const std::string& end,
                                            const std::string& space = "default") const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path() / "spaces" / space / "db"))
      if (entry.path().filename().string().ends_with(end) ||
          entry.path().filename().string().starts_with(end))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }

  TemporaryDirectory directory_;
  std::optional<Store> store_;
};

TEST_F(StoreTest, ThatWasHalfMadeIsMade) {
  const auto begin = [&](bool has_folder, bool has_mark) {
    store_.reset();
    fs::remove_all(path());
    fs::create_directories(has_folder ? path() / "spaces" : path());
    if (has_mark) overwrite(path() / "store.json.partial", "{\"for");
  };
  for (const bool has_folder : {false, true})
    for (const bool has_mark : {false, true}) {
      begin(has_folder, has_mark);
      EXPECT_EQ(add(*open().space("default"), {1, 0}), 1U);
      EXPECT_EQ(open().space("default")->size(), 1U);
      EXPECT_FALSE(fs::exists(path() / "store.json.partial"));
    }
  begin(true, true);
  fs::create_directory(path() / "spaces" / "default");
  EXPECT_EQ(code_of([&] { open(); }), ExitCode::damaged_data) << "something is in it";
  begin(true, true);
  overwrite(path() / "more", "");
  EXPECT_EQ(code_of([&] { open(); }), ExitCode::damaged_data) << "something else";
  begin(false, false);
  overwrite(path() / "spaces", "");
  EXPECT_EQ(code_of([&] { open(); }), ExitCode::damaged_data) << "no folder";
}

TEST_F(StoreTest, ReportsHowItWasFound) {
  Store& first = open();
  EXPECT_EQ(first.space("default")->size(), 0U);
  EXPECT_EQ(first.report("default").start, Start::cold);
  first.create("other");
  static_cast<void>(first.space("other"));
  EXPECT_EQ(first.report("other").start, Start::cold) << "nothing was put into it";
  add(*first.space("default"), {1, 0});
  Store& second = open();
  EXPECT_EQ(second.space("default")->size(), 1U);
  EXPECT_EQ(second.report("default").start, Start::warm);
  EXPECT_EQ(second.report("default").sequence, 1U);
}

// What is read only now and then may be damaged in a way that the next opening does not see.
TEST_F(StoreTest, DamageThatWasFoundIsKnownToWhoOpensItNext) {
  add(*open().space("default"), {1, 0});
  open().space("default")->note_damage({.where = "edges", .what = "a block"});
  for (int round = 0; round < 2; ++round) {
    const auto space = open().space("default");
    EXPECT_TRUE(space->is_read_only());
    EXPECT_EQ(space->size(), 1U) << "the rest is served";
    const RecoveryReport report = store_->report("default");
    EXPECT_TRUE(report.is_read_only);
    ASSERT_EQ(report.notes.size(), 1U);
    EXPECT_NE(report.notes[0].find("edges: a block"), std::string::npos) << report.notes[0];
    EXPECT_EQ(report.start, Start::fallback);
  }
  open({.read_only = true});
  EXPECT_TRUE(store_->space("default")->is_read_only());
  store_.reset();
  const EmergencyReport plan =
      recover(path(), Emergency::sanitize_nan, {.space = "default", .dry_run = true}).at(0);
  EXPECT_NE(plan.done.at(0).find("mark"), std::string::npos);
  EXPECT_TRUE(open().space("default")->is_read_only()) << "nothing was done";
  store_.reset();
  const EmergencyOptions options{.space = "default",
                                 .confirmation = confirmation_of(Emergency::sanitize_nan, "default")};
  const std::vector<EmergencyReport> reports = recover(path(), Emergency::sanitize_nan, options);
  EXPECT_EQ(reports.at(0).failure, "");
  EXPECT_FALSE(open().space("default")->is_read_only()) << "all that is there could be read";
}

TEST_F(StoreTest, BelongsToOneProcessAndReadersMayLookBesideIt) {
  Store& owner = open();
  add(*owner.space("default"), {1, 0});
  EXPECT_EQ(code_of([&] { Store(path(), {}); }), ExitCode::io);
  StoreOptions read_only;
  read_only.read_only = true;
  Store reader(path(), read_only);
  EXPECT_EQ(reader.space("default")->size(), 1U);
  EXPECT_EQ(code_of([&] { add(*reader.space("default"), {1, 0}); }), ExitCode::io);
  EXPECT_EQ(add(*owner.space("default"), {0, 1}), 2U);
}

/// Lets something happen before RocksDB opens a log.
class BeforeLogs : public rocksdb::FileSystemWrapper {
 public:
  explicit BeforeLogs(std::function<void()> happens)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), happens_(std::move(happens)) {}
  [[nodiscard]] const char* Name() const override { return "BeforeLogs"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    if (name.ends_with(".log")) happens_();
    return target()->NewSequentialFile(name, options, file, debug);
  }

 private:
  std::function<void()> happens_;
};

// An owner that opens a store moves what is in its log into tables, and removes it.
TEST_F(StoreTest, AReaderLooksAgainWhereTheOwnerRemovesWhatItIsAboutToRead) {
  for (const int visits : {1, 3}) {
    open();
    add(*store_->space("default"), visits == 1 ? std::vector<float>{1, 0} : std::vector<float>{0, 1});
    store_.reset();
    int left = visits;
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(std::make_shared<BeforeLogs>([&] {
      if (left == 0) return;
      --left;
      Store owner(path(), {});
      static_cast<void>(owner.space("default"));
    }));
    StoreOptions read_only;
    read_only.read_only = true;
    read_only.env = env.get();
    Store reader(path(), read_only);
    EXPECT_EQ(reader.space("default")->size(), visits == 1 ? 1U : 2U);
    EXPECT_EQ(left, 0) << "it did not happen";
  }
}

TEST_F(StoreTest, RefusesWhatIsNoStore) {
  StoreOptions read_only;
  read_only.read_only = true;
  EXPECT_EQ(code_of([&] { Store(path(), read_only); }), ExitCode::io);
  EXPECT_FALSE(fs::exists(path())) << "who reads makes nothing";
  fs::create_directories(path());
  overwrite(path() / "thesis.txt", "x");
  EXPECT_EQ(code_of([&] { Store(path(), {}); }), ExitCode::damaged_data);
  EXPECT_EQ(content(path() / "thesis.txt"), "x");
  overwrite(path() / "store.json", "{\"format\": 2}\n");
  EXPECT_EQ(code_of([&] { Store(path(), {}); }), ExitCode::damaged_data);
}

TEST_F(StoreTest, SpacesAreMadeListedAndDropped) {
  Store& store = open();
  EXPECT_EQ(store.spaces(), std::vector<std::string>{});
  store.create("digits_2");
  EXPECT_EQ(store.spaces(), std::vector<std::string>{"digits_2"});
  static_cast<void>(store.space("default"));
  EXPECT_EQ(store.spaces(), (std::vector<std::string>{"default", "digits_2"}));
  EXPECT_EQ(code_of([&] { store.create("digits_2"); }), ExitCode::usage);
  EXPECT_NE(test::refusal_of(ExitCode::usage, [&] { static_cast<void>(store.space("other")); })
                .find("which has default, digits_2"),
            std::string::npos);
  for (const char* name : {"", "ab", "Upper", "../escape", "a/b", "with space"})
    EXPECT_EQ(code_of([&] { store.create(name); }), ExitCode::usage) << name;
  EXPECT_EQ(code_of([&] { store.create(std::string(65, 'a')); }), ExitCode::usage);
  {
    const std::shared_ptr<Space> used = store.space("digits_2");
    add(*used, {1, 0});
    EXPECT_EQ(code_of([&] { store.drop("digits_2"); }), ExitCode::usage) << "it is in use";
  }
  store.drop("digits_2");
  EXPECT_EQ(store.spaces(), std::vector<std::string>{"default"});
  store.create("digits_2");
  EXPECT_EQ(store.space("digits_2")->size(), 0U);
}

TEST_F(StoreTest, SpacesKnowNothingOfEachOtherAndAreClosedWhereTheyAreTooMany) {
  StoreOptions options;
  options.most_open_spaces = 2;
  Store& store = open(options);
  std::mt19937 random(7);
  std::map<std::string, std::vector<std::string>> expected;
  for (const char* name : {"aaa", "bbb", "ccc", "ddd"}) store.create(name);
  for (int i = 0; i < 60; ++i) {
    const std::string name(3, static_cast<char>('a' + random() % 4));
    const std::string text = name + std::to_string(i);
    add(*store.space(name), {1, 0}, text);
    expected[name].push_back(text);
  }
  for (const auto& [name, texts] : expected) {
    const std::shared_ptr<Space> space = store.space(name);
    ASSERT_EQ(space->size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(space->find(i + 1)->metadata, texts[i]);
  }
}

// What stands in the log and not in a table yet.
TEST_F(StoreTest, ALogThatWasCutOffLosesItsLastChangeOnly) {
  for (int i = 0; i < 5; ++i) add(*open().space("default"), {1, 0});
  store_.reset();
  const fs::path log = files(".log").back();
  const std::string whole = content(log);
  ASSERT_GT(whole.size(), 10U);
  overwrite(log, whole.substr(0, whole.size() - 7));
  Store& store = open();
  EXPECT_EQ(store.space("default")->size(), 4U);
  EXPECT_FALSE(store.space("default")->is_read_only());
  ASSERT_EQ(store.report("default").notes.size(), 1U);
  EXPECT_NE(store.report("default").notes[0].find("cut off"), std::string::npos);
}

TEST_F(StoreTest, AFlippedByteInTheMiddleOfTheLogIsToldAndWhatStandsBeforeItIsServed) {
  {
    Store& store = open();
    for (int i = 0; i < 20; ++i) add(*store.space("default"), {1, 0});
  }
  store_.reset();
  const fs::path log = files(".log").back();
  const std::string whole = content(log);
  for (const double where : {.3, .5, .7}) {
    std::string damaged = whole;
    const auto at = static_cast<std::size_t>(where * static_cast<double>(whole.size()));
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    overwrite(log, damaged);
    Store& store = open();
    const std::shared_ptr<Space> space = store.space("default");
    EXPECT_EQ(store.report("default").start, Start::fallback);
    EXPECT_TRUE(space->is_read_only());
    EXPECT_GT(space->size(), 0U);
    EXPECT_LT(space->size(), 20U);
    EXPECT_EQ(space->sequence(), space->size());
    std::string told;
    for (const std::string& note : store.report("default").notes) told += note + "\n";
    EXPECT_NE(told.find("whole records stand behind that"), std::string::npos) << told;
    EXPECT_NE(told.find("the space is read-only, up to change " + std::to_string(space->size())),
              std::string::npos)
        << told;
    EXPECT_TRUE(content(log) == damaged) << "nothing was changed";
  }
}

TEST_F(StoreTest, AFlippedByteAtTheEndOfTheLogIsToldAndTheSpaceGoesOn) {
  {
    Store& store = open();
    for (int i = 0; i < 20; ++i) add(*store.space("default"), {1, 0});
  }
  store_.reset();
  const fs::path log = files(".log").back();
  std::string damaged = content(log);
  damaged[damaged.size() - 3] = static_cast<char>(damaged[damaged.size() - 3] ^ 1);
  overwrite(log, damaged);
  Store& store = open();
  EXPECT_EQ(store.space("default")->size(), 19U);
  EXPECT_EQ(store.report("default").start, Start::fallback);
  EXPECT_EQ(add(*store.space("default"), {1, 0}), 20U);
}

TEST_F(StoreTest, ADamagedManifestIsRefusedAndTheOtherSpacesAreServed) {
  {
    Store& store = open();
    store.create("other");
    add(*store.space("default"), {1, 0});
    add(*store.space("other"), {1, 0});
  }
  store_.reset();
  const fs::path manifest = files("MANIFEST").back();
  std::string damaged = content(manifest);
  for (std::size_t i = 0; i < damaged.size(); i += 3) damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
  overwrite(manifest, damaged);
  Store& store = open();
  EXPECT_EQ(code_of([&] { static_cast<void>(store.space("default")); }), ExitCode::damaged_data);
  EXPECT_EQ(store.space("other")->size(), 1U);
}

/// A store with something of each kind, in tables and in its log.
class DamagedStoreTest : public StoreTest {
 protected:
  struct State {
    std::map<ItemId, std::string> items;
    std::vector<std::pair<ItemId, ItemId>> edges;
    std::uint64_t watermark = 0;
    bool operator==(const State&) const = default;
  };

  void SetUp() override {
    {
      const std::shared_ptr<Space> space = open().space("default");
      for (int i = 0; i < 20; ++i) {
        const ItemId id = add(*space, {1, 0}, "item " + std::to_string(i));
        space->commit([&](Transaction& t) {
          if (id > 1) t.put({.from = id - 1, .to = id});
          t.set_watermark(signal(static_cast<std::uint64_t>(i) + 1));
        });
        if (i == 9) dynamic_cast<RocksBackend&>(space->backend()).flush();
      }
      expected_ = state_of(*space);
    }
    store_.reset();
    fs::copy(path(), whole(), fs::copy_options::recursive);
  }
  void begin_again() {
    store_.reset();
    fs::remove_all(path());
    fs::copy(whole(), path(), fs::copy_options::recursive);
  }
  static Provenance signal(std::uint64_t number) {
    Provenance provenance;
    provenance.population = "E";
    provenance.signal = number;
    return provenance;
  }
  /// What can be read of it.
  static State state_of(const Space& space) {
    State state;
    for (const auto& [id, summary] : space.summaries()) {
      state.items[id] = space.find(id)->metadata;
      for (const Edge& edge : space.edges_from(id, EdgeType::co_replayed))
        state.edges.emplace_back(edge.from, edge.to);
    }
    const std::string key = signal_key(signal(1));
    if (const auto payload = find_payload(space.backend(), Column::signals, key))
      state.watermark = decode_number(Column::signals, key, *payload);
    return state;
  }
  /// Opens the space, reads all of it, and tells whether something was said of damage. Whatever is served is
  /// as it was written, and where nothing is said, all is there.
  bool is_told(const std::string& where, const StoreOptions& options = {}) {
    try {
      Store& store = open(options);
      const std::shared_ptr<Space> space = store.space("default");
      const SpaceCheck check = verify(*space);
      if (store.report("default").start == Start::fallback || !check.damage.empty() ||
          !space->damage().empty()) {
        for (const auto& [id, summary] : space->summaries())
          EXPECT_EQ(space->find(id)->metadata, expected_.items.at(id)) << where;
        store_.reset();
        return true;
      }
      const bool has_notes = !store.report("default").notes.empty();
      const State state = state_of(*space);
      EXPECT_TRUE(has_notes || state == expected_) << where << ": something is missing, and nothing says so";
      store_.reset();
      return has_notes;
    } catch (const Error&) {
      store_.reset();
      return true;
    }
  }
  [[nodiscard]] fs::path whole() const { return directory_.path() / "whole"; }
  [[nodiscard]] fs::path database() const { return path() / "spaces" / "default" / "db"; }
  /// The files of the whole database, without its own account of what it does.
  [[nodiscard]] std::vector<fs::path> database_files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(whole() / "spaces" / "default" / "db"))
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with("LOG"))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string kind_of(const fs::path& file) {
    return file.has_extension() ? file.extension().string() : file.filename().string().substr(0, 8);
  }

  State expected_;
};

TEST_F(DamagedStoreTest, TheLogWhoseEndIsGivenUpIsKeptHoweverOftenItTakes) {
  fs::path log;
  for (const auto& entry : fs::directory_iterator(database()))
    if (entry.path().extension() == ".log" && entry.file_size() > 0) log = entry.path();
  std::string bytes = read_file(log);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(log, std::ios::binary) << bytes;
  at_kill_point = [](const char* passed) {
    if (std::string_view(passed) == "open.copied") throw Error(ExitCode::no_room, "the disk is full");
  };
  EXPECT_EQ(code_of([&] { static_cast<void>(open().space("default")); }), ExitCode::no_room);
  at_kill_point = nullptr;
  for (const auto& entry : fs::directory_iterator(database().parent_path()))
    EXPECT_EQ(entry.path().filename().string().find("given_up"), std::string::npos) << entry.path();
  EXPECT_EQ(open().space("default")->size(), 20U);
  EXPECT_TRUE(store_->report("default").may_lack_last_change);
  const fs::path kept = database().parent_path() / ("given_up_" + log.filename().string());
  EXPECT_EQ(read_file(kept), bytes);
  store_.reset();
  EXPECT_EQ(open().space("default")->size(), 20U);
  EXPECT_EQ(store_->report("default").start, Start::warm);
  EXPECT_FALSE(store_->report("default").may_lack_last_change);
  EXPECT_NE(store_->report("default").notes.at(0).find(kept.string()), std::string::npos)
      << "until it is removed";
}

// The second opening, too: what the first one leaves must not make a database of nothing.
TEST_F(DamagedStoreTest, NoFileThatIsMissingMakesASpaceThatLacksWhatItHad) {
  StoreOptions read_only;
  read_only.read_only = true;
  for (const fs::path& file : database_files())
    for (const StoreOptions& options : {StoreOptions{}, read_only}) {
      const std::string where = file.filename().string() + (options.read_only ? ", read-only" : "");
      begin_again();
      const fs::path lost = database() / file.filename();
      fs::remove(lost);
      const bool is_harmless = !is_told(where, options);
      EXPECT_EQ(is_told(where + ", again", options), !is_harmless);
      if (is_harmless) continue;
      EXPECT_FALSE(fs::exists(lost)) << where << ": nothing was made";
      fs::copy(file, lost);
      EXPECT_FALSE(is_told(where + ", and it is back")) << "nothing was lost";
    }
}

TEST_F(DamagedStoreTest, WithoutItsFileCurrentADatabaseIsDamagedAndOneThatWasHalfMadeIsMade) {
  fs::remove(database() / "CURRENT");
  const fs::path mark = path() / "spaces" / "default" / kOpenedMark;
  for (int round = 0; round < 4; ++round) {
    if (round == 2) fs::remove(mark);  // as in a space that was never opened, or by earlier programs
    const std::string what =
        test::refusal_of(ExitCode::damaged_data, [&] { static_cast<void>(open().space("default")); });
    EXPECT_NE(what.find("CURRENT is missing"), std::string::npos) << what;
  }
  store_.reset();
  const EmergencyReport report =
      recover(path(), Emergency::set_aside_wal,
              {.space = "default",
               .dry_run = false,
               .backup_first = false,
               .confirmation = confirmation_of(Emergency::set_aside_wal, "default")})
          .at(0);
  EXPECT_EQ(report.code, ExitCode::damaged_data);
  EXPECT_FALSE(files(".log").empty()) << "nothing was set aside";
  fs::remove_all(database());
  fs::create_directories(database());
  for (const char* name : {"LOCK", "LOG", "IDENTITY", "MANIFEST-000001", "000001.dbtmp"})
    overwrite(database() / name, "");
  EXPECT_EQ(open().space("default")->size(), 0U);
  EXPECT_EQ(store_->report("default").start, Start::cold);
  EXPECT_EQ(add(*store_->space("default"), {1, 0}), 1U);
  store_.reset();
  fs::remove_all(database());
  EXPECT_TRUE(fs::remove(mark));
  fs::create_directories(path() / "spaces" / "default" / "index");
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(code_of([&] { static_cast<void>(open().space("default")); }), ExitCode::damaged_data)
        << "there was something that was indexed";
}

TEST_F(DamagedStoreTest, WhatWasReplayedAndWhatIsDamagedIsReported) {
  EXPECT_EQ(open().space("default")->size(), 20U);
  EXPECT_EQ(store_->report("default").replayed, 20U) << "an item and an edge, for each of 10";
  EXPECT_EQ(store_->report("default").damaged, 0U);
  EXPECT_EQ(open().space("default")->size(), 20U);
  EXPECT_EQ(store_->report("default").replayed, 0U) << "it is in tables now";
  WriteBatch batch;
  for (const ItemId id : {3U, 5U}) batch.put(Column::items, item_key(id), "no item");
  store_->space("default")->backend().write(batch, true);
  EXPECT_EQ(open().space("default")->size(), 18U);
  EXPECT_EQ(store_->report("default").replayed, 1U);
  EXPECT_EQ(store_->report("default").damaged, 4U) << "and their vectors have no items";
  const std::string text =
      space_report("default", *store_->space("default"), std::nullopt, store_->report("default"));
  EXPECT_NE(text.find("\"replayed\": 1"), std::string::npos) << text;
  EXPECT_NE(text.find("\"damaged\": 4"), std::string::npos) << text;
}

TEST_F(DamagedStoreTest, TheBitOfATableThatRocksDBAbortsAtIsFoundBefore) {
  for (const fs::path& table : database_files()) {
    if (table.extension() != ".sst") continue;
    EXPECT_NO_THROW(expect_plain_properties(table)) << table;
    begin_again();
    const fs::path damaged = database() / table.filename();
    const std::string bytes = content(table);
    std::vector<std::size_t> found;
    for (std::size_t at = bytes.size() - 300; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x80);
      overwrite(damaged, flipped);
      if (code_of([&] { expect_plain_properties(damaged); }) == ExitCode::damaged_data) found.push_back(at);
    }
    ASSERT_FALSE(found.empty()) << table;
    for (const std::size_t at : found) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ 0x80);
      overwrite(damaged, flipped);
      EXPECT_TRUE(is_told(table.filename().string()));
    }
    break;
  }
}

// Tables, log, manifest, and what names them. SHARPWAVE_EVERY: how far apart flipped bytes are.
TEST_F(DamagedStoreTest, NoFlippedByteGoesUnnoticed) {
  const std::size_t every = test::setting("SHARPWAVE_EVERY", 401);
  std::map<std::string, int> n_told;
  std::map<std::string, int> n_harmless;
  std::size_t at = 0;
  for (const fs::path& file : database_files()) {
    const std::string bytes = content(file);
    // RocksDB does not read its options.
    const std::size_t step = kind_of(file) == "OPTIONS-" ? std::max<std::size_t>(every, 401) : every;
    for (at = at % step; at < bytes.size(); at += step) {
      begin_again();
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
      overwrite(database() / file.filename(), flipped);
      const bool told = is_told(file.filename().string() + " byte " + std::to_string(at));
      ++(told ? n_told : n_harmless)[kind_of(file)];
    }
    at -= bytes.size();
  }
  for (const auto& [kind, n] : n_told)
    std::cout << kind << ": " << n << " told, " << n_harmless[kind] << " harmless\n";
  EXPECT_GT(n_told[".log"], 0);
  EXPECT_GT(n_told[".sst"], 0);
  EXPECT_GT(n_told["MANIFEST"], 0);
}

}  // namespace
}  // namespace sharpwave::memory
