// The network of NEST's test_sonata.py: 300 point neurons, 100 spike trains, 48,432 edges.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "host/config/config.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr std::uint64_t kSpikesInNest = 18828;

class Sonata300 : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("SHARPWAVE_DATA");
    if (data == nullptr || !std::filesystem::exists(std::filesystem::path(data) / "sonata_300_pointneurons"))
      GTEST_SKIP()
          << "SHARPWAVE_DATA has no folder sonata_300_pointneurons: this network is NOT validated here";
  }
  static std::vector<Spike> run(const std::string& precision, int threads) {
    const ModelSpec spec =
        load_config(SHARPWAVE_SOURCE_DIR "/configs/sonata_300.yaml", {{"simulation.precision", precision}});
    return simulate(spec, threads, spec.simulation.steps, 5000);
  }
};

TEST_F(Sonata300, SpikesExactlyAsOftenAsInNest) {
  const std::vector<Spike> spikes = run("float64", 1);
  EXPECT_EQ(spikes.size(), kSpikesInNest);
  EXPECT_TRUE(run("float64", 2) == spikes);
}

TEST_F(Sonata300, SpikesWithinATenthOfAPercentInFloat32) {
  const auto n = static_cast<double>(run("float32", 2).size());
  EXPECT_NEAR(n, kSpikesInNest, 0.001 * kSpikesInNest);
}

}  // namespace
}  // namespace sharpwave::testing
