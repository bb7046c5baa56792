#include "host/analysis/recorded_run.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "host/analysis/recorded_report.hpp"
#include "host/base/error.hpp"
#include "tests/host/analysis/run_directory.hpp"

namespace sharpwave::analysis {
namespace {

using Ids = std::vector<std::uint32_t>;
using Steps = std::vector<std::uint64_t>;

void expect_error(ExitCode code, const std::string& part, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "no error; expected '" << part << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

class RecordedRuns : public testing::Test {
 protected:
  RecordedRuns() { test::write_example(folder_.path()); }

  void expect_refused_run(const std::string& part) {
    expect_error(ExitCode::damaged_data, part, [&] { static_cast<void>(read_run(folder_.path())); });
  }
  /// Where run.json has `value` at `pointer`.
  void expect_refused(const std::string& pointer, const Json& value, const std::string& part) {
    Json json = test::run_json(6, 0);
    json[Json::json_pointer(pointer)] = value;
    test::write_run_json(folder_.path(), json);
    expect_refused_run("run.json: " + part);
  }
  void expect_refused_spikes(const std::string& part) {
    const RecordedRun run = read_run(folder_.path());
    expect_error(ExitCode::damaged_data, part, [&] {
      for (const PopulationRecord& population : run.populations)
        static_cast<void>(read_spikes(run, population));
    });
  }

  test::TemporaryFolder folder_;
};

TEST_F(RecordedRuns, AreReadAsTheyWereWritten) {
  const RecordedRun run = read_run(folder_.path());
  EXPECT_EQ(run.directory, folder_.path());
  EXPECT_EQ(run.dt_ms, 0.1);
  EXPECT_EQ(run.first_step, 50U);
  EXPECT_EQ(run.n_steps, 100U);
  EXPECT_EQ(run.start_ms(), 5.0);
  EXPECT_EQ(run.stop_ms(), 15.0);
  EXPECT_FALSE(run.interrupted);
  ASSERT_EQ(run.populations.size(), 2U);
  EXPECT_EQ(run.populations[0].name, "E");
  EXPECT_EQ(run.populations[0].size, 4U);
  EXPECT_EQ(run.populations[0].recorded, 4U);
  EXPECT_EQ(run.population("I"), &run.populations[1]);
  EXPECT_EQ(run.population("X"), nullptr);
  EXPECT_EQ(run.connections.dump(), R"([{"source":"E","target":"I","synapses":8}])");
  EXPECT_EQ(run.config, "title: two populations\n");
  EXPECT_EQ(run.summary.begin().key(), "version");  // in the file's order
  EXPECT_EQ(run.connections_omitted, 3U);
  EXPECT_FALSE(run.summary.contains("config"));

  const Spikes spikes = read_spikes(run, run.populations[0]);
  EXPECT_EQ(spikes.steps, (Steps{51, 53, 53, 70, 99, 150}));
  EXPECT_EQ(spikes.fired, (Ids{0, 2, 3}));
  EXPECT_EQ(spikes.neurons, (Ids{1, 0, 2, 1, 1, 0}));
  EXPECT_TRUE(read_spikes(run, run.populations[1]).steps.empty());
}

TEST_F(RecordedRuns, OfOlderVersionsHaveRecordedWhatIsInTheFile) {
  Json json = test::run_json(6, 3);
  std::filesystem::remove(folder_ / "network.json");
  json.erase("config");
  for (Json& population : json["populations"]) population.erase("recorded");
  json["populations"][0]["spikes"] = 100;  // most of them not recorded
  test::write_run_json(folder_.path(), json);
  test::write_spikes(folder_.path(), {{"E", {6.0}, {3}}});
  const RecordedRun run = read_run(folder_.path());
  EXPECT_EQ(run.populations[0].recorded, 4U);
  EXPECT_EQ(run.populations[1].recorded, 0U);
  EXPECT_TRUE(run.connections.is_null());
  EXPECT_TRUE(run.config.is_null());
  EXPECT_EQ(read_spikes(run, run.populations[0]).steps, Steps{60});
  EXPECT_TRUE(read_spikes(run, run.populations[1]).steps.empty());
}

TEST_F(RecordedRuns, NeedADirectoryOfARun) {
  const auto expect_io = [&](const std::filesystem::path& path, const std::string& part) {
    expect_error(ExitCode::io, part, [&] { static_cast<void>(read_run(path)); });
  };
  expect_io(folder_ / "absent", "absent: does not exist; expected the directory of a finished run");
  expect_io(folder_ / "run.json", "run.json: is not a directory");
  std::filesystem::remove(folder_ / "run.json");
  expect_io(folder_.path(), "has no run.json");
  std::filesystem::create_directory(folder_ / "run.json");
  expect_io(folder_.path(), "is a directory; expected a file");
}

TEST_F(RecordedRuns, AreRefusedWhereAKeyIsWrong) {
  expect_refused("/dt_ms", "fast", "dt_ms: read \"fast\"; expected a number");
  expect_refused("/dt_ms", 0, "dt_ms: read 0; expected a time in ms above 0");
  expect_refused("/dt_ms", 1e-300, "warm_up_ms: read 5.0; expected a whole number of steps");
  expect_refused("/dt_ms", 0.13, "warm_up_ms: read 5.0; expected a whole number of steps of dt_ms = 0.13");
  expect_refused("/simulated_ms", -1, "simulated_ms: read -1; expected");
  expect_refused("/simulated_ms", nullptr, "simulated_ms: read null; expected a number");
  expect_refused("/simulated_ms", 1e300, "simulated_ms: read 1e+300; expected");
  expect_refused("/interrupted", 0, "interrupted: read 0; expected true or false");
  expect_refused("/populations", "E", "populations: read \"E\"; expected an array");
  expect_refused("/populations/1", 7, "populations[1]: read 7; expected an object");
  expect_refused("/populations/1/name", 7, "populations[1].name: read 7; expected text");
  expect_refused("/populations/1/name", "E", "populations[1].name: read \"E\"; expected a name that is not");
  expect_refused("/populations/1/size", -2, "populations[1].size: read -2; expected an integer from 0 to");
  expect_refused("/populations/1/size", 1e10, "populations[1].size: read 10000000000.0; expected an integer");
  expect_refused("/populations/1/size", 0x100000000, "populations[1].size: read 4294967296; expected");
  expect_refused("/populations/1/spikes", 1.5, "populations[1].spikes: read 1.5; expected an integer");
  expect_refused("/populations/1/recorded", 3,
                 "populations[1].recorded: read 3; expected an integer from 0 to 2");
  expect_refused("/config", 3, "config: read 3; expected text");
}

TEST_F(RecordedRuns, AreRefusedWithConnectionsThatAreNone) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {R"({"omitted": 0, "connections": {}})", "network.json: connections: read {}; expected an array"},
           {R"({"omitted": -1, "connections": []})", "network.json: omitted: read -1; expected an integer"},
           {R"({"omitted": 0})", "network.json: expected a key 'connections'"},
           {"[]", "network.json: read []; expected an object"},
           {"{", "network.json: is not JSON"}}) {
    test::write_text(folder_ / "network.json", text);
    expect_error(ExitCode::damaged_data, part, [&] { static_cast<void>(read_run(folder_.path())); });
  }
}

