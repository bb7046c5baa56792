#include "host/signals/embedding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "host/network/random_streams.hpp"
#include "kernels/count_projection.hpp"

namespace sharpwave::testing {
namespace {

double length(const std::vector<float>& v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum);
}

TEST(Embedding, CountsAreCentredAndOfLengthOne) {
  const Embedder embedder({}, "E", 3);
  EXPECT_EQ(embedder.dimension(), 3U);
  // Counts 1, 3 of the first: mean 2, deviation sqrt 2; of the second 5, 5; of the third 0, 4.
  std::vector<double> mean(3), squares(3);
  learn(std::vector<std::uint32_t>{1, 5, 0}, 1, mean, squares);
  const std::vector<std::uint32_t> last{3, 5, 4};
  learn(last, 2, mean, squares);
  EXPECT_EQ(mean, (std::vector<double>{2, 5, 2}));
  EXPECT_EQ(squares, (std::vector<double>{2, 0, 8}));
  // Scores: 1 / sqrt 2, 0, 2 / sqrt 8, which are equal.
  const std::vector<float> found = embedder.embed(last, mean, squares, 2);
  const auto half = static_cast<float>(std::sqrt(0.5));
  EXPECT_EQ(found, (std::vector<float>{half, 0, half}));
}

TEST(Embedding, WhereNothingDiffersThereIsNone) {
  const Embedder embedder({}, "E", 2);
  const std::vector<double> mean{2, 0}, squares{0, 0};
  EXPECT_TRUE(embedder.embed(std::vector<std::uint32_t>{2, 0}, mean, squares, 5).empty());
}

TEST(Embedding, AProjectionIsWhatItsEntriesSay) {
  const EmbeddingSpec spec{.is_projected = true, .dimension = 40, .seed = 7};
  const Embedder embedder(spec, "E", 30);
  EXPECT_EQ(embedder.dimension(), 40U);
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> counts(30);
  std::vector<double> mean(30), squares(30);
  for (std::uint64_t n = 1; n <= 9; ++n) {
    for (std::uint32_t& count : counts) count = static_cast<std::uint32_t>(random() % 5);
    learn(counts, n, mean, squares);
  }
  const PhiloxKey key = stream_key(RandomPurpose::projection_of_counts, 7, "E");
  std::vector<double> expected(40);
  for (std::uint32_t i = 0; i < 30; ++i)
    for (const ProjectionEntry& entry : projection_of(key, i, 40))
      expected[entry.dimension] +=
          (entry.is_negative ? -1 : 1) * (counts[i] - mean[i]) / std::sqrt(squares[i] / 8);
  double square = 0;
  for (const double x : expected) square += x * x;
  const std::vector<float> found = embedder.embed(counts, mean, squares, 9);
  ASSERT_EQ(found.size(), 40U);
  for (std::size_t d = 0; d < 40; ++d) EXPECT_NEAR(found[d], expected[d] / std::sqrt(square), 1e-6);
  EXPECT_NEAR(length(found), 1, 1e-6);
  EXPECT_NE(
      Embedder({.is_projected = true, .dimension = 40, .seed = 8}, "E", 30).embed(counts, mean, squares, 9),
      found);
  EXPECT_NE(Embedder(spec, "I", 30).embed(counts, mean, squares, 9), found);
}

TEST(Projection, EachSourceHasOnePlaceInEachBlock) {
  for (const std::uint32_t dimension : {8U, 32U, 37U, 256U, 1024U}) {
    std::vector<std::uint32_t> used(dimension);
    std::uint32_t negative = 0;
    constexpr std::uint32_t kSources = 20'000;
    for (std::uint32_t i = 0; i < kSources; ++i) {
      const auto entries = projection_of({1, 2}, i, dimension);
      for (std::uint32_t b = 0; b < kProjectionBlocks; ++b) {
        ASSERT_GE(entries[b].dimension, b * dimension / 8);
        ASSERT_LT(entries[b].dimension, (b + 1) * dimension / 8);
        ++used[entries[b].dimension];
        negative += entries[b].is_negative ? 1 : 0;
      }
    }
    // Six standard deviations of a fair coin, and of a place among as many as its block has.
    constexpr double n = 8.0 * kSources;
    EXPECT_NEAR(negative, n / 2, 6 * std::sqrt(n / 4));
    for (std::uint32_t d = 0; d < dimension; ++d) {
      const std::uint32_t block = [&] {
        std::uint32_t b = 0;
        while ((b + 1) * dimension / 8 <= d) ++b;
        return b;
      }();
      const double share = 1.0 / ((block + 1) * dimension / 8 - block * dimension / 8);
      EXPECT_NEAR(used[d], kSources * share, 6 * std::sqrt(kSources * share) + 1e-9);
    }
  }
}

TEST(Projection, KeepsAngles) {
  // Of two random vectors of 2000 numbers with a cosine of 0.5, in 512 dimensions: the error of a projected
  // cosine has a standard deviation below 1 / sqrt 512.
  constexpr std::uint32_t n = 2000, d = 512;
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  double worst = 0;
  for (std::uint32_t trial = 0; trial < 20; ++trial) {
    std::vector<double> a(d), b(d);
    double aa = 0, bb = 0, ab = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      const double x = normal(random), y = 0.5 * x + std::sqrt(0.75) * normal(random);
      aa += x * x, bb += y * y, ab += x * y;
      for (const ProjectionEntry& entry : projection_of({trial, 9}, i, d)) {
        a[entry.dimension] += entry.is_negative ? -x : x;
        b[entry.dimension] += entry.is_negative ? -y : y;
      }
    }
    double paa = 0, pbb = 0, pab = 0;
    for (std::uint32_t k = 0; k < d; ++k) paa += a[k] * a[k], pbb += b[k] * b[k], pab += a[k] * b[k];
    worst = std::max(worst, std::abs(pab / std::sqrt(paa * pbb) - ab / std::sqrt(aa * bb)));
  }
  EXPECT_LT(worst, 4 / std::sqrt(d));
}

}  // namespace
}  // namespace sharpwave::testing
