// The engine's loops against the plain statement of what they compute, for every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/cpu_kernels.hpp"
#include "kernels/philox.hpp"
#include "kernels/poisson.hpp"
#include "tests/host/engine/every_isa.hpp"

namespace sharpwave {
namespace {

class EveryKernel : public testing::EveryIsa {};

INSTANTIATE_TEST_SUITE_P(Isa, EveryKernel, ::testing::Values(&kCpuKernelsAvx2, &kCpuKernelsAvx512),
                         [](const auto& isa) { return std::string(isa.param->name); });

// Bits of probability 1/2, 1/8 or 1, by row, so that counts reach all values.
std::vector<std::vector<std::uint64_t>> random_rows(std::size_t n_rows, std::size_t n_words) {
  std::vector<std::vector<std::uint64_t>> rows(n_rows, std::vector<std::uint64_t>(n_words));
  for (std::size_t r = 0; r < n_rows; ++r)
    for (std::size_t w = 0; w < n_words; ++w) {
      const PhiloxBlock b = philox4x32_10({9, 9}, r, w);
      const std::uint64_t x = std::uint64_t{b.w0} << 32 | b.w1;
      const std::uint64_t y = std::uint64_t{b.w2} << 32 | b.w3;
      rows[r][w] = r % 3 == 0 ? x : (r % 3 == 1 ? x & y & (x >> 7 | x << 57) : ~std::uint64_t{0});
    }
  return rows;
}

template <class Acc, class Add>
void expect_bits_added(Add add, std::size_t n_rows, std::uint32_t n, Acc weight) {
  const std::size_t n_words = (n + 511) / 512 * 8;
  const auto rows = random_rows(n_rows, n_words);
  std::vector<const std::uint64_t*> pointers;
  for (const auto& row : rows) pointers.push_back(row.data());
  constexpr Acc kBehind = 12345;
  std::vector<Acc> acc(n + 1, 7);
  acc.back() = kBehind;
  add(pointers.data(), n_rows, n, weight, acc.data());
  for (std::uint32_t i = 0; i < n; ++i) {
    Acc count = 0;
    for (const auto& row : rows) count += static_cast<Acc>(row[i / 64] >> (i % 64) & 1);
    ASSERT_EQ(acc[i], 7 + count * weight) << i << " of " << n << ", " << n_rows << " rows";
  }
  EXPECT_EQ(acc.back(), kBehind);
}

TEST_P(EveryKernel, BitsAreCounted) {
  for (const std::size_t n_rows : {1u, 2u, 3u, 7u, 8u, 9u, 16u, 100u, 248u, 249u, 255u, 256u, 600u})
    for (const std::uint32_t n : {1u, 100u, 512u, 513u, 1400u}) {
      expect_bits_added<std::int32_t>(kernels().add_bits_int32, n_rows, n, -321);
      expect_bits_added<std::int64_t>(kernels().add_bits_int64, n_rows, n, std::int64_t{1} << 40);
    }
}

void expect_counts(const CpuKernels& kernels, const std::vector<std::uint32_t>& thresholds, std::uint32_t n) {
  constexpr PhiloxKey kKey{3, 5};
  constexpr std::uint64_t kFirst = 0xfffffff0, kStride = 3, kDraw = 77;
  constexpr std::uint64_t kBehind = 0x1234567812345678;
  std::vector<std::uint64_t> counts(n + 1, kBehind);
  kernels.poisson_counts({.key = kKey,
                          .first_index = kFirst,
                          .index_stride = kStride,
                          .draw = kDraw,
                          .thresholds = thresholds.data(),
                          .n_thresholds = static_cast<std::uint32_t>(thresholds.size()),
                          .n = n,
                          .counts = counts.data()});
  for (std::uint32_t i = 0; i < n; ++i) {
    const PhiloxBlock block = philox4x32_10(kKey, kFirst + i * kStride, kDraw);
    const std::uint32_t words[4] = {block.w0, block.w1, block.w2, block.w3};
    for (std::uint32_t k = 0; k < 4; ++k)
      ASSERT_EQ(poisson_count_of(counts[i], k),
                poisson_count(words[k], thresholds.data(), static_cast<std::int32_t>(thresholds.size())))
          << "element " << i << ", step " << k << ", " << thresholds.size() << " thresholds";
  }
  EXPECT_EQ(counts.back(), kBehind);
}

TEST_P(EveryKernel, PoissonCountsAreThoseOfTheWords) {
  for (const double mean : {1e-6, 0.1, 1.28, 2.0, 4.0, 7.0, 10.0, 31.9, 80.0, 512.0}) {
    std::array<std::uint32_t, kPoissonTableCapacity> table{};
    const int length = poisson_table(mean, table);
    for (const std::uint32_t n : {1u, 7u, 8u, 256u, 5000u})
      expect_counts(kernels(), {table.data(), table.data() + length}, n);
  }
}

// Words that agree with a threshold in their upper halves are decided by the lower ones.
TEST_P(EveryKernel, PoissonCountsOfNearlyEqualWords) {
  for (const std::size_t length : {1u, 4u, 8u, 9u, 100u, 128u, 129u}) {
    std::vector<std::uint32_t> thresholds;
    for (std::uint32_t i = 0; thresholds.size() < length; ++i) {
      const std::uint32_t word = philox4x32_10({3, 5}, 0xfffffff0 + std::uint64_t{i} * 3, 77).w2;
      for (const std::uint32_t near : {word - 1, word, word + 1, word | 0xffffu, word & ~0xffffu})
        if (thresholds.size() < length) thresholds.push_back(near);
    }
    std::sort(thresholds.begin(), thresholds.end());
    expect_counts(kernels(), thresholds, 200);
    expect_counts(kernels(), thresholds, 300);
    thresholds.back() = 0xffffffff;
    thresholds.front() = 0;
    std::sort(thresholds.begin(), thresholds.end());
    expect_counts(kernels(), thresholds, 200);
    expect_counts(kernels(), thresholds, 300);
  }
}

TEST_P(EveryKernel, CopiesAreThoseOfMipCount) {
  const MipCopies copies{{11, 12}, 0x70000000};
  for (const std::int32_t n_events : {1, 4, 6, 23})
    for (const std::uint32_t n : {1u, 9u, 1500u}) {
      std::vector<std::uint64_t> counts(n + 1, 99);
      kernels().mip_counts({.copies = copies,
                            .first_index = 5,
                            .index_stride = 3,
                            .step = 41,
                            .n_events = n_events,
                            .n = n,
                            .counts = counts.data()});
      for (std::uint32_t i = 0; i < n; ++i)
        ASSERT_EQ(poisson_count_of(counts[i], 0), mip_count(copies, 5 + 3 * i, 41, n_events)) << i;
      EXPECT_EQ(counts.back(), 99u);
    }
}

TEST_P(EveryKernel, CurrentsAreThoseOfCurrentAt) {
  const std::uint64_t steps[] = {1, 20};
  const double amplitudes[] = {0.3, -7};
  std::vector<CurrentSource> sources(3);
  sources[0] = {.n_pieces = 2, .piece_steps = steps, .piece_pA = amplitudes};
  sources[1] = {.kind = CurrentSource::Kind::noise,
                .start_step = 2,
                .stop_step = 30,
                .key = {1, 2},
                .interval_steps = 3,
                .mean_pA = 5,
                .std_pA = 2};
  sources[2] = {.kind = CurrentSource::Kind::sine,
                .offset_pA = 1,
                .amplitude_pA = 4,
                .turns_per_step = 0x0123456789abcdefU};
  constexpr std::uint32_t kFirst = 5, kStride = 3;
  for (const std::uint32_t n : {1u, 7u, 1300u})
    for (const std::uint32_t stride : {1u, 6u})
      for (const std::uint64_t step : {1u, 2u, 3u, 19u, 20u, 30u, 31u}) {
        std::vector<double> sum(n + 1, 0.7);
        std::vector<double> expected(n + 1, 0.7);
        for (CurrentSource& source : sources) {
          source.first = stride == 1 ? 0 : 20;
          source.end = stride == 1 ? 5000 : 3000;
          source.stride = stride;
          kernels().add_current(source, kFirst, kStride, step, n, sum.data());
          for (std::uint32_t i = 0; i < n; ++i) expected[i] += current_at(source, kFirst + kStride * i, step);
        }
        ASSERT_EQ(sum, expected) << n << " neurons, stride " << stride << ", step " << step;
      }
}

}  // namespace
}  // namespace sharpwave
