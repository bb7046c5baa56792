// The plugin `memory`, through its C interface, as a program loads it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "host/base/json.hpp"
#include "memory_store/codec.hpp"
#include "memory_store/consolidation_plugin.h"
#include "memory_store/memory_store.hpp"
#include "memory_store/plugin/course.hpp"
#include "memory_store/plugin_options.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave::memory {
namespace {

const sharpwave_plugin& plugin() {
  static const sharpwave_plugin* const loaded = [] {
    void* const library = dlopen(SHARPWAVE_MEMORY_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<sharpwave_plugin_entry>(dlsym(library, SHARPWAVE_PLUGIN_ENTRY));
    if (entry == nullptr) throw std::runtime_error(dlerror());
    return entry();
  }();
  return *loaded;
}

/// A run that uses the plugin.
class Use {
 public:
  explicit Use(const std::filesystem::path& folder) : folder_(folder.string()) {}
  ~Use() { close(); }

  int open(const std::string& options, bool is_coupled = false, const std::string& snapshot = "",
           bool is_resumed = false) {
    const sharpwave_plugin_setup setup = setup_of(options, is_coupled, snapshot, is_resumed);
    return plugin().open(&setup, &self_, &message_);
  }
  int check(const std::string& options, const std::string& snapshot = "", std::uint32_t instance = 0) {
    sharpwave_plugin_setup setup = setup_of(options, !snapshot.empty(), snapshot, !snapshot.empty());
    setup.instance = instance;
    return plugin().check(&setup, &message_);
  }
  /// Of texts that outlive it.
  [[nodiscard]] sharpwave_plugin_setup setup_of(const std::string& options, bool is_coupled,
                                                const std::string& snapshot, bool is_resumed) const {
    return {.size = sizeof(sharpwave_plugin_setup),
            .is_coupled = is_coupled ? 1U : 0U,
            .run = "run_1",
            .config_digest = "abc",
            .run_folder = folder_.c_str(),
            .options = options.c_str(),
            .snapshot = snapshot.empty() ? nullptr : snapshot.c_str(),
            .is_resumed = is_resumed ? 1U : 0U};
  }
  int take(std::uint64_t number, const std::vector<float>& embedding, sharpwave_answer* answer = nullptr,
           std::uint32_t kind = SHARPWAVE_SIGNAL_WINDOW) {
    return take_at(100 * static_cast<double>(number), number, embedding, answer, kind, 2);
  }
  int take_at(double end_ms, std::uint64_t number, const std::vector<float>& embedding,
              sharpwave_answer* answer, std::uint32_t kind, std::uint32_t label) {
    const sharpwave_signal signal{.size = sizeof(sharpwave_signal),
                                  .kind = kind,
                                  .dimension = static_cast<std::uint32_t>(embedding.size()),
                                  .population = "E",
                                  .space = "default",
                                  .embedding = embedding.data(),
                                  .number = number,
                                  .begin_ms = end_ms - 100,
                                  .end_ms = end_ms,
                                  .n_spikes = 7,
                                  .dopamine = .5,
                                  .serotonin = .5,
                                  .noradrenaline = .5,
                                  .acetylcholine = .5,
                                  .item = 4,
                                  .label = label};
    return plugin().take(self_, &signal, answer, &message_);
  }
  int flush() { return plugin().flush(self_, &message_); }
  int snapshot(const std::string& folder) { return plugin().snapshot(self_, folder.c_str(), &message_); }
  Json status() { return Json::parse(plugin().status(self_)); }
  void close() {
    if (self_ != nullptr) plugin().close(self_);
    self_ = nullptr;
  }
  [[nodiscard]] std::string message() const { return text_.data(); }
  void forget_message() { text_.fill('\0'); }
  [[nodiscard]] Json file() const {
    std::ifstream in(folder_ + "/memory.json");
    return Json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
  }

 private:
  std::string folder_;
  void* self_ = nullptr;
  std::array<char, 4096> text_{};
  sharpwave_plugin_message message_{text_.data(), text_.size()};
};

const std::vector<float> kLeft{1, 0, 0};
const std::vector<float> kUp{0, 1, 0};
const std::vector<float> kNearLeft{.9F, .43588989F, 0};  // a cosine of .9 to kLeft

TEST(MemoryPlugin, IsAskedBeforeItIsOpened) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  EXPECT_EQ(use.check("{}"), SHARPWAVE_PLUGIN_OK) << use.message();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(use.check(R"({"nrem": {"kapa": 1}})"), SHARPWAVE_PLUGIN_USAGE);
  EXPECT_NE(use.message().find("kapa"), std::string::npos) << use.message();
  std::filesystem::create_directories(folder.path() / "elsewhere" / "of others");
  EXPECT_EQ(use.check(R"({"store": "elsewhere"})"), SHARPWAVE_PLUGIN_DAMAGED) << use.message();
  EXPECT_EQ(use.check("{}", (folder.path() / "elsewhere").string()), SHARPWAVE_PLUGIN_DAMAGED)
      << use.message();
  ASSERT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_OK) << use.message();
  EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.check("{}"), SHARPWAVE_PLUGIN_IO) << "another owns it";
  use.close();
  EXPECT_EQ(use.check("{}"), SHARPWAVE_PLUGIN_OK) << use.message();
  std::ofstream(folder.path() / "memory" / "spaces" / "default" / kReadOnlyMark) << "";
  EXPECT_EQ(use.check("{}"), SHARPWAVE_PLUGIN_IO) << "it could not be set aside";
  EXPECT_NE(use.open("{}"), SHARPWAVE_PLUGIN_OK);
}

