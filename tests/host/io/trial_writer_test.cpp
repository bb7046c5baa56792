// trials.h5: each trial in the group of its phase, as docs/formats/trials.md says.
#include "host/io/trial_writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "host/io/hdf5.hpp"
#include "tests/host/io/temporary_folder.hpp"

namespace sharpwave {
namespace {

using Shape = std::vector<std::uint64_t>;
using Indices = std::vector<std::uint32_t>;

constexpr double kDt = 0.5;  // ms
constexpr std::uint32_t kNone = 4294967295;

const std::vector<TrialPhase> kPhases = {
    {"settle", "", 0}, {"train", "E", 0}, {"label", "E", 3}, {"test", "E", 3}};

/// 100 steps of rest, then trials of 40 steps an attempt.
std::vector<Trial> example_trials() {
  return {{.phase = 0, .first_step = 1},
          {.phase = 1, .item = 7, .label = 1, .first_step = 101, .spikes = 9},
          // Repeated twice: the steps are of the last attempt.
          {.phase = 1, .item = 3, .label = 0, .attempts = 3, .gain = 1.5, .first_step = 221, .spikes = 6},
          {.phase = 2, .item = 3, .label = 0, .first_step = 261, .spikes = 5, .counts = {4, 1, 0}},
          {.phase = 3, .item = 8, .label = 1, .told = 1, .first_step = 301, .spikes = 3, .counts = {0, 1, 2}},
          {.phase = 3, .item = 9, .label = 1, .told = 0, .first_step = 341, .spikes = 8, .counts = {7, 0, 1}},
          {.phase = 3, .item = 8, .label = 1, .told = kNoClass, .first_step = 381, .counts = {0, 0, 0}}};
}

class Trials : public ::testing::Test {
 protected:
  [[nodiscard]] hdf5::File written(const std::vector<TrialPhase>& phases,
                                   const std::vector<Trial>& trials) const {
    TrialWriter writer(path_, phases, kDt);
    for (const Trial& trial : trials) writer.append(trial);
    writer.finish();
    return hdf5::File::open(path_);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "trials.h5";
};

Indices column(const hdf5::Group& phase, const std::string& name) {
  return phase.dataset(name).read_exactly<std::uint32_t>();
}

TEST_F(Trials, AreInTheGroupsOfTheirPhases) {
  const hdf5::File file = written(kPhases, example_trials());
  const hdf5::Group all = file.root().group("trials");
  EXPECT_EQ(all.names(), (std::vector<std::string>{"0", "1", "2", "3"}));
  for (std::size_t k = 0; k < kPhases.size(); ++k) {
    const hdf5::Group phase = all.group(std::to_string(k));
    EXPECT_EQ(phase.text_attribute("name"), kPhases[k].name);
    EXPECT_EQ(phase.text_attribute("population"), kPhases[k].population);
    EXPECT_EQ(phase.has_dataset("counts"), k >= 2) << "only of phases that label or test";
    EXPECT_EQ(phase.dataset("time").text_attribute("units"), "ms");
  }
  const hdf5::Group settle = all.group("0");
  EXPECT_EQ(column(settle, "item"), Indices{kNone});
  EXPECT_EQ(column(settle, "label"), Indices{kNone});
  const hdf5::Group train = all.group("1");
  EXPECT_EQ(column(train, "item"), (Indices{7, 3}));
  EXPECT_EQ(column(train, "label"), (Indices{1, 0}));
  EXPECT_EQ(column(train, "told"), (Indices{kNone, kNone})) << "nothing is asked";
  EXPECT_EQ(column(train, "attempts"), (Indices{1, 3}));
  EXPECT_EQ(train.dataset("gain").read_exactly<double>(), (std::vector<double>{1, 1.5}));
  EXPECT_EQ(train.dataset("spikes").read_exactly<std::uint64_t>(), (std::vector<std::uint64_t>{9, 6}));
  const hdf5::Group test = all.group("3");
  EXPECT_EQ(column(test, "item"), (Indices{8, 9, 8}));
  EXPECT_EQ(column(test, "label"), (Indices{1, 1, 1}));
  EXPECT_EQ(column(test, "told"), (Indices{1, 0, kNone}));
}

// A step's end is at step * dt, so the first one begins at 0.
TEST_F(Trials, BeginWhereTheirLastAttemptDoes) {
  const hdf5::File file = written(kPhases, example_trials());
  const auto times = [&](const char* phase) {
    return file.root().group("trials").group(phase).dataset("time").read_exactly<double>();
  };
  EXPECT_EQ(times("0"), std::vector<double>{0});
  EXPECT_EQ(times("1"), (std::vector<double>{100 * kDt, 220 * kDt}));
  EXPECT_EQ(times("3"), (std::vector<double>{300 * kDt, 340 * kDt, 380 * kDt}));
}

TEST_F(Trials, OfPhasesThatAskHaveTheSpikesOfEachNeuron) {
  const hdf5::File file = written(kPhases, example_trials());
  const hdf5::Group all = file.root().group("trials");
  EXPECT_EQ(all.group("2").dataset("counts").shape(), (Shape{1, 3}));
  EXPECT_EQ(all.group("2").dataset("counts").read_floats(), (std::vector<float>{4, 1, 0}));
  EXPECT_EQ(all.group("3").dataset("counts").shape(), (Shape{3, 3}));
  EXPECT_EQ(all.group("3").dataset("counts").read_floats(), (std::vector<float>{0, 1, 2, 7, 0, 1, 0, 0, 0}));
}

// Rows longer than a chunk is meant to be.
TEST_F(Trials, OfManyNeuronsAreWhole) {
  constexpr std::uint32_t kNeurons = 70'000;
  std::vector<Trial> trials(2, {.first_step = 1, .counts = Indices(kNeurons)});
  trials[0].counts.back() = 5;
  trials[1].counts.front() = 6;
  const hdf5::File file = written({{"label", "E", kNeurons}}, trials);
  const hdf5::Dataset counts = file.root().group("trials").group("0").dataset("counts");
  EXPECT_EQ(counts.shape(), (Shape{2, kNeurons}));
  const std::vector<float> values = counts.read_floats();
  EXPECT_EQ(values[kNeurons - 1], 5);
  EXPECT_EQ(values[kNeurons], 6);
}

TEST_F(Trials, OfARunThatWasStoppedAreThoseUntilThen) {
  std::vector<Trial> trials = example_trials();
  trials.resize(2);
  const hdf5::File file = written(kPhases, trials);
  const hdf5::Group all = file.root().group("trials");
  EXPECT_EQ(column(all.group("1"), "item"), Indices{7});
  for (const char* name : {"item", "label", "told", "attempts", "gain", "time", "spikes"})
    EXPECT_EQ(all.group("3").dataset(name).shape(), Shape{0}) << name;
  EXPECT_EQ(all.group("3").dataset("counts").shape(), (Shape{0, 3}));
}

TEST_F(Trials, HaveTheirNameOnlyOnceAllAreThere) {
  TrialWriter writer(path_, kPhases, kDt);
  for (const Trial& trial : example_trials()) writer.append(trial);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "trials.h5.partial"));
  writer.finish();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "trials.h5.partial"));
}

}  // namespace
}  // namespace sharpwave
