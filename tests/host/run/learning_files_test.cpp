// What is recorded of plastic projections, from the recording to its files.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

using recording::FrameHead;
using recording::FrameKind;

class Learning : public ::testing::Test {
 protected:
  /// Steps 11 to 30 in three blocks: metrics after 20 and 30, weights after 30.
  void SetUp() override {
    Recorder recorder(spec_, folder_.path(), summary_of(spec_), example_synapses());
    record_blocks(recorder, spec_, kExampleWarmUp + 1, {4, 6, 10});
    recorder.make_durable();
    whole_ = bytes_of(path_);
    starts_ = frame_starts(whole_);
  }

  /// Why reading ended, of a changed recording whose digests fit.
  [[nodiscard]] std::string problem_of(std::string bytes) const {
    seal(bytes);
    write_bytes(path_, bytes);
    try {
      RecordingReader reader(path_);
      RecordedBlock block;
      while (reader.next(block)) continue;
      return reader.end().problem;
    } catch (const Error& error) {
      return error.what();
    }
  }

  [[nodiscard]] FrameHead frame_at(std::size_t start) const {
    FrameHead frame;
    std::memcpy(&frame, whole_.data() + start, sizeof frame);
    return frame;
  }

  [[nodiscard]] std::size_t first_of(FrameKind kind) const {
    for (const std::size_t start : starts_)
      if (start < whole_.size() && frame_at(start).kind == static_cast<std::uint32_t>(kind)) return start;
    return 0;
  }

  [[nodiscard]] std::string without_frame(std::size_t start) const {
    std::string bytes = whole_;
    return bytes.erase(start, sizeof(FrameHead) + frame_at(start).payload_bytes);
  }

  TemporaryDirectory folder_;
  std::filesystem::path path_ = folder_.path() / recording::kFileName;
  ModelSpec spec_ = learning_example(kExampleWarmUp, 90);
  std::string whole_;
  std::vector<std::size_t> starts_;
};

TEST_F(Learning, IsReadAsItWasRecorded) {
  RecordingReader reader(path_);
  ASSERT_EQ(reader.synapses().size(), 2U);
  EXPECT_TRUE(reader.synapses()[0].sources.empty());
  EXPECT_EQ(reader.synapses()[1].targets, example_synapses()[0].targets);
  EXPECT_EQ(reader.synapses()[1].delay_steps, example_synapses()[0].delay_steps);
  RecordedBlock block;
  for (const std::uint64_t last : {14U, 20U, 30U}) {
    ASSERT_TRUE(reader.next(block));
    EXPECT_EQ(block.learning, example_learning(spec_, last)) << last;
  }
  EXPECT_FALSE(reader.next(block));
  EXPECT_EQ(reader.end().kind, RecordingEnd::Kind::whole) << reader.end().problem;
}

TEST_F(Learning, BecomesFiles) {
  const RecordedFiles made = write_recorded_files(path_, folder_.path());
  const auto has = [&](const char* name) {
    return std::ranges::find(made.files, folder_.path() / name) != made.files.end();
  };
  ASSERT_TRUE(has("plasticity.h5"));
  ASSERT_TRUE(has("weights_few.h5"));
  {
    const hdf5::File file = hdf5::File::open(folder_.path() / "plasticity.h5");
    const hdf5::Group group = file.root().group("plasticity").group("A_B");
    EXPECT_EQ(group.text_attribute("projection"), "A/B");
    EXPECT_EQ(group.text_attribute("source"), "A");
    EXPECT_EQ(group.number_attribute<double>("w_max"), 4);
    const auto column = [&](const char* name) { return group.dataset(name).read_doubles(); };
    EXPECT_EQ(column("time"), (std::vector<double>{2, 3}));
    EXPECT_EQ(column("updates"), (std::vector<double>{20, 30}));
    EXPECT_EQ(column("potentiations"), (std::vector<double>{10, 15}));
    EXPECT_TRUE(std::isnan(column("ratio")[1])) << "there was no depression";
    EXPECT_EQ(column("raised"), (std::vector<double>{80, 120}));
    EXPECT_EQ(column("mean_change"), (std::vector<double>{4, 4}));
    EXPECT_NEAR(column("mean_dt_plus")[1], 0.3, 1e-12);
    EXPECT_TRUE(std::isnan(column("mean_dt_minus")[1])) << "there was none";
    EXPECT_EQ(column("unchanged_for"), (std::vector<double>{0.5, 0.5}));
    EXPECT_EQ(column("mean_weight"), (std::vector<double>{-1, -1})) << "an inhibitory one";
    EXPECT_NEAR(column("share_at_max")[0], 1 / 3.0, 1e-12);
    EXPECT_EQ(column("histogram_edges").back(), -4);
    EXPECT_EQ(group.dataset("histogram").shape(), (std::vector<std::uint64_t>{2, 50}));
    EXPECT_EQ(group.dataset("histogram").read_floats()[99], 1);
  }
  const hdf5::File file = hdf5::File::open(folder_.path() / "weights_few.h5");
  const hdf5::Group group = file.root().group("weights");
  EXPECT_EQ(group.dataset("source").read_doubles(), (std::vector<double>{0, 1}));
  EXPECT_EQ(group.dataset("target").read_doubles(), (std::vector<double>{2, 1}));
  EXPECT_EQ(group.dataset("delay").read_doubles(), (std::vector<double>{1.5, 0.3 + 5e-17}));
  EXPECT_EQ(group.dataset("time").read_doubles(), (std::vector<double>{3}));
  EXPECT_EQ(group.dataset("weight").read_floats(), (std::vector<float>{-0.5F - 30.0F / 1024, -4}));
}

