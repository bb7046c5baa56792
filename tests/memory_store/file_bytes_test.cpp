#include "memory_store/file_bytes.hpp"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "tests/memory_store/store_files.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::memory {
namespace {

namespace fs = std::filesystem;

thread_local std::vector<fs::path>* synced_here = nullptr;

}  // namespace
}  // namespace sharpwave::memory

/// Takes the place of the system's in this program, and notes what this thread syncs.
extern "C" int fsync(int file) {
  if (sharpwave::memory::synced_here != nullptr)
    sharpwave::memory::synced_here->push_back(
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file)));
  return static_cast<int>(syscall(SYS_fsync, file));
}

namespace sharpwave::memory {
namespace {

std::vector<fs::path> synced_by(const auto& function) {
  std::vector<fs::path> synced;
  synced_here = &synced;
  function();
  synced_here = nullptr;
  return synced;
}

TEST(FileBytes, TheNameOfAFolderThatIsMadeIsOnTheDisk) {
  const TemporaryDirectory directory;
  const fs::path root = fs::canonical(directory.path());
  const fs::path made = root / "a" / "b" / "c";
  EXPECT_EQ(synced_by([&] { make_folder(made); }),
            (std::vector<fs::path>{root, root / "a", root / "a" / "b"}));
  EXPECT_TRUE(fs::is_directory(made));
  EXPECT_TRUE(synced_by([&] { make_folder(made); }).empty()) << "it is there";
  testing::overwrite(made / "file", "");
  EXPECT_EQ(test::code_of([&] { make_folder(made / "file" / "d"); }), ExitCode::io);
  EXPECT_EQ(test::code_of([&] { make_folder(made / "file"); }), ExitCode::io);
}

TEST(FileBytes, TheNameOfAStoreIsOnTheDisk) {
  const TemporaryDirectory directory;
  const fs::path root = fs::canonical(directory.path());
  const std::vector<fs::path> synced = synced_by([&] { Store(root / "run" / "memory", {}); });
  for (const fs::path& folder : {root, root / "run", root / "run" / "memory"})
    EXPECT_NE(std::ranges::find(synced, folder), synced.end()) << folder;
}

}  // namespace
}  // namespace sharpwave::memory