TEST(MemoryPlugin, FormsItemsAndReplaysThem) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_OK) << use.message();
  EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(2, kUp), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(3, kNearLeft, nullptr, SHARPWAVE_SIGNAL_RIPPLE), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(3, kLeft), SHARPWAVE_PLUGIN_OK);  // as after a resume
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK) << use.message();
  const Json space = use.status()["spaces"][0];
  EXPECT_EQ(space["items"], 2);
  EXPECT_EQ(space["signals"],
            (Json{{"formed", 2}, {"replayed", 1}, {"gated", 0}, {"known", 1}, {"rejected", 0}}));
  const Json file = use.file();
  EXPECT_EQ(file["format"], 1);
  EXPECT_EQ(file["spaces"][0]["by_band"],
            (Json{{"episodic", 2}, {"replayed", 0}, {"transitional", 0}, {"semantic", 0}}));
  EXPECT_EQ(file["spaces"][0]["similarity"]["cosines"], (Json{{1, 0}, {0, 1}}));
  EXPECT_EQ(file["spaces"][0]["storage"]["sync"], "always");
  EXPECT_EQ(file["ripples_total"], 1);
  EXPECT_EQ(file["ripples"][0]["outcome"], "replayed");
  EXPECT_EQ(file["ripples"][0]["item"], 1);
  use.close();
  Store store(folder.path() / "memory", {.read_only = true});
  const std::optional<Item> item = store.space(kDefaultSpace)->find(1);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->provenance.run, "run_1");
  EXPECT_EQ(item->provenance.population, "E");
  EXPECT_EQ(item->provenance.signal, 1U);
  EXPECT_EQ(item->statistics.n_spikes, 7);
  EXPECT_EQ(item->replays, 1U);
  EXPECT_EQ(item->metadata, R"({"item":4,"label":2})");
  // Levels as a run without neuromodulators tells them raise nothing; what is new rises by its surprise.
  EXPECT_DOUBLE_EQ(store.space(kDefaultSpace)->find(2)->importance, .5 + .5 * .4);
}

