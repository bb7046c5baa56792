#include "host/checkpoint/checkpoint_summary.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/host/checkpoint/sample_checkpoint.hpp"

namespace sharpwave {
namespace {

using test::visible_checkpoint;

TEST(CheckpointSummary, IsArithmetic) {
  const PopulationSummary e = summarise(visible_checkpoint().instances[0].engine.populations[0]);
  EXPECT_EQ(e.name, "E");
  EXPECT_EQ(e.size, 3U);
  EXPECT_EQ(e.n_refractory, 2U);
  ASSERT_EQ(e.variables.size(), 1U);
  EXPECT_EQ(e.variables[0].min, 1);
  EXPECT_EQ(e.variables[0].max, 6);
  EXPECT_EQ(e.variables[0].mean, 3);
  EXPECT_DOUBLE_EQ(e.variables[0].sd, std::sqrt((4.0 + 1.0 + 9.0) / 3.0));
  EXPECT_EQ(e.variables[0].n_non_finite, 0U);
}

TEST(CheckpointSummary, LeavesOutWhatIsNotFinite) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const PopulationState state{
      "E", {{"a", std::vector<double>{kNan, -5, kInfinity, -7}}, {"b", std::vector<double>{kNan, kNan}}}, {}};
  const PopulationSummary summary = summarise(state);
  EXPECT_EQ(summary.variables[0].min, -7);
  EXPECT_EQ(summary.variables[0].max, -5);
  EXPECT_EQ(summary.variables[0].mean, -6);
  EXPECT_EQ(summary.variables[0].n_non_finite, 2U);
  EXPECT_EQ(summary.variables[1].n_non_finite, 2U);
  EXPECT_TRUE(std::isnan(summary.variables[1].min) && std::isnan(summary.variables[1].sd));
}

TEST(CheckpointComparison, TakesNanForItselfAndNotMinusZeroForZero) {
  const Checkpoint a = test::sample_checkpoint();
  EXPECT_TRUE(compare(a, a).identical());
  Checkpoint b = visible_checkpoint();
  Checkpoint c = visible_checkpoint();
  b.instances[0].engine.populations[0].variables[0].values = std::vector<float>{0, 1, 2};
  c.instances[0].engine.populations[0].variables[0].values = std::vector<float>{-0.0F, 1, 2};
  const CheckpointComparison comparison = compare(b, c);
  ASSERT_EQ(comparison.values.size(), 1U);
  EXPECT_EQ(comparison.values[0].n_different, 1U);
  EXPECT_EQ(comparison.values[0].largest, 0);
}

TEST(CheckpointComparison, CountsValues) {
  const Checkpoint a = visible_checkpoint();
  Checkpoint b = a;
  b.instances[0].engine.populations[0].variables[0].values = std::vector<float>{1, 2.5, 4};
  b.instances[0].engine.populations[0].refractory_steps = {0, 0, 1};
  b.instances[0].spikes[1] = 0;
  const CheckpointComparison comparison = compare(a, b);
  EXPECT_FALSE(comparison.same_state());
  EXPECT_TRUE(comparison.state.empty());
  ASSERT_EQ(comparison.values.size(), 3U);
  EXPECT_EQ(comparison.values[0].list, "spikes");
  EXPECT_EQ(comparison.values[0].largest, 0x1p64);
  EXPECT_EQ(comparison.values[1].list, "refractory_steps");
  EXPECT_EQ(comparison.values[1].population, "E");
  EXPECT_EQ(comparison.values[1].first_index, 1U);
  EXPECT_EQ(comparison.values[1].largest, 4);
  EXPECT_EQ(comparison.values[2].list, "V_m");
  EXPECT_EQ(comparison.values[2].n_different, 2U);
  EXPECT_EQ(comparison.values[2].first_index, 1U);
  EXPECT_EQ(comparison.values[2].largest, 2);
}

TEST(CheckpointComparison, NamesEveryField) {
  const Checkpoint a = test::sample_checkpoint();
  const auto fields = [&](auto change) {
    Checkpoint b = a;
    change(b);
    const CheckpointComparison c = compare(a, b);
    EXPECT_FALSE(c.identical());
    std::string names;
    for (const FieldDifference& field : c.run) names += "run " + field.field + "\n";
    for (const FieldDifference& field : c.state) names += "state " + field.field + "\n";
    return names;
  };
  using C = Checkpoint;
  EXPECT_EQ(fields([](C& c) { c.program_version = "x"; }), "run program_version\n");
  EXPECT_EQ(fields([](C& c) { c.config_path = "x"; }), "run config_path\n");
  EXPECT_EQ(fields([](C& c) { c.config += "x"; }), "run config\n");
  EXPECT_EQ(fields([](C& c) { c.overrides.pop_back(); }), "run overrides\n");
  EXPECT_EQ(fields([](C& c) { c.config_digest[0] = 'b'; }), "run config_digest\n");
  EXPECT_EQ(fields([](C& c) { c.warm_up_steps = 1; }), "run warm_up_steps\n");
  EXPECT_EQ(fields([](C& c) { c.steps = 1; }), "run steps\n");
  EXPECT_EQ(fields([](C& c) { c.wall_s = 1; }), "run wall_s\n");
  EXPECT_EQ(fields([](C& c) { c.instances[1].recording_bytes = 1; }), "run instances/1/recording_bytes\n");
  EXPECT_EQ(fields([](C& c) { c.connectivity_digest = "0"; }), "state connectivity_digest\n");
  EXPECT_EQ(fields([](C& c) { c.precision = Precision::float64; }), "state precision\n");
  EXPECT_EQ(fields([](C& c) { c.dt_ms = 1; }), "state dt\n");
  EXPECT_EQ(fields([](C& c) { c.grids[0].exponent = 1; }), "state grids\n");
  EXPECT_EQ(fields([](C& c) { c.instances.pop_back(); }), "state instances\n");
  EXPECT_EQ(fields([](C& c) { c.instances[0].engine.step = 7; }), "state instances/0/step\n");
  EXPECT_EQ(fields([](C& c) { c.instances[0].spike_digest[0] = 7; }), "state instances/0/spike_digest\n");
  EXPECT_EQ(fields([](C& c) { c.instances[0].synaptic_events = 7; }), "state instances/0/synaptic_events\n");
  EXPECT_EQ(fields([](C& c) { c.instances[0].engine.under_way.ids.pop_back(); }),
            "state instances/0/under_way/ids, size\n");
  EXPECT_EQ(fields([](C& c) { c.instances[0].engine.populations.pop_back(); }),
            "state instances/0/populations\n");
  const auto in_population = [&](auto change) {
    return fields([&](C& c) { change(c.instances[0].engine.populations[1]); });
  };
  const std::string place = "state instances/0/populations/1/";
  EXPECT_EQ(in_population([](auto& p) { p.name = "x"; }), place + "name\n");
  EXPECT_EQ(in_population([](auto& p) { p.variables[0].name = "x"; }), place + "variables/0/name\n");
  EXPECT_EQ(in_population([](auto& p) { p.variables.pop_back(); }), place + "variables\n");
  EXPECT_EQ(in_population([](auto& p) { p.refractory_steps.pop_back(); }),
            place + "refractory_steps, size\n");
}

}  // namespace
}  // namespace sharpwave
