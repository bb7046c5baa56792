#include <gtest/gtest.h>

#include <random>

#include "host/base/error.hpp"
#include "host/run/recording_reader.hpp"
#include "host/run/recording_writer.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

using recording::FrameHead;
using recording::SpikeGroup;

constexpr std::uint64_t kRecordedSteps = 90;

class Recording : public ::testing::Test {
 protected:
  /// Steps 11 to 40 in three blocks.
  void SetUp() override {
    Recorder recorder(spec_, folder_.path());
    record_blocks(recorder, spec_, kExampleWarmUp + 1, {1, 20, 9});
    recorder.make_durable();
    whole_ = bytes_of(path_);
    starts_ = frame_starts(whole_);
  }

  struct Outcome {
    std::vector<RecordedBlock> blocks;
    RecordingEnd end;
    std::string refusal;  // of the header
  };

  [[nodiscard]] Outcome read(const std::string& bytes) const {
    write_bytes(path_, bytes);
    Outcome outcome;
    try {
      RecordingReader reader(path_);
      RecordedBlock block;
      while (reader.next(block)) outcome.blocks.push_back(block);
      EXPECT_FALSE(reader.next(block)) << "also when asked again";
      outcome.end = reader.end();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data);
      outcome.refusal = error.what();
    }
    return outcome;
  }

  /// Where the last block begins: its samples of two reports come before its spikes.
  [[nodiscard]] std::size_t last_block() const { return starts_.at(starts_.size() - 4); }

  TemporaryDirectory folder_;
  std::filesystem::path path_ = folder_.path() / recording::kFileName;
  ModelSpec spec_ = recorded_example(kExampleWarmUp, kRecordedSteps);
  std::string whole_;
  std::vector<std::size_t> starts_;
};

TEST_F(Recording, IsReadAsItWasWritten) {
  const Outcome outcome = read(whole_);
  EXPECT_EQ(outcome.end.kind, RecordingEnd::Kind::whole);
  EXPECT_EQ(outcome.end.usable_bytes, whole_.size());
  EXPECT_EQ(outcome.end.file_bytes, whole_.size());
  EXPECT_EQ(outcome.end.last_step, 40U);
  ASSERT_EQ(outcome.blocks.size(), 3U);
  std::uint64_t first = kExampleWarmUp + 1;
  for (const RecordedBlock& block : outcome.blocks) {
    const Block expected = example_block(spec_, first, block.n_steps);
    EXPECT_EQ(block.first_step, first);
    ASSERT_EQ(block.samples.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(block.samples[i].steps, expected.reports[i].steps);
      EXPECT_EQ(block.samples[i].values, expected.reports[i].values);
    }
    first += block.n_steps;
  }
}

TEST_F(Recording, HoldsTheRecordedNeuronsOnly) {
  // Step 11 is a multiple of 1 only: neuron 0. Of B its neuron 1 is recorded, id 3: multiples of 4.
  const Outcome outcome = read(whole_);
  ASSERT_EQ(outcome.blocks.size(), 3U);
  EXPECT_EQ(outcome.blocks[0].ids, (std::vector<std::uint32_t>{0}));
  const RecordedBlock& last = outcome.blocks[2];  // steps 32 to 40
  ASSERT_EQ(last.groups.size(), 9U);
  EXPECT_EQ(last.groups[0].n, 3U) << "step 32: 0, 1 and 3";
  EXPECT_EQ(std::vector<std::uint32_t>(last.ids.begin(), last.ids.begin() + 4),
            (std::vector<std::uint32_t>{0, 1, 3, 0}));
}

TEST_F(Recording, HasTheSizesOfItsDescription) {
  // First block, one step: a sample of one value of the first report, none of the second; one spike.
  EXPECT_EQ(starts_[1] - starts_[0], 64 + (starts_[1] - starts_[0] - 64) / 8 * 8);
  EXPECT_EQ(starts_[2] - starts_[1], 64U + 8 + 8 + 8);
  EXPECT_EQ(starts_[3] - starts_[2], 64U + 8 + 8 + 8);
  // Second, 20 steps (12 to 31): 20 samples, and 7 of four values each (13, 16, ... 31).
  EXPECT_EQ(starts_[4] - starts_[3], 64U + 8 + 20 * (8 + 4));
  EXPECT_EQ(starts_[5] - starts_[4], 64U + 8 + 7 * (8 + 16));
  EXPECT_EQ(starts_.back(), whole_.size());
}

