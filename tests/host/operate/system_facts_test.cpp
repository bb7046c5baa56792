#include "host/operate/system_facts.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "tests/host/operate/scratch.hpp"

namespace sharpwave::operate {
namespace {

TEST(NumberIn, ReadsKilobytes) {
  constexpr std::string_view kText = "MemTotal:       1000 kB\nThreads:\t7\nBad: x\n";
  EXPECT_EQ(number_in(kText, "MemTotal"), 1'024'000U);
  EXPECT_EQ(number_in(kText, "Threads"), 7U);
  EXPECT_FALSE(number_in(kText, "Bad"));
  EXPECT_FALSE(number_in(kText, "Mem"));
}

TEST(ProcessFacts, AreOfThisProcess) {
  const ProcessFacts facts = process_facts(::getpid());
  EXPECT_TRUE(facts.is_there);
  EXPECT_TRUE(facts.is_sharpwave) << "it runs this very program";
  ASSERT_TRUE(facts.resident_bytes && facts.open_files && facts.most_files && facts.started_ms);
  EXPECT_GT(*facts.resident_bytes, 100'000U);
  EXPECT_GE(*facts.open_files, 3U);
  EXPECT_GE(*facts.most_files, *facts.open_files);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  EXPECT_LE(*facts.started_ms, now + 2000);
  EXPECT_GT(*facts.started_ms, now - 3'600'000);
}

TEST(ProcessFacts, OfNobodyAreNone) {
  EXPECT_FALSE(process_facts(0x7fffffff).is_there);
  EXPECT_FALSE(process_facts(-1).is_there);
}

TEST(MemoryFacts, SayWhatThereIs) {
  const MemoryFacts facts = memory_facts(0);
  ASSERT_TRUE(facts.total_bytes && facts.available_bytes);
  EXPECT_LE(*facts.available_bytes, *facts.total_bytes);
}

TEST(DiskFacts, AreOfTheFolder) {
  const auto facts = disk_facts("/");
  ASSERT_TRUE(facts);
  EXPECT_LE(facts->free_bytes, facts->size_bytes);
  EXPECT_FALSE(disk_facts("/nowhere"));
}

TEST(ReadProcFile, DoesNotWaitForAPipe) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(read_proc_file(scratch / "pipe"));
  EXPECT_FALSE(read_proc_file(scratch.folder()));
  EXPECT_EQ(read_proc_file(scratch.write("a", "text")), "text");
}

TEST(CpuFeatures, ThatAreMissingAreNamed) {
  EXPECT_TRUE(missing_cpu_features("processor\t: 0\nflags\t\t: fpu fma bmi1 avx2 bmi2 f16c movbe\n").empty());
  EXPECT_EQ(missing_cpu_features("flags\t\t: fpu fma bmi1 bmi2 f16c movbe avx\n"),
            std::vector<std::string>{"avx2"});
}

}  // namespace
}  // namespace sharpwave::operate
