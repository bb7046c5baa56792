// What the page gets of memory.json, and that a damaged one is named and costs nothing else.
#include "host/report/memory_data.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/trial_writer.hpp"
#include "host/report/packing.hpp"
#include "host/report/report_page.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/fake_engine.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave::report {
namespace {

constexpr std::size_t kBins = 20;

/// All items in one bin.
Json histogram(std::size_t bin, std::uint64_t items) {
  Json counts = std::vector<std::uint64_t>(kBins);
  counts[bin] = items;
  return counts;
}

Json sample(std::uint64_t cycle, double time_ms, std::uint64_t items) {
  return {{"time_ms", time_ms},
          {"cycle", cycle},
          {"items", items},
          {"mean_kappa", 0.25},
          {"by_band", {items, 0, 0, 1}},
          {"histogram", histogram(5, items)}};
}

Json ripple(double begin_ms, double end_ms, std::uint32_t instance = 0) {
  return {{"population", "A"}, {"instance", instance}, {"begin_ms", begin_ms},
          {"end_ms", end_ms},  {"burst", 2.5},         {"outcome", "replayed"},
          {"item", 7}};
}

Json nearer(std::uint64_t id, std::uint32_t label, double begin_ms, double cosine) {
  return {{"id", id}, {"label", label}, {"begin_ms", begin_ms}, {"cosine", cosine}};
}

/// Of two items and two cycles.
Json space(const std::string& name) {
  return {{"name", name},
          {"dimension", 32},
          {"items", 2},
          {"by_type", {{"episodic", 1}, {"semantic", 1}, {"procedural", 0}}},
          {"by_band", {{"episodic", 1}, {"replayed", 0}, {"transitional", 0}, {"semantic", 1}}},
          {"kappa", {{"mean", 0.5}, {"sd", 0.5}, {"histogram", histogram(19, 2)}}},
          {"course", {sample(1, 100, 1), sample(2, 200.5, 2)}},
          {"phases",
           {{{"name", "nrem"},
             {"runs", 4},
             {"seconds", 0.25},
             {"looked_at", 6},
             {"changed", 5},
             {"made", 3},
             {"removed", 2},
             {"edges", 1}}}},
          {"signals", {{"formed", 2}, {"replayed", 3}, {"gated", 4}, {"known", 5}, {"rejected", 6}}},
          {"rejected", {{"not finite", 6}}},
          {"similarity", {{"ids", {3, 7}}, {"kappa", {0.0, 1.0}}, {"cosines", {{1.0, -0.5}, {-0.5, 1.0}}}}},
          {"recall",
           {{{"begin_ms", 8.0},
             {"item", 3},
             {"label", 1},
             {"nearest", {nearer(3, 1, 2, 0.5), nearer(7, 2, 8, 0.75)}}}}},
          {"storage",
           {{"bytes", 4096},
            {"bytes_per_item", 2048.0},
            {"sync", "interval"},
            {"sequence", 9},
            {"synced_sequence", 8},
            {"index", "exact"}}}};
}

Json memory() {
  return {{"format", 1},
          {"spaces", {space("default"), space("other")}},
          {"ripples", {ripple(10, 12.5), ripple(30, 31)}},
          {"ripples_total", 5}};
}

class MemoryData : public ::testing::Test {
 protected:
  [[nodiscard]] analysis::RecordedRun run(const std::filesystem::path& in = "",
                                          const std::vector<PhaseResult>& protocol = {}) const {
    const std::filesystem::path directory = folder_.path() / in;
    std::filesystem::create_directories(directory);
    const ModelSpec spec = five_neurons(0, 100);
    RunSummary summary = summary_of(spec);
    summary.simulated_ms = 10;
    for (RunSummary::Population& population : summary.populations) population.recorded = 0;
    summary.protocol = protocol;
    write_run_json(directory / "run.json", summary);
    return analysis::read_run(directory);
  }

  [[nodiscard]] Json data(const Json& memory, MemoryLimits most = {}) const {
    folder_.write("memory.json", memory.dump());
    return memory_data(run(), most);
  }

  /// What is said of the file with this text.
  [[nodiscard]] std::string complaint(const std::string& text) const {
    folder_.write("memory.json", text);
    try {
      static_cast<void>(memory_data(run(), {}));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data);
      return error.what();
    }
    return "";
  }

  TemporaryDirectory folder_;
};

TEST_F(MemoryData, IsNoneWithoutAMemory) {
  EXPECT_TRUE(memory_data(run(), {}).is_null());
}