TEST_F(RecordedRuns, ReadTheThreshold) {
  EXPECT_FALSE(read_run(folder_.path()).populations[0].threshold_mV);
  Json json = test::run_json(6, 0);
  json["populations"][0]["threshold_mV"] = -55.5;
  json["populations"][1]["threshold_mV"] = nullptr;
  test::write_run_json(folder_.path(), json);
  EXPECT_EQ(read_run(folder_.path()).populations[0].threshold_mV, -55.5);
  EXPECT_FALSE(read_run(folder_.path()).populations[1].threshold_mV);
  expect_refused("/populations/0/threshold_mV", "low",
                 "populations[0].threshold_mV: read \"low\"; expected a number");
}

TEST_F(RecordedRuns, AreRefusedWhereAKeyIsMissing) {
  for (const std::string key : {"dt_ms", "simulated_ms", "warm_up_ms", "interrupted", "populations"}) {
    Json json = test::run_json(6, 0);
    json.erase(key);
    test::write_run_json(folder_.path(), json);
    expect_refused_run("run.json: expected a key '" + key + "'");
  }
  test::write_run_json(folder_.path(), Json::array());
  expect_refused_run("run.json: read []; expected an object");
}

TEST_F(RecordedRuns, AreRefusedWhereTheFileIsMadeToDoHarm) {
  const auto write = [&](const std::string& text) { test::write_text(folder_ / "run.json", text); };
  write(std::string(5'000'000, '['));
  expect_refused_run("run.json: nested too deep");
  std::string keys = "{";
  for (int i = 0; i < 2000; ++i) keys += "\"" + std::to_string(i) + "\": 0, ";
  write(keys + "\"end\": 0}");
  expect_refused_run("run.json: an object of more than 1000 keys");
  write("{\"dt_ms\": 1e999}");
  expect_refused_run("run.json: is not JSON");
  write("{\"title\": \"\xff\xfe\"}");
  expect_refused_run("run.json: is not JSON");
  write("");
  expect_refused_run("run.json: is not JSON");
}

