#include "host/checkpoint/checkpoint_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/checkpoint/checkpoint_file.hpp"
#include "host/io/atomic_file.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

using Names = std::vector<std::string>;

std::string bytes_at(std::uint64_t step) {
  Checkpoint checkpoint = test::sample_checkpoint();
  for (InstanceState& instance : checkpoint.instances) instance.engine.step = step;
  return encode_checkpoint(checkpoint);
}

void write(const CheckpointStore& store, std::uint64_t step) {
  store.write(bytes_at(step), step);
}

Names names_in(const std::filesystem::path& folder) {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

/// Of the store, newest first.
Names names_of(const CheckpointStore& store) {
  Names names;
  for (const auto& entry : store.entries()) names.push_back(entry.file.filename().string());
  return names;
}

void flip(const std::filesystem::path& file) {
  std::string bytes = test::read_text(file);
  bytes[bytes.size() / 2] ^= 1;
  test::write_text(file, bytes);
}

template <typename Act>
Error error_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ExitCode::ok, ""};
}

TEST(CheckpointStore, KeepsTheNewest) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path(), 3);
  EXPECT_TRUE(store.entries().empty());
  for (const std::uint64_t step : {12'000, 24'000, 36'000}) write(store, step);
  EXPECT_EQ(names_in(store.folder()),
            (Names{"step_000000012000.h5", "step_000000024000.h5", "step_000000036000.h5"}));
  write(store, 48'000);
  write(store, 60'000);
  EXPECT_EQ(names_of(store), (Names{"step_000000060000.h5", "step_000000048000.h5", "step_000000036000.h5"}));
  EXPECT_EQ(CheckpointStore::kDefaultKept, 5U);
}

TEST(CheckpointStore, SortsBySteps) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path());
  for (const std::uint64_t step : {130ULL, 999'999'999'999ULL, 1'000'000'000'000ULL}) write(store, step);
  EXPECT_EQ(names_of(store),
            (Names{"step_1000000000000.h5", "step_999999999999.h5", "step_000000000130.h5"}));
}

TEST(CheckpointStore, LeavesFilesOfOthersAlone) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path(), 1);
  const Names others{"notes.txt", "notes.txt.partial", "step_.h5", "step_12.h5", "step_00000000012x.h5"};
  for (const std::string& name : others) test::write_text(store.folder() / name, "mine");
  write(store, 200);
  write(store, 300);
  store.clean_strays();
  Names expected = others;
  expected.push_back("step_000000000300.h5");
  std::ranges::sort(expected);
  EXPECT_EQ(names_in(store.folder()), expected);
}

TEST(CheckpointStore, AfterGoingBackThoseOfLaterStepsTakeNoPlaces) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path(), 3);
  for (const std::uint64_t step : {200, 300, 400}) write(store, step);
  for (const std::uint64_t step : {300, 400}) flip(store.path_of(step));
  const auto report = [](const std::filesystem::path&, const std::string&) {};
  EXPECT_EQ(store.newest_valid(report).file, store.path_of(200));
  EXPECT_EQ(names_of(store).size(), 3U) << "nothing is removed before there is another";
  write(store, 250);
  EXPECT_EQ(names_of(store), (Names{"step_000000000250.h5", "step_000000000200.h5"}));
  write(store, 350);
  write(store, 450);
  EXPECT_EQ(names_of(store), (Names{"step_000000000450.h5", "step_000000000350.h5", "step_000000000250.h5"}));
}

TEST(CheckpointStore, ThoseOfACourseThatWasLeftAreRemoved) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path(), 3);
  store.remove_after(0);  // there is no folder yet
  for (const std::uint64_t step : {200, 300, 400}) write(store, step);
  store.remove_after(300);
  EXPECT_EQ(names_of(store), (Names{"step_000000000300.h5", "step_000000000200.h5"}));
  store.remove_after(100);
  EXPECT_TRUE(store.entries().empty());
}

TEST(CheckpointStore, OneThatCannotBeRemovedIsNoReasonNotToWriteAnother) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path(), 1);
  write(store, 100);
  test::write_text(store.path_of(200) / "a file", "so that it is not removed");
  EXPECT_EQ(store.write(bytes_at(300), 300), store.path_of(300));
  EXPECT_EQ(names_of(store), (Names{"step_000000000300.h5", "step_000000000200.h5"}));
}