TEST_F(MemoryData, HoldsWhatASpaceHas) {
  const Json json = data(memory());
  EXPECT_EQ(json["spaces_total"], 2);
  ASSERT_EQ(json["spaces"].size(), 2U);
  EXPECT_EQ(json["spaces"][1]["name"], "other");
  const Json& shown = json["spaces"][0];
  const Json written = space("default");
  for (const auto& [key, value] : written.items()) {
    if (key != "course" && key != "similarity" && key != "recall") {
      EXPECT_EQ(shown[key], value) << key;
    }
  }
  EXPECT_EQ(shown["similarity"],
            (Json{{"ids", {3, 7}},
                  {"kappa", {0.0, 1.0}},
                  {"cosines_f32", packed<float>(std::vector{1.0F, -0.5F, -0.5F, 1.0F})}}));
  std::vector<std::uint32_t> counts(2 * kBins);
  counts[5] = 1;
  counts[kBins + 5] = 2;
  EXPECT_EQ(
      shown["course"],
      (Json{{"samples", 2},
            {"times_ms", {100.0, 200.5}},
            {"cycles", {1, 2}},
            {"mean_kappa", {0.25, 0.25}},
            {"by_band",
             {{"episodic", {1, 2}}, {"replayed", {0, 0}}, {"transitional", {0, 0}}, {"semantic", {1, 1}}}},
            {"histogram_times_ms", {100.0, 200.5}},
            {"histogram_u32", packed<std::uint32_t>(counts)}}));
}

// Of phases that test, by the last attempt of each trial; of what was known when the phase began.
TEST_F(MemoryData, HoldsWhatCuesRecall) {
  const auto trial = [](std::uint32_t phase, std::uint64_t begin_ms) {
    return Trial{.phase = phase, .first_step = 10 * begin_ms + 1};
  };
  {
    TrialWriter writer(folder_.path() / "trials.h5", {{"show", "A", 0}, {"recall", "A", 0}}, 0.1);
    for (const Trial& one : {trial(0, 2), trial(0, 4), trial(1, 6), trial(1, 8), trial(1, 9)})
      writer.append(one);
    writer.finish();
  }
  const auto cue = [](double begin_ms, std::uint32_t label, Json nearest) {
    return Json{{"begin_ms", begin_ms}, {"item", 5}, {"label", label}, {"nearest", std::move(nearest)}};
  };
  Json json = memory();
  json["spaces"][0]["recall"] = {
      cue(4, 1, {nearer(3, 1, 2, 1)}),  // of a phase that does not test
      cue(5, 1, {nearer(3, 1, 2, 1)}),  // the trial was repeated
      cue(6, 1,
          {nearer(1, 2, 2, 0.25), nearer(3, 1, 4, 0.5), nearer(7, 2, 6, 0.75)}),  // 7 came with the cues
      cue(8, 0, {nearer(3, 1, -1, 0.5)}), cue(9, 1, Json::array())};
  folder_.write("memory.json", json.dump());
  const std::vector<PhaseResult> protocol = {{.name = "show"}, {.name = "recall", .is_to_test = true}};
  EXPECT_EQ(memory_data(run("", protocol), {})["spaces"][0]["recall"],
            Json::parse(R"([{"name": "recall", "cues": 3, "right": 1, "item": [5, 5, 5],
                             "label": [1, 0, 1], "id": [3, 3, null], "recalled": [1, 1, null],
                             "cosine": [0.5, 0.5, null]}])"));
  EXPECT_EQ(memory_data(run(), {})["spaces"][0]["recall"], Json::array()) << "nothing tests";
}

TEST_F(MemoryData, OfNothingHasNothing) {
  Json json = memory();
  Json& empty = json["spaces"][0];
  empty["kappa"] = {{"mean", nullptr}, {"sd", nullptr}, {"histogram", histogram(0, 0)}};
  empty["course"] = Json::array();
  empty["phases"] = Json::array();
  empty["rejected"] = Json::object();
  empty["similarity"] = {{"ids", Json::array()}, {"kappa", Json::array()}, {"cosines", Json::array()}};
  empty["recall"] = Json::array();
  empty["storage"]["bytes_per_item"] = nullptr;
  empty["storage"]["synced_sequence"] = nullptr;
  json["ripples"] = Json::array();
  const Json shown = data(json);
  EXPECT_TRUE(shown["spaces"][0]["kappa"]["mean"].is_null());
  EXPECT_EQ(shown["spaces"][0]["course"]["by_band"],
            Json::parse(R"({"episodic": [], "replayed": [], "transitional": [], "semantic": []})"));
  EXPECT_EQ(shown["spaces"][0]["course"]["histogram_u32"], "");
  EXPECT_EQ(shown["spaces"][0]["similarity"]["cosines_f32"], "");
  EXPECT_EQ(shown["ripples"]["populations"], Json::array());
  json["spaces"] = Json::array();
  EXPECT_EQ(data(json)["spaces"], Json::array());
}

