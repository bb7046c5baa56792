// configs/stdp_window.yaml against the formula that it draws.
#include <gtest/gtest.h>

#include <cmath>

#include "host/config/config.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr int kSynapses = 201;
constexpr int kStepsPerMs = 10;

/// A sum and a weight rounded to float at most once each near 0.5, and a change that three roundings have
/// made.
constexpr double kTolerance = 0x1p-25 + 3 * 0x1p-24 * 0.0105;

double published_change(int lag_ms) {
  if (lag_ms == 0) return 0;
  return lag_ms > 0 ? 0.01 * std::exp(-lag_ms / 17.0) : -0.0105 * std::exp(lag_ms / 34.0);
}

TEST(StdpWindow, EverySynapseChangesByWhatIsPublishedForItsLag) {
  const ModelSpec spec = load_config(SHARPWAVE_SOURCE_DIR "/configs/stdp_window.yaml");
  const auto engine = make_cpu_engine(spec, 1);
  std::vector<int> fired(2 * kSynapses);
  for (const Spike& spike : simulate(*engine, spec.simulation.steps, 500)) {
    ASSERT_LT(spike.id, fired.size());
    ASSERT_EQ(fired[spike.id], 0) << "neuron " << spike.id << " has fired twice";
    fired[spike.id] = static_cast<int>(spike.step);
  }
  std::uint32_t window = 0;
  while (spec.projections.at(window).name != "window") ++window;
  const PlasticSynapses synapses = engine->plastic_synapses(window, 1);
  const std::vector<float> weights = engine->read_weights(window, 1);
  ASSERT_EQ(weights.size(), kSynapses);
  for (int i = 0; i < kSynapses; ++i) {
    const auto k = static_cast<std::size_t>(i);
    ASSERT_EQ(synapses.sources[k], k);
    ASSERT_EQ(synapses.targets[k], k);
    ASSERT_EQ(synapses.delay_steps[k], 1U);
    const int lag_ms = i - 100;
    EXPECT_EQ(fired[kSynapses + k] + 1 - fired[k], lag_ms * kStepsPerMs) << "synapse " << i;
    EXPECT_NEAR(static_cast<double>(weights[k]) - 0.5, published_change(lag_ms), kTolerance)
        << lag_ms << " ms";
  }
  EXPECT_NEAR(weights[110] - 0.5F, 0.005553, 5e-7) << "the golden values";
  EXPECT_NEAR(weights[90] - 0.5F, -0.007825, 1e-6);
}

}  // namespace
}  // namespace sharpwave::testing