TEST_F(RecordedRuns, SpikesMustBeOfThisRun) {
  const auto write = [&](std::vector<double> times, Steps ids) {
    test::write_spikes(folder_.path(), {{"E", std::move(times), std::move(ids)}, {"I", {}, {}}});
  };
  write({5.0}, {0});
  expect_refused_spikes("/spikes/E/timestamps: value 0 is 5; expected a time in ms after 5 and up to 15");
  write({6.0, 15.1}, {0, 0});
  expect_refused_spikes("/spikes/E/timestamps: value 1 is 15.1; expected a time in ms after 5 and up to 15");
  write({6.0, std::numeric_limits<double>::quiet_NaN()}, {0, 0});
  expect_refused_spikes("/spikes/E/timestamps: value 1 is nan; expected a time");
  write({6.0, std::numeric_limits<double>::infinity()}, {0, 0});
  expect_refused_spikes("/spikes/E/timestamps: value 1 is inf; expected a time");
  write({6.0, 5.9}, {0, 0});
  expect_refused_spikes("/spikes/E/timestamps: value 1 is 5.9, less than the one before");
  write({6.0}, {4});
  expect_refused_spikes("/spikes/E/node_ids: value 0 is 4; expected a node id of E, 0 to 3");
  write({6.0}, {0, 1});
  expect_refused_spikes("/spikes/E/node_ids: has 2 values; expected 1");
  write({6.0}, {0});
  expect_refused_spikes("/spikes/E: holds 1 spikes; expected the 6 that were fired, says run.json");
}

TEST_F(RecordedRuns, SpikesMustBeOfTheNeuronsThatWereRecorded) {
  Json json = test::run_json(6, 0);
  json["populations"][0]["recorded"] = 2;
  test::write_run_json(folder_.path(), json);
  expect_refused_spikes("/spikes/E: holds spikes of 3 neurons; expected at most the 2 that were recorded");
  json["populations"][0]["recorded"] = 3;
  test::write_run_json(folder_.path(), json);
  const RecordedRun run = read_run(folder_.path());
  EXPECT_EQ(read_spikes(run, run.populations[0]).fired.size(), 3U);
  json["populations"][0]["spikes"] = 5;
  test::write_run_json(folder_.path(), json);
  expect_refused_spikes("/spikes/E: holds 6 spikes; expected at most the 5 that were fired");
}

TEST_F(RecordedRuns, PopulationsInBothFilesMustBeTheSame) {
  test::write_run_json(folder_.path(), test::run_json(1, 0));
  test::write_spikes(folder_.path(), {{"E", {6.0}, {0}}});
  expect_refused_spikes("/spikes/I: expected a group");
  test::write_spikes(folder_.path(), {{"E", {6.0}, {0}}, {"X", {}, {}}});
  expect_refused_run("/spikes/X: no such population was recorded, says run.json");
  std::filesystem::remove(folder_ / "spikes.h5");
  const RecordedRun run = read_run(folder_.path());
  expect_error(ExitCode::io, "spikes.h5: cannot be opened",
               [&] { static_cast<void>(read_spikes(run, run.populations[0])); });
}

TEST_F(RecordedRuns, SpikesOfHugePopulationsTakeMemoryForTheSpikesOnly) {
  Json json = test::run_json(1, 0);
  json["populations"][0]["size"] = 0xffffffff;
  json["populations"][0]["recorded"] = 0xffffffff;
  test::write_run_json(folder_.path(), json);
  test::write_spikes(folder_.path(), {{"E", {6.0}, {0xfffffffe}}, {"I", {}, {}}});
  const RecordedRun run = read_run(folder_.path());
  EXPECT_EQ(read_spikes(run, run.populations[0]).fired, Ids{0xfffffffe});
}

using Floats = std::vector<float>;

