#include "host/cli/memory/cue.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "host/base/error.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/refusals.hpp"

namespace sharpwave::cli {
namespace {

std::string complaint_about(const std::string& text) {
  return test::refusal_of(ExitCode::usage, [&] { static_cast<void>(numbers_of(text, "cue")); });
}

TEST(MemoryCue, ReadsNumbersHoweverTheyAreSetApart) {
  const std::vector<float> expected{1, -0.5F, 2e3F};
  EXPECT_EQ(numbers_of("1,-0.5,2e3", "cue"), expected);
  EXPECT_EQ(numbers_of("[1, -0.5,\t2e3]\n", "cue"), expected);
  EXPECT_EQ(numbers_of("# of numpy\n1\r\n-0.5 # the second\n2e3", "cue"), expected);
}

TEST(MemoryCue, ReadsNumbersAsNumpyPrintsThem) {
  EXPECT_EQ(numbers_of("+1.0 -1.0", "cue"), (std::vector<float>{1, -1}));
  EXPECT_EQ(numbers_of("1e-60 -1e-400 1E-999", "cue"), (std::vector<float>{0, 0, 0}))
      << "too small for a float";
  EXPECT_EQ(numbers_of("1e-40", "cue"), std::vector<float>{1e-40F});
}

// What is not finite is the store's to refuse, and to list.
TEST(MemoryCue, LetsThroughWhatIsNotFinite) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  EXPECT_EQ(numbers_of("inf 1e40 -1e40 1e400 -1e400", "cue"),
            (std::vector<float>{kInfinite, kInfinite, -kInfinite, kInfinite, -kInfinite}));
  EXPECT_EQ(numbers_of("0." + std::string(400, '0') + "1 1" + std::string(400, '0') + "e-5", "cue"),
            (std::vector<float>{0, kInfinite}));
}

TEST(MemoryCue, SaysWhichLineIsNone) {
  EXPECT_EQ(complaint_about("1\n2 x3"), "cue:2: read 'x3', expected a number of single precision");
  EXPECT_EQ(complaint_about("++1"), "cue:1: read '++1', expected a number of single precision");
  EXPECT_EQ(complaint_about("+-1"), "cue:1: read '+-1', expected a number of single precision");
  EXPECT_EQ(complaint_about("1.5abc"), "cue:1: read '1.5abc', expected a number of single precision");
  EXPECT_EQ(complaint_about(" # 1\n"), "cue: expected numbers, there is none");
  EXPECT_EQ(complaint_about("\x1bX"), "cue:1: read '?X', expected a number of single precision");
}

// A number that is missing is not passed over: the embedding would have one dimension less.
TEST(MemoryCue, ASeparatorStandsBetweenNumbers) {
  EXPECT_EQ(complaint_about("1,,2"), "cue:1: read '', expected a number of single precision");
  EXPECT_EQ(complaint_about(",1"), "cue:1: read '', expected a number of single precision");
  EXPECT_EQ(complaint_about("1,\n;2"), "cue:2: read '', expected a number of single precision");
  EXPECT_EQ(complaint_about("1, 2,\n"), "cue:1: expected a number behind the last separator");
  EXPECT_EQ(numbers_of("[1, 2,\n 3]", "cue"), (std::vector<float>{1, 2, 3}));
}

TEST(MemoryCue, ReadsFiles) {
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "cue.txt";
  std::ofstream(file) << "1.000000e+00\n2.500000e-01\n";
  EXPECT_EQ(numbers_in(file), (std::vector<float>{1, .25F}));
  EXPECT_THROW(static_cast<void>(numbers_in(directory.path() / "none")), Error);
  std::ofstream(file) << std::string((1 << 20) + 1, '1');
  EXPECT_NE(test::refusal_of(ExitCode::usage, [&] { static_cast<void>(numbers_in(file)); })
                .find("an embedding is shorter"),
            std::string::npos);
}

}  // namespace
}  // namespace sharpwave::cli
