#include "host/operate/archive.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/operate/program.hpp"
#include "tests/host/operate/scratch.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::operate {
namespace {

TEST(Archive, IsWhatTarReads) {
  const Scratch scratch;
  const std::filesystem::path file = scratch / "a.tar.gz";
  {
    Archive archive(file);
    archive.add("folder/one.txt", "first\n", 1'700'000'000);
    archive.add("folder/empty", "", 1'700'000'000);
    archive.add("folder/large", std::string(3'000'000, 'x'), 1'700'000'000);
    EXPECT_FALSE(std::filesystem::exists(file));
    archive.publish();
  }
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_FALSE(std::filesystem::exists(scratch / "a.tar.gz.partial"));
  const ProgramOutcome listed = run_program({"tar", "tzf", file.string()}, std::chrono::seconds(20));
  EXPECT_EQ(listed.output, "folder/one.txt\nfolder/empty\nfolder/large\n");
  EXPECT_EQ(run_program({"tar", "xzOf", file.string(), "folder/one.txt"}, std::chrono::seconds(20)).output,
            "first\n");
}

TEST(Archive, ThatIsNotPublishedLeavesNothing) {
  const Scratch scratch;
  { Archive(scratch / "a.tar.gz").add("one", "x", 0); }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
}

TEST(Archive, FollowsNoLinkThatLiesInItsWay) {
  const Scratch scratch;
  const auto other = scratch.write("other", "mine");
  std::filesystem::create_symlink(other, scratch / "a.tar.gz.partial");
  Archive archive(scratch / "a.tar.gz");
  archive.publish();
  EXPECT_EQ(std::filesystem::file_size(other), 4U);
}

TEST(Archive, NamesAFolderThatIsNotThere) {
  EXPECT_NE(
      test::refusal_of(ExitCode::io, [] { Archive archive("/nowhere/a.tar.gz"); }).find("/nowhere/a.tar.gz"),
      std::string::npos);
}

}  // namespace
}  // namespace sharpwave::operate
