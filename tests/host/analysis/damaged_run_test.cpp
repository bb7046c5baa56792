// A damaged run is read or refused with an Error that names a file: no crash, no hang, no allocation without
// bounds, whichever of its bytes are missing or wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "host/analysis/recorded_report.hpp"
#include "host/analysis/statistics_json.hpp"
#include "host/base/error.hpp"
#include "tests/host/analysis/run_directory.hpp"

// The HDF5 library keeps some of what it read of damaged files; what leaks of our own is still found.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

namespace sharpwave::analysis {
namespace {

enum class Outcome { read, refused };

class DamagedRuns : public testing::TestWithParam<std::string> {
 protected:
  DamagedRuns() {
    test::write_example(folder_.path());
    file_ = folder_ / GetParam();
    whole_ = test::read_text(file_);
  }

  // Anything but an Error that names a file, or success, fails the test.
  Outcome read() {
    try {
      const RecordedRun run = read_run(folder_.path());
      EXPECT_FALSE(statistics_json(run).dump().empty());
      for (const std::filesystem::path& file : report_files(run)) {
        const RecordedReport report = RecordedReport::open(run, file);
        std::vector<std::uint32_t> columns(report.node_ids().size());
        std::iota(columns.begin(), columns.end(), 0U);
        EXPECT_LE(report.read(1000, columns).size(), 1000 * columns.size());
      }
      return Outcome::read;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::damaged_data) << error.what();
      EXPECT_NE(std::string(error.what()).find(folder_.path().string()), std::string::npos) << error.what();
      return Outcome::refused;
    }
  }

  test::TemporaryFolder folder_;
  std::filesystem::path file_;
  std::string whole_;
};

TEST_P(DamagedRuns, AreRefusedWhereTruncated) {
  ASSERT_EQ(read(), Outcome::read);
  const std::size_t needed = whole_.size() - (whole_.ends_with("\n") ? 1 : 0);
  for (std::size_t length = 0; length < needed; length += length + 70 < needed ? 61 : 5) {
    test::write_text(file_, whole_.substr(0, length));
    EXPECT_EQ(read(), Outcome::refused) << length << " of " << whole_.size() << " bytes";
  }
}

// The steps keep the test quick; by hand, every fifth bit of the HDF5 files and every one of run.json was
// flipped.
TEST_P(DamagedRuns, DoNoHarmWhereBitsAreFlipped) {
  const std::size_t step = std::max<std::size_t>(1, whole_.size() / 300);
  std::size_t n_refused = 0;
  for (std::size_t position = 0; position < whole_.size(); position += step) {
    std::string damaged = whole_;
    damaged[position] = static_cast<char>(damaged[position] ^ (1 << (position / step % 8)));
    test::write_text(file_, damaged);
    n_refused += read() == Outcome::refused ? 1 : 0;
  }
  EXPECT_GT(n_refused, 10U);
}

// The library would divide by them, or go on for minutes.
TEST_P(DamagedRuns, AreRefusedWhereChunksHaveNoSizeOrAnotherShape) {
  if (GetParam() == "run.json") return;  // has no chunks
  const std::string chunked_layout("\x08\x00\x18\x00\x00\x00\x00\x00\x03\x02", 10);
  const std::size_t n_dimensions_at = whole_.find(chunked_layout) + chunked_layout.size();
  ASSERT_NE(whole_.find(chunked_layout), std::string::npos);
  for (const int n_dimensions : {0, 1, 4, 34, 255}) {
    std::string damaged = whole_;
    damaged[n_dimensions_at] = static_cast<char>(n_dimensions);
    test::write_text(file_, damaged);
    EXPECT_EQ(read(), Outcome::refused) << n_dimensions;
  }
  std::string damaged = whole_;
  damaged.replace(n_dimensions_at + 9, 4, std::string(4, '\0'));  // behind the address: the first size
  test::write_text(file_, damaged);
  EXPECT_EQ(read(), Outcome::refused);
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedRuns, testing::Values("run.json", "spikes.h5", "report_v.h5"),
                         [](const auto& file) { return file.param.substr(0, file.param.find('.')); });

}  // namespace
}  // namespace sharpwave::analysis
