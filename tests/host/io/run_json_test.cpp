#include "host/io/run_json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/json_place.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

RunSummary example() {
  RunSummary summary;
  summary.version = "0.1.0";
  summary.run_id = "0f1e";
  summary.title = "two cells";
  summary.config_path = "configs/two.yaml";
  summary.config = "title: two cells\n";
  summary.overrides = {"populations.E.size=2"};
  summary.config_digest = "ab12";
  summary.from = "runs/before";
  summary.from_mismatches = {"population P has no state"};
  summary.device = "cpu";
  summary.threads = 3;
  summary.precision = Precision::float64;
  summary.dt_ms = 0.1;
  summary.seed = std::numeric_limits<std::uint64_t>::max();
  summary.network_seed = 7;
  summary.simulated_ms = 1000;
  summary.warm_up_ms = 50;
  summary.wall_s = 0.25;
  summary.real_time_factor = 0.25;
  summary.construction_s = 0.5;
  summary.peak_memory_bytes = 123456789012;
  summary.synapses = 298880968;
  summary.connectivity_digest = "0123456789abcdef";
  summary.synapse_bytes = 1300000000;
  summary.layout = "1 part";
  summary.spikes_total = 42;
  summary.synaptic_events = 4200;
  summary.spike_digest = "cd34";
  summary.halted = "runaway";
  summary.repairs = 2;
  summary.weight_gain = 0.81;
  summary.populations = {{"E", 2, 42, 21.0, 1, -55.0}, {"P", 3, 0, 0.0, 0, {}}};
  summary.phases = {{"update", 0.125}};
  summary.grids = {{"E", "ex", 12, 32}};
  summary.plasticity = {{.projection = "E->E",
                         .weight_unit = "pA",
                         .synapses = 3,
                         .updates = 8,
                         .potentiations = 4,
                         .depressions = 2,
                         .ratio = 2,
                         .raised = 1.5,
                         .lowered = 0.5,
                         .mean_change = 0.25,
                         .mean_dt_plus_ms = 7,
                         .mean_dt_minus_ms = 9,
                         .unchanged_for_ms = 12,
                         .mean_weight = -3,
                         .share_at_min = 0,
                         .share_at_max = 1,
                         .w_min = 0.5,
                         .w_max = 4}};
  summary.plasticity[0].histogram[49] = 3;
  summary.neuromodulators = {{"striatum", "dopamine", 0.75}};
  summary.protocol = {{.name = "train", .n_trials = 8, .trials = 5, .repeats = 2},
                      {.name = "test",
                       .n_trials = 4,
                       .trials = 4,
                       .is_to_test = true,
                       .correct = 3,
                       .confusion = {{1, 0, 0}, {0, 2, 1}}}};
  return summary;
}

