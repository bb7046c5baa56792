// The random rules against theory, at level kLevel each.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "host/network/distribution.hpp"
#include "tests/host/network/rows.hpp"
#include "tests/support/spec_builder.hpp"
#include "tests/support/statistics.hpp"

namespace sharpwave::test {
namespace {

constexpr std::uint32_t kSources = 200;
constexpr std::uint32_t kTargets = 300;

ModelSpec one_projection(ConnectionRule rule) {
  ModelSpec spec;
  spec.populations = {neurons("A", kSources), neurons("B", kTargets)};
  project(spec, "p", 0, 1, rule);
  return spec;
}

struct Degrees {
  std::vector<double> out, in;
};

Degrees degrees_of(const ModelSpec& spec) {
  const auto rows = rows_of(spec, 0);
  Degrees d{.out = {}, .in = std::vector<double>(spec.projections[0].target.size())};
  for (const Row& row : rows) {
    d.out.push_back(static_cast<double>(row.targets.size()));
    for (const std::uint32_t t : row.targets) ++d.in[t];
  }
  return d;
}

// Counts that together have a fixed sum, each of the given variance beyond what the fixed sum takes: for a
// multinomial, the mean.
double equal_counts_p(const std::vector<double>& counts, double variance) {
  const auto n = static_cast<double>(counts.size());
  const double mean = std::accumulate(counts.begin(), counts.end(), 0.0) / n;
  double x = 0;
  for (const double c : counts) x += (c - mean) * (c - mean) / variance;
  return chi_square_p(x, n - 1);
}

// Counts from `n_samples` simple random samples of `size` out of n: N k (n-k) / (n (n-1)).
double sampling_variance(double n_samples, double size, double n) {
  return n_samples * size * (n - size) / (n * (n - 1));
}

// p-value of degrees against Binomial(n, p), by the histogram.
double binomial_histogram_p(const std::vector<double>& degrees, std::uint32_t n, double p) {
  std::vector<std::uint64_t> observed(n + 1);
  std::vector<double> expected(n + 1);
  for (const double d : degrees) ++observed[static_cast<std::size_t>(d)];
  for (std::uint32_t k = 0; k <= n; ++k)
    expected[k] = binomial_pmf(k, n, p) * static_cast<double>(degrees.size());
  return chi_square_fit_p(observed, expected);
}

TEST(ConnectivityStatistics, FixedIndegreeWithReplacement) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_indegree);
  spec.projections[0].degree = {50};
  EXPECT_GT(equal_counts_p(degrees_of(spec).out, 50.0 * kTargets / kSources), kLevel);
}

TEST(ConnectivityStatistics, FixedIndegreeWithoutReplacement) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_indegree);
  spec.projections[0].degree = {50};
  spec.projections[0].multapses = false;
  EXPECT_GT(equal_counts_p(degrees_of(spec).out, sampling_variance(kTargets, 50, kSources)), kLevel);
}

TEST(ConnectivityStatistics, FixedOutdegreeWithReplacement) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_outdegree);
  spec.projections[0].degree = {50};
  EXPECT_GT(equal_counts_p(degrees_of(spec).in, 50.0 * kSources / kTargets), kLevel);
}

TEST(ConnectivityStatistics, FixedOutdegreeWithoutReplacement) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_outdegree);
  spec.projections[0].degree = {120};
  spec.projections[0].multapses = false;
  EXPECT_GT(equal_counts_p(degrees_of(spec).in, sampling_variance(kSources, 120, kTargets)), kLevel);
}

TEST(ConnectivityStatistics, FixedTotalNumber) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_total_number);
  spec.projections[0].total = 20'000;
  const Degrees d = degrees_of(spec);
  EXPECT_GT(equal_counts_p(d.out, 20'000.0 / kSources), kLevel);
  EXPECT_GT(equal_counts_p(d.in, 20'000.0 / kTargets), kLevel);
}

TEST(ConnectivityStatistics, FixedTotalNumberWithoutAutapsesIsUniformOverTheOtherPairs) {
  constexpr std::uint32_t kSize = 20;
  ModelSpec spec;
  spec.populations = {neurons("A", kSize)};
  auto& p = project(spec, "p", 0, 0, ConnectionRule::fixed_total_number);
  p.autapses = false;
  p.total = 40'000;
  std::vector<double> pairs;
  for (const Row& row : rows_of(spec, 0)) {
    std::vector<double> counts(kSize);
    for (const std::uint32_t t : row.targets) ++counts[t];
    for (const double c : counts)
      if (c > 0) pairs.push_back(c);
  }
  ASSERT_EQ(pairs.size(), kSize * (kSize - 1));  // 105 are expected in each
  EXPECT_GT(equal_counts_p(pairs, 40'000.0 / static_cast<double>(pairs.size())), kLevel);
}

TEST(ConnectivityStatistics, PairwiseBernoulliDegreesAreBinomial) {
  for (const double p : {0.02, 0.3, 0.9}) {
    ModelSpec spec = one_projection(ConnectionRule::pairwise_bernoulli);
    spec.projections[0].probability = p;
    const Degrees d = degrees_of(spec);
    const double n = std::accumulate(d.out.begin(), d.out.end(), 0.0);
    EXPECT_GT(binomial_p(n, double{kSources} * kTargets, p), kLevel) << p;
    EXPECT_GT(binomial_histogram_p(d.out, kTargets, p), kLevel) << p;
    EXPECT_GT(binomial_histogram_p(d.in, kSources, p), kLevel) << p;
  }
}

TEST(ConnectivityStatistics, PairwiseBernoulliOfRareConnections) {
  ModelSpec spec;
  spec.populations = {neurons("A", 5000), neurons("B", 100'000)};
  auto& p = project(spec, "p", 0, 1, ConnectionRule::pairwise_bernoulli);
  p.probability = 1e-6;  // 500 are expected
  EXPECT_GT(binomial_p(static_cast<double>(synapses_in(rows_of(spec, 0))), 5e8, 1e-6), kLevel);
  p.probability = 1e-15;  // the gap is far beyond the targets, and beyond 32 bits
  EXPECT_EQ(synapses_in(rows_of(spec, 0)), 0u);
}

TEST(ConnectivityStatistics, WordsForWeightsAndDelaysAreUniformAndUnrelated) {
  ModelSpec spec = one_projection(ConnectionRule::fixed_indegree);
  spec.projections[0].degree = {100};
  std::vector<double> weights, delays;
  double product = 0;
  for (const Row& row : rows_of(spec, 0))
    for (std::size_t j = 0; j < row.targets.size(); ++j) {
      weights.push_back(math::uniform(row.weight_words[j]));
      delays.push_back(math::uniform(row.delay_words[j]));
      product += (weights.back() - 0.5) * (delays.back() - 0.5) * 12;  // correlation of uniform variables
    }
  const auto n = static_cast<double>(weights.size());
  const auto cdf = [](double u) { return u; };
  EXPECT_GT(kolmogorov_smirnov_p(weights, cdf), kLevel);
  EXPECT_GT(kolmogorov_smirnov_p(delays, cdf), kLevel);
  EXPECT_GT(normal_two_sided_p(product / std::sqrt(n)), kLevel);
}

}  // namespace
}  // namespace sharpwave::test