TEST_F(RecordedRuns, ReportsAreReadInPart) {
  const RecordedRun run = read_run(folder_.path());
  ASSERT_EQ(report_files(run), std::vector{folder_ / "report_v.h5"});
  const RecordedReport report = RecordedReport::open(run, folder_ / "report_v.h5");
  EXPECT_EQ(report.name(), "v");
  EXPECT_EQ(report.population(), "E");
  EXPECT_EQ(report.variable(), "V_m");
  EXPECT_EQ(report.units(), "mV");
  EXPECT_EQ(report.node_ids(), (Ids{1, 3}));
  EXPECT_EQ(report.start_ms(), 5.5);
  EXPECT_EQ(report.step_ms(), 0.5);
  EXPECT_EQ(report.n_frames(), 20U);
  EXPECT_EQ(report.read(3, Ids{1, 0}), (Floats{0.5, 1.5, 2.5, 0, 1, 2}));
  EXPECT_EQ(report.read(1000, Ids{0}).size(), 20U);
  EXPECT_EQ(report.read(1000, Ids{0}).back(), 19.0F);
  EXPECT_TRUE(report.read(1000, {}).empty());
  EXPECT_TRUE(report.read(0, Ids{0}).empty());
}

TEST_F(RecordedRuns, ReportsOfSeveralVariablesHaveTheReportsName) {
  const RecordedRun run = read_run(folder_.path());
  std::filesystem::rename(folder_ / "report_v.h5", folder_ / "report_some_name_V_m.h5");
  EXPECT_EQ(RecordedReport::open(run, folder_ / "report_some_name_V_m.h5").name(), "some_name");
}

TEST_F(RecordedRuns, ReportsMustBeOfThisRun) {
  const auto expect_refused_report = [&](const std::string& part) {
    const RecordedRun run = read_run(folder_.path());
    expect_error(ExitCode::damaged_data, part,
                 [&] { static_cast<void>(RecordedReport::open(run, folder_ / "report_v.h5")); });
  };
  Json json = test::run_json(6, 0);
  json["simulated_ms"] = 9.8;
  test::write_run_json(folder_.path(), json);
  expect_refused_report("/report/E/mapping/time: expected start, stop and step in ms, of the 20 frames");
  json = test::run_json(6, 0);
  json["populations"][0]["size"] = json["populations"][0]["recorded"] = 3;
  test::write_run_json(folder_.path(), json);
  expect_refused_report("/report/E/mapping/node_ids: value 1 is 3; expected a node id of E, 0 to 2");
  json = test::run_json(6, 0);
  json["populations"][0]["name"] = "X";
  test::write_run_json(folder_.path(), json);
  std::filesystem::remove(folder_ / "spikes.h5");
  expect_refused_report("/report: expected one population, which run.json knows");
}

// 3 million rows of 2: more than are read at a time.
TEST_F(RecordedRuns, LargeReportsAreReadInPieces) {
  constexpr std::uint64_t kFrames = 3'000'000;
  Json json = test::run_json(6, 0);
  json["simulated_ms"] = 2'000'000;
  test::write_run_json(folder_.path(), json);
  {
    hdf5::File file = hdf5::File::create(folder_ / "report_long.h5");
    {
      hdf5::Group root = file.root();
      hdf5::Group group = root.create_group("report").create_group("E");
      hdf5::Dataset data = group.create_extendible("data", hdf5::NumberType::f32, 32768, 2);
      data.set_attribute("units", "mV");
      data.set_attribute("variable_name", "V_m");
      Floats values(2 * kFrames);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
      data.append(values);
      hdf5::Group mapping = group.create_group("mapping");
      mapping.write("node_ids", Steps{0, 1});
      mapping.write("time", std::vector<double>{5.1, 5.1 + 0.5 * kFrames, 0.5});
    }
    file.close();
  }
  const Floats values =
      RecordedReport::open(read_run(folder_.path()), folder_ / "report_long.h5").read(kFrames - 1, Ids{1, 0});
  ASSERT_EQ(values.size(), 2 * (kFrames - 1));
  for (std::size_t frame = 0; frame < kFrames - 1; ++frame) {
    ASSERT_EQ(values[frame], static_cast<float>(2 * frame + 1));
    ASSERT_EQ(values[kFrames - 1 + frame], static_cast<float>(2 * frame));
  }
}

}  // namespace
}  // namespace sharpwave::analysis
