// What a process without file descriptors does. In processes of their own: the limit is one of the process.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "memory_store/store.hpp"
#include "tests/memory_store/store_files.hpp"

namespace sharpwave::memory {
namespace {

void limit_descriptors(rlim_t n) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(2);
  limit.rlim_cur = n;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(2);
}

std::size_t n_open() {
  std::size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) n += entry.exists() ? 1 : 0;
  return n;
}

[[noreturn]] void end_with(bool holds, const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  _exit(holds ? 0 : 1);
}

/// Writes until that fails for want of descriptors, and looks for all that was acknowledged once there are
/// some.
[[noreturn]] void write_until_there_are_none(const std::filesystem::path& path) {
  StoreOptions options;
  options.limits.write_buffer_bytes = 64 << 10;
  std::vector<ItemId> kept;
  rlimit before{};
  if (getrlimit(RLIMIT_NOFILE, &before) != 0) _exit(2);
  std::string said;
  {
    Store store(path, options);
    const auto space = store.space("default");
    kept.push_back(testing::add(*space, {1, 0}));
    limit_descriptors(n_open());
    try {
      for (int i = 0; i < 100000; ++i) kept.push_back(testing::add(*space, {1, 0}, std::string(3000, 'x')));
      end_with(false, "it never ran out of descriptors");
    } catch (const Error& error) {
      said = error.what();
      if (error.code() != ExitCode::io) end_with(false, "another code: " + said);
    }
    if (!space->is_read_only()) end_with(false, "the space goes on after a failure");
    limit_descriptors(before.rlim_cur);
  }
  Store store(path, options);
  const auto space = store.space("default");
  for (const ItemId id : kept)
    if (!space->find(id)) end_with(false, "item is lost: " + std::to_string(id));
  if (space->size() > kept.size() + 1) end_with(false, "more than one change was in doubt");
  kept.push_back(testing::add(*space, {1, 0}));
  end_with(true, said);
}

/// Opens with so many descriptors more than are open, from none on, until that works.
[[noreturn]] void open_with_ever_more(const std::filesystem::path& path) {
  { testing::add(*Store(path, {}).space("default"), {1, 0}); }
  rlimit before{};
  if (getrlimit(RLIMIT_NOFILE, &before) != 0) _exit(2);
  const std::size_t n = n_open() - 1;  // that of the folder itself
  for (std::size_t more = 0; more < 100; ++more) {
    limit_descriptors(n + more);
    try {
      Store store(path, {});
      const auto space = store.space("default");
      limit_descriptors(before.rlim_cur);
      if (space->size() != 1 || more == 0) end_with(false, "something else was opened");
      end_with(true, "Too many open files, up to " + std::to_string(more));
    } catch (const Error& error) {
      limit_descriptors(before.rlim_cur);
      if (error.code() != ExitCode::io) end_with(false, std::string("another code: ") + error.what());
    }
  }
  end_with(false, "it never opened");
}

class DescriptorsDeathTest : public ::testing::Test {
 protected:
  DescriptorsDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  // UBSan looks at objects through a pipe, and takes one that it cannot open for a finding.
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizers need descriptors themselves";
#endif
  }
};

// The message is the system's: EMFILE.
TEST_F(DescriptorsDeathTest, WithoutThemNothingThatWasAcknowledgedIsLost) {
  const TemporaryDirectory directory;
  EXPECT_EXIT(write_until_there_are_none(directory.path() / "store"), ::testing::ExitedWithCode(0),
              "Too many open files");
}

TEST_F(DescriptorsDeathTest, WithTooFewAStoreIsNotOpenedAndLaterItIs) {
  const TemporaryDirectory directory;
  EXPECT_EXIT(open_with_ever_more(directory.path() / "store"), ::testing::ExitedWithCode(0),
              "Too many open files");
}

}  // namespace
}  // namespace sharpwave::memory
