// The promise: the same spikes, bit for bit, however the same config is executed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "host/base/sha256.hpp"
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
const std::map<std::string, std::string> kGolden = {
    {"exp", "2bbb0ce31fa6f2dfb352198b60451ada878337bb80f101dc96e32d05e9a06e78"},
    {"alpha", "26413009a377fff8bdcdbae04febeb843dc5306670197157e06b1b9fb56f4631"},
    {"delta", "0c51ca2a0b4d1718ca7777a8f0288b7a86898ce83d618a0c74be400d89626773"},
    {"rules", "9c2c0ba243032b86fd198f863e038f64e71ebf883e8a9dbd2c8e50c83ba25b45"},
    {"sources", "2e8af5f5dd2b8287d81169201a544e024fd859dbc18efd26e50ebe3f5a3b4ab5"},
    {"sparse", "351d3beb02569c2f47ef3773e444f57a38e596de254e9cca6b06d68e59b5ec82"},
    {"dense", "67a002d12da84635c99d3347420b2e0e6ca34438aae0c8a7ef9976206fbdc391"},
    {"dense_float64", "55472d80ab2b5cd9b4c0b0377416da4e92bce8775da2ffe73e615dcf572c3ccd"},
    {"numerical", "b8d56cf65b38fce77619e68f47f8cde56195a0bfc5ececf82fe5c7d83ade3c0f"},
    {"numerical_float64", "2bcfda98cb1fca8aacfb4e51b6898dc21c76aee61fd67dc6da4d65a028bbe559"},
    {"currents", "dd75869458e1531d19162a51ebb85877be90d1e6efa1f717f711540df303ac6c"},
    {"currents_float64", "dd75869458e1531d19162a51ebb85877be90d1e6efa1f717f711540df303ac6c"},
    {"exp_float64", "6f020b8ed8057f2f5dc01ea39969919b32772e82de1314f902c873b8213dd1fe"},
    {"alpha_float64", "86c5657cbdea25b978eb80a6a943120a57e86bc0c9a6ba8fafd17d3610a2a24b"},
    {"delta_float64", "4c7c280d18486f0509a119b56c2f9a59ebf2e3eb39f0e24ea71350f7ad02400f"},
    {"rules_float64", "1d4d1bede977ee796f48d3a4bfec3ffc32c815c10ab86c4eaa585653726dd6d1"},
    {"sources_float64", "2e8af5f5dd2b8287d81169201a544e024fd859dbc18efd26e50ebe3f5a3b4ab5"},
    {"sparse_float64", "f5a2d46da63becef4945b71bd503961fc144715103ae7ff717db0cb68b76ca77"},
};

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

/// What a network that learns comes to.
struct Learnt {
  std::vector<Spike> spikes;
  std::vector<std::vector<float>> weights;  ///< of each projection; empty where it does not learn
  bool operator==(const Learnt&) const = default;
};

Learnt learn(const ModelSpec& spec, int threads, std::uint64_t block) {
  constexpr std::uint64_t kLearningSteps = 600;
  const auto engine = make_cpu_engine(spec, threads);
  Learnt learnt{.spikes = simulate(*engine, kLearningSteps, block), .weights = {}};
  for (std::uint32_t k = 0; k < spec.projections.size(); ++k)
    learnt.weights.push_back(engine->read_weights(k, 1));
  return learnt;
}

std::string digest_of(const Learnt& learnt) {
  Sha256 hash;
  for (const std::vector<float>& weights : learnt.weights)
    hash.update(weights.data(), weights.size() * sizeof(float));
  const std::string spikes = digest_of(learnt.spikes);
  hash.update(spikes.data(), spikes.size());
  return to_hex(hash.finish());
}