TEST(MemoryPlugin, AStimulusWithoutLabelsLeavesNone) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_OK) << use.message();
  EXPECT_EQ(use.take_at(100, 1, kLeft, nullptr, SHARPWAVE_SIGNAL_WINDOW, SHARPWAVE_NO_ITEM),
            SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK) << use.message();
  EXPECT_EQ(use.file()["spaces"][0]["recall"], Json::array());
  use.close();
  Store store(folder.path() / "memory", {.read_only = true});
  EXPECT_EQ(store.space(kDefaultSpace)->find(1)->metadata, R"({"item":4})");
}

// Of each presentation the nearest of what was known at any time before.
TEST(MemoryPlugin, TellsWhatPresentationsRecall) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  const std::string options = R"({"store": ")" + (folder.path() / "kept").string() + R"("})";
  ASSERT_EQ(use.open(options), SHARPWAVE_PLUGIN_OK) << use.message();
  const std::vector<float> across{.6F, .8F, 0};
  const auto show = [&](std::uint64_t n, const std::vector<float>& embedding, std::uint32_t label,
                        std::uint32_t kind = SHARPWAVE_SIGNAL_WINDOW) {
    ASSERT_EQ(use.take_at(100 * static_cast<double>(n), n, embedding, nullptr, kind, label),
              SHARPWAVE_PLUGIN_OK);
  };
  show(1, {0, 0, 1}, 8, SHARPWAVE_SIGNAL_RIPPLE);
  show(2, kLeft, 2);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK) << use.message();
  show(3, kUp, 3);
  show(4, across, 9);  // .6 to the one, .8 to the other: a replay of it
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK) << use.message();
  const Json recall = use.file()["spaces"][0]["recall"];
  ASSERT_EQ(recall.size(), 3U) << "ripples are none";
  EXPECT_EQ(recall[0]["begin_ms"], 100);
  EXPECT_EQ(recall[0]["label"], 2);
  EXPECT_EQ(recall[0]["nearest"].size(), 1U) << "of the ripple, not of itself";
  EXPECT_EQ(recall[2]["item"], 4);
  const Json nearest = recall[2]["nearest"];
  ASSERT_EQ(nearest.size(), 3U);
  EXPECT_EQ(nearest[1]["id"], 2);
  EXPECT_EQ(nearest[1]["label"], 2);
  EXPECT_EQ(nearest[1]["begin_ms"], 100);
  EXPECT_NEAR(nearest[1]["cosine"].get<double>(), .6, 1e-6);
  EXPECT_EQ(nearest[2]["label"], 3);
  EXPECT_NEAR(nearest[2]["cosine"].get<double>(), .8, 1e-6);
}

// `sharpwave memory consolidate` goes by them.
TEST(MemoryPlugin, TheSpaceKeepsTheOptions) {
  const TemporaryDirectory folder;
  const auto change_after = [&](const std::string& options) {
    Use use(folder.path());
    EXPECT_EQ(use.open(options, false, "", true), SHARPWAVE_PLUGIN_OK) << use.message();
    EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
    use.close();
    Store store(folder.path() / "memory", {.read_only = true});
    const auto kept = store.space(kDefaultSpace)->meta(kRunOptionsKey);
    EXPECT_EQ(Json::parse(kept.at(0).second), Json::parse(options));
    EXPECT_TRUE(verify(*store.space(kDefaultSpace)).damage.empty());
    return store.space(kDefaultSpace)->sequence();
  };
  const std::uint64_t first = change_after(R"({"prune": {"below_importance": 0}})");
  EXPECT_EQ(change_after(R"({"prune": {"below_importance": 0}})"), first)
      << "no change where they are the same";
  EXPECT_EQ(change_after("{}"), first + 1);
}

