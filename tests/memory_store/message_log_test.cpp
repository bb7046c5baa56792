#include "memory_store/message_log.hpp"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "memory_store/file_bytes.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::memory {
namespace {

using test::TemporaryFolder;

constexpr std::uint64_t kMost = 4 << 20;

TEST(MessageLog, HasWarningsBehindThoseOfBefore) {
  const TemporaryFolder folder;
  for (const int number : {1, 2}) {
    MessageLog log(folder.path());
    rocksdb::Info(&log, "all is well %d", number);
    rocksdb::Warn(&log, "something is %s in %d", "odd", number);
  }
  const std::string text = read_file(folder.path() / "LOG", kMost);
  EXPECT_NE(text.find("something is odd in 1\n"), std::string::npos) << text;
  EXPECT_LT(text.find("odd in 1"), text.find("odd in 2")) << text;
  EXPECT_EQ(text.find("all is well"), std::string::npos) << text;
}

TEST(MessageLog, IsNotThereWhereThereIsNothingToSay) {
  const TemporaryFolder folder;
  {
    MessageLog log(folder.path());
    rocksdb::Info(&log, "all is well");
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "LOG"));
}

TEST(MessageLog, DoesNotGrowWithoutBound) {
  const TemporaryFolder folder;
  MessageLog log(folder.path());
  const std::string long_text(1000, 'x');
  for (int i = 0; i < 3000; ++i) rocksdb::Error(&log, "%s %d", long_text.c_str(), i);
  const std::string text = read_file(folder.path() / "LOG", kMost);
  EXPECT_LT(text.size(), std::size_t{MessageLog::kMostBytes} + 2048);
  EXPECT_NE(text.find(" 2999\n"), std::string::npos);
}

TEST(MessageLog, SaysNothingWhereItCannotWrite) {
  const TemporaryFolder folder;
  MessageLog nowhere(folder.path() / "not_there");
  std::filesystem::create_symlink("/dev/full", folder.path() / "LOG");
  MessageLog full(folder.path());
  for (int i = 0; i < 3; ++i) {
    rocksdb::Error(&nowhere, "lost");
    rocksdb::Error(&full, "lost");
  }
  std::filesystem::create_directory(folder.path() / "not_there");
  rocksdb::Error(&nowhere, "there again");
  const std::string text = read_file(folder.path() / "not_there" / "LOG", kMost);
  EXPECT_NE(text.find("there again"), std::string::npos) << text;
  EXPECT_EQ(text.find("lost"), std::string::npos) << text;
}

}  // namespace
}  // namespace sharpwave::memory