// Made as kGolden, on two threads.
const std::map<std::string, std::string> kGoldenOfLearning = {
    {"stdp_all_to_all", "20c768a0063c3519f9499decc0188c541ecc35ddcf553100ad4cf22a94eaedfe"},
    {"stdp_symmetric", "f66ec3593b680a9a63b7d724d3d4f56e7e07c3f1faf54fdf5f6f2449c18ec3df"},
    {"stdp_presynaptic", "58a4c31b2c809e8f0adb807dc057954b6a7c0b053f2ac50c888da7089815af09"},
    {"stdp_restricted", "a35ba85ad0b311c1e3d28847ed0eb8ed649efc16c64b0b5d7a19295f7a0a97af"},
    {"stdp_rows", "15fbcddd89ad58ef19e8c2fd51be4805ab995501ea683843fc1959a5d5597935"},
    {"stdp_other_rules", "b21ac28d794c066bbfde782b4fcfcf95c3fc1015c4e026f1f8390cb79cc4350a"},
    {"stdp_power_law", "0e41617000a4f1d96f925a3faa33d22a4141e5fecee856e9e7f6542256f948a2"},
    {"stdp_scaled", "d7bb70a32f6a0ae6f55f9f79d67e310304f1803e0e86b5081d77e58f2d780245"},
    {"stdp_scaled_rows", "cb133ff486537340848cb0746bacf7c05221f202a6c677cb91290247e1610aa3"},
    {"modulated", "553f31eb3a7cefd4b80603f5bcf0933d146d4614d08c46da3076feaba91748ff"},
    {"modulated_float64", "5b3703445088264a2bae90d56a190f42d306b137e737cca62d4a28610f6d6a82"},
};

class LearningContract : public Contract {};

TEST_P(LearningContract, AnyNumberOfThreadsGivesTheSameWeights) {
  const Learnt one = learn(GetParam().spec, 1, 600);
  for (const int threads : {2, 3, 7}) EXPECT_TRUE(learn(GetParam().spec, threads, 37) == one) << threads;
}

TEST_P(LearningContract, EveryCompilerAndBuildTypeGivesTheRecordedWeights) {
  const auto golden = kGoldenOfLearning.find(GetParam().name);
  EXPECT_EQ(digest_of(learn(GetParam().spec, 2, 600)),
            golden == kGoldenOfLearning.end() ? "" : golden->second);
}

TEST_P(LearningContract, EveryInstructionSetGivesTheSameWeights) {
  setenv("SHARPWAVE_ISA", "avx2", 1);
  const Learnt baseline = learn(GetParam().spec, 2, 600);
  if (!__builtin_cpu_supports("avx512vl"))
    GTEST_SKIP() << "this processor has no AVX-512: only one variant ran";
  setenv("SHARPWAVE_ISA", "avx512", 1);
  EXPECT_TRUE(learn(GetParam().spec, 2, 600) == baseline);
}

INSTANTIATE_TEST_SUITE_P(PlasticNetworks, LearningContract, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, LearningContract, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

TEST(ContractSeeds, TheSeedOfTheRunChangesWhatIsDrawnInTheRunOnly) {
  ModelSpec spec = contract_networks()[0].spec;
  const std::vector<Spike> before = simulate(spec, 1, kSteps);
  spec.simulation.seed += 1;
  const auto engine = make_cpu_engine(spec, 1);
  EXPECT_FALSE(simulate(*engine, kSteps, kSteps) == before);
}

// A list of equal weights is not held as bits.
TEST(PairBits, GiveTheSpikesOfLists) {
  for (const char* name : {"dense", "dense_float64"}) {
    SCOPED_TRACE(name);
    const auto networks = contract_networks();
    ModelSpec spec =
        std::find_if(networks.begin(), networks.end(), [&](const auto& n) { return n.name == name; })->spec;
    const std::vector<Spike> bits = simulate(spec, 2, kSteps);
    const auto bytes = [&] { return make_cpu_engine(spec, 2)->construction().synapse_bytes; };
    const std::uint64_t bytes_as_bits = bytes();
    for (ProjectionSpec& p : spec.projections) {
      if (p.target.population == 3)
        p.delay_ms = std::vector<double>(p.target.size(), std::get<Distribution>(p.delay_ms).a);
      else
        p.weight = std::vector<double>(p.target.size(), std::get<Distribution>(p.weight).a);
    }
    EXPECT_GT(bytes(), 2 * bytes_as_bits);
    EXPECT_TRUE(simulate(spec, 2, kSteps) == bits);
    EXPECT_TRUE(simulate(spec, 1, kSteps) == bits);
  }
}

TEST(ContractNetworks, IncludeSlotsWiderThanAStep) {
  bool wide_slots = false;
  for (const NamedNetwork& network : contract_networks())
    wide_slots =
        wide_slots ||
        make_cpu_engine(network.spec, 2)->construction().layout.find("slots of 1 step,") == std::string::npos;
  EXPECT_TRUE(wide_slots);
}

}  // namespace
}  // namespace sharpwave::testing