TEST_F(Recording, HeaderKeepsWhatTheFilesNeed) {
  RunSummary about = summary_of(spec_);
  about.overrides = {"a.b=1"};
  about.config = std::string((1 << 20) + 1, 'x');
  about.grids = {{"A", "ex", -3, 64}};
  const RecordingHeader header =
      read_recording_header(to_json_text(recording_header(spec_, about)), "recording.swr");
  EXPECT_EQ(header.run.config, about.config) << "of any length";
  EXPECT_EQ(header.run.overrides, about.overrides);
  EXPECT_EQ(header.run.grids, about.grids);
  EXPECT_EQ(header.warm_up_steps, kExampleWarmUp);
  EXPECT_EQ(header.steps, kRecordedSteps);
  ASSERT_EQ(header.run.populations.size(), 2U) << "no virtual source";
  EXPECT_EQ(header.run.populations[1].recorded, 1U);
  ASSERT_EQ(header.reports.size(), 2U);
  EXPECT_EQ(header.reports[0].times.last_step, spec_.reports[0].times.last_step) << "to the end";
  EXPECT_EQ(header.reports[1].times.last_step, 1000U);
  EXPECT_EQ(header.reports[1].header.population, "A");
  EXPECT_EQ(header.reports[1].header.variables, spec_.reports[1].variables);
}

TEST_F(Recording, CutAnywhereInItsLastBlockIsUsedUpToThere) {
  for (std::size_t length = last_block(); length < whole_.size(); ++length) {
    const Outcome outcome = read(whole_.substr(0, length));
    ASSERT_EQ(outcome.end.usable_bytes, last_block()) << length;
    ASSERT_EQ(outcome.end.file_bytes, length);
    ASSERT_EQ(outcome.end.last_step, 31U);
    ASSERT_EQ(outcome.blocks.size(), 2U);
    const bool at_its_begin = length == last_block();
    ASSERT_EQ(outcome.end.kind, at_its_begin ? RecordingEnd::Kind::whole : RecordingEnd::Kind::torn);
    if (!at_its_begin) {
      ASSERT_NE(outcome.end.problem.find(path_.string() + ": byte "), std::string::npos);
    }
  }
}

TEST_F(Recording, CutInItsHeaderIsRefused) {
  for (std::size_t length = 0; length < starts_[1]; ++length)
    ASSERT_NE(read(whole_.substr(0, length)).refusal, "") << length;
  EXPECT_EQ(read(whole_.substr(0, starts_[1])).end.last_step, kExampleWarmUp);
}

TEST_F(Recording, EveryFlippedBitIsFoundInItsFrame) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = whole_;
    const std::size_t at = random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    const Outcome outcome = read(bytes);
    if (at < starts_[1]) {
      ASSERT_NE(outcome.refusal, "") << "byte " << at;
      continue;
    }
    const std::size_t frame = *std::prev(std::upper_bound(starts_.begin(), starts_.end(), at));
    ASSERT_EQ(outcome.end.kind, RecordingEnd::Kind::damaged) << "byte " << at;
    ASSERT_LE(outcome.end.usable_bytes, frame);
    ASSERT_NE(outcome.end.problem.find("byte " + std::to_string(frame)), std::string::npos)
        << outcome.end.problem;
  }
}

TEST_F(Recording, FramesThatAreGoneTwiceOrOfAnotherRunAreFound) {
  const std::size_t second = starts_[3];
  const std::size_t third = last_block();
  const std::string block = whole_.substr(second, third - second);
  const auto found = [&](const std::string& bytes, std::size_t usable) {
    const Outcome outcome = read(bytes);
    EXPECT_EQ(outcome.end.kind, RecordingEnd::Kind::damaged);
    EXPECT_EQ(outcome.end.usable_bytes, usable);
  };
  found(whole_.substr(0, second) + whole_.substr(third), second);
  found(whole_.substr(0, third) + block + whole_.substr(third), third);
  found(whole_ + block, whole_.size());
  spec_.title = "another";
  SetUp();
  const std::string other = whole_.substr(last_block());
  spec_.title = "five neurons";
  SetUp();
  found(whole_.substr(0, third) + other, third);
}

