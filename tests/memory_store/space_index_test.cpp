// The index of a space beside the space: what it has to follow, and what its files must not be believed of.
// SHARPWAVE_EVERY: how far apart flipped bytes are.
#include "memory_store/space_index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "tests/memory_store/clustered_vectors.hpp"
#include "tests/memory_store/store_files.hpp"
#include "tests/support/settings.hpp"

namespace sharpwave::memory {
namespace {

namespace fs = std::filesystem;
using testing::ClusteredVectors;
using testing::content;
using testing::kClusteredDimension;
using testing::overwrite;

constexpr std::size_t kFrom = 200;  ///< vectors: an index is made

class SpaceIndexTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return directory_.path() / "store"; }
  [[nodiscard]] fs::path files(const std::string& space = "default") const {
    return path() / "spaces" / space / "index";
  }
  static StoreOptions options(bool read_only = false) {
    StoreOptions options;
    options.sync = SyncMode::none;
    options.read_only = read_only;
    options.index_from_vectors = kFrom;
    return options;
  }
  void close() {
    space_.reset();
    store_.reset();
  }
  Space& open(const std::string& name = "default") {
    close();
    store_.emplace(path(), options());
    if (name != "default" && !fs::exists(path() / "spaces" / name)) store_->create(name);
    space_ = store_->space(name);
    return *space_;
  }
  [[nodiscard]] Space& space() { return *space_; }