TEST_F(MemoryData, HoldsTheRipplesByPopulation) {
  const Json ripples = data(memory())["ripples"];
  EXPECT_EQ(ripples["total"], 5);
  EXPECT_EQ(ripples["shown"], 2);
  EXPECT_EQ(ripples["outcomes"], (Json{"formed", "replayed", "gated", "known", "rejected"}));
  EXPECT_EQ(ripples["populations"], (Json::array({{{"name", "A"},
                                                   {"begin_ms", {10.0, 30.0}},
                                                   {"end_ms", {12.5, 31.0}},
                                                   {"burst_f32", packed<float>(std::vector{2.5F, 2.5F})},
                                                   {"outcome", {1, 1}},
                                                   {"item", {7, 7}}}})));
}

// Of another instance there are no spikes in the run's directory.
TEST_F(MemoryData, HoldsTheRipplesOfTheRunsOwnInstance) {
  Json json = memory();
  json["ripples"] = {ripple(1, 2, 3), ripple(3, 4, 0), ripple(5, 6, 3)};
  const auto begins = [](const Json& shown) { return shown["ripples"]["populations"][0]["begin_ms"]; };
  EXPECT_EQ(begins(data(json)), Json{3.0});
  const std::filesystem::path instance = "instances/0003";
  folder_.write(instance / "memory.json", json.dump());
  EXPECT_EQ(begins(memory_data(run(instance), {})), (Json{1.0, 5.0}));
  const std::filesystem::path elsewhere = "elsewhere/0003";
  folder_.write(elsewhere / "memory.json", json.dump());
  EXPECT_EQ(begins(memory_data(run(elsewhere), {})), Json{3.0});
}

TEST_F(MemoryData, HoldsNoMoreThanAPageTakes) {
  const Json json = data(memory(), {.spaces = 1, .ripples = 1});
  EXPECT_EQ(json["spaces_total"], 2);
  EXPECT_EQ(json["spaces"].size(), 1U);
  EXPECT_EQ(json["ripples"]["shown"], 1);
  EXPECT_EQ(json["ripples"]["total"], 5);
  EXPECT_EQ(json["ripples"]["populations"][0]["begin_ms"], Json{10.0});
}

