// The microcircuit at a tenth of its size against ten runs of the same network in Brian2
// (tests/reference/brian2/microcircuit_rates.py wrote the intervals, and says how).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "host/config/config.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

TEST(Microcircuit, RatesLieWithinTheIntervalsOfBrian2) {
  std::ifstream file(SHARPWAVE_SOURCE_DIR "/tests/reference/brian2/microcircuit_rates.json");
  const nlohmann::json reference = nlohmann::json::parse(file);
  ModelSpec spec =
      load_config(SHARPWAVE_SOURCE_DIR "/configs/microcircuit.yaml", {{"parameters.poisson", "1"}});
  const double dt = spec.simulation.dt_ms;
  const auto warm_up = static_cast<std::uint64_t>(reference.at("warm_up_ms").get<double>() / dt + 0.5);
  const auto steps = static_cast<std::uint64_t>(reference.at("duration_ms").get<double>() / dt + 0.5);
  ASSERT_EQ(reference.at("populations").size(), spec.populations.size());
  const auto engine = make_cpu_engine(spec, 2);
  EXPECT_EQ(engine->construction().n_synapses, reference.at("synapses").get<std::uint64_t>());
  static_cast<void>(simulate(*engine, warm_up, warm_up));
  std::vector<double> counts(spec.populations.size());
  for (const Spike& spike : simulate(*engine, steps, 10'000)) {
    std::uint32_t id = spike.id;
    std::size_t p = 0;
    while (id >= spec.populations[p].size) id -= spec.populations[p++].size;
    counts[p] += 1;
  }
  for (std::size_t p = 0; p < counts.size(); ++p) {
    const nlohmann::json& expected = reference.at("populations")[p];
    EXPECT_EQ(expected.at("name"), spec.populations[p].name);
    EXPECT_EQ(expected.at("size"), spec.populations[p].size);
    const double rate = counts[p] / spec.populations[p].size / (static_cast<double>(steps) * dt * 1e-3);
    EXPECT_GE(rate, expected.at("interval_Hz")[0].get<double>()) << spec.populations[p].name;
    EXPECT_LE(rate, expected.at("interval_Hz")[1].get<double>()) << spec.populations[p].name;
  }
}

}  // namespace
}  // namespace sharpwave::testing