TEST(RunJson, HoldsEveryFieldUnderItsDocumentedNameInOrder) {
  const test::TemporaryFolder folder;
  write_run_json(folder / "run.json", example());
  const auto json = nlohmann::ordered_json::parse(test::read_text(folder / "run.json"));
  const auto expected = nlohmann::ordered_json::parse(R"({
    "version": "0.1.0", "run_id": "0f1e", "title": "two cells", "config_path": "configs/two.yaml",
    "overrides": ["populations.E.size=2"], "config_digest": "ab12", "from": "runs/before", "from_mismatches": ["population P has no state"], "device": "cpu", "threads": 3,
    "precision": "float64", "dt_ms": 0.1, "seed": 18446744073709551615, "network_seed": 7,
    "simulated_ms": 1000.0, "warm_up_ms": 50.0, "wall_s": 0.25, "real_time_factor": 0.25,
    "construction_s": 0.5, "peak_memory_bytes": 123456789012, "synapses": 298880968,
    "connectivity_digest": "0123456789abcdef", "synapse_bytes": 1300000000, "layout": "1 part", "spikes_total": 42, "synaptic_events": 4200, "spike_digest": "cd34", "interrupted": false, "killed": false,
    "watchdog": {"halted": "runaway", "repairs": 2, "weight_gain": 0.81, "input_gain": 1.0},
    "populations": [{"name": "E", "size": 2, "spikes": 42, "rate_Hz": 21.0, "recorded": 1, "threshold_mV": -55.0},
                    {"name": "P", "size": 3, "spikes": 0, "rate_Hz": 0.0, "recorded": 0, "threshold_mV": null}],
    "phases": [{"name": "update", "seconds": 0.125}],
    "grids": [{"population": "E", "receptor": "ex", "exponent": 12, "accumulator_bits": 32}],
    "plasticity": [{"projection": "E->E", "weight_unit": "pA", "synapses": 3, "updates": 8, "potentiations": 4,
                    "depressions": 2, "ratio": 2.0, "raised": 1.5, "lowered": 0.5, "mean_change": 0.25,
                    "mean_dt_plus_ms": 7.0, "mean_dt_minus_ms": 9.0, "unchanged_for_ms": 12.0, "mean_weight": -3.0,
                    "share_at_min": 0.0, "share_at_max": 1.0, "w_min": 0.5, "w_max": 4.0,
                    "histogram": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]}],
    "neuromodulators": [{"region": "striatum", "modulator": "dopamine", "level": 0.75}],
    "protocol": [{"name": "train", "n_trials": 8, "trials": 5, "repeats": 2},
                 {"name": "test", "n_trials": 4, "trials": 4, "repeats": 0, "correct": 3, "accuracy": 0.75,
                  "confusion": [[1, 0, 0], [0, 2, 1]]}],
    "memory": null,
    "config": "title: two cells\n"
  })");
  EXPECT_EQ(json.dump(), expected.dump());  // the text, because the order of keys is promised
}

TEST(RunJson, WritesNumbersThatAreNotFiniteAsNull) {
  RunSummary summary = example();
  summary.real_time_factor = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(to_json(summary)["real_time_factor"].is_null());
}

TEST(RunJson, IsReadAsItWasWritten) {
  RunSummary summary = example();
  summary.real_time_factor = std::numeric_limits<double>::infinity();
  summary.interrupted = true;
  for (const bool killed : {false, true}) {
    summary.killed = killed;
    const Json written = to_json(summary);
    EXPECT_EQ(written["synaptic_events"].is_null(), killed) << "only the process knew them";
    EXPECT_EQ(to_json(read_run_summary({written, "run.json"})).dump(), written.dump());
  }
}

TEST(RunJson, ThatIsDamagedIsRefusedWithTheKey) {
  const Json whole = to_json(example());
  for (const auto& [key, value] : whole.items()) {
    Json json = whole;
    json[key] = Json::object();
    try {
      static_cast<void>(read_run_summary({json, "run.json"}));
      ADD_FAILURE() << key;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data);
      EXPECT_NE(std::string(error.what()).find("run.json: " + key), std::string::npos) << error.what();
    }
  }
}

TEST(RunJson, LeavesOutAConfigOfMegabytes) {
  RunSummary summary = example();
  summary.config.assign((1 << 20) + 1, '#');
  EXPECT_TRUE(to_json(summary)["config"].is_null());
}

TEST(RunJson, SurvivesNamesThatAreNotUtf8) {
  const test::TemporaryFolder folder;
  RunSummary summary = example();
  summary.config_path = "caf\xe9.yaml";
  write_run_json(folder / "run.json", summary);
  EXPECT_TRUE(nlohmann::json::accept(test::read_text(folder / "run.json")));
}

TEST(RunJson, SaysWhereItCannotBeWritten) {
  const test::TemporaryFolder folder;
  try {
    write_run_json(folder / "absent/run.json", example());
    FAIL() << "written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::io);
    EXPECT_NE(std::string(error.what()).find("absent/run.json"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace sharpwave
