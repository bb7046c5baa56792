#include "tests/support/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sharpwave::test {
namespace {

// Q(a, x), the regularised upper incomplete gamma function: DLMF 8.11.4 (series) below a + 1, the continued
// fraction DLMF 8.9.2 by Lentz's method above.
double upper_gamma(double a, double x) {
  if (!(x > 0)) return 1;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  constexpr double kEnough = 1e-15;
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (double k = a + 1; term > sum * kEnough; ++k) sum += term *= x / k;
    return 1 - front * sum;
  }
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / b;
  double h = d;
  for (double k = 1, change = 0; std::abs(change - 1) > kEnough && k < 10000; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    change = c * d;
    h *= change;
  }
  return front * h;
}

}  // namespace

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

double normal_two_sided_p(double z) {
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double chi_square_p(double x, double degrees_of_freedom) {
  return upper_gamma(degrees_of_freedom / 2, x / 2);
}

double kolmogorov_smirnov_p(double d, std::size_t n) {
  const double root = std::sqrt(static_cast<double>(n));
  const double lambda = (root + 0.12 + 0.11 / root) * d;
  if (lambda < 0.2) return 1;  // to 1e-12; the series alternates too long there
  double p = 0;
  for (int k = 1; k <= 100; ++k) p += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * lambda * lambda);
  return std::clamp(p, 0.0, 1.0);
}

double kolmogorov_smirnov_p(std::vector<double> samples, const std::function<double(double)>& cdf) {
  std::sort(samples.begin(), samples.end());
  const auto n = static_cast<double>(samples.size());
  double d = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double f = cdf(samples[i]);
    const auto below = static_cast<double>(i);
    d = std::max({d, f - below / n, (below + 1) / n - f});
  }
  return kolmogorov_smirnov_p(d, samples.size());
}

double chi_square_fit_p(std::span<const std::uint64_t> observed, std::span<const double> expected) {
  if (observed.size() != expected.size()) throw std::invalid_argument("bins of different number");
  constexpr double kEnoughExpected = 10;
  std::vector<std::pair<double, double>> bins;
  double o = 0;
  double e = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    o += static_cast<double>(observed[i]);
    e += expected[i];
    if (e < kEnoughExpected) continue;
    bins.emplace_back(o, e);
    o = e = 0;
  }
  if (bins.size() < 2) throw std::invalid_argument("too few bins to test anything");
  bins.back().first += o;
  bins.back().second += e;
  double x = 0;
  for (const auto& [seen, foreseen] : bins) x += (seen - foreseen) * (seen - foreseen) / foreseen;
  return chi_square_p(x, static_cast<double>(bins.size() - 1));
}

double binomial_p(double successes, double n, double p) {
  return normal_two_sided_p((successes - n * p) / std::sqrt(n * p * (1 - p)));
}

double binomial_pmf(std::uint32_t k, std::uint32_t n, double p) {
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(p) +
                  (n - k) * std::log1p(-p));
}

}  // namespace sharpwave::test