  void add(std::size_t n) {
    space().commit([&](Transaction& t) {
      for (std::size_t i = 0; i < n; ++i) t.insert({}, draw_.next());
    });
  }
  void erase(ItemId from, ItemId until) {
    space().commit([&](Transaction& t) {
      for (ItemId id = from; id <= until; ++id) t.erase(id);
    });
  }
  /// When all that the space has is in the graph.
  static IndexReport settled(const Space& space) {
    for (;;) {
      const IndexReport report = space.index();
      if (report.n_waiting == 0 && report.state != IndexState::rebuilding) return report;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  IndexReport settled() { return settled(*space_); }
  /// Whether each item is what is nearest to its own vector.
  void expect_all_found() {
    for (const auto& [id, summary] : space().summaries()) {
      const Answer answer = space().search(space().vector_of(id), {.k = 1});
      ASSERT_EQ(answer.neighbours.size(), 1U);
      EXPECT_EQ(answer.neighbours[0].id, id) << name_of(answer.plan);
    }
  }

  TemporaryDirectory directory_;
  ClusteredVectors draw_{kClusteredDimension, 10, 4};
  std::optional<Store> store_;
  std::shared_ptr<Space> space_;
};

TEST_F(SpaceIndexTest, IsMadeWhereThereIsEnoughToFindAndNotBefore) {
  open();
  add(kFrom - 1);
  EXPECT_EQ(space().index().state, IndexState::none_needed);
  add(1);
  const IndexReport report = settled();
  EXPECT_EQ(report.state, IndexState::ready);
  EXPECT_EQ(report.n_vectors, kFrom);
  EXPECT_EQ(report.n_inserted, kFrom);
  EXPECT_GT(report.bytes, kFrom * kClusteredDimension * sizeof(float));
  EXPECT_EQ(report.note, "");
  EXPECT_EQ(space().search(draw_.next(), {}).plan, Plan::index);
  expect_all_found();
}

TEST_F(SpaceIndexTest, ComesBackWithTheSpaceAlsoAfterManyChangesOfItems) {
  open();
  add(kFrom);
  settled();
  for (ItemId id = 1; id <= 50; ++id)
    space().commit([&](Transaction& t) {
      Item item = *t.find(id);
      item.kappa += .05;
      t.update(item);
    });
  for (int round = 0; round < 2; ++round) {
    open();
    const IndexReport report = space().index();
    EXPECT_EQ(report.state, IndexState::ready);
    EXPECT_EQ(report.n_vectors, kFrom);
    EXPECT_EQ(report.n_inserted, 0U) << "nothing was made again";
    EXPECT_EQ(report.note, "");
    EXPECT_EQ(space().search(draw_.next(), {}).plan, Plan::index);
    space().commit([&](Transaction& t) { t.update(*t.find(7)); });  // and is not saved again for that
  }
  expect_all_found();
}

TEST_F(SpaceIndexTest, FollowsWhatComesAndGoes) {
  open();
  add(kFrom + 100);
  settled();
  add(50);
  erase(1, 40);
  expect_all_found();
  const IndexReport report = settled();
  EXPECT_EQ(report.n_vectors, kFrom + 150);
  EXPECT_EQ(report.n_tombstones, 40U);
  expect_all_found();
  open();
  EXPECT_EQ(space().index().n_tombstones, 40U) << "they are seen again";
  EXPECT_EQ(space().index().n_inserted, 0U);
  expect_all_found();
}

TEST_F(SpaceIndexTest, IsMadeAnewWhereTombstonesAreTooMany) {
  open();
  add(400);
  settled();
  erase(1, 120);
  EXPECT_EQ(settled().n_tombstones, 120U) << "30 %";
  erase(121, 121);
  IndexReport report = settled();
  EXPECT_EQ(report.n_tombstones, 0U);
  EXPECT_EQ(report.n_vectors, 279U);
  EXPECT_EQ(report.n_inserted, 400U + 279U);
  expect_all_found();
  open();
  EXPECT_EQ(space().index().n_vectors, 279U);
  erase(122, 301);
  EXPECT_EQ(space().index().state, IndexState::none_needed) << "99 are left";
  expect_all_found();
}

TEST_F(SpaceIndexTest, ThatWasSavedBeforeTheLastVectorsCameIsCompletedFirst) {
  open();
  add(kFrom);
  settled();
  open();
  const fs::path old = directory_.path() / "old";
  fs::copy(files(), old);
  add(1);
  const std::vector<float> last = space().vector_of(kFrom + 1);
  close();
  fs::remove_all(files());
  fs::rename(old, files());  // as if the process had been killed before it could save
  open();
  EXPECT_EQ(space().search(last, {.k = 1}).neighbours.at(0).id, kFrom + 1) << "at once";
  const IndexReport report = settled();
  EXPECT_EQ(report.n_inserted, 1U);
  EXPECT_EQ(report.n_vectors, kFrom + 1);
  expect_all_found();
}

TEST_F(SpaceIndexTest, WithOtherVectorsUnderTheSameIdsIsNotBelieved) {
  open();
  add(kFrom);
  settled();
  close();
  const fs::path other = directory_.path() / "other";
  fs::rename(files(), other);
  fs::remove_all(path());
  open();
  add(kFrom);  // by other draws
  settled();
  close();
  fs::remove_all(files());
  fs::rename(other, files());
  open();
  EXPECT_NE(space().index().note.find("has another vector in it"), std::string::npos) << space().index().note;
  EXPECT_EQ(settled().n_inserted, kFrom);
  expect_all_found();
}

// As where logs are cut, or an older database is put back: ids are given again.
TEST_F(SpaceIndexTest, OfChangesThatTheSpaceHasLostIsNotBelieved) {
  open();
  add(kFrom);
  settled();
  close();
  const fs::path database = path() / "spaces" / "default" / "db";
  const fs::path old = directory_.path() / "old";
  fs::copy(database, old, fs::copy_options::recursive);
  open();
  add(1);
  settled();
  close();
  fs::remove_all(database);
  fs::rename(old, database);
  open();
  EXPECT_EQ(space().index().note, "the index: item 201 is in it, and the space had none from 201 on");
  add(1);
  const Answer answer = space().search(space().vector_of(kFrom + 1), {});
  EXPECT_EQ(answer.neighbours.at(0).id, kFrom + 1);
  EXPECT_EQ(answer.neighbours, space().search(space().vector_of(kFrom + 1), {.exact = true}).neighbours);
  EXPECT_EQ(settled().n_inserted, kFrom + 1);
  expect_all_found();
}

TEST_F(SpaceIndexTest, OfAnotherSpaceIsNotBelieved) {
  open("aaa");
  add(kFrom);
  settled();
  open("bbb");
  add(kFrom);
  settled();
  close();
  fs::remove_all(files("bbb"));
  fs::copy(files("aaa"), files("bbb"));
  open("bbb");
  EXPECT_EQ(space().index().note, "the index: it is of the space 'aaa', expected 'bbb'");
  EXPECT_EQ(settled().n_inserted, kFrom);
  expect_all_found();
}

TEST_F(SpaceIndexTest, WithAnyByteFlippedOrMissingIsMadeAnewAndAnswersAreExactMeanwhile) {
  open();
  add(kFrom);
  settled();
  close();
  const std::size_t every = test::setting("SHARPWAVE_EVERY", 5003);
  const std::vector<float> query = draw_.next();
  std::size_t at = 0;
  for (const char* name : {"header", "graph"}) {
    const std::string whole = content(files() / name);
    const std::size_t step = name[0] == 'h' ? every / 200 + 1 : every;
    for (at = at % step; at < whole.size() + 3 * step; at += step) {
      if (at < whole.size()) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
        overwrite(files() / name, flipped);
      } else if (at < whole.size() + 2 * step) {
        overwrite(files() / name, whole.substr(0, at - whole.size()));
      } else {
        fs::remove(files() / name);
      }
      open();
      const Answer answer = space().search(query, {});
      const Answer exact = space().search(query, {.exact = true});
      EXPECT_EQ(answer.neighbours, exact.neighbours) << name << " byte " << at;
      if (answer.plan != Plan::index) {
        EXPECT_EQ(answer.index_state, IndexState::rebuilding);
      }
      EXPECT_EQ(settled().n_inserted, kFrom) << name << " byte " << at;
      close();
      EXPECT_FALSE(fs::exists(files() / "graph.partial"));
    }
  }
  open();
  EXPECT_EQ(space().index().n_inserted, 0U) << "what was made last is whole";
}

TEST_F(SpaceIndexTest, GoesOnWhereItsBuildWasStopped) {
  constexpr std::size_t kMany = 1'500;
  open();
  add(kMany);
  while (space().index().n_inserted < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const std::size_t n_at_least = space().index().n_inserted;
  open();
  expect_all_found();
  const IndexReport report = settled();
  EXPECT_EQ(report.n_vectors, kMany);
  EXPECT_LE(report.n_inserted, kMany - n_at_least);
  expect_all_found();
}

TEST_F(SpaceIndexTest, IsMadeAnewWhenAskedFor) {
  open();
  add(kFrom - 1);
  EXPECT_EQ(space().rebuild_index().n_vectors, 0U) << "there is none";
  add(51);
  settled();
  erase(1, 20);
  const IndexBuild build = space().rebuild_index();
  EXPECT_EQ(build.n_vectors, kFrom + 30);
  EXPECT_GT(build.seconds, 0);
  EXPECT_EQ(space().index().n_tombstones, 0U);
  EXPECT_EQ(decode_index_header(content(files() / "header")).n_vectors, kFrom + 30) << "it was saved";
  expect_all_found();
}

TEST_F(SpaceIndexTest, ThatCannotBeSavedIsUsedAllTheSame) {
  open();
  fs::create_directories(files().parent_path());
  overwrite(files(), "not a folder");
  add(kFrom);
  IndexReport report = settled();
  EXPECT_EQ(report.state, IndexState::ready);
  close();
  EXPECT_EQ(content(files()), "not a folder");
  open();
  EXPECT_NE(settled().note, "");
  add(1);
  EXPECT_FALSE(space().is_read_only());
  expect_all_found();
}

TEST_F(SpaceIndexTest, IsReadAndNeverWrittenBesideAnOwner) {
  open();
  add(kFrom);
  settled();
  open();  // what was saved is whole
  const std::string header = content(files() / "header");
  {
    Store reader(path(), options(true));
    const std::shared_ptr<Space> beside = reader.space("default");
    EXPECT_EQ(beside->index().state, IndexState::ready);
    EXPECT_EQ(beside->index().n_inserted, 0U);
    EXPECT_EQ(beside->search(draw_.next(), {}).plan, Plan::index);
    try {
      beside->rebuild_index();
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::io);
    }
  }
  add(5);
  fs::remove_all(files());
  {
    Store reader(path(), options(true));
    const std::shared_ptr<Space> beside = reader.space("default");
    EXPECT_EQ(settled(*beside).n_inserted, beside->size()) << "one in memory";
  }
  EXPECT_FALSE(fs::exists(files()));
  close();
  EXPECT_TRUE(fs::exists(files()));
  EXPECT_NE(content(files() / "header"), header);
}

// Also what ThreadSanitizer looks at.
TEST_F(SpaceIndexTest, MissesNothingWhileItChanges) {
  open();
  add(kFrom + 50);
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 2; ++thread)
    threads.emplace_back([&, draw = ClusteredVectors(kClusteredDimension, 10, 100 + thread)]() mutable {
      for (int i = 0; i < 300; ++i) {
        const std::vector<float> vector = draw.next();
        ItemId id = kNoItem;
        space().commit([&](Transaction& t) { id = t.insert({}, vector); });
        EXPECT_EQ(space().search(vector, {.k = 1}).neighbours.at(0).id, id);
        if (i % 2 == 0) space().commit([&](Transaction& t) { t.erase(id); });
      }
    });
  threads.emplace_back([&, draw = ClusteredVectors(kClusteredDimension, 10, 99)]() mutable {
    while (!is_over) {
      const Answer answer = space().search(draw.next(), {});
      EXPECT_EQ(answer.neighbours.size(), 10U);
      EXPECT_TRUE(std::is_sorted(answer.neighbours.begin(), answer.neighbours.end()));
      static_cast<void>(space().index());
    }
  });
  threads[0].join();
  threads[1].join();
  is_over = true;
  threads.clear();
  EXPECT_EQ(space().size(), kFrom + 50 + 300);
  const IndexReport report = settled();
  EXPECT_EQ(report.n_vectors - report.n_tombstones, space().size());
  expect_all_found();
}

}  // namespace
}  // namespace sharpwave::memory
