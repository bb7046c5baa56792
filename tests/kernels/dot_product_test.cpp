#include "kernels/dot_product.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace sharpwave {
namespace {

/// What the docstring says: sixteen sums, added up pairwise.
float by_definition(const std::vector<float>& a, const std::vector<float>& b) {
  std::array<float, 16> sums{};
  for (std::size_t i = 0; i < a.size(); ++i) sums.at(i % 16) = std::fma(a[i], b[i], sums.at(i % 16));
  for (std::size_t half = 8; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) sums.at(lane) += sums.at(lane + half);
  return sums.front();
}

TEST(DotProduct, AddsUp) {
  const std::vector<float> a{1, 2, 3};
  const std::vector<float> b{4, -5, .5F};
  EXPECT_EQ(dot_product(a.data(), b.data(), 3), -4.5F);
  EXPECT_EQ(dot_product(a.data(), b.data(), 0), 0);
}

TEST(DotProduct, IsBitForBitWhatItsDefinitionSays) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (std::uint32_t n = 0; n <= 200; ++n) {
    std::vector<float> a(n);
    std::vector<float> b(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      a[i] = uniform(random);
      b[i] = uniform(random);
    }
    EXPECT_EQ(dot_product(a.data(), b.data(), n), by_definition(a, b)) << n;
  }
}

}  // namespace
}  // namespace sharpwave
