// What a memory is told is the same whichever device simulates.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/network/memory_spec.hpp"
#include "host/signals/collector.hpp"
#include "tests/contract/device_contract.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

/// The network with all that can be told of its first population of neurons.
ModelSpec remembered(ModelSpec spec) {
  MemorySpec memory{.window_steps = 15, .embedding = {.is_projected = true, .dimension = 32, .settle = 2}};
  memory.ripple = RippleSpec{.rate_Hz = 5, .shortest_bins = 1, .longest_bins = 2};
  for (std::uint32_t p = 0; p < spec.populations.size() && memory.populations.empty(); ++p)
    if (spec.populations[p].neurons() != nullptr) memory.populations = {{p, "default"}};
  for (std::uint32_t q = 0; q < spec.projections.size(); ++q)
    if (spec.projections[q].plasticity) memory.plasticity.push_back(q);
  if (!spec.regions.empty()) memory.region = 0;
  spec.memory = std::make_shared<const MemorySpec>(std::move(memory));
  return spec;
}

/// What is told of `steps` steps; from `cut` on by another engine.
SignalState told(const ModelSpec& spec, Engine& first, Engine& second, std::uint64_t cut,
                 std::uint64_t steps) {
  SignalState state;
  Block block;
  const auto advance = [&](Engine& engine, const SignalState* start, std::uint64_t end) {
    SignalCollector collector(spec, engine, start, [](Signal&&) {});
    while (engine.step() < end) {
      engine.advance(std::min({std::uint64_t{40}, end - engine.step(), collector.steps_left(engine.step())}),
                     block);
      collector.take(block);
    }
    state = collector.state();
  };
  advance(first, nullptr, cut);
  second.restore(first.save());
  const SignalState at_cut = state;
  advance(second, &at_cut, steps);
  return state;
}

class SignalsOfADevice : public ::testing::TestWithParam<NamedNetwork> {
 protected:
  void SetUp() override {
    if (const std::string reason = device_.reason_to_skip(); !reason.empty()) GTEST_SKIP() << reason;
  }
  DeviceUnderTest device_ = device_under_test();
};

TEST_P(SignalsOfADevice, AreThoseOfTheProcessor) {
  const ModelSpec spec = remembered(GetParam().spec);
  const std::uint64_t steps = std::min<std::uint64_t>(device_.steps, 240);
  const std::uint64_t cut = steps / 2 + 3;
  const SignalState expected = told(spec, *make_cpu_engine(spec, 1), *make_cpu_engine(spec, 2), cut, steps);
  EXPECT_GT(expected.streams[0].told[kSignals], 3U) << "nothing is told: the test shows less than it could";
  EXPECT_EQ(told(spec, *device_.make(spec), *make_cpu_engine(spec, 2), cut, steps), expected);
  EXPECT_EQ(told(spec, *make_cpu_engine(spec, 1), *device_.make(spec), cut, steps), expected);
}

INSTANTIATE_TEST_SUITE_P(Modulated, SignalsOfADevice, ::testing::ValuesIn(modulated_networks()),
                         [](const auto& network) { return network.param.name; });

}  // namespace
}  // namespace sharpwave::testing
