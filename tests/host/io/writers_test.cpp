#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/hdf5.hpp"
#include "host/io/report_writer.hpp"
#include "host/io/sonata.hpp"
#include "host/io/spike_writer.hpp"
#include "tests/host/io/temporary_folder.hpp"

// The HDF5 library keeps the buffers of a file that it could not close; what leaks of our own is still found.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

namespace sharpwave {
namespace {

using Ids = std::vector<std::uint64_t>;
using Times = std::vector<double>;

/// What tests/host/io/read_back.py prints of a file, read with h5py; none where there is no h5py.
std::optional<std::string> read_with_h5py(const std::string& kind, const std::filesystem::path& file) {
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (std::system((python + " -c 'import h5py' 2>/dev/null").c_str()) != 0) continue;
    const std::string command =
        python + " '" SHARPWAVE_READ_BACK_SCRIPT "' " + kind + " '" + file.string() + "' 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> block{};
    while (pipe != nullptr && fgets(block.data(), block.size(), pipe) != nullptr) output += block.data();
    EXPECT_EQ(pclose(pipe), 0) << output;
    return output;
  }
  return std::nullopt;
}

#define SKIP_WITHOUT_H5PY(output)                                                                 \
  if (!(output)) {                                                                                \
    GTEST_SKIP() << "SKIPPED, NOT TESTED: no Python with h5py; install the package python3-h5py"; \
  }

std::filesystem::path write_spikes(const test::TemporaryFolder& folder) {
  std::filesystem::path path = folder / "spikes.h5";
  SpikeWriter writer(path, {{"E", 10}, {"silent", 3}, {"I", 5}});
  writer.append(0, Ids{3, 9}, Times{0.1, 0.1});
  writer.append(2, Ids{4}, Times{0.3});
  writer.append(0, Ids{0}, Times{0.2});
  writer.append(0, Ids{}, Times{});
  writer.finish();
  return path;
}

TEST(SpikeWriter, WritesWhatOurOwnReaderReads) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = write_spikes(folder);
  const SpikeSourceSpec e = read_sonata_spikes(path, "E", 10);
  EXPECT_EQ(e.indices, (std::vector<std::uint32_t>{3, 9, 0}));
  EXPECT_EQ(e.times_ms, (Times{0.1, 0.1, 0.2}));
  EXPECT_TRUE(read_sonata_spikes(path, "silent", 3).indices.empty());
  EXPECT_EQ(read_sonata_spikes(path, "I", 5).indices, (std::vector<std::uint32_t>{4}));
}

TEST(SpikeWriter, WritesWhatH5pyReads) {
  const test::TemporaryFolder folder;
  const auto output = read_with_h5py("spikes", write_spikes(folder));
  SKIP_WITHOUT_H5PY(output);
  EXPECT_EQ(*output,
            "magic 2682 version [0, 1]\n"
            "E by_time ms float64 [0.1, 0.1, 0.2] uint64 [3, 9, 0]\n"
            "I by_time ms float64 [0.3] uint64 [4]\n"
            "silent by_time ms float64 [] uint64 []\n");
}

TEST(SpikeWriter, KeepsEverySpikeOverManyChunks) {
  const test::TemporaryFolder folder;
  constexpr std::size_t kBlocks = 70;
  constexpr std::size_t kPerBlock = 1000;  // no multiple of a chunk
  SpikeWriter writer(folder / "spikes.h5", {{"E", kPerBlock}});
  Ids ids(kPerBlock);
  std::iota(ids.begin(), ids.end(), 0);
  for (std::size_t block = 0; block < kBlocks; ++block) {
    writer.append(0, ids, Times(kPerBlock, static_cast<double>(block + 1)));
  }
  writer.finish();
  const SpikeSourceSpec spikes = read_sonata_spikes(folder / "spikes.h5", "E", kPerBlock);
  ASSERT_EQ(spikes.indices.size(), kBlocks * kPerBlock);
  for (std::size_t i = 0; i < spikes.indices.size(); ++i) {
    ASSERT_EQ(spikes.indices[i], i % kPerBlock);
    ASSERT_EQ(spikes.times_ms[i], static_cast<double>(i / kPerBlock + 1));
  }
}