TEST_F(MemoryData, OfALongCourseHoldsSomeCycles) {
  Json json = memory();
  Json& course = json["spaces"][0]["course"];
  course = Json::array();
  for (std::uint64_t cycle = 1; cycle <= 1000; ++cycle)
    course.push_back(sample(cycle, 10.0 * static_cast<double>(cycle), cycle));
  const Json shown = data(json)["spaces"][0]["course"];
  EXPECT_EQ(shown["samples"], 1000);
  ASSERT_EQ(shown["cycles"].size(), 200U);
  EXPECT_EQ(shown["cycles"][0], 1);
  EXPECT_EQ(shown["cycles"][1], 1 + 999 / 199) << "evenly";
  EXPECT_EQ(shown["cycles"][199], 1000);
  for (const char* key : {"times_ms", "mean_kappa"}) EXPECT_EQ(shown[key].size(), 200U) << key;
  for (const Json& band : shown["by_band"]) EXPECT_EQ(band.size(), 200U);
  ASSERT_EQ(shown["histogram_times_ms"].size(), 100U);
  EXPECT_EQ(shown["histogram_times_ms"][99], 10'000);
  EXPECT_EQ(shown["histogram_u32"].get<std::string>().size(), 4U * ((100 * kBins * 4 + 2) / 3));
}

struct Damaging {
  const char* where;  ///< JSON pointer
  Json value;         ///< what stands there
  const char* complaint;
};

TEST_F(MemoryData, NamesWhatIsDamaged) {
  const Json long_text = std::string(201, 'x');
  const Json many = std::vector<int>(1001);
  const Json text = "much";
  Json many_reasons = Json::object();
  for (int k = 0; k < 65; ++k) many_reasons[std::to_string(k)] = 1;
  const std::vector<Damaging> all = {
      {"/format", 2, "memory.json: format: read 2; expected 1"},
      {"/format", text, "format: read \"much\"; expected 1"},
      {"/spaces", Json::object(), "spaces: read {}; expected an array"},
      {"/spaces", many, "expected at most 1000"},
      {"/spaces/1", nullptr, "spaces[1]: read null; expected an object"},
      {"/spaces/1/name", 5, "spaces[1].name: read 5; expected text"},
      {"/spaces/1/name", long_text, "expected text of at most 200 bytes"},
      {"/spaces/0/dimension", -1, "dimension: read -1; expected an integer from 0"},
      {"/spaces/0/items", 1.5, "spaces[0].items: read 1.5; expected an integer"},
      {"/spaces/0/items", std::uint64_t{1} << 53, "expected an integer from 0 to 4503599627370496"},
      {"/spaces/0/by_type/procedural", text, "by_type.procedural: read \"much\"; expected an integer"},
      {"/spaces/0/by_type/dreamt", 1, "by_type.dreamt: read 1; expected no such key"},
      {"/spaces/0/by_band", {{"episodic", 1}}, "by_band: expected a key 'replayed'"},
      {"/spaces/0/by_band/mythical", 1, "by_band.mythical: read 1; expected no such key"},
      {"/spaces/0/by_band", {1, 0, 0, 1}, "by_band: read [1,0,0,1]; expected an object"},
      {"/spaces/0/kappa/mean", 1.5, "kappa.mean: read 1.5; expected a number from 0.0 to 1.0"},
      {"/spaces/0/kappa/sd", "nan", "kappa.sd: read \"nan\"; expected a number"},
      {"/spaces/0/kappa/histogram", {1, 2}, "kappa.histogram: read [1,2]; expected an array of 20"},
      {"/spaces/0/kappa/histogram/3", 0.5, "kappa.histogram[3]: read 0.5; expected an integer"},
      {"/spaces/0/course", many, "expected at most 1000"},
      {"/spaces/0/course/1/time_ms", 99, "course[1].time_ms: read 99; expected a time not before"},
      {"/spaces/0/course/1/time_ms", 1e16, "course[1].time_ms: read 1e+16; expected a number from 0.0"},
      {"/spaces/0/course/1/mean_kappa", -0.1, "course[1].mean_kappa: read -0.1; expected a number"},
      {"/spaces/0/course/1/by_band", {1, 2, 3}, "course[1].by_band: read [1,2,3]; expected an array of 4"},
      {"/spaces/0/course/1/histogram", {}, "course[1].histogram: read null; expected an array"},
      {"/spaces/0/phases", std::vector<int>(17), "expected at most 16"},
      {"/spaces/0/phases/0/seconds", -1, "phases[0].seconds: read -1; expected a number from 0.0"},
      {"/spaces/0/phases/0/edges", nullptr, "phases[0].edges: read null; expected an integer"},
      {"/spaces/0/signals/forgotten", 1, "signals.forgotten: read 1; expected no such key"},
      {"/spaces/0/rejected", {1}, "rejected: read [1]; expected an object of at most 64 keys"},
      {"/spaces/0/rejected", many_reasons, "expected an object of at most 64 keys"},
      {"/spaces/0/rejected", {{long_text.get<std::string>(), 1}}, "expected keys of at most 200 bytes"},
      {"/spaces/0/similarity/ids", std::vector<int>(65), "expected at most 64"},
      {"/spaces/0/similarity/kappa", {0}, "similarity.kappa: read [0]; expected an array of 2"},
      {"/spaces/0/similarity/cosines",
       {1, 0, 0, 1},
       "similarity.cosines: read [1,0,0,1]; expected an array of 2"},
      {"/spaces/0/similarity/cosines/1", {1, 0, 0}, "cosines[1]: read [1,0,0]; expected an array of 2"},
      {"/spaces/0/similarity/cosines/1/0", 1.5,
       "cosines[1][0]: read 1.5; expected a number from -1.0 to 1.0"},
      {"/spaces/0/similarity/cosines/1/0", nullptr, "cosines[1][0]: read null; expected a number"},
      {"/spaces/0/recall", many, "expected at most 1000"},
      {"/spaces/0/recall/0/begin_ms", -1, "recall[0].begin_ms: read -1; expected a number from 0.0"},
      {"/spaces/0/recall/0/label", text, "recall[0].label: read \"much\"; expected an integer"},
      {"/spaces/0/recall/0/nearest", std::vector<int>(21), "expected at most 20"},
      {"/spaces/0/recall/0/nearest/1/cosine", 2,
       "nearest[1].cosine: read 2; expected a number from -1.0 to 1.0"},
      {"/spaces/0/storage/bytes", -5, "storage.bytes: read -5; expected an integer"},
      {"/spaces/0/storage/bytes_per_item", text, "storage.bytes_per_item: read \"much\"; expected a number"},
      {"/spaces/0/storage/sync", "maybe", "sync: read \"maybe\"; expected one of always, interval, none"},
      {"/spaces/0/storage/index", long_text, "expected text of at most 200 bytes"},
      {"/ripples", std::vector<int>(10'001), "expected at most 10000"},
      {"/ripples/1/population", "X", "ripples[1].population: read \"X\"; expected a population of the run"},
      {"/ripples/1/instance", -1, "ripples[1].instance: read -1; expected an integer"},
      {"/ripples/1/begin_ms", "inf", "ripples[1].begin_ms: read \"inf\"; expected a number"},
      {"/ripples/1/end_ms", 29, "ripples[1].end_ms: read 29; expected a time not before begin_ms"},
      {"/ripples/1/burst", 1e39, "ripples[1].burst: read 1e+39; expected a number from 0.0"},
      {"/ripples/1/outcome", "lost", "outcome: read \"lost\"; expected one of formed, replayed, gated"},
      {"/ripples/1/item", "none", "ripples[1].item: read \"none\"; expected an integer"},
      {"/ripples_total", nullptr, "ripples_total: read null; expected an integer"},
  };
  EXPECT_EQ(complaint(memory().dump()), "");
  for (const Damaging& damage : all) {
    Json json = memory();
    json[Json::json_pointer(damage.where)] = damage.value;
    EXPECT_NE(complaint(json.dump()).find(damage.complaint), std::string::npos)
        << damage.where << ": " << complaint(json.dump());
  }
}

// JSON has no such numbers; what writes them nonetheless writes no JSON.
TEST_F(MemoryData, RefusesWhatIsNoJson) {
  const std::string good = memory().dump();
  const std::string number = "200.5";
  const std::size_t at = good.find(number);
  ASSERT_NE(at, std::string::npos);
  for (const char* wrong : {"NaN", "1e999", "-Infinity", "[[[["}) {
    std::string text = good;
    EXPECT_NE(complaint(text.replace(at, number.size(), wrong)).find("memory.json: is not JSON"),
              std::string::npos)
        << wrong;
  }
  EXPECT_NE(complaint(good.substr(0, good.size() / 2)).find("memory.json: is not JSON"), std::string::npos);
  EXPECT_NE(complaint("").find("memory.json: is not JSON"), std::string::npos);
}

/// Of all keys, as JSON pointers.
void list_keys(const Json& json, const std::string& in, std::vector<std::string>& keys) {
  for (const auto& [key, value] : json.items()) {
    const std::string pointer = in + "/" + key;
    if (json.is_object()) keys.push_back(pointer);
    if (value.is_structured()) list_keys(value, pointer, keys);
  }
}

// Every key is needed: without it the file is refused, and nothing worse.
TEST_F(MemoryData, RefusesAFileWithoutOneOfItsKeys) {
  std::vector<std::string> keys;
  list_keys(memory(), "", keys);
  ASSERT_EQ(keys.size(), 4U + 2 * (57 + 13) + 2 * 7);
  for (const std::string& key : keys) {
    const Json::json_pointer place(key);
    Json json = memory();
    json[place.parent_pointer()].erase(place.back());
    const std::string expected =
        place.back() == "not finite" ? "" : "expected a key '" + place.back() + "'";  // a reason of many
    const std::string said = complaint(json.dump());
    EXPECT_EQ(said.empty(), expected.empty()) << key << ": " << said;
    EXPECT_NE(said.find(expected), std::string::npos) << key << ": " << said;
  }
}

TEST_F(MemoryData, DamagedCostsThePageNoMoreThanANote) {
  static_cast<void>(run());
  const std::string without = report_page({folder_.path()});
  EXPECT_NE(without.find("\"memory\":null"), std::string::npos);
  EXPECT_EQ(without.find("memory.json:"), std::string::npos);
  folder_.write("memory.json", "{}");
  const std::string damaged = report_page({folder_.path()});
  EXPECT_NE(damaged.find("\"memory\":null"), std::string::npos);
  EXPECT_NE(damaged.find("The memory is not shown: memory.json: expected a key 'format'"), std::string::npos);
  Json many = memory();
  many["spaces"] = std::vector<Json>(7, space("default"));
  folder_.write("memory.json", many.dump());
  EXPECT_NE(report_page({folder_.path()}).find("Of 7 memory spaces the first 6 are shown."),
            std::string::npos);
}

}  // namespace
}  // namespace sharpwave::report
