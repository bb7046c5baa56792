// The kernels' source, run by threads, against the CPU engine: the same spikes and the same samples.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/engine/device_engine.hpp"
#include "tests/simt/simt_backend.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

// A step takes about 10 ms here, a hundred times that under ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kSteps = 40;
#else
constexpr std::uint64_t kSteps = 200;
#endif

std::unique_ptr<Engine> simt_engine(const ModelSpec& spec) {
  return make_device_engine(spec, 1, device::make_executor_on<simt::SimtBackend>);
}

class Simt : public ::testing::TestWithParam<NamedNetwork> {};

TEST_P(Simt, GivesTheSpikesOfTheCpu) {
  const std::vector<Spike> expected = simulate(GetParam().spec, 1, kSteps);
  ASSERT_GT(expected.size(), kSteps / 10) << "the network is too quiet to show anything";
  const auto engine = simt_engine(GetParam().spec);
  EXPECT_EQ(simulate(*engine, kSteps, kSteps), expected);
}

INSTANTIATE_TEST_SUITE_P(Networks, Simt, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });

ModelSpec network_named(const std::string& name) {
  const auto networks = contract_networks();
  return std::find_if(networks.begin(), networks.end(), [&](const auto& n) { return n.name == name; })->spec;
}

TEST(SimtEngine, DoesNotDependOnHowTheRunIsCut) {
  const ModelSpec spec = network_named("sources");
  const auto whole = simt_engine(spec);
  const auto cut = simt_engine(spec);
  EXPECT_EQ(simulate(*cut, kSteps, 7), simulate(*whole, kSteps, kSteps));
}

TEST(SimtEngine, RecordsTheStateOfTheCpu) {
  for (const char* name : {"exp", "numerical_float64"}) {
    SCOPED_TRACE(name);
    ModelSpec spec = network_named(name);
    const auto is_neurons = [](const PopulationSpec& p) { return p.neurons() != nullptr; };
    const auto population = static_cast<std::uint32_t>(
        std::find_if(spec.populations.begin(), spec.populations.end(), is_neurons) -
        spec.populations.begin());
    spec.reports = {{.name = "r",
                     .slice = {population, 1, spec.populations[population].size, 3},
                     .variables = {StateVariable::V_m},
                     .times = {.first_step = 5, .last_step = 33, .interval = 4}}};
    Block expected;
    Block found;
    make_cpu_engine(spec, 1)->advance(40, expected);
    const auto engine = simt_engine(spec);
    engine->advance(40, found);
    ASSERT_EQ(found.reports[0].steps, expected.reports[0].steps);
    EXPECT_EQ(found.reports[0].steps.size(), 7u);
    EXPECT_EQ(found.reports[0].values, expected.reports[0].values);
  }
}

}  // namespace
}  // namespace sharpwave::testing
