// Resumed equals uninterrupted: every contract network in both precisions, and those that
// learn, cut at fifty random steps, each
// state written as a checkpoint, read again, and gone on with from every number of threads to every other.
#include "tests/host/engine/cuts.hpp"

#include "host/checkpoint/checkpoint_file.hpp"
#include "host/watchdog/rate_watch.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::size_t kCuts = 50;

/// As it comes out of the file of a checkpoint.
EngineState through_a_file(const ModelSpec& spec, const EngineState& state) {
  Checkpoint checkpoint{.config_digest = std::string(64, '0'),
                        .connectivity_digest = "0",
                        .precision = spec.simulation.precision,
                        .dt_ms = spec.simulation.dt_ms,
                        .steps = kCutSteps};
  for (const PopulationSpec& population : spec.populations)
    if (!population.is_virtual()) checkpoint.populations.push_back({population.name, population.size});
  InstanceState instance{.engine = state};
  instance.spikes.resize(checkpoint.populations.size());
  instance.watch.rates = RateWatch(spec).state();
  checkpoint.instances.push_back(std::move(instance));
  return decode_checkpoint(encode_checkpoint(checkpoint), "a checkpoint").instances.front().engine;
}

class Cuts : public ::testing::TestWithParam<NamedNetwork> {};

TEST_P(Cuts, FiftyOfThemLeaveNoTrace) {
  const NamedNetwork& network = GetParam();
  expect_to_go_on(network, random_cuts(network, kCuts, kCutSteps), kCutSteps, kCutThreads, kCutThreads,
                  [&](const EngineState& state) { return through_a_file(network.spec, state); });
}

INSTANTIATE_TEST_SUITE_P(Networks, Cuts, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });

INSTANTIATE_TEST_SUITE_P(PlasticNetworks, Cuts, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });

INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, Cuts, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

TEST(CutsOfNetworks, AreOfEachInBothPrecisions) {
  std::size_t n_float32 = 0;
  std::size_t n_float64 = 0;
  for (const NamedNetwork& network : contract_networks())
    ++(network.spec.simulation.precision == Precision::float64 ? n_float64 : n_float32);
  EXPECT_EQ(n_float32, n_float64);
  EXPECT_GT(n_float32, 0u);
}

}  // namespace
}  // namespace sharpwave::testing
