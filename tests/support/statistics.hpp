// p-values of the tests of what is random. Seeds are fixed, so a test either always passes or always fails;
// the level says how unlikely a correct program would have been to fail when its seed was chosen.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sharpwave::test {

/// Level of every stochastic test that names no other.
inline constexpr double kLevel = 1e-4;

[[nodiscard]] double normal_cdf(double z);
/// P(|Z| >= |z|) of a standard normal Z.
[[nodiscard]] double normal_two_sided_p(double z);
/// P(X >= x) of a chi-square variable, by the regularised incomplete gamma function.
[[nodiscard]] double chi_square_p(double x, double degrees_of_freedom);
/// P(D >= d) of the two-sided Kolmogorov-Smirnov statistic of n samples: the asymptotic series with the
/// correction of Stephens (1970, doi:10.1111/j.2517-6161.1970.tb00821.x).
[[nodiscard]] double kolmogorov_smirnov_p(double d, std::size_t n);

/// p-value of `samples` against a continuous distribution.
[[nodiscard]] double kolmogorov_smirnov_p(std::vector<double> samples,
                                          const std::function<double(double)>& cdf);
/// p-value of counts against expected counts of the same sum. Neighbours are joined until at least 10 are
/// expected.
[[nodiscard]] double chi_square_fit_p(std::span<const std::uint64_t> observed,
                                      std::span<const double> expected);
/// p-value of a count of successes, by the normal approximation; n * p * (1 - p) should be above 50.
[[nodiscard]] double binomial_p(double successes, double n, double p);
/// P(X = k) of a binomial variable.
[[nodiscard]] double binomial_pmf(std::uint32_t k, std::uint32_t n, double p);

}  // namespace sharpwave::test
