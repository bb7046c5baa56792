#include "host/run/resources.hpp"

#include <gtest/gtest.h>

#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(AvailableMemory, IsWhatTheKernelCallsAvailable) {
  const TemporaryDirectory root;
  root.write("proc/meminfo", "MemTotal:       4096 kB\nMemFree:  12 kB\nMemAvailable:       2048 kB\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 2 * kMiB);
}

TEST(AvailableMemory, IsBoundByEveryGroupAboveInVersion2) {
  const TemporaryDirectory root;
  root.write("proc/meminfo", "MemAvailable: 1048576 kB\n");
  root.write("proc/self/cgroup", "0::/user/job\n");
  root.write("sys/fs/cgroup/user/job/memory.max", "max\n");
  root.write("sys/fs/cgroup/user/job/memory.current", "1048576\n");
  root.write("sys/fs/cgroup/user/memory.max", "104857600\n");                        // 100 MiB
  root.write("sys/fs/cgroup/user/memory.current", "41943040\n");                     // 40 MiB, of which
  root.write("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 10485760\n");  // 10 MiB can be dropped
  EXPECT_EQ(available_memory_bytes(root.path()), 70 * kMiB);
}

TEST(AvailableMemory, IsBoundByTheMountWhereTheGroupIsNotVisibleInVersion1) {
  const TemporaryDirectory root;
  root.write("proc/meminfo", "MemAvailable: 1048576 kB\n");
  root.write("proc/self/cgroup", "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "10485760\n");
  root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "4194304\n");
  root.write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 1048576\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 7 * kMiB);
}

TEST(AvailableMemory, IsNothingWhereAGroupIsOverItsLimit) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "0::/\n");
  root.write("sys/fs/cgroup/memory.max", "1000\n");
  root.write("sys/fs/cgroup/memory.current", "2000\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 0U);
}

TEST(AvailableMemory, OfThisMachineIsSomething) {
  EXPECT_GT(available_memory_bytes(), kMiB);
  EXPECT_LT(available_memory_bytes(), kNoLimit);
}

TEST(AllowedProcessors, AreBoundByTheQuotaRoundedDown) {
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "0::/job\n");
  root.write("sys/fs/cgroup/job/cpu.max", "190000 100000\n");
  EXPECT_EQ(allowed_processors(root.path()), 1);
  root.write("sys/fs/cgroup/job/cpu.max", "20000 100000\n");
  EXPECT_EQ(allowed_processors(root.path()), 1) << "never none";
}

TEST(AllowedProcessors, ReadVersion1AndItsSignForNoQuota) {
  const TemporaryDirectory none;
  const int unlimited = allowed_processors(none.path());
  EXPECT_GE(unlimited, 1);
  const TemporaryDirectory root;
  root.write("proc/self/cgroup", "1:cpu,cpuacct:/\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(allowed_processors(root.path()), unlimited);
  root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  EXPECT_EQ(allowed_processors(root.path()), 1);
}

TEST(PeakMemory, IsThatOfTheProgramAndNotOfWhatStartedIt) {
  const TemporaryDirectory root;
  root.write("proc/self/status",
             "Name:\tsharpwave\nVmPeak:\t  9999 kB\nVmHWM:\t    3072 kB\nVmRSS:\t 2048 kB\n");
  EXPECT_EQ(peak_memory_bytes(root.path()), 3 * kMiB);
  EXPECT_EQ(peak_memory_bytes("/there/is/no/such/root"), 0u);
}

TEST(PeakMemory, GrowsWithWhatIsTouched) {
  const std::uint64_t before = peak_memory_bytes();
  std::string touched(64 * kMiB, 'x');
  EXPECT_GE(peak_memory_bytes(), before + 16 * kMiB);
  EXPECT_EQ(touched.back(), 'x');
}

}  // namespace
}  // namespace sharpwave
