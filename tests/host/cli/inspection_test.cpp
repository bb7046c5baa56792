#include "host/cli/inspection.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/checkpoint/checkpoint_summary.hpp"
#include "tests/host/checkpoint/sample_checkpoint.hpp"

namespace sharpwave::cli {
namespace {

using Json = nlohmann::json;

/// Figures that one can see: E with three neurons and one variable.
Checkpoint visible_checkpoint() {
  Checkpoint checkpoint = test::sample_checkpoint();
  checkpoint.instances.resize(1);
  PopulationState& e = checkpoint.instances[0].engine.populations[0];
  e.variables = {{"V_m", std::vector<float>{1, 2, 6}}};
  e.refractory_steps = {0, 4, 1};
  return checkpoint;
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in:\n" << text;
}

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

TEST(Inspection, ShowsACheckpoint) {
  const Inspected inspected{"runs/net/checkpoints/step_000000000120.h5", visible_checkpoint(), {}};
  const std::string text = inspection_text(inspected);
  expect_in("digest          verified\n", text);
  expect_in("format          version 1, written by sharpwave 0.1.0\n", text);
  expect_in("config          /home/someone/net.yaml\n                --set populations.E.size=2\n", text);
  expect_in("run             100 ms recorded after 2 ms of warm-up, in float32, dt 0.1 ms\n", text);
  expect_in("step            120, 12 ms\n", text);
  expect_in("4 under way of the last 3 steps; 1,234 synaptic events\n", text);
  expect_in(
      "E                        3           2  V_m                       1            6            3"
      "      2.16025           0\n",
      text);
}

TEST(Inspection, ShowsNothingThatATerminalObeys) {
  Checkpoint checkpoint = visible_checkpoint();
  checkpoint.config_path = "\x1b]0;title\a";
  checkpoint.instances[0].engine.populations[0].name = "\x1b[2J";
  const std::string text = inspection_text({"file", checkpoint, {}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\a'), std::string::npos);
}

TEST(Inspection, ListsTheCheckpointsOfARun) {
  const std::string text =
      inspection_text({"b.h5", visible_checkpoint(), {{"c.h5", "c.h5: is damaged: ..."}, {"b.h5", ""}}});
  EXPECT_EQ(text.find("DAMAGED: c.h5: is damaged: ...\nb.h5: whole\n\nfile            b.h5\n"), 0U) << text;
}

TEST(Inspection, IsAlsoJson) {
  const Json json =
      Json::parse(inspection_json({"b.h5", visible_checkpoint(), {{"c.h5", "why"}, {"b.h5", ""}}}));
  EXPECT_EQ(json["digest_verified"], true);
  EXPECT_EQ(json["step"], 120);
  EXPECT_EQ(json["overrides"][0], "populations.E.size=2");
  EXPECT_EQ(json["instances"][0]["under_way"], (Json{{"steps", 3}, {"spikes", 4}}));
  EXPECT_EQ(json["instances"][0]["spikes"][1], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(json["instances"][0]["populations"][0]["variables"][0]["max"], 6);
  EXPECT_EQ(json["checkpoints"][0], (Json{{"file", "c.h5"}, {"whole", false}, {"fault", "why"}}));
  EXPECT_EQ(json["checkpoints"][1]["fault"], nullptr);
}

TEST(Inspection, SaysInWhatTwoDiffer) {
  const Inspected a{"a.h5", visible_checkpoint(), {}};
  Inspected b{"b.h5", visible_checkpoint(), {}};
  expect_in("\nidentical\n", comparison_text(a, b));
  EXPECT_EQ(Json::parse(comparison_json(a, b))["identical"], true);
  b.checkpoint.wall_s = 2;
  expect_in("the state is identical, the run differs:\n  wall_s: 1.5 | 2\n", comparison_text(a, b));
  b.checkpoint.instances[0].engine.populations[0].variables[0].values = std::vector<float>{1, 2, 5};
  expect_in(
      "the state differs:\n  wall_s: 1.5 | 2\n"
      "  instance 0, E, V_m: 1 value differs, the first at index 2, by 1 at most\n",
      comparison_text(a, b));
  const Json json = Json::parse(comparison_json(a, b));
  EXPECT_EQ(json["identical"], false);
  EXPECT_EQ(json["same_state"], false);
  EXPECT_EQ(json["run"][0]["field"], "wall_s");
  EXPECT_EQ(json["values"][0]["different"], 1);
  EXPECT_EQ(json["values"][0]["largest"], 1);
}

}  // namespace
}  // namespace sharpwave::cli
