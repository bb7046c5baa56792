#include "host/run/run_lock.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/base/error.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave {
namespace {

/// Empty where the lock could be had.
std::string refusal_to_lock(const std::filesystem::path& directory) {
  return test::refusal_of(ExitCode::io, [&] { const RunLock lock(directory); });
}

TEST(RunLock, IsHeldByOneAndGoesWithIt) {
  const TemporaryDirectory folder;
  {
    const RunLock lock(folder.path());
    const std::string message = refusal_to_lock(folder.path());
    EXPECT_NE(message.find("another run writes into " + folder.path().string()), std::string::npos)
        << message;
    EXPECT_NE(message.find("process " + std::to_string(getpid())), std::string::npos) << message;
    EXPECT_NE(refusal_to_lock(folder.path()), "") << "a refused one takes nothing away";
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / ".lock"));
  EXPECT_EQ(refusal_to_lock(folder.path()), "");
}

TEST(RunLock, OfAKilledProcessIsFree) {
  const TemporaryDirectory folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const RunLock lock(folder.path());
    static_cast<void>(!write(ready[1], "x", 1));
    for (;;) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_NE(refusal_to_lock(folder.path()).find(std::to_string(child)), std::string::npos);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / ".lock"));
  EXPECT_EQ(refusal_to_lock(folder.path()), "");
  close(ready[0]);
  close(ready[1]);
}

TEST(RunLock, DoesNotFollowALinkNorReadWhatIsNoNumber) {
  const TemporaryDirectory folder;
  const auto precious = folder.write("precious", "mine");
  std::filesystem::create_directory(folder.path() / "run");
  std::filesystem::create_symlink(precious, folder.path() / "run/.lock");
  EXPECT_NE(refusal_to_lock(folder.path() / "run"), "");
  std::ifstream stream(precious);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "mine");
}

TEST(RunLock, IsNeverHeldTwiceHoweverOftenItIsTakenAndLeft) {
  const TemporaryDirectory folder;
  std::atomic<int> holders{0};
  std::atomic<bool> twice{false};
  const auto take_and_leave = [&] {
    for (int taken = 0; taken < 300;) {
      try {
        const RunLock lock(folder.path());
        if (holders.fetch_add(1) != 0) twice = true;
        std::this_thread::yield();
        holders.fetch_sub(1);
        ++taken;
      } catch (const Error&) {
        std::this_thread::yield();
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(take_and_leave);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(twice);
}

}  // namespace
}  // namespace sharpwave
