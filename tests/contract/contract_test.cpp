// The promise: the same spikes, bit for bit, however the same config is executed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "host/engine/cpu_kernels.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint64_t kSteps = 1200;

class Contract : public ::testing::TestWithParam<NamedNetwork> {
 protected:
  void TearDown() override { unsetenv("SHARPWAVE_ISA"); }
};

// Made by this test with g++ 12, release, one thread (the failing assertion prints the new value). They tie
// together what no single process can compare: compilers, build types, sanitizers, machines.
const std::map<std::string, std::string> kGolden = {};

TEST_P(Contract, AnyNumberOfThreadsGivesTheSameSpikes) {
  const std::vector<Spike> one = simulate(GetParam().spec, 1, kSteps);
  ASSERT_GT(one.size(), 300u) << "the network is too quiet to show anything";
  for (const int threads : {2, 3, 7})
    EXPECT_EQ(simulate(GetParam().spec, threads, kSteps), one) << threads << " threads";
}

TEST_P(Contract, EveryCompilerAndBuildTypeGivesTheRecordedSpikes) {
  const auto golden = kGolden.find(GetParam().name);
  EXPECT_EQ(digest_of(simulate(GetParam().spec, 2, kSteps)), golden == kGolden.end() ? "" : golden->second);
}

TEST_P(Contract, EveryInstructionSetGivesTheSameSpikes) {
  setenv("SHARPWAVE_ISA", "avx2", 1);
  const std::vector<Spike> baseline = simulate(GetParam().spec, 2, kSteps);
  if (!__builtin_cpu_supports("avx512vl"))
    GTEST_SKIP() << "this processor has no AVX-512: only one variant ran";
  setenv("SHARPWAVE_ISA", "avx512", 1);
  EXPECT_TRUE(simulate(GetParam().spec, 2, kSteps) == baseline);
}

TEST_P(Contract, CuttingTheRunIntoBlocksChangesNothing) {
  const std::vector<Spike> whole = simulate(GetParam().spec, 2, kSteps, kSteps);
  EXPECT_TRUE(simulate(GetParam().spec, 2, kSteps, 7) == whole);
  EXPECT_TRUE(simulate(GetParam().spec, 1, kSteps, 1) == whole);
}

TEST_P(Contract, TheNetworkSeedMatters) {
  const std::vector<Spike> before = simulate(GetParam().spec, 1, kSteps);
  ModelSpec other = GetParam().spec;
  other.simulation.network_seed += 1;
  EXPECT_FALSE(simulate(other, 1, kSteps) == before);
}

INSTANTIATE_TEST_SUITE_P(Networks, Contract, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });

TEST(ContractNetworks, CoverEveryShapeOfTheLayout) {
  bool wide_slots = false;
  for (const NamedNetwork& network : contract_networks())
    wide_slots =
        wide_slots ||
        make_cpu_engine(network.spec, 2)->construction().layout.find("slots of 1 step,") == std::string::npos;
  EXPECT_TRUE(wide_slots);
}

}  // namespace
}  // namespace sharpwave::testing