TEST_F(Learning, WithoutWhatWasDueIsDamaged) {
  EXPECT_NE(problem_of(without_frame(first_of(FrameKind::learning)))
                .find("the block ends without its record 0 of learning"),
            std::string::npos);
  EXPECT_NE(
      problem_of(without_frame(first_of(FrameKind::synapses))).find("expected the synapses of record 1"),
      std::string::npos);
}

TEST_F(Learning, WhereNothingWasDueIsDamaged) {
  const std::size_t begin = first_of(FrameKind::learning);
  const std::string frame = whole_.substr(begin, sizeof(FrameHead) + frame_at(begin).payload_bytes);
  std::string twice = whole_;
  twice.insert(begin, frame);
  EXPECT_NE(problem_of(twice).find("expected that of a record that follows"), std::string::npos);
  FrameHead early = frame_at(begin);
  early.first_step = kExampleWarmUp + 1;
  early.n_steps = 4;
  std::string bytes = frame;
  std::memcpy(bytes.data(), &early, sizeof early);
  std::string changed = whole_;
  changed.insert(first_of(FrameKind::samples), bytes);
  EXPECT_NE(problem_of(changed).find("a record of learning after step 14; expected none"), std::string::npos);
}

TEST_F(Learning, OfAnotherNumberOfSynapsesIsDamaged) {
  std::string bytes = whole_;
  const std::size_t last_weights = [&] {
    std::size_t found = 0;
    for (const std::size_t start : starts_)
      if (start < whole_.size() && frame_at(start).kind == static_cast<std::uint32_t>(FrameKind::learning))
        found = start;
    return found;
  }();
  bytes[last_weights + sizeof(FrameHead)] = 1;
  EXPECT_NE(problem_of(bytes).find("expected 2 weights"), std::string::npos);
}

// A run goes on with its own recording only: each of these would be in other files, or mean something else.
TEST_F(Learning, OfOtherRecordsIsNotGoneOnWith) {
  const auto refusal = [&](const std::function<void(ModelSpec&)>& change) {
    ModelSpec other = spec_;
    change(other);
    return refusal_to_go_on(path_, other, whole_.size());
  };
  EXPECT_EQ(refusal([](ModelSpec&) {}), "");
  const std::function<void(ModelSpec&)> changes[] = {
      [](ModelSpec& s) { s.learning_records.pop_back(); },
      [](ModelSpec& s) {
        s.learning_records.push_back(s.learning_records.back());
        s.learning_records.back().name = "further";
      },
      [](ModelSpec& s) { std::swap(s.learning_records[0], s.learning_records[1]); },
      [](ModelSpec& s) { s.learning_records[1].name = "others"; },
      [](ModelSpec& s) { s.learning_records[1].every = 7; },
      [](ModelSpec& s) { ++s.learning_records[0].times.first_step; },
      [](ModelSpec& s) { s.learning_records[0].times.last_step = 80; },
      [](ModelSpec& s) { s.learning_records[0].times.interval = 5; },
      [](ModelSpec& s) { s.projections[0].name = "B/A"; },
      [](ModelSpec& s) { s.projections[0].source.population = 2; },
      [](ModelSpec& s) { s.projections[0].weight = Distribution::constant(1); },
      [](ModelSpec& s) { s.projections[0].plasticity->w_min = 0.25; },
      [](ModelSpec& s) { s.projections[0].plasticity->w_max = 8; }};
  for (std::size_t k = 0; k < std::size(changes); ++k) {
    EXPECT_EQ(refusal(changes[k]),
              path_.string() +
                  ": is the recording of another run: what is recorded of plastic projections "
                  "differs; expected the one that was written with the checkpoint")
        << "change " << k;
    EXPECT_EQ(bytes_of(path_), whole_) << "change " << k;
  }
}

TEST_F(Learning, EveryFlippedByteIsFound) {
  for (std::size_t at = first_of(FrameKind::synapses); at < whole_.size(); at += 7) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write_bytes(path_, bytes);
    bool found = false;
    try {
      RecordingReader reader(path_);
      RecordedBlock block;
      while (reader.next(block)) continue;
      found = reader.end().kind != RecordingEnd::Kind::whole;
    } catch (const Error&) {
      found = true;
    }
    ASSERT_TRUE(found) << at;
  }
}

}  // namespace
}  // namespace sharpwave
