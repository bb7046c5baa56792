// A thread of the engine that fails ends the run: nobody waits for it, and the exception arrives.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <new>

#include "host/engine/engine.hpp"
#include "tests/support/spec_builder.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHARPWAVE_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHARPWAVE_SHADOW_MEMORY 1
#endif
#endif

namespace sharpwave::test {
namespace {

// Leaves this process `bytes` of address space beyond what it has.
void allow_only(std::uint64_t bytes) {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t most = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit limit{most, most};
  if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
}

// 200 sources of 500 spikes a step reach each of 4,000 parrots: 400 million spikes a step.
void run_out_of_memory(int threads) {
  ModelSpec spec;
  spec.populations = {poisson_source("S", 200, 5e6), parrots("P", 4000), parrots("Q", 1)};
  project(spec, "p", 0, 1, ConnectionRule::all_to_all);
  project(spec, "q", 1, 2, ConnectionRule::all_to_all);
  const auto engine = make_cpu_engine(spec, threads);
  allow_only(std::uint64_t{400} << 20);
  Block block;
  try {
    engine->advance(100, block);
  } catch (const std::bad_alloc&) {
    _exit(6);
  }
  _exit(0);
}

TEST(EngineDeathTest, AThreadThatRunsOutOfMemoryEndsTheRun) {
#if defined(SHARPWAVE_SHADOW_MEMORY)
  GTEST_SKIP() << "SKIPPED: a sanitizer's shadow needs more address space than the test leaves";
#endif
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const int threads : {1, 2, 3}) {
    EXPECT_EXIT(
        {
          alarm(60);
          run_out_of_memory(threads);
        },
        ::testing::ExitedWithCode(6), "");
  }
}

}  // namespace
}  // namespace sharpwave::test