TEST(MemoryPlugin, TheCourseDoesNotDescend) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open(R"({"cycle": {"apart_s": 0, "inserts_per_minute": 0.5}})"), SHARPWAVE_PLUGIN_OK)
      << use.message();
  Json course;
  for (std::uint64_t n = 1; course.size() < 8 && n < 1000;
       ++n) {  // windows of 100 ms, ripples that end before them
    const bool is_ripple = n % 2 == 0;
    ASSERT_EQ(use.take_at(is_ripple ? 50 : 100 * static_cast<double>(n), n, is_ripple ? kLeft : kUp, nullptr,
                          is_ripple ? SHARPWAVE_SIGNAL_RIPPLE : SHARPWAVE_SIGNAL_WINDOW, 2),
              SHARPWAVE_PLUGIN_OK);
    ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
    course = use.file()["spaces"][0]["course"];
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_GE(course.size(), 8U);
  for (std::size_t k = 1; k < course.size(); ++k) EXPECT_GE(course[k]["time_ms"], course[k - 1]["time_ms"]);
}

TEST(MemoryPlugin, ARunThatGoesOnFindsItsStoreAndOneThatBeginsHasItsOwn) {
  const TemporaryDirectory folder;
  const auto known = [&](bool is_resumed) {
    Use use(folder.path());
    EXPECT_EQ(use.open("{}", false, "", is_resumed), SHARPWAVE_PLUGIN_OK) << use.message();
    EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(use.status()["spaces"][0]["items"], 1);
    return use.status()["spaces"][0]["signals"]["known"].get<int>();
  };
  EXPECT_EQ(known(false), 0);
  EXPECT_EQ(known(true), 1);
  const std::filesystem::path aside = folder.path() / "memory" / "set_aside" / "default-1";
  EXPECT_FALSE(std::filesystem::exists(aside));
  EXPECT_EQ(known(false), 0);
  EXPECT_TRUE(std::filesystem::exists(aside));
}

TEST(MemoryPlugin, InstancesOfABatchHaveStoresOfTheirOwn) {
  const TemporaryDirectory folder;
  const auto check = [&](std::uint32_t instance, const std::string& store) {
    Use use(folder.path());
    return use.check(R"({"store": ")" + store + R"("})", "", instance);
  };
  EXPECT_EQ(check(0, "/elsewhere"), SHARPWAVE_PLUGIN_OK) << "a run alone";
  EXPECT_EQ(check(1, "/elsewhere"), SHARPWAVE_PLUGIN_USAGE);
  EXPECT_EQ(check(1, "../memory"), SHARPWAVE_PLUGIN_USAGE);
  EXPECT_EQ(check(1, "mine"), SHARPWAVE_PLUGIN_OK);
}

TEST(MemoryPlugin, AStoreElsewhereIsKeptFromRunToRun) {
  const TemporaryDirectory folder;
  for (int run = 0; run < 2; ++run) {
    Use use(folder.path());
    ASSERT_EQ(use.open(R"({"store": "../)" + folder.path().filename().string() + R"(/kept"})"),
              SHARPWAVE_PLUGIN_OK)
        << use.message();
    EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(use.status()["spaces"][0]["signals"]["known"], run);
  }
}

// .15, .18; .33, .36; .39; .42 in the first cycle (decision 0021), then .12 a cycle.
TEST(MemoryPlugin, ConsolidatesBySimulatedTime) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open(R"({"cycle": {"clock": "simulated", "simulated_every_ms": 1000}})"), SHARPWAVE_PLUGIN_OK)
      << use.message();
  for (std::uint64_t n = 1; n <= 25; ++n) ASSERT_EQ(use.take(n, n == 1 ? kLeft : kUp), SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK) << use.message();
  use.close();
  const Json space = use.file()["spaces"][0];
  EXPECT_EQ(space["cycle"], 2);
  ASSERT_EQ(space["course"].size(), 2U);
  EXPECT_EQ(space["course"][0]["time_ms"], 1000);
  EXPECT_EQ(space["course"][1]["time_ms"], 2000);
  Store store(folder.path() / "memory", {.read_only = true});
  EXPECT_NEAR(store.space(kDefaultSpace)->find(1)->kappa, .42 + .12, 1e-9);
}

