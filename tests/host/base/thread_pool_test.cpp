#include "host/base/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace sharpwave {
namespace {

TEST(ThreadPool, RunsTheJobOnceOnEveryThreadAgainAndAgain) {
  ThreadPool pool(5);
  std::vector<int> calls(5);
  for (int round = 1; round <= 200; ++round) {
    pool.run([&](int thread) { ++calls[static_cast<std::size_t>(thread)]; });
    ASSERT_EQ(calls, std::vector<int>(5, round));
  }
}

TEST(ThreadPool, CoversARangeOnce) {
  ThreadPool pool(3);
  for (const std::uint64_t n : {0u, 1u, 7u, 1000u}) {
    std::vector<std::atomic<int>> visits(n);
    pool.parallel_for(n, 6, [&](int, std::uint64_t begin, std::uint64_t end) {
      for (std::uint64_t i = begin; i < end; ++i) ++visits[i];
    });
    for (const auto& v : visits) EXPECT_EQ(v.load(), 1);
  }
}

TEST(ThreadPool, RethrowsWhatAJobThrowsAndStaysUsable) {
  ThreadPool pool(4);
  for (const int thrower : {0, 2}) {
    EXPECT_THROW(pool.run([&](int thread) {
      if (thread == thrower) throw std::runtime_error("as planned");
    }),
                 std::runtime_error);
    std::atomic<int> calls{0};
    pool.run([&](int) { ++calls; });
    EXPECT_EQ(calls.load(), 4);
  }
}

TEST(ProgressCounter, WakesThoseWhoWaitAndWrapsAround) {
  ThreadPool pool(2);
  ProgressCounter there, back;
  there.publish(0xffffffefu);
  back.publish(0xffffffefu);
  std::atomic<std::uint32_t> last{0};
  pool.run([&](int thread) {
    for (std::uint32_t i = 0xfffffff0u; i != 0x10u; ++i) {
      if (thread == 0) {
        there.publish(i);
        back.wait_for(i);
      } else {
        there.wait_for(i);
        last = i;
        back.publish(i);
      }
    }
  });
  EXPECT_EQ(last.load(), 0xfu);
}

}  // namespace
}  // namespace sharpwave