TEST_F(Recording, OfAnotherVersionOrKindIsRefused) {
  std::string bytes = whole_;
  bytes[8] = 3;
  EXPECT_NE(read(bytes).refusal.find("version 3; expected 2"), std::string::npos);
  EXPECT_NE(read("a text of some length, and more of it").refusal.find("is no recording"), std::string::npos);
}

class Resumed : public Recording {
 protected:
  [[nodiscard]] std::string refusal(const ModelSpec& spec, std::uint64_t length) const {
    return refusal_to_go_on(path_, spec, length);
  }
};

TEST_F(Resumed, IsByteForByteWhatItWouldHaveBeen) {
  write_bytes(path_, whole_.substr(0, last_block() + 100) + std::string(1000, 'x'));
  Recorder recorder(spec_, folder_.path(), summary_of(spec_), last_block());
  EXPECT_EQ(bytes_of(path_).size(), last_block());
  record_blocks(recorder, spec_, 32, {9});
  EXPECT_EQ(recorder.length(), whole_.size());
  EXPECT_EQ(bytes_of(path_), whole_);
}

TEST_F(Resumed, BeforeItsFirstBlockBeginsAgain) {
  Recorder recorder(spec_, folder_.path(), summary_of(spec_), starts_[1]);
  record_blocks(recorder, spec_, kExampleWarmUp + 1, {1, 20, 9});
  EXPECT_EQ(bytes_of(path_), whole_);
}

TEST_F(Resumed, WithinABlockOrBehindItsEndIsRefusedAndNothingIsChanged) {
  for (const std::size_t length : {whole_.size() - 1, last_block() + 64, starts_[1] + 8, whole_.size() + 8}) {
    const std::string message = refusal(spec_, length);
    EXPECT_NE(message.find("up to byte " + std::to_string(length)), std::string::npos) << message;
    EXPECT_EQ(bytes_of(path_), whole_);
  }
}

TEST_F(Resumed, DamagedBeforeItsCheckpointIsRefusedAndBehindItIsNot) {
  std::string bytes = whole_;
  bytes[starts_[3] + 70] ^= 1;
  write_bytes(path_, bytes);
  EXPECT_NE(refusal(spec_, last_block()).find("byte " + std::to_string(starts_[3])), std::string::npos);
  EXPECT_EQ(bytes_of(path_), bytes);
  EXPECT_EQ(refusal(spec_, starts_[3]), "");
}

TEST_F(Resumed, WithTextThatIsNotUtf8) {
  spec_.title = "caf\xe9";
  spec_.populations[0].name = "\xff";
  SetUp();
  EXPECT_EQ(refusal(spec_, whole_.size()), "");
}

TEST_F(Resumed, OfAnotherRunIsRefused) {
  ModelSpec other = recorded_example(kExampleWarmUp, kRecordedSteps);
  other.config_digest = "another";
  EXPECT_NE(refusal(other, whole_.size()).find("the config differs"), std::string::npos);
  EXPECT_NE(refusal(recorded_example(kExampleWarmUp, kRecordedSteps + 1), whole_.size()).find("the duration"),
            std::string::npos);
  other = recorded_example(kExampleWarmUp, kRecordedSteps);
  other.reports[0].times.interval = 2;
  EXPECT_NE(refusal(other, whole_.size()).find("the reports"), std::string::npos);
  other = recorded_example(kExampleWarmUp, kRecordedSteps);
  other.record_spikes.pop_back();
  EXPECT_NE(refusal(other, whole_.size()).find("populations"), std::string::npos);
  other = recorded_example(kExampleWarmUp, kRecordedSteps);
  other.regions.push_back({.name = "striatum"});
  other.modulator_samples = SampleTimes{.first_step = 0, .last_step = 100, .interval = 10};
  EXPECT_NE(refusal(other, whole_.size()).find("neuromodulators"), std::string::npos);
}

/// What a recording says once its digests fit: a place, what to write there, and part of the message.
class Forged : public Recording {
 protected:
  template <class T>
  void expect_found(std::size_t at, T value, const std::string& part) {
    std::string bytes = whole_;
    std::memcpy(bytes.data() + at, &value, sizeof value);
    seal(bytes);
    const Outcome outcome = read(bytes);
    EXPECT_EQ(outcome.end.kind, RecordingEnd::Kind::damaged) << part;
    EXPECT_NE(outcome.end.problem.find(part), std::string::npos) << outcome.end.problem;
  }
};