TEST(CheckpointStore, RemovesWhatAKilledRunLeft) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path());
  store.clean_strays();  // there is no folder yet
  write(store, 200);
  test::write_text(partial_path(store.path_of(300)), "half");
  EXPECT_EQ(names_of(store), Names{"step_000000000200.h5"});
  store.clean_strays();
  EXPECT_EQ(names_in(store.folder()), Names{"step_000000000200.h5"});
}

TEST(CheckpointStore, ACompanionIsWholeOrThatOfBefore) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path());
  const auto make = [](const std::string& content) {
    return [content](const std::filesystem::path& folder) {
      ASSERT_FALSE(std::filesystem::exists(folder));
      std::filesystem::create_directory(folder);
      test::write_text(folder / "state", content);
      if (content == "half") throw Error(ExitCode::no_room, "full");
    };
  };
  const auto content = [&] { return test::read_text(store.companion_of(200) / "state"); };
  store.write_companion(200, make("first"));
  EXPECT_EQ(error_of([&] { store.write_companion(200, make("half")); }).code(), ExitCode::no_room);
  EXPECT_EQ(content(), "first");
  EXPECT_EQ(names_in(store.folder()), Names{"step_000000000200.memory"});
  std::filesystem::create_directory(partial_path(store.companion_of(200)));  // of a run that was killed
  std::filesystem::create_directory(store.companion_of(200).string() + ".before");  // it could not be removed
  test::write_text(store.companion_of(200).string() + ".before/state", "older");
  store.write_companion(200, make("second"));
  EXPECT_EQ(content(), "second");
  std::filesystem::create_directory(partial_path(store.companion_of(300)));
  std::filesystem::create_directory(partial_path(partial_path(store.companion_of(300))));
  std::filesystem::create_directory(store.companion_of(200).string() + ".before");
  std::filesystem::create_directory(store.folder() / "others.memory");
  store.clean_strays();
  EXPECT_EQ(names_in(store.folder()), (Names{"others.memory", "step_000000000200.memory"}));
  EXPECT_EQ(content(), "second");
  std::filesystem::rename(store.companion_of(200), store.companion_of(200).string() + ".before");
  store.clean_strays();  // of a run that was killed between two renames
  EXPECT_EQ(content(), "second");
  write(store, 200);
  write(store, 300);  // 200 is kept beside it
  EXPECT_TRUE(std::filesystem::exists(store.companion_of(200)));
  store.remove_companions([](const std::filesystem::path&) { return true; });
  EXPECT_EQ(names_in(store.folder()),
            (Names{"others.memory", "step_000000000200.h5", "step_000000000300.h5"}));
}

TEST(CheckpointStore, FallsBackToTheNewestThatIsWhole) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path());
  for (const std::uint64_t step : {200, 300, 400, 500}) write(store, step);
  Names reported;
  const auto report = [&](const std::filesystem::path& file, const std::string& why) {
    reported.push_back(file.filename().string());
    EXPECT_EQ(why.find(file.string() + ": "), 0U) << why;
  };
  EXPECT_EQ(store.newest_valid(report).file, store.path_of(500));
  EXPECT_TRUE(reported.empty());
  flip(store.path_of(500));
  test::write_text(store.path_of(400), bytes_at(200));  // whole, but of another step
  const CheckpointStore::Found found = store.newest_valid(report);
  EXPECT_EQ(found.file, store.path_of(300));
  EXPECT_EQ(step_of(found.checkpoint), 300U);
  EXPECT_EQ(reported, (Names{"step_000000000500.h5", "step_000000000400.h5"}));
}

TEST(CheckpointStore, SaysWhereNoneIsLeft) {
  const test::TemporaryFolder run;
  const CheckpointStore store(run.path());
  int n_reported = 0;
  const auto newest = [&] {
    static_cast<void>(
        store.newest_valid([&](const std::filesystem::path&, const std::string&) { ++n_reported; }));
  };
  Error error = error_of(newest);
  EXPECT_EQ(error.code(), ExitCode::no_checkpoint);
  EXPECT_EQ(std::string(error.what()), store.folder().string() + ": there is no checkpoint");
  for (const std::uint64_t step : {200, 300}) {
    write(store, step);
    std::filesystem::resize_file(store.path_of(step), 1000);
  }
  error = error_of(newest);
  EXPECT_EQ(error.code(), ExitCode::no_checkpoint);
  EXPECT_NE(std::string(error.what()).find("none of the 2 checkpoints"), std::string::npos) << error.what();
  EXPECT_EQ(n_reported, 2);
}

