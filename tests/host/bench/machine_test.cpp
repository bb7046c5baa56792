#include "host/bench/machine.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave::bench {
namespace {

std::optional<ProcessorTime> time_of(const std::string& stat) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "proc");
  std::ofstream(folder / "proc/stat") << stat;
  return processor_time(folder.path());
}

TEST(BenchMachine, BusyIsAllButIdleAndWaiting) {
  const auto per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto time = time_of("cpu  10 20 30 400 50 6 7 8 10 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n");
  ASSERT_TRUE(time);
  EXPECT_DOUBLE_EQ(time->total_s, 531 / per_s);
  EXPECT_DOUBLE_EQ(time->busy_s, 81 / per_s);
}

TEST(BenchMachine, WhatCannotBeReadIsUnknown) {
  EXPECT_FALSE(time_of(""));
  EXPECT_FALSE(time_of("intr 1 2 3\n"));
  EXPECT_FALSE(time_of("cpu 1 2 3\n"));
  EXPECT_FALSE(time_of("cpu  0 0 0 0 0 0 0 0 0 0\n"));
  EXPECT_FALSE(processor_time("/there/is/no/such/root"));
}

TEST(BenchMachine, OthersHaveWhatIsNotOurs) {
  const ProcessorTime before{.busy_s = 10, .total_s = 100};
  const ProcessorTime after{.busy_s = 14, .total_s = 120};
  EXPECT_DOUBLE_EQ(share_of_others(before, after, 3), 0.05);
  EXPECT_EQ(share_of_others(before, after, 4.01), 0) << "ticks are coarse";
  EXPECT_EQ(share_of_others(before, before, 0), 0);
}

TEST(BenchMachine, IsDescribed) {
  const Machine machine = this_machine();
  EXPECT_FALSE(machine.processor.empty());
  EXPECT_GE(machine.processors, 1);
  EXPECT_GE(machine.allowed, 1);
  EXPECT_GT(machine.memory_bytes, 1u << 20);
}

TEST(BenchMachine, LimitsAreMeasuredForOddSizesAndThreads) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    EXPECT_GT(copy_bytes_per_s(pool), 0);
    for (const std::uint64_t bytes : {1u, 8u, 24u, 1'000'007u}) EXPECT_GT(read_pass_s(pool, bytes), 0);
  }
}

}  // namespace
}  // namespace sharpwave::bench
