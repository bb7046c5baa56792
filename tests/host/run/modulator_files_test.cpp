// What is recorded of neuromodulators, from the engine to neuromodulators.h5.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/step_loop.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/silent_sink.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

constexpr double kTau = 10;  // ms

/// A pulse of dopamine in step 60, sampled every 15 of the 100 steps after the first 20.
ModelSpec pulsed() {
  ModelSpec spec;
  spec.simulation = {.dt_ms = 0.1, .steps = 100, .warm_up_steps = 20};
  spec.populations = {testing::population("A", 3, NeuronModel::iaf_psc_exp)};
  RegionSpec quiet{.name = "quiet"};
  quiet.modulators[static_cast<std::size_t>(Modulator::acetylcholine)] = ModulatorSpec{.baseline = 0.6};
  RegionSpec region{.name = "r", .crosstalk = false};
  region.modulators[0] = ModulatorSpec{.baseline = 0.5, .tau_phasic_ms = kTau};
  region.pulses = {{Modulator::dopamine, 60, 0.25}};
  region.rewards = {{90, 1}};
  spec.regions = {region, quiet};
  spec.modulator_samples = SampleTimes{.first_step = 20, .last_step = 120, .interval = 15};
  return spec;
}

std::vector<double> column(const hdf5::File& file, const std::string& region, const std::string& name) {
  return file.root().group("neuromodulators").group(region).dataset(name).read_doubles();
}

TEST(ModulatorFiles, HoldTheLevelsAtTheirTimes) {
  const TemporaryDirectory folder;
  const ModelSpec spec = pulsed();
  const auto engine = make_cpu_engine(spec, 2);
  SilentSink sink;
  Recorder recorder(spec, folder.path());
  const LoopResult result = simulate(*engine, spec, recorder, sink, {.stop = [] { return false; }});
  const auto files = recorder.finish();
  ASSERT_EQ(files.back(), folder.path() / "neuromodulators.h5");
  const hdf5::File file = hdf5::File::open(files.back());
  EXPECT_EQ(file.root().group("neuromodulators").names(), (std::vector<std::string>{"quiet", "r"}));
  const std::vector<double> times = column(file, "r", "time");
  ASSERT_EQ(times.size(), 6U);
  const std::vector<double> dopamine = column(file, "r", "dopamine");
  const std::vector<double> error = column(file, "r", "prediction_error");
  for (std::size_t k = 0; k < times.size(); ++k) {
    const double step = 35 + 15.0 * static_cast<double>(k);
    EXPECT_DOUBLE_EQ(times[k], step * 0.1);
    // A reward of 1 where 0.5 was expected releases half of the difference.
    const double pulse = step >= 60 ? 0.25 * std::exp(-(step - 60) * 0.1 / kTau) : 0;
    const double reward = step >= 90 ? std::exp(-(step - 90) * 0.1 / kTau) : 0;
    EXPECT_NEAR(dopamine[k], 0.5 + pulse + 0.25 * reward, 1e-12) << step;
    EXPECT_NEAR(error[k], 0.5 * reward, 1e-12) << step;
  }
  EXPECT_EQ(column(file, "quiet", "acetylcholine"), std::vector<double>(6, 0.6));
  EXPECT_FALSE(file.root().group("neuromodulators").group("quiet").has_dataset("dopamine"));
  ASSERT_EQ(result.modulators.size(), 2U);
  EXPECT_NEAR(result.modulators[0].dopamine,
              0.5 + 0.25 * (std::exp(-60 * 0.1 / kTau) + std::exp(-30 * 0.1 / kTau)), 1e-12);
}

TEST(ModulatorFiles, AreTheSameWhereARunGoesOn) {
  const ModelSpec spec = pulsed();
  SilentSink sink;
  const auto never = [] { return false; };
  const TemporaryDirectory whole;
  {
    const auto engine = make_cpu_engine(spec, 1);
    Recorder recorder(spec, whole.path());
    static_cast<void>(simulate(*engine, spec, recorder, sink, {.stop = never}));
    static_cast<void>(recorder.finish());
  }
  // The recording is cut at every block's end, and goes on from there.
  for (const std::uint64_t stop : {35U, 41U, 65U, 110U}) {
    const TemporaryDirectory folder;
    const auto engine = make_cpu_engine(spec, 1);
    InstanceState state;
    {
      Recorder recorder(spec, folder.path());
      Block block;
      engine->advance(20, block);
      while (engine->step() < stop) {
        const std::uint64_t next = 20 + (engine->step() - 20) / 15 * 15 + 15;
        engine->advance(std::min(next, stop) - engine->step(), block);
        recorder.record(block, {},
                        spec.modulator_samples->includes(engine->step()) ? engine->read_modulators()
                                                                         : std::vector<ModulatorLevels>());
      }
      state = {.engine = engine->save(), .spikes = {0}, .recording_bytes = recorder.length()};
      engine->advance(5, block);
      recorder.record(block, {}, {});  // what a killed run still recorded
    }
    const auto resumed = make_cpu_engine(spec, 2);
    resumed->restore(state.engine);
    Recorder recorder(spec, folder.path(), summary_of(spec), state.recording_bytes);
    static_cast<void>(simulate(*resumed, spec, recorder, sink, {.stop = never, .start = &state}));
    static_cast<void>(recorder.finish());
    EXPECT_EQ(bytes_of(folder.path() / "neuromodulators.h5"), bytes_of(whole.path() / "neuromodulators.h5"))
        << stop;
  }
}

