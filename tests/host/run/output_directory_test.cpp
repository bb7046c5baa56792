#include "host/run/output_directory.hpp"

#include <gtest/gtest.h>

#include <string>

#include "host/base/error.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave {
namespace {

namespace fs = std::filesystem;

std::string refusal_to_write(const fs::path& directory, bool force) {
  return test::refusal_of(ExitCode::io, [&] {
    make_output_directory(directory);
    if (!force) refuse_to_overwrite_a_run(directory);
  });
}

TEST(OutputDirectory, IsMadeWithItsParents) {
  const TemporaryDirectory base;
  make_output_directory(base.path() / "a/b");
  EXPECT_TRUE(fs::is_directory(base.path() / "a/b"));
}

TEST(OutputDirectory, WithForeignFilesIsTaken) {
  const TemporaryDirectory base;
  base.write("notes.txt", "mine");
  EXPECT_EQ(refusal_to_write(base.path(), false), "");
}

TEST(OutputDirectory, WithARunIsRefusedByNameUnlessForced) {
  for (const char* name : {"run.json", "spikes.h5", "report_soma.h5", "recording.swr", "checkpoints/1.h5"}) {
    const TemporaryDirectory base;
    const fs::path file = base.write(name, "x");
    const std::string message = refusal_to_write(base.path(), false);
    EXPECT_NE(message.find(file.string()), std::string::npos) << message;
    EXPECT_NE(message.find("--force"), std::string::npos) << message;
    EXPECT_EQ(refusal_to_write(base.path(), true), "");
    EXPECT_TRUE(fs::exists(file)) << "preparing removes nothing";
  }
}

TEST(OutputDirectory, ThatIsAFileIsRefused) {
  const TemporaryDirectory base;
  const fs::path file = base.write("taken", "x");
  EXPECT_NE(refusal_to_write(file, true).find(file.string()), std::string::npos);
}

TEST(OutputDirectory, RemovesTheRunAndNothingElse) {
  const TemporaryDirectory base;
  for (const char* name : {"run.json", "spikes.h5", "report_a.h5", "report_a_V_m.h5", "spikes.h5.partial",
                           "recording.swr", "checkpoints/12.h5", "checkpoints/13.h5.partial"}) {
    base.write(name, "x");
  }
  const char* others[] = {"notes.txt",
                          "my_spikes.h5",
                          "report_a.h5.bak",
                          "report.h5",
                          "run.json~",
                          "sub/spikes.h5",
                          "report_dir.h5/x",
                          ".lock",
                          "checkpoints/mine.txt",
                          "checkpoints/sub/1.h5",
                          "my_checkpoints/1.h5"};
  for (const char* name : others) base.write(name, "x");
  remove_run(base.path());
  EXPECT_TRUE(run_files(base.path()).empty());
  for (const char* name : others) EXPECT_TRUE(fs::exists(base.path() / name)) << name;
}

TEST(OutputDirectory, RemovesALinkAndNotWhatItPointsTo) {
  const TemporaryDirectory base;
  const fs::path precious = base.write("elsewhere/precious.h5", "x");
  fs::create_directory(base.path() / "run");
  fs::create_symlink(precious, base.path() / "run/spikes.h5");
  remove_run(base.path() / "run");
  EXPECT_TRUE(fs::exists(precious));
  EXPECT_FALSE(fs::is_symlink(base.path() / "run/spikes.h5"));
}

TEST(OutputDirectory, RemovesTheFolderOfCheckpointsWithTheLastOfThem) {
  const TemporaryDirectory base;
  base.write("checkpoints/1.h5", "x");
  remove_run(base.path());
  EXPECT_FALSE(fs::exists(base.path() / "checkpoints"));
}

TEST(OutputDirectory, LeavesCheckpointsBehindALink) {
  const TemporaryDirectory base;
  const fs::path precious = base.write("elsewhere/1.h5", "x");
  fs::create_directory(base.path() / "run");
  fs::create_directory_symlink(base.path() / "elsewhere", base.path() / "run/checkpoints");
  remove_run(base.path() / "run");
  EXPECT_TRUE(fs::exists(precious));
  EXPECT_TRUE(fs::is_symlink(base.path() / "run/checkpoints"));
}

}  // namespace
}  // namespace sharpwave