// ---- What the system refuses --------------------------------------------------------------------------

/// Sets a limit of this process for a while.
class Limit {
 public:
  Limit(int resource, rlim_t value) : resource_(static_cast<__rlimit_resource_t>(resource)) {
    getrlimit(resource_, &previous_);
    const rlimit limit{value, previous_.rlim_max};
    setrlimit(resource_, &limit);
  }
  ~Limit() { setrlimit(resource_, &previous_); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  __rlimit_resource_t resource_;
  rlimit previous_{};
};

void expect_untouched(const CheckpointStore& store, const Error& error, ExitCode code,
                      const std::string& reason) {
  const std::string message = error.what();
  EXPECT_EQ(error.code(), code) << message;
  EXPECT_NE(message.find(store.folder().string()), std::string::npos) << message;
  EXPECT_NE(message.find(reason), std::string::npos) << message;
  EXPECT_EQ(names_in(store.folder()), (Names{"step_000000000200.h5", "step_000000000300.h5"}));
  EXPECT_EQ(test::read_text(store.path_of(200)), bytes_at(200));
}

class CheckpointStoreRefused : public testing::Test {
 protected:
  CheckpointStoreRefused() {
    write(store_, 200);
    write(store_, 300);
  }
  Error error_of_writing() const {
    return error_of([&] { store_.write(next_, 400); });
  }
  test::TemporaryFolder run_;
  CheckpointStore store_{run_.path(), 2};
  std::string next_ = bytes_at(400);
};

TEST_F(CheckpointStoreRefused, WhereAFileMayNotGrow) {
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  Error error(ExitCode::ok, "");
  {
    const Limit limit(RLIMIT_FSIZE, next_.size() / 2);  // as on a full disk, but for the reason
    error = error_of_writing();
  }
  std::signal(SIGXFSZ, previous);
  expect_untouched(store_, error, ExitCode::no_room, ": File too large");
}

TEST_F(CheckpointStoreRefused, WhereNoDescriptorIsLeft) {
  const int next_descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(next_descriptor, 0);
  close(next_descriptor);
  Error error(ExitCode::ok, "");
  {
    const Limit limit(RLIMIT_NOFILE, static_cast<rlim_t>(next_descriptor));
    error = error_of_writing();
  }
  expect_untouched(store_, error, ExitCode::io,
                   "step_000000000400.h5.partial: cannot be created: Too many open files");
}

TEST_F(CheckpointStoreRefused, WhereTheFolderIsReadOnly) {
  constexpr uid_t kNobody = 65534;  // root may write anywhere, so it is somebody else for a while
  const bool is_root = geteuid() == 0;
  std::filesystem::permissions(run_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(store_.folder(), std::filesystem::perms(0555));
  if (is_root && seteuid(kNobody) != 0)
    GTEST_SKIP() << "SKIPPED, NOT TESTED: root may write anywhere, and cannot be another user here";
  const Error error = error_of_writing();
  ASSERT_TRUE(!is_root || seteuid(0) == 0);
  std::filesystem::permissions(store_.folder(), std::filesystem::perms(0755));
  expect_untouched(store_, error, ExitCode::io, "Permission denied");
}

TEST_F(CheckpointStoreRefused, WhereSomethingElseHasTheName) {
  std::filesystem::create_directory(partial_path(store_.path_of(400)));
  const Error error = error_of_writing();
  std::filesystem::remove(partial_path(store_.path_of(400)));
  expect_untouched(store_, error, ExitCode::io, "Is a directory");
}

TEST(CheckpointStore, SaysWhereTheFolderCannotBeMade) {
  const test::TemporaryFolder run;
  test::write_text(run / "checkpoints", "a file");
  const Error error = error_of([&] { CheckpointStore(run.path()).write("x", 1); });
  EXPECT_EQ(error.code(), ExitCode::io);
  EXPECT_NE(std::string(error.what()).find("checkpoints"), std::string::npos) << error.what();
}

}  // namespace
}  // namespace sharpwave
