#include "host/cli/inspection.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/host/checkpoint/sample_checkpoint.hpp"
#include "tests/host/cli/texts.hpp"

namespace sharpwave::cli {
namespace {

using Json = nlohmann::json;

using test::visible_checkpoint;

TEST(Inspection, ShowsACheckpoint) {
  const Inspected inspected{"runs/net/checkpoints/step_000000000120.h5", visible_checkpoint(), {}};
  const std::string text = inspection_text(inspected);
  expect_in("digest          verified\n", text);
  expect_in("format          version 6, written by sharpwave 0.1.0\n", text);
  expect_in("config          /networks/net.yaml\n                --set populations.E.size=2\n", text);
  expect_in("\n                --inject nan@step=130,population=E,neuron=1,variable=V_m\n", text);
  expect_in("found           1 non_finite, 2 runaway, 9 sparse, 3 anomaly, 4 frozen_modulator\n", text);
  expect_in("run             at most 100 ms recorded after 2 ms of warm-up, in float32, dt 0.1 ms\n", text);
  expect_in("step            120, 12 ms\n", text);
  expect_in("memory          4 signals of in/hib \xC3\xA4 , 1 silent, 2 settling\n", text);
  expect_in("protocol        6 trials done, 1 repeat\n", text);
  expect_in("4 under way of the last 3 steps; 1,234 synaptic events\n", text);
  expect_in(
      "E                        3           2  V_m                       1            6            3"
      "      2.16025           0\n",
      text);
  expect_in(
      "E->in/hib ä              3           2  weight                    0          0.5     0.166667"
      "     0.235702           0\n",
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
  EXPECT_EQ(json["injections"][0], "nan@step=130,population=E,neuron=1,variable=V_m");
  EXPECT_EQ(
      json["instances"][0]["watchdog"]["found"],
      (Json{{"non_finite", 1}, {"runaway", 2}, {"sparse", 9}, {"anomaly", 3}, {"frozen_modulator", 4}}));
  EXPECT_EQ(json["instances"][0]["under_way"], (Json{{"steps", 3}, {"spikes", 4}}));
  EXPECT_EQ(json["instances"][0]["spikes"][1], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(json["instances"][0]["populations"][0]["variables"][0]["max"], 6);
  EXPECT_EQ(json["instances"][0]["plastic"][0]["projection"], "E->in/hib \xC3\xA4");
  EXPECT_EQ(json["instances"][0]["plastic"][0]["synapses"], 3);
  EXPECT_EQ(json["instances"][0]["plastic"][0]["weight"]["max"], 0.5);
  EXPECT_EQ(json["instances"][0]["memory"][0]["signals"], 4);
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
