#include "host/engine/device_layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "host/base/error.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr OwnerLimits kH100{.n_owners = 132, .shared_bytes = 232'448};

ModelSpec contract_network(const std::string& name) {
  for (const NamedNetwork& network : contract_networks())
    if (network.name == name) return network.spec;
  throw std::logic_error(name);
}

class DeviceLayouts : public ::testing::Test {
 protected:
  void SetUp() override { unsetenv("SHARPWAVE_GPU_KERNEL"); }
  void TearDown() override { unsetenv("SHARPWAVE_GPU_KERNEL"); }

  static std::string why(const ModelSpec& spec, const OwnerLimits& owners = kH100,
                         std::uint32_t instances = 1) {
    const DeviceLayout layout = choose_device_layout(spec, owners, instances);
    EXPECT_FALSE(layout.by_owners);
    EXPECT_EQ(layout.shape.n_groups, 1u);
    return layout.why;
  }
  static std::string error_of(const ModelSpec& spec, const char* value) {
    setenv("SHARPWAVE_GPU_KERNEL", value, 1);
    try {
      static_cast<void>(choose_device_layout(spec, kH100, 1));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::usage);
      return error.what();
    }
    return "none";
  }
};

TEST_F(DeviceLayouts, StaticNetworksOfNeuronsHaveOwners) {
  setenv("SHARPWAVE_GPU_KERNEL", "persistent", 1);
  for (const char* name : {"exp", "alpha", "delta", "sparse"}) {
    const DeviceLayout layout = choose_device_layout(contract_network(name), kH100, 1);
    EXPECT_TRUE(layout.by_owners) << layout.why;
    EXPECT_GT(layout.shape.slot_width, 1u);
    EXPECT_LE(layout.shape.slot_width * layout.shape.cells_per_step, 65536u);
  }
}

// 1,000 neurons: 15 for each of 67 owners, and not 8 for each of 132.
TEST_F(DeviceLayouts, OwnersAreNoMoreThanFillARowOfCells) {
  const NetworkShape shape = owner_shape(contract_network("exp"), 132);
  EXPECT_EQ(shape.n_groups, 67u);
  EXPECT_EQ(shape.cells_per_step, 16u);
  EXPECT_EQ(owner_shape(contract_network("exp"), 10).n_groups, 10u);
}

TEST_F(DeviceLayouts, WhatOwnersCannotDoIsSaid) {
  EXPECT_EQ(why(contract_network("exp"), {}),
            "graph of kernels (the device's thread blocks cannot wait for each other)");
  EXPECT_EQ(why(contract_network("exp"), kH100, 2), "graph of kernels (several instances run at once)");
  EXPECT_EQ(why(contract_network("sources")), "graph of kernels ('noise' are Poisson sources)");
  EXPECT_EQ(why(contract_network("currents")), "graph of kernels ('relay' are parrots)");
  EXPECT_EQ(why(contract_network("dense")), "graph of kernels ('noise' are Poisson sources)");
  const ModelSpec plastic = plastic_networks()[0].spec;
  EXPECT_EQ(why(plastic), "graph of kernels ('in' are Poisson sources)");
  ModelSpec learning = contract_network("exp");
  learning.projections[0].plasticity = std::ranges::find_if(plastic.projections, [](const ProjectionSpec& p) {
                                         return p.plasticity.has_value();
                                       })->plasticity;
  EXPECT_EQ(why(learning), "graph of kernels ('" + learning.projections[0].name + "' is plastic)");
  EXPECT_NE(why(modulated_networks()[0].spec).find("neuromodulators"), std::string::npos);
  ModelSpec sampled = contract_network("exp");
  sampled.reports.push_back({.name = "r", .slice = whole(sampled, 0), .variables = {StateVariable::V_m}});
  EXPECT_EQ(why(sampled), "graph of kernels (a report is sampled)");
  ModelSpec slow = contract_network("exp");
  slow.projections[0].delay_ms = Distribution{.a = 5000};
  EXPECT_EQ(why(slow), "graph of kernels (delays of 50000 steps are more than 8 slots of 4096)");
}

TEST_F(DeviceLayouts, DelaysAreTakenByReceptor) {
  ModelSpec spec = contract_network("exp");
  for (ProjectionSpec& p : spec.projections)
    p.delay_ms = Distribution{.a = p.source.population == 0 ? 1.5 : 0.3};
  const DelaysByReceptor delays = delays_by_receptor(spec);
  EXPECT_EQ(delays.shortest, 3u);
  ASSERT_EQ(delays.synapses[0].size(), 15u);
  ASSERT_EQ(delays.synapses[1].size(), 3u);
  EXPECT_NEAR(delays.synapses[0][14], 120'000, 1e-6);
  EXPECT_NEAR(delays.synapses[1][2], 30'000, 1e-6);
  EXPECT_EQ(delays.synapses[1][1], 0);
}

TEST_F(DeviceLayouts, OneOfThemCanBeAskedFor) {
  setenv("SHARPWAVE_GPU_KERNEL", "graph", 1);
  EXPECT_EQ(why(contract_network("exp")), "graph of kernels (SHARPWAVE_GPU_KERNEL=graph)");
  setenv("SHARPWAVE_GPU_KERNEL", "persistent", 1);
  EXPECT_TRUE(choose_device_layout(contract_network("exp"), kH100, 1).by_owners);
  EXPECT_TRUE(choose_device_layout(contract_network("exp"), kH100, 1).is_asked_for);
  setenv("SHARPWAVE_GPU_KERNEL", "", 1);
  EXPECT_FALSE(choose_device_layout(contract_network("exp"), kH100, 1).is_asked_for);
}

TEST_F(DeviceLayouts, WhatElseIsAskedForIsRefused) {
  const ModelSpec spec = contract_network("exp");
  for (const char* value : {"Graph", "persistent ", "1", "graph,persistent", "\xff\n", "%s"})
    EXPECT_EQ(error_of(spec, value),
              "SHARPWAVE_GPU_KERNEL: read '" + std::string(value) + "', expected persistent or graph");
  EXPECT_EQ(error_of(contract_network("sources"), "persistent"),
            "SHARPWAVE_GPU_KERNEL=persistent: 'noise' are Poisson sources");
}

}  // namespace
}  // namespace sharpwave::testing