TEST(SpikeWriter, GivesTheFileItsNameOnlyInTheEnd) {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "spikes.h5";
  {
    SpikeWriter writer(path, {{"E", 10}});
    writer.append(0, Ids{1}, Times{1.0});
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::exists(partial_path(path)));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  SpikeWriter writer(path, {{"E", 10}});
  writer.finish();
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(partial_path(path)));
}

TEST(SpikeWriter, MakesEqualFilesOfEqualSpikes) {
  const test::TemporaryFolder one;
  const test::TemporaryFolder two;
  EXPECT_EQ(test::read_text(write_spikes(one)), test::read_text(write_spikes(two)));
}

TEST(SpikeWriter, SaysWhereAFileCannotBeCreated) {
  const test::TemporaryFolder folder;
  try {
    SpikeWriter writer(folder / "absent/spikes.h5", {{"E", 10}});
    FAIL() << "created";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::io);
    EXPECT_NE(std::string(error.what()).find("absent/spikes.h5"), std::string::npos) << error.what();
  }
}

TEST(SpikeWriter, RefusesNamesThatAreNoGroups) {
  const test::TemporaryFolder folder;
  for (const char* name : {"", ".", "a/b"}) {
    EXPECT_THROW(SpikeWriter(folder / "spikes.h5", {{name, 1}}), Error) << name;
  }
}

/// Lets files of this process grow to `bytes` only, as on a full disk; errno is EFBIG instead of ENOSPC.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &previous_);
    const rlimit limit{bytes, previous_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &previous_);
    std::signal(SIGXFSZ, previous_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit previous_{};
  void (*previous_handler_)(int) = nullptr;
};

TEST(SpikeWriter, SaysWhereTheDiskIsFullAndLeavesNoWholeFile) {
  const test::TemporaryFolder folder;
  std::string message;
  {
    const FullDisk full(rlim_t{300} << 10);
    try {
      SpikeWriter writer(folder / "spikes.h5", {{"E", 1}});
      for (int i = 0; i < 100; ++i) writer.append(0, Ids(10'000, 0), Times(10'000, 1.0));
      writer.finish();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::no_room);
      message = error.what();
    }
  }
  EXPECT_NE(message.find("spikes.h5"), std::string::npos) << message;
  EXPECT_FALSE(std::filesystem::exists(folder / "spikes.h5"));
}

ReportHeader report_header(std::vector<Recordable> variables) {
  return {.name = "potential",
          .population = "E",
          .node_ids = {2, 5, 8},
          .variables = std::move(variables),
          .weight_unit = "nS",
          .dt_ms = 0.5,
          .interval_steps = 4};
}

TEST(ReportWriter, WritesWhatH5pyReads) {
  const test::TemporaryFolder folder;
  ReportWriter writer(folder.path(), report_header({StateVariable::V_m}));
  writer.append(Ids{8}, std::vector<float>{1, 2, 3});
  writer.append(Ids{12, 16}, std::vector<float>{4, 5, 6, 7, 8, 9});
  EXPECT_TRUE(std::filesystem::exists(folder / "report_potential.h5.partial"));
  writer.finish();
  EXPECT_FALSE(std::filesystem::exists(folder / "report_potential.h5.partial"));
  const auto output = read_with_h5py("report", folder / "report_potential.h5");
  SKIP_WITHOUT_H5PY(output);
  EXPECT_EQ(*output,
            "E V_m mV float32 [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]\n"
            "node_ids uint64 [2, 5, 8] sorted 1\n"
            "index_pointers uint64 [0, 1, 2, 3]\n"
            "element_ids uint32 [0, 0, 0]\n"
            "time ms float64 [4.0, 10.0, 2.0]\n");
}

