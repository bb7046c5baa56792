// The kernels of gpu_limits run on the host, beside what the host expects of them: a check that fails on a
// GPU would otherwise have no other side.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/simt/simt.hpp"

// What those kernels use beyond it. Lanes of a warp exchange words between two of its votes.
struct uint4 {
  unsigned x, y, z, w;
};

inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(std::uint64_t{a} * b >> 32);
}
template <class T>
T __ldcg(const T* place) {
  return *place;
}

namespace sharpwave::simt {
inline unsigned long long words_of_lanes[32][kWarpSize];

template <class Read>
auto exchanged(unsigned mask, unsigned long long word, Read read) {
  auto& lanes = words_of_lanes[threadIdx.x / kWarpSize];
  lanes[threadIdx.x % kWarpSize] = word;
  __ballot_sync(mask, 1);
  const auto result = read(lanes);
  __ballot_sync(mask, 1);
  return result;
}
}  // namespace sharpwave::simt

inline unsigned long long __shfl_sync(unsigned mask, unsigned long long word, int from) {
  return sharpwave::simt::exchanged(mask, word, [from](const auto& lanes) { return lanes[from]; });
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned term) {
  return sharpwave::simt::exchanged(mask, term, [](const auto& lanes) {
    unsigned sum = 0;
    for (const unsigned long long word : lanes) sum += static_cast<unsigned>(word);
    return sum;
  });
}

// After it:
#include "benchmarks/gpu/adds.cuh"
#include "benchmarks/gpu/copy.cuh"
#include "benchmarks/gpu/fetch.cuh"

namespace sharpwave::gpu_limits {
namespace {

constexpr unsigned kThreads = 64;  // two warps
constexpr unsigned kBlocks = 3;

template <class T>
std::unique_ptr<T[]> zeroed(std::size_t n) {
  return std::make_unique<T[]>(n);
}

TEST(GpuLimitsKernels, AddWhatTheySay) {
  constexpr unsigned kCells = 256;
  constexpr unsigned kAdds = 200;
  simt::Team team(kThreads);
  for (const unsigned n_used : {kCells, 1U}) {
    for (const bool drawn : {true, false}) {
      if (!drawn && n_used == 1) continue;
      const auto table = zeroed<int>(kCells);
      Added added{};
      team.launch({kBlocks}, [&] {
        if (drawn)
          add_to_cells<Cells::drawn>(table.get(), n_used, kAdds, 7);
        else
          add_to_cells<Cells::bank_each>(table.get(), n_used, kAdds, 7);
      });
      team.launch({kBlocks}, [&] {
        look_at(table.get(), kCells, blockIdx.x * blockDim.x + threadIdx.x, gridDim.x * blockDim.x, &added);
      });
      EXPECT_EQ(added.sum, sum_of_terms(kBlocks, kThreads, kAdds));
      EXPECT_EQ(added.touched, n_used) << (drawn ? "drawn" : "a bank each");
    }
  }
}

// 32 balls in 32 bins: the fullest has 3.53 in the mean (by enumeration over many draws; sd 0.8, so 0.008 of
// the mean here).
TEST(GpuLimitsKernels, LanesMeetInABankAsOftenAsByChance) {
  constexpr unsigned kCells = 51'200;
  constexpr unsigned kDraws = 10'000;
  unsigned draws[32];
  for (unsigned lane = 0; lane < 32; ++lane) draws[lane] = first_draw(lane, 1);
  double sum_of_fullest = 0;
  for (unsigned i = 0; i < kDraws; ++i) {
    unsigned banks[32] = {};
    for (unsigned& draw : draws) ++banks[__umulhi(draw = after(draw), kCells) % 32];
    sum_of_fullest += *std::max_element(std::begin(banks), std::end(banks));
  }
  EXPECT_NEAR(sum_of_fullest / kDraws, 3.53, 0.04);
}

TEST(GpuLimitsKernels, LanesOfARowOfBanksNeverMeet) {
  simt::Team team(32);
  const auto table = zeroed<int>(64);
  team.launch({}, [&] { add_to_cells<Cells::bank_each>(table.get(), 64, 1, 0); });
  for (unsigned lane = 0; lane < 32; ++lane) EXPECT_EQ(table[lane], term_of(lane));
}

TEST(GpuLimitsKernels, AChaseGoesThroughAllLinesBeforeItComesBack) {
  constexpr unsigned kLines = 512;
  simt::Team team(kThreads);
  const auto lines = zeroed<unsigned>(std::size_t{kLines} * kLineWords);
  team.launch({kBlocks}, [&] { link_lines(lines.get(), kLines); });
  simt::Team one(1);
  unsigned end = 0;
  for (unsigned n_hops = 1; n_hops < kLines; ++n_hops) {
    one.launch({}, [&] { chase(lines.get(), 0, n_hops, &end); });
    ASSERT_EQ(end, line_after(0, kLines, n_hops));
    ASSERT_NE(end, 0U) << "back after " << n_hops;
  }
  one.launch({}, [&] { chase(lines.get(), 0, kLines, &end); });
  EXPECT_EQ(end, 0U);
}

template <unsigned in_flight>
void expect_rows() {
  constexpr unsigned kLog2Rows = 9;
  constexpr unsigned kRounds = 5;
  constexpr std::uint64_t kRows = 1 << kLog2Rows;
  simt::Team team(kThreads);
  const auto offsets = zeroed<std::uint64_t>(kRows);
  const auto synapses = zeroed<std::uint32_t>(kRows * kRowLength);
  team.launch({kBlocks}, [&] { fill_rows(offsets.get(), synapses.get(), kRows); });
  EXPECT_EQ(offsets[3], 3 * kRowLength);
  const Rows rows{offsets.get(), synapses.get(), kLog2Rows};
  for (unsigned repeat = 0; repeat < 3; ++repeat) {
    constexpr unsigned kWarps = kBlocks * kThreads / 32;
    const auto sums = zeroed<unsigned long long>(kWarps);
    team.launch({kBlocks}, [&] { fetch_rows<in_flight>(rows, kRounds, repeat, sums.get()); });
    std::uint64_t sum = 0;
    for (unsigned warp = 0; warp < kWarps; ++warp) sum += sums[warp];
    EXPECT_EQ(sum, sum_of_rows(kWarps, in_flight, kLog2Rows, kRounds, repeat)) << in_flight;
  }
}

TEST(GpuLimitsKernels, FetchTheRowsThatTheirStatesName) {
  expect_rows<1>();
  expect_rows<4>();
  expect_rows<32>();
}

TEST(GpuLimitsKernels, CopyEveryWord) {
  constexpr std::size_t kFours = 1000;
  simt::Team team(kThreads);
  const auto from = zeroed<uint4>(kFours);
  const auto to = zeroed<uint4>(kFours);
  team.launch({kBlocks}, [&] { fill_words(reinterpret_cast<unsigned*>(from.get()), 4 * kFours); });
  team.launch({kBlocks}, [&] { copy_words(from.get(), to.get(), kFours); });
  unsigned long long sum = 0;
  team.launch({kBlocks}, [&] { sum_words(to.get(), kFours, &sum); });
  unsigned long long expected = 0;
  for (std::size_t i = 0; i < 4 * kFours; ++i) expected += word_at(i);
  EXPECT_EQ(sum, expected);
}

}  // namespace
}  // namespace sharpwave::gpu_limits