TEST(MemoryPlugin, AnswersACoupledRun) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open(R"({"cycle": {"simulated_every_ms": 300}})", true), SHARPWAVE_PLUGIN_OK)
      << use.message();
  sharpwave_answer answer{.size = sizeof(sharpwave_answer)};
  ASSERT_EQ(use.take(1, kLeft, &answer), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(answer.novelty, 1);
  EXPECT_EQ(answer.n_replays, 0U);
  ASSERT_EQ(use.take(2, kNearLeft, &answer), SHARPWAVE_PLUGIN_OK);
  EXPECT_NEAR(answer.novelty, .1, 1e-6);
  ASSERT_EQ(use.take(3, kUp, &answer), SHARPWAVE_PLUGIN_OK);  // a cycle comes before it
  ASSERT_EQ(answer.n_replays, 1U);
  EXPECT_EQ(std::vector<float>(answer.replays, answer.replays + 3), kLeft);
}

TEST(MemoryPlugin, GoesOnFromASnapshot) {
  const TemporaryDirectory folder;
  const std::string snapshot = (folder.path() / "snapshot").string();
  {
    Use use(folder.path());
    ASSERT_EQ(use.open("{}", true), SHARPWAVE_PLUGIN_OK) << use.message();
    sharpwave_answer answer{.size = sizeof(sharpwave_answer)};
    ASSERT_EQ(use.take(1, kLeft, &answer), SHARPWAVE_PLUGIN_OK);
    ASSERT_EQ(use.snapshot(snapshot), SHARPWAVE_PLUGIN_OK) << use.message();
    ASSERT_EQ(use.take(2, kUp, &answer), SHARPWAVE_PLUGIN_OK);
  }
  for (int i = 0; i < 2; ++i) {  // a resume may die and be done again
    Use use(folder.path());
    ASSERT_EQ(use.open("{}", true, snapshot), SHARPWAVE_PLUGIN_OK) << use.message();
    sharpwave_answer answer{.size = sizeof(sharpwave_answer)};
    ASSERT_EQ(use.take(2, kUp, &answer), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(answer.novelty, 1);
    EXPECT_EQ(use.status()["spaces"][0]["items"], 2);
  }
  // What a resume has taken the place of stays, each time.
  for (const char* const aside : {"default-1", "default-2"})
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "memory" / "set_aside" / aside)) << aside;
  Use use(folder.path());
  EXPECT_EQ(use.open("{}", true, (folder.path() / "none").string()), SHARPWAVE_PLUGIN_DAMAGED);
}

TEST(MemoryPlugin, ReplaysHaveTheDimensionOfTheSignal) {
  const TemporaryDirectory folder;
  const std::string options = R"({"store": "kept", "cycle": {"simulated_every_ms": 300}})";
  {
    Use use(folder.path());
    ASSERT_EQ(use.open(options, true), SHARPWAVE_PLUGIN_OK) << use.message();
    sharpwave_answer answer{.size = sizeof(sharpwave_answer)};
    ASSERT_EQ(use.take(1, kLeft, &answer), SHARPWAVE_PLUGIN_OK);
    ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  }
  Use use(folder.path());
  ASSERT_EQ(use.open(options, true), SHARPWAVE_PLUGIN_OK) << use.message();
  sharpwave_answer answer{.size = sizeof(sharpwave_answer)};
  for (std::uint64_t n = 2; n <= 8; ++n) {  // refused, but their time passes
    ASSERT_EQ(use.take(n, {1, 0, 0, 0}, &answer), SHARPWAVE_PLUGIN_OK);
    EXPECT_EQ(answer.n_replays, 0U);
  }
}

TEST(MemoryPlugin, TellsOfCyclesInTheBackground) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open(R"({"cycle": {"apart_s": 0, "inserts_per_minute": 0.5}})"), SHARPWAVE_PLUGIN_OK)
      << use.message();
  Json course;
  for (std::uint64_t n = 1; course.empty() && n < 1000; ++n) {
    ASSERT_EQ(use.take(n, n % 2 == 0 ? kLeft : kUp), SHARPWAVE_PLUGIN_OK);
    ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
    course = use.file()["spaces"][0]["course"];
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_FALSE(course.empty());
  EXPECT_GE(course[0]["cycle"], 1);
}