TEST_F(Forged, HeadsOfFramesAreChecked) {
  const std::size_t samples = starts_[3];
  expect_found(samples + 4, std::uint32_t{7}, "kind 7");
  expect_found(samples + 4, std::uint32_t{0}, "kind 0");
  expect_found(samples + 16, std::uint64_t{13}, "expected those that follow 11");
  expect_found(samples + 24, std::uint64_t{0}, "holds 0 steps");
  expect_found(samples + 24, std::uint64_t{90}, "up to step 100");
  expect_found(samples + 24, ~std::uint64_t{0}, "up to step 100");
  expect_found(samples + 32, std::uint32_t{2}, "report 2");
  expect_found(samples + 32, std::uint32_t{1}, "samples of");
  expect_found(samples + 36, std::uint32_t{1}, "is no frame");
}

TEST_F(Forged, SamplesAreChecked) {
  const std::size_t samples = starts_[3] + sizeof(FrameHead);
  expect_found(samples, std::uint64_t{19}, "expected 20 samples of 1 values");
  expect_found(samples, ~std::uint64_t{0}, "expected 20 samples");
  expect_found(samples + 8, std::uint64_t{13}, "a sample at step 13; expected one at 12");
  expect_found(starts_[4] + sizeof(FrameHead) + 16, std::uint64_t{17}, "expected one at 16");
  expect_found(starts_[4] + 4, std::uint32_t{2}, "spikes of a report");
}

TEST_F(Forged, SpikesAreChecked) {
  const std::size_t spikes = starts_[5] + sizeof(FrameHead);  // of steps 12 to 31, with spikes in each
  expect_found(spikes, std::uint64_t{19}, "");
  expect_found(spikes, ~std::uint64_t{0}, "shorter");
  expect_found(spikes + 8, SpikeGroup{.step = 1, .n = 3}, "do not ascend");
  expect_found(spikes + 8 + 19 * 8, SpikeGroup{.step = 20, .n = 1}, "none of the block's");
  expect_found(spikes + 8, SpikeGroup{.step = 0, .n = 0xffffffff}, "shorter");
  const std::size_t ids = spikes + 8 + 20 * 8;
  expect_found(ids, std::uint32_t{5}, "no neuron's");
  expect_found(ids, std::uint32_t{4}, "do not ascend");
}

TEST_F(Forged, SpikesOfWhatIsNotRecordedAreFound) {
  spec_.record_spikes.pop_back();
  SetUp();
  const std::size_t ids = starts_[2] + sizeof(FrameHead) + 16;
  expect_found(ids, std::uint32_t{3}, "not recorded");
}

TEST_F(Forged, HeadersAreChecked) {
  const Json whole = Json::parse(to_json_text(recording_header(spec_, summary_of(spec_))));
  const auto refused = [&](const char* pointer, const Json& value, const std::string& part) {
    Json json = whole;
    json[Json::json_pointer(pointer)] = value;
    try {
      static_cast<void>(read_recording_header(json.dump(), "recording.swr"));
      ADD_FAILURE() << pointer;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data);
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("/run/dt_ms", 0, "above 0");
  refused("/run/dt_ms", nullptr, "above 0");
  refused("/run/populations/1/name", "A", "not there before");
  refused("/run/populations/1/name", "a/b", "without '/'");
  refused("/run/populations/1/size", 0xffffffff, "populations[1].size");
  refused("/run/populations/1/recorded", 4, "from 0 to 3");
  refused("/warm_up_steps", ~std::uint64_t{0}, "warm_up_steps");
  refused("/reports/1/name", "trace", "not there before");
  refused("/reports/1/population", "C", "one of the populations");
  refused("/reports/1/stop", 3, "from 0 to 2");
  refused("/reports/1/stop", 0, "reports[1].st");
  refused("/reports/1/stride", 0, "1 or more");
  refused("/reports/1/interval", 0, "1 or more");
  refused("/reports/1/variables", Json::array(), "some variables");
  refused("/reports/1/variables/0", "V_x", "a variable that can be recorded");
  refused("/reports/1/variables/0", "I_syn_ex", "each once");
}

}  // namespace
}  // namespace sharpwave
