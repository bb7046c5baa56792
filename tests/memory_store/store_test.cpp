#include "memory_store/store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

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
  add(*first.space("default"), {1, 0});
  Store& second = open();
  EXPECT_EQ(second.space("default")->size(), 1U);
  EXPECT_EQ(second.report("default").start, Start::warm);
  EXPECT_EQ(second.report("default").sequence, 1U);
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

// Tables, log, manifest, and what names them. SHARPWAVE_EVERY: how far apart flipped bytes are.
TEST_F(StoreTest, NoFlippedByteGoesUnnoticed) {
  std::map<ItemId, std::string> expected;
  {
    Store& store = open();
    const std::shared_ptr<Space> space = store.space("default");
    for (int i = 0; i < 20; ++i) {
      const std::string text = "item " + std::to_string(i);
      expected[add(*space, {1, 0}, text)] = text;
      if (i == 9) dynamic_cast<RocksBackend&>(space->backend()).flush();
    }
  }
  store_.reset();
  const fs::path whole = directory_.path() / "whole";
  fs::copy(path(), whole, fs::copy_options::recursive);
  const std::size_t every = test::setting("SHARPWAVE_EVERY", 401);
  std::map<std::string, int> n_told;
  std::map<std::string, int> n_harmless;
  std::size_t at = 0;
  for (const auto& entry : fs::directory_iterator(whole / "spaces" / "default" / "db")) {
    const std::string name = entry.path().filename().string();
    const std::string kind =
        entry.path().has_extension() ? entry.path().extension().string() : name.substr(0, 8);
    if (kind == "LOCK" || kind == "LOG" || !entry.is_regular_file()) continue;
    const std::string bytes = content(entry.path());
    for (at = at % every; at < bytes.size(); at += every) {
      fs::remove_all(path());
      fs::copy(whole, path(), fs::copy_options::recursive);
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
      overwrite(path() / "spaces" / "default" / "db" / name, flipped);
      const std::string where = name + " byte " + std::to_string(at);
      try {
        Store& store = open();
        const std::shared_ptr<Space> space = store.space("default");
        const bool is_told = !store.report("default").notes.empty() || !space->damage().empty();
        for (const auto& [id, summary] : space->summaries())
          EXPECT_EQ(space->find(id)->metadata, expected.at(id)) << where;
        if (!is_told) {
          EXPECT_EQ(space->size(), expected.size()) << where << ": something is missing, and nothing says so";
        }
        ++(is_told ? n_told : n_harmless)[kind];
      } catch (const Error&) {
        ++n_told[kind];
      }
      store_.reset();
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
