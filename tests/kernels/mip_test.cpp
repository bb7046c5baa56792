#include "kernels/mip.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/support/statistics.hpp"

namespace sharpwave {
namespace {

constexpr std::uint64_t kAlways = std::uint64_t{1} << 32;

TEST(MipCount, CopiesAllOrNothingAtTheEnds) {
  for (const std::int32_t n : {0, 1, 3, 4, 5, 659})
    for (std::uint32_t index = 0; index < 50; ++index) {
      EXPECT_EQ(mip_count({{1, 2}, kAlways}, index, 9, n), n);
      EXPECT_EQ(mip_count({{1, 2}, 0}, index, 9, n), 0);
    }
}

// Event e has its own word, whatever comes after it.
TEST(MipCount, DecidesEachEventByItself) {
  const MipCopies copies{{5, 6}, kAlways / 3};
  for (std::uint32_t index = 0; index < 40; ++index) {
    std::int32_t expected = 0;
    for (std::uint32_t event = 0; event < 30; ++event) {
      const PhiloxBlock b = philox4x32_10({5, 6}, index, std::uint64_t{77} * 256 + event / 4);
      const std::array<std::uint32_t, 4> words{b.w0, b.w1, b.w2, b.w3};
      expected += words[event % 4] < kAlways / 3 ? 1 : 0;
      EXPECT_EQ(mip_count(copies, index, 77, static_cast<std::int32_t>(event) + 1), expected);
    }
  }
}

TEST(MipCount, FollowsTheBinomialLaw) {
  constexpr std::int32_t kEvents = 7;
  constexpr std::uint32_t kTargets = 200;
  constexpr std::uint64_t kSteps = 200;
  for (const double p : {0.03, 0.3, 0.9}) {
    std::vector<std::uint64_t> observed(kEvents + 1);
    std::vector<double> expected;
    const MipCopies copies{{8, 9}, static_cast<std::uint64_t>(p * 0x1p32)};
    for (std::uint32_t index = 0; index < kTargets; ++index)
      for (std::uint64_t step = 1; step <= kSteps; ++step)
        ++observed[static_cast<std::size_t>(mip_count(copies, index, step, kEvents))];
    for (std::uint32_t k = 0; k <= kEvents; ++k)
      expected.push_back(kTargets * kSteps * test::binomial_pmf(k, kEvents, p));
    EXPECT_GT(test::chi_square_fit_p(observed, expected), test::kLevel / 3) << p;
  }
}

TEST(MipMotherCount, IsTheCountOfTheStepsWord) {
  std::array<std::uint32_t, kPoissonTableCapacity> thresholds{};
  const int n = poisson_table(1.5, thresholds);
  for (std::uint64_t step = 1; step <= 100; ++step) {
    const PhiloxBlock b = philox4x32_10({4, 4}, 0, (step - 1) / 4);
    const std::array<std::uint32_t, 4> words{b.w0, b.w1, b.w2, b.w3};
    EXPECT_EQ(mip_mother_count({4, 4}, step, thresholds.data(), n),
              poisson_count(words[(step - 1) % 4], thresholds.data(), n));
  }
}

}  // namespace
}  // namespace sharpwave