TEST(MemoryPlugin, HoldsItsThresholdAgainstShuffledWindows) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  EXPECT_TRUE(use.file()["spaces"][0]["calibration"].is_null());  // of one window nothing can be said
  for (std::uint64_t n = 2; n <= 300; ++n)
    ASSERT_EQ(use.take(n, n % 2 == 0 ? kUp : kLeft), SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  EXPECT_NE(use.message().find("are alike up to a cosine of 1, above take.similarity of 0.8"),
            std::string::npos)
      << use.message();
  use.forget_message();
  ASSERT_EQ(use.take(301, kUp), SHARPWAVE_PLUGIN_OK);
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.message(), "") << "once";
  const Json calibration = use.file()["spaces"][0]["calibration"];
  EXPECT_EQ(calibration["windows"], 200);
  EXPECT_EQ(calibration["q999"], 1);  // three neurons, one of which fires: shuffled windows are often equal
  EXPECT_EQ(calibration["threshold"], 1);
  EXPECT_EQ(calibration["similarity"], .8);
}

TEST(MemoryPlugin, SaysWhatItCannotDo) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  EXPECT_EQ(
      use.open(
          R"({"store": "a", "sink": 1, "take": {"similarity": 2, "replay_kappa": "x"}, "cycle": {"clock": "sun"}})"),
      SHARPWAVE_PLUGIN_USAGE);
  for (const char* const part :
       {"sink: unknown key", "take.replay_kappa: read \"x\", expected a number",
        "cycle.clock: read \"sun\", expected one of wall, simulated", "take.similarity: 2"})
    EXPECT_NE(use.message().find(part), std::string::npos) << use.message();
  EXPECT_EQ(use.open("[1]"), SHARPWAVE_PLUGIN_USAGE);
  EXPECT_EQ(use.open("{"), SHARPWAVE_PLUGIN_USAGE);
  Use owner(folder.path());
  ASSERT_EQ(owner.open("{}"), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_IO);
  EXPECT_NE(use.message().find("owns this store"), std::string::npos) << use.message();
}

TEST(MemoryPlugin, RefusesCountsAndListsWhatIsWrong) {
  const TemporaryDirectory folder;
  Use use(folder.path());
  ASSERT_EQ(use.open("{}"), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(1, kLeft), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(2, {1, 0}), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.take(3, {std::numeric_limits<float>::quiet_NaN(), 0, 0}), SHARPWAVE_PLUGIN_OK);
  EXPECT_EQ(use.message(), "");
  ASSERT_EQ(use.flush(), SHARPWAVE_PLUGIN_OK);
  EXPECT_NE(use.message().find("signal 2 of E was refused as wrong_dimension"), std::string::npos)
      << use.message();
  EXPECT_NE(use.message().find("not_finite"), std::string::npos) << use.message();
  EXPECT_EQ(use.status()["spaces"][0]["signals"]["rejected"], 2);
  EXPECT_EQ(use.file()["spaces"][0]["rejected"], (Json{{"not_finite", 1}, {"wrong_dimension", 1}}));
}

TEST(MemoryCourse, KeepsTheFirstAndTheLastOfMany) {
  Course course;
  SpaceStatus status;
  for (status.cycle = 1; status.cycle <= 5000; ++status.cycle)
    course.note(static_cast<double>(status.cycle), status);
  const Json json = course.json();
  EXPECT_LE(json.size(), 1000U);
  EXPECT_GE(json.size(), 500U);
  EXPECT_EQ(json.front()["cycle"], 1);
  EXPECT_EQ(json.back()["cycle"], 5000);
  for (std::size_t i = 2; i + 1 < json.size(); ++i)
    EXPECT_EQ(json[i]["cycle"].get<int>() - json[i - 1]["cycle"].get<int>(), 8);
}

}  // namespace
}  // namespace sharpwave::memory
