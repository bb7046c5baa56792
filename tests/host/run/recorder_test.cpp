#include "host/run/recorder.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <map>
#include <string>

#include "host/base/error.hpp"
#include "host/io/hdf5.hpp"
#include "host/run/population_ids.hpp"
#include "host/run/recorded_files.hpp"
#include "host/run/summary.hpp"
#include "tests/host/run/recorded_example.hpp"
#include "tests/host/run/temporary_directory.hpp"

namespace sharpwave {
namespace {

TEST(Recorder, WritesTheChosenSpikesWithTheirTimes) {
  const TemporaryDirectory directory;
  const ModelSpec spec = five_neurons(0, 12);
  FakeEngine engine;
  Recorder recorder(spec, directory.path());
  Block block;
  for (const std::uint64_t n : {std::uint64_t{5}, std::uint64_t{7}}) {
    engine.advance(n, block);
    recorder.record(block);
  }
  const auto files = recorder.finish();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0], directory.path() / "spikes.h5");
  EXPECT_EQ(files[1], directory.path() / "report_trace.h5");

  const hdf5::File file = hdf5::File::open(files[0]);
  const hdf5::Group spikes = file.root().group("spikes");
  EXPECT_EQ(spikes.names(), (std::vector<std::string>{"A", "B"})) << "no virtual source";
  const hdf5::Group a = spikes.group("A");
  EXPECT_EQ(a.dataset("node_ids").read_unsigned(18).size(), 18U);
  // Of B only its neuron 1 (id 3) is recorded; it fires every fourth step.
  const hdf5::Group b = spikes.group("B");
  EXPECT_EQ(b.dataset("node_ids").read_unsigned(), (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(b.dataset("timestamps").read_doubles(), (std::vector<double>{0.4, 0.8, 1.2}));
}

TEST(Recorder, MakesNoFileWhereNothingIsRecorded) {
  const TemporaryDirectory directory;
  ModelSpec spec = five_neurons(0, 12);
  spec.record_spikes.clear();
  spec.reports.clear();
  Recorder recorder(spec, directory.path());
  EXPECT_TRUE(recorder.finish().empty());
  recorder.remove_recording();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

/// spikes.h5 and reports, by name.
std::map<std::string, std::string> files_of(const std::vector<std::filesystem::path>& files) {
  std::map<std::string, std::string> contents;
  for (const std::filesystem::path& file : files) contents[file.filename().string()] = bytes_of(file);
  return contents;
}

std::map<std::string, std::string> files_of_blocks(const ModelSpec& spec,
                                                   const std::vector<std::uint64_t>& lengths) {
  const TemporaryDirectory directory;
  Recorder recorder(spec, directory.path());
  record_blocks(recorder, spec, 1, lengths);
  return files_of(recorder.finish());
}

// Several chunks of spikes.h5 for each population, so that their order in the file could differ.
constexpr std::uint64_t kManySteps = 70'000;

TEST(Recorder, MakesTheSameBytesHoweverTheRunIsCutIntoBlocks) {
  const ModelSpec spec = recorded_example(0, kManySteps);
  const auto whole = files_of_blocks(spec, {kManySteps});
  EXPECT_EQ(whole.size(), 4U);
  EXPECT_GT(whole.at("spikes.h5").size(), 16U * (kManySteps + kManySteps / 2));
  EXPECT_EQ(files_of_blocks(spec, {10, 40, 23'000, 1, 46'949}), whole);
}

TEST(Recorder, ResumedMakesTheSameBytes) {
  const ModelSpec spec = recorded_example(0, kManySteps);
  const TemporaryDirectory directory;
  std::uint64_t length = 0;
  {
    Recorder killed(spec, directory.path());
    record_blocks(killed, spec, 1, {100, 30'000});
    length = killed.length();
    record_blocks(killed, spec, 30'101, {5'000, 17});
  }
  const auto recording = directory.path() / recording::kFileName;
  write_bytes(recording, bytes_of(recording) + "garbage");
  Recorder resumed(spec, directory.path(), summary_of(spec), length);
  record_blocks(resumed, spec, 30'101, {39'900});
  EXPECT_EQ(files_of(resumed.finish()), files_of_blocks(spec, {kManySteps}));
}

TEST(Recorder, KeepsTheRecordingUntilItIsRemoved) {
  const TemporaryDirectory directory;
  const ModelSpec spec = recorded_example(0, 20);
  Recorder recorder(spec, directory.path());
  record_blocks(recorder, spec, 1, {20});
  const std::uint64_t length = recorder.length();
  EXPECT_EQ(std::filesystem::file_size(directory.path() / recording::kFileName), length);
  static_cast<void>(recorder.finish());
  EXPECT_EQ(std::filesystem::file_size(directory.path() / recording::kFileName), length);
  recorder.remove_recording();
  EXPECT_FALSE(std::filesystem::exists(directory.path() / recording::kFileName));
}

TEST(Recorder, DoesNotMakeFilesOfARecordingThatWasChangedUnderneath) {
  const TemporaryDirectory directory;
  const ModelSpec spec = recorded_example(0, 20);
  Recorder recorder(spec, directory.path());
  record_blocks(recorder, spec, 1, {10, 10});
  std::filesystem::resize_file(directory.path() / recording::kFileName, recorder.length() - 8);
  try {
    static_cast<void>(recorder.finish());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::damaged_data);
    EXPECT_NE(std::string(error.what()).find("were written"), std::string::npos) << error.what();
  }
}

/// No file grows beyond it while it lives.
class LargestFile {
 public:
  explicit LargestFile(rlim_t n_bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = n_bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~LargestFile() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  LargestFile(const LargestFile&) = delete;
  LargestFile& operator=(const LargestFile&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(Recorder, WithoutRoomSaysSoAndWhatWasWholeStays) {
  const TemporaryDirectory directory;
  const ModelSpec spec = recorded_example(0, 1000);
  const auto path = directory.path() / recording::kFileName;
  Recorder recorder(spec, directory.path());
  record_blocks(recorder, spec, 1, {100});
  const std::uint64_t length = std::filesystem::file_size(path);
  {
    const LargestFile limit(length + 1000);
    try {
      record_blocks(recorder, spec, 101, {100});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::no_room);
      EXPECT_NE(std::string(error.what()).find(path.string() + ": cannot be written: File too large"),
                std::string::npos)
          << error.what();
    }
  }
  const RecordedFiles made = write_recorded_files(path, directory.path());
  EXPECT_EQ(made.end.kind, RecordingEnd::Kind::torn);
  EXPECT_EQ(made.end.usable_bytes, length);
  EXPECT_EQ(made.end.file_bytes, length + 1000);
  EXPECT_EQ(made.end.last_step, 100U);
  EXPECT_EQ(made.spikes, (std::vector<std::uint64_t>{150, 25}));
}

TEST(Recorder, WithoutADescriptorLeftCanStillBeMadeDurable) {
  const TemporaryDirectory directory;
  const ModelSpec spec = recorded_example(0, 1000);
  Recorder recorder(spec, directory.path());
  record_blocks(recorder, spec, 1, {100});
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_FALSE(std::ifstream("/dev/null").is_open());
  EXPECT_NO_THROW(recorder.make_durable());
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(PopulationIds, SplitsAtThePopulationsAndSkipsEmptyOnes) {
  ModelSpec spec;
  spec.populations = {{"A", 2, NeuronSpec{}},
                      {"empty", 0, NeuronSpec{}},
                      {"source", 9, PoissonSourceSpec{}},
                      {"B", 3, ParrotSpec{}}};
  const PopulationIds populations(spec);
  EXPECT_EQ(populations.n_ids(), 5U);
  std::vector<std::pair<std::size_t, std::vector<std::uint32_t>>> seen;
  const std::vector<std::uint32_t> ids{1, 2, 2, 4};
  populations.split(ids, [&](std::size_t rank, std::span<const std::uint32_t> part) {
    seen.push_back({rank, {part.begin(), part.end()}});
  });
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].first, 0U);
  EXPECT_EQ(seen[0].second, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(seen[1].first, 2U);
  EXPECT_EQ(populations.index_in_spec(seen[1].first), 3U);
  EXPECT_EQ(seen[1].second, (std::vector<std::uint32_t>{2, 2, 4}));
}

}  // namespace
}  // namespace sharpwave