/// Levels that tell step, region and place.
std::vector<ModulatorLevels> example_levels(std::uint64_t step) {
  const auto x = static_cast<double>(step);
  return {{x, x + 0.1, x + 0.2, x + 0.3, -x}, {2 * x, 0.5, 0.5, 0.25, 0}};
}

class ModulatorFrames : public ::testing::Test {
 protected:
  ModulatorFrames() {
    spec_ = recorded_example(0, 90);
    spec_.regions = pulsed().regions;
    spec_.modulator_samples = SampleTimes{.first_step = 0, .last_step = 90, .interval = 10};
    Recorder recorder(spec_, folder_.path());
    for (const std::uint64_t last : {5U, 10U, 20U}) {
      const std::uint64_t first = last == 5 ? 1 : last == 10 ? 6 : 11;
      recorder.record(example_block(spec_, first, last - first + 1), {},
                      last == 5 ? std::vector<ModulatorLevels>() : example_levels(last));
    }
    recorder.make_durable();
    whole_ = bytes_of(path_);
  }

  [[nodiscard]] std::string problem_of(std::string bytes) const {
    seal(bytes);
    write_bytes(path_, bytes);
    RecordingReader reader(path_);
    RecordedBlock block;
    while (reader.next(block)) continue;
    return reader.end().problem;
  }

  [[nodiscard]] std::pair<std::size_t, std::size_t> first_frame() const {
    const std::vector<std::size_t> starts = frame_starts(whole_);
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      recording::FrameHead frame;
      std::memcpy(&frame, whole_.data() + starts[i], sizeof frame);
      if (frame.kind == static_cast<std::uint32_t>(recording::FrameKind::modulators))
        return {starts[i], starts[i + 1] - starts[i]};
    }
    return {};
  }

  TemporaryDirectory folder_;
  std::filesystem::path path_ = folder_.path() / recording::kFileName;
  ModelSpec spec_;
  std::string whole_;
};

TEST_F(ModulatorFrames, AreReadAsTheyWereRecorded) {
  RecordingReader reader(path_);
  ASSERT_TRUE(reader.header().modulators);
  EXPECT_EQ(reader.header().modulators->regions[1].region, "quiet");
  EXPECT_TRUE(reader.header().modulators->regions[1].has[3]);
  EXPECT_FALSE(reader.header().modulators->regions[1].has[0]);
  RecordedBlock block;
  ASSERT_TRUE(reader.next(block));
  EXPECT_TRUE(block.modulators.empty());
  for (const std::uint64_t last : {10U, 20U}) {
    ASSERT_TRUE(reader.next(block));
    ASSERT_EQ(block.modulators.size(), 2U);
    EXPECT_EQ(block.modulators[0].acetylcholine, example_levels(last)[0].acetylcholine);
    EXPECT_EQ(block.modulators[0].prediction_error, -static_cast<double>(last));
    EXPECT_EQ(block.modulators[1].dopamine, 2 * static_cast<double>(last));
  }
  EXPECT_FALSE(reader.next(block));
  EXPECT_EQ(reader.end().kind, RecordingEnd::Kind::whole) << reader.end().problem;
}

// A run goes on with its own recording only.
TEST_F(ModulatorFrames, OfOtherRegionsOrTimesAreNotGoneOnWith) {
  const auto refusal = [&](const std::function<void(ModelSpec&)>& change) {
    ModelSpec other = spec_;
    change(other);
    return refusal_to_go_on(path_, other, whole_.size());
  };
  EXPECT_EQ(refusal([](ModelSpec&) {}), "");
  const auto serotonin = static_cast<std::size_t>(Modulator::serotonin);
  const std::function<void(ModelSpec&)> changes[] = {
      [](ModelSpec& s) { s.modulator_samples.reset(); },
      [](ModelSpec& s) { s.modulator_samples->first_step = 10; },
      [](ModelSpec& s) { s.modulator_samples->last_step = 80; },
      [](ModelSpec& s) { s.modulator_samples->interval = 5; },
      [](ModelSpec& s) { s.regions.pop_back(); },
      [](ModelSpec& s) { s.regions.push_back({.name = "further"}); },
      [](ModelSpec& s) { std::swap(s.regions[0], s.regions[1]); },
      [](ModelSpec& s) { s.regions[0].name = "q"; },
      [&](ModelSpec& s) { s.regions[0].modulators[serotonin] = ModulatorSpec{}; },
      [](ModelSpec& s) { s.regions[0].modulators[0].reset(); }};
  for (std::size_t k = 0; k < std::size(changes); ++k) {
    EXPECT_EQ(refusal(changes[k]),
              path_.string() +
                  ": is the recording of another run: what is recorded of neuromodulators "
                  "differs; expected the one that was written with the checkpoint")
        << "change " << k;
    EXPECT_EQ(bytes_of(path_), whole_) << "change " << k;
  }
}

TEST_F(ModulatorFrames, ThatAreMissingOrTooManyAreDamage) {
  const auto [at, n] = first_frame();
  std::string without = whole_;
  EXPECT_NE(problem_of(without.erase(at, n)).find("ends without its levels of neuromodulators"),
            std::string::npos);
  std::string twice = whole_;
  EXPECT_NE(
      problem_of(twice.insert(at, whole_.substr(at, n))).find("levels of neuromodulators after step 10"),
      std::string::npos);
  std::string shorter = whole_;
  shorter.erase(at + sizeof(recording::FrameHead), 8);
  shorter[at + 8] = static_cast<char>(n - sizeof(recording::FrameHead) - 8);
  EXPECT_NE(problem_of(shorter).find("shorter than what it should hold"), std::string::npos);
}

}  // namespace
}  // namespace sharpwave
