#include "tests/contract/device_contract.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "host/config/config.hpp"
#include "host/engine/device_engine.hpp"
#include "host/network/neuron_models.hpp"
#include "tests/host/protocol/trained_network.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

template <class Parameter>
class OnADeviceWith : public ::testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }

  DeviceUnderTest device_ = device_under_test();
};

using OnADevice = OnADeviceWith<NamedNetwork>;
using DeviceContract = OnADevice;

TEST_P(DeviceContract, GivesTheSpikesOfTheCpu) {
  const std::vector<Spike> expected = simulate(GetParam().spec, 1, device_.steps);
  ASSERT_GT(expected.size(), 20u) << "the network is too quiet to show anything";
  const auto engine = device_.make(GetParam().spec);
  EXPECT_EQ(simulate(*engine, device_.steps, device_.steps), expected);
}

INSTANTIATE_TEST_SUITE_P(Networks, DeviceContract, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(PlasticNetworks, DeviceContract, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, DeviceContract, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

std::vector<std::filesystem::path> shipped_configs() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(SHARPWAVE_SOURCE_DIR) / "configs"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class ShippedConfigs : public OnADeviceWith<std::filesystem::path> {};

/// Who goes without a protocol has nothing presented.
std::unique_ptr<Engine> with_first_item(std::unique_ptr<Engine> engine, const ModelSpec& spec) {
  if (spec.protocol == nullptr) return engine;
  const std::vector<PhaseSpec>& phases = spec.protocol->phases;
  const auto first =
      std::ranges::find_if(phases, [](const PhaseSpec& phase) { return phase.stimulus.has_value(); });
  engine->present({.stimulus = first->stimulus.value(), .item = first->items.at(0)});
  return engine;
}

// From the start until a few neurons have fired: on one thread, on three, and on the device. Of a protocol
// while its first item is presented.
TEST_P(ShippedConfigs, GiveTheSameSpikesEverywhere) {
  ModelSpec spec;
  try {
    spec = load_config(GetParam());
    if (spec.protocol == nullptr) spec = load_config(GetParam(), {parse_override("simulation.warm_up=0")});
  } catch (const ConfigError& error) {
    const bool has_no_data = std::string(error.what()).find("SHARPWAVE_DATA") != std::string::npos;
    if (has_no_data) GTEST_SKIP() << "NOT TESTED, its data is not here: " << error.what();
    throw;
  }
  const auto one = with_first_item(make_cpu_engine(spec, 1), spec);
  constexpr std::uint64_t kAtOnce = 20;
  std::vector<Spike> expected;
  std::uint64_t steps = 0;
  for (; steps < kAtOnce || (expected.size() < 20 && steps < 5000); steps += kAtOnce)
    for (const Spike& spike : simulate(*one, kAtOnce, kAtOnce)) expected.push_back(spike);
  ASSERT_GE(expected.size(), 5u) << "the network is too quiet to show anything";
  const auto three = with_first_item(make_cpu_engine(spec, 3), spec);
  EXPECT_EQ(simulate(*three, steps, 100), expected);
  const auto engine = with_first_item(device_.make(spec), spec);
  EXPECT_EQ(simulate(*engine, steps, steps), expected);
}
INSTANTIATE_TEST_SUITE_P(All, ShippedConfigs, ::testing::ValuesIn(shipped_configs()), [](const auto& file) {
  const std::filesystem::path& path = file.param;
  return path.stem() == "network" ? path.parent_path().filename().string() : path.stem().string();
});

std::vector<NamedNetwork> networks_named(const std::vector<std::string>& names) {
  std::vector<NamedNetwork> chosen;
  for (const NamedNetwork& network : contract_networks())
    if (std::find(names.begin(), names.end(), network.name) != names.end()) chosen.push_back(network);
  return chosen;
}

using CutRuns = OnADevice;
TEST_P(CutRuns, GiveTheSpikesOfWholeOnes) {
  const auto whole = device_.make(GetParam().spec);
  const auto cut = device_.make(GetParam().spec);
  const std::uint64_t steps = std::min<std::uint64_t>(device_.steps, 100);
  EXPECT_EQ(simulate(*cut, steps, 7), simulate(*whole, steps, steps));
}
INSTANTIATE_TEST_SUITE_P(Networks, CutRuns, ::testing::ValuesIn(networks_named({"sources", "currents"})),
                         [](const auto& network) { return network.param.name; });

// What the watchdog goes by.
using Soundness = OnADevice;
TEST_P(Soundness, IsSeenAsOnTheCpu) {
  ModelSpec spec = GetParam().spec;
  const auto sees = [&](Engine& engine, const EngineState& state, std::uint64_t steps) {
    Block block;
    engine.restore(state);
    engine.advance(steps, block);
    return block.unsound;
  };
  for (const bool is_bounded : {false, true}) {
    if (is_bounded) spec.watchdog.bound_mV = 1e-3;
    const auto cpu = make_cpu_engine(spec, 1);
    const auto device = device_.make(spec);
    const EngineState sound = cpu->save();
    EXPECT_EQ(sees(*cpu, sound, 24), is_bounded);
    EXPECT_EQ(sees(*device, sound, 24), is_bounded);
    EXPECT_FALSE(sees(*device, sound, 7)) << "V is looked at in every eighth step";
    EngineState bad = sound;
    std::visit([](auto& values) { values[0] = std::numeric_limits<float>::quiet_NaN(); },
               bad.populations[0].variables.back().values);
    EXPECT_TRUE(sees(*cpu, bad, 3));
    EXPECT_TRUE(sees(*device, bad, 3));
    EXPECT_FALSE(sees(*device, sound, 3)) << "it is of the block alone";
  }
}
INSTANTIATE_TEST_SUITE_P(Networks, Soundness, ::testing::ValuesIn(networks_named({"exp", "alpha", "delta"})),
                         [](const auto& network) { return network.param.name; });

// From the CPU to the device in the middle of the run, and back.
using States = OnADevice;
TEST_P(States, MoveBetweenTheCpuAndTheDevice) {
  const ModelSpec& spec = GetParam().spec;
  const std::uint64_t steps = std::min<std::uint64_t>(device_.steps, 200);
  const auto cpu = make_cpu_engine(spec, 2);
  const auto device = device_.make(spec);
  simulate(*cpu, steps / 4, 100);
  device->restore(cpu->save());
  EXPECT_EQ(device->save(), cpu->save());
  EXPECT_EQ(simulate(*device, steps / 2, 30), simulate(*cpu, steps / 2, 100));
  EXPECT_EQ(device->save(), cpu->save());
  const auto back = make_cpu_engine(spec, 1);
  back->restore(device->save());
  EXPECT_EQ(simulate(*back, steps / 4, 100), simulate(*cpu, steps / 4, 100));
  EXPECT_EQ(back->save(), cpu->save());
}
INSTANTIATE_TEST_SUITE_P(Networks, States, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(PlasticNetworks, States, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, States, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

using Memory = OnADevice;
TEST_P(Memory, IsCoveredByThePlan) {
  const auto engine = device_.make(GetParam().spec);
  const std::uint64_t allocated = engine->construction().device_bytes;
  EXPECT_GT(allocated, 0u);
  // Without what the plan of a small network has to spare.
  constexpr std::uint64_t kSpare = std::uint64_t{16} << 20;
  const std::uint64_t planned =
      plan_device_network(GetParam().spec, 1, device_.make_executor.owners).network_bytes() - kSpare;
  EXPECT_LE(allocated, planned);
  EXPECT_LE(planned, 4 * allocated);
}
INSTANTIATE_TEST_SUITE_P(Networks, Memory, ::testing::ValuesIn(contract_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(PlasticNetworks, Memory, ::testing::ValuesIn(plastic_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(ModulatedNetworks, Memory, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });
INSTANTIATE_TEST_SUITE_P(Protocols, Memory, ::testing::Values(NamedNetwork{"trained", trained_network()}),
                         [](const auto& network) { return network.param.name; });

// Everything that can be recorded of every model, absolute potentials, an interval that does not divide the
// run.
using Reports = OnADevice;
TEST_P(Reports, HoldTheValuesOfTheCpu) {
  ModelSpec spec = GetParam().spec;
  for (std::uint32_t i = 0; i < spec.populations.size(); ++i) {
    const NeuronSpec* neurons = spec.populations[i].neurons();
    if (neurons == nullptr) continue;
    spec.reports.push_back({.name = spec.populations[i].name,
                            .slice = {i, 1, spec.populations[i].size, 3},
                            .variables = recordables(model_info(neurons->model)),
                            .times = {.first_step = 5, .last_step = 27, .interval = 4}});
  }
  Block expected;
  Block found;
  make_cpu_engine(spec, 1)->advance(30, expected);
  const auto engine = device_.make(spec);
  engine->advance(30, found);
  ASSERT_FALSE(spec.reports.empty());
  for (std::size_t r = 0; r < spec.reports.size(); ++r) {
    SCOPED_TRACE(spec.reports[r].name);
    EXPECT_EQ(expected.reports[r].steps, (std::vector<std::uint64_t>{9, 13, 17, 21, 25}));
    EXPECT_EQ(found.reports[r].steps, expected.reports[r].steps);
    EXPECT_EQ(found.reports[r].values, expected.reports[r].values);
  }
}
// Others than at first, of other sizes, and from the middle of a graph of steps on.
TEST_P(Reports, CanBeReplacedBetweenBlocks) {
  ModelSpec spec = GetParam().spec;
  const auto with_interval = [&](std::uint32_t size, std::uint64_t interval) {
    return std::vector<ReportSpec>{{.name = "r",
                                    .slice = {0, 0, size, 1},
                                    .variables = {StateVariable::V_m},
                                    .times = {.first_step = 0, .last_step = 70, .interval = interval}}};
  };
  spec.reports = with_interval(spec.populations[0].size, 3);
  const auto engine = device_.make(spec);
  Block found;
  engine->advance(37, found);
  EXPECT_EQ(found.reports[0].steps.size(), 12u);
  spec.reports = with_interval(3, 1);
  engine->record(spec.reports);
  const auto cpu = make_cpu_engine(spec, 1);
  Block expected;
  cpu->advance(37, expected);
  cpu->advance(40, expected);
  engine->advance(40, found);
  EXPECT_EQ(found.ids, expected.ids);
  EXPECT_EQ(found.reports[0].steps.size(), 33u);
  EXPECT_EQ(found.reports[0].steps, expected.reports[0].steps);
  EXPECT_EQ(found.reports[0].values, expected.reports[0].values);
}
INSTANTIATE_TEST_SUITE_P(Networks, Reports,
                         ::testing::ValuesIn(networks_named({"exp", "alpha", "delta", "currents", "numerical",
                                                             "numerical_float64"})),
                         [](const auto& network) { return network.param.name; });

}  // namespace
}  // namespace sharpwave::testing