TEST(ReportWriter, WritesOneFilePerVariable) {
  const test::TemporaryFolder folder;
  ReportWriter writer(folder.path(), report_header({StateVariable::V_m, StateVariable::I_syn_in}));
  ASSERT_EQ(writer.files().size(), 2U);
  EXPECT_EQ(writer.files()[0], folder / "report_potential_V_m.h5");
  EXPECT_EQ(writer.files()[1], folder / "report_potential_I_syn_in.h5");
  writer.append(Ids{4, 8}, std::vector<float>{1, 2, 3, -1, -2, -3, 4, 5, 6, -4, -5, -6});
  writer.finish();
  const hdf5::File currents = hdf5::File::open(folder / "report_potential_I_syn_in.h5");
  const hdf5::Dataset data = currents.root().group("report").group("E").dataset("data");
  EXPECT_EQ(data.shape(), (Ids{2, 3}));
  EXPECT_EQ(data.read_floats(), (std::vector<float>{-1, -2, -3, -4, -5, -6}));
  EXPECT_EQ(data.text_attribute("units"), "pA");
}

TEST(ReportWriter, GivesWhatArrivesTheUnitOfAWeight) {
  const test::TemporaryFolder folder;
  ReportWriter writer(folder.path(), report_header({StepQuantity::input_ex, StepQuantity::refractory}));
  writer.finish();
  const auto unit_in = [&](const char* name) {
    const hdf5::File file = hdf5::File::open(folder / name);
    return file.root().group("report").group("E").dataset("data").text_attribute("units");
  };
  EXPECT_EQ(unit_in("report_potential_input_ex.h5"), "nS");
  EXPECT_EQ(unit_in("report_potential_refractory.h5"), "ms");
}

TEST(ReportWriter, KeepsEveryFrameOverManyChunks) {
  const test::TemporaryFolder folder;
  ReportHeader header = report_header({StateVariable::V_m});
  header.interval_steps = 1;
  constexpr std::uint64_t kFrames = 10'000;
  ReportWriter writer(folder.path(), header);
  for (std::uint64_t step = 1; step <= kFrames; ++step) {
    const auto value = static_cast<float>(step);
    writer.append(Ids{step}, std::vector<float>{value, value + 0.25F, value + 0.5F});
  }
  writer.finish();
  const hdf5::File file = hdf5::File::open(folder / "report_potential.h5");
  const hdf5::Group population = file.root().group("report").group("E");
  const std::vector<float> values = population.dataset("data").read_floats();
  ASSERT_EQ(values.size(), 3 * kFrames);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(values[i], static_cast<float>(i / 3 + 1) + 0.25F * static_cast<float>(i % 3));
  }
  EXPECT_EQ(population.group("mapping").dataset("time").read_doubles(), (Times{0.5, 5000.5, 0.5}));
}

TEST(ReportWriter, WritesAReportWithoutFrames) {
  const test::TemporaryFolder folder;
  ReportWriter writer(folder.path(), report_header({StateVariable::V_m}));
  writer.finish();
  const hdf5::File file = hdf5::File::open(folder / "report_potential.h5");
  EXPECT_EQ(file.root().group("report").group("E").dataset("data").shape(), (Ids{0, 3}));
}

TEST(AtomicFile, ReplacesAFileAndLeavesNothingElse) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "a.txt", "old and long");
  write_file_atomically(folder / "a.txt", "new");
  EXPECT_EQ(test::read_text(folder / "a.txt"), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(AtomicFile, KeepsTheOldFileWhereTheDiskIsFull) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "a.txt", "old");
  {
    const FullDisk full(1000);
    EXPECT_THROW(write_file_atomically(folder / "a.txt", std::string(5000, 'x')), Error);
  }
  EXPECT_EQ(test::read_text(folder / "a.txt"), "old");
}

}  // namespace
}  // namespace sharpwave
