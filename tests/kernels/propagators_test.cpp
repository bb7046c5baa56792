#include "kernels/propagators.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace sharpwave {
namespace {

// 113-bit arithmetic: only + and * are used, so that no library for it is needed.
__extension__ using Quad = __float128;

// e^A for the matrix that carries (y, I, V) through a step, by its definition: Taylor series of A/2^20,
// squared 20 times. It has no pole and no special case.
struct QuadPropagators {
  double v_from_i, v_from_y, i_from_y;
};

using Matrix = std::array<std::array<Quad, 3>, 3>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) c[i][j] += a[i][k] * b[k][j];
  return c;
}

QuadPropagators by_matrix_exponential(const NeuronConstants& n, double tau_syn_ms) {
  constexpr int kSquarings = 20;
  const Quad h = static_cast<Quad>(n.dt_ms) / (1 << kSquarings);
  const Quad tau_syn = tau_syn_ms, tau_m = n.tau_m_ms, capacity = n.C_m_pF;
  const Matrix a{{{-h / tau_syn, 0, 0}, {h, -h / tau_syn, 0}, {0, h / capacity, -h / tau_m}}};
  Matrix sum{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  Matrix term = sum;
  for (int k = 1; k <= 30; ++k) {
    term = product(term, a);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) {
        term[i][j] /= k;
        sum[i][j] += term[i][j];
      }
  }
  for (int k = 0; k < kSquarings; ++k) sum = product(sum, sum);
  return {static_cast<double>(sum[2][1]), static_cast<double>(sum[2][0]), static_cast<double>(sum[1][0])};
}

// 2 ulp of exp and its argument's rounding, 3 of the rest.
constexpr double kRelative = 8e-16;

TEST(Propagators, AgreeWithTheMatrixExponentialAtEveryGapOfTheTimeConstants) {
  const double gaps[] = {0,   1e-15, 1e-14, 1e-12, 1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1,
                         0.5, 1,     2,     5,     9,    9.5,  9.9,  20,   50,   100,  300,  1000};
  for (const double dt : {0.01, 0.1, 1.0, 5.0}) {
    for (const double gap : gaps) {
      for (const double sign : {1.0, -1.0}) {
        const double tau_syn = 10 + sign * gap;
        if (!(tau_syn > 0.05)) continue;
        const NeuronConstants n{dt, 250, 10, tau_syn, tau_syn};
        const QuadPropagators exact = by_matrix_exponential(n, tau_syn);
        EXPECT_NEAR(v_from_i(n, tau_syn) / exact.v_from_i, 1, kRelative)
            << "dt " << dt << " gap " << sign * gap;
        EXPECT_NEAR(v_from_y(n, tau_syn) / exact.v_from_y, 1, kRelative)
            << "dt " << dt << " gap " << sign * gap;
      }
    }
  }
}

TEST(Propagators, StayFiniteWhereTheStepIsFarLongerThanATimeConstant) {
  for (const double tau_syn : {1e-4, 1e4}) {
    const NeuronConstants n{1.0, 250, 1.0, tau_syn, tau_syn};
    EXPECT_GT(v_from_i(n, tau_syn), 0);
    EXPECT_LT(v_from_i(n, tau_syn), 1.0 / 250);
    EXPECT_GT(v_from_y(n, tau_syn), 0);
    EXPECT_LT(v_from_y(n, tau_syn), 1.0 / 250);
  }
}

// h/C e^(-h/tau) is the analytic limit; dt 0.1, tau 10, C 250.
TEST(Propagators, HaveNoPoleWhereTimeConstantsMeet) {
  for (const double gap : {0.0, 1e-15, 1e-9, 1e-6}) {
    const NeuronConstants n{0.1, 250, 10.0 + gap, 10, 10};
    EXPECT_FLOAT_EQ(static_cast<float>(v_from_i(n, 10)), 0.000396019933499667F) << gap;
  }
  const NeuronConstants n{0.1, 250, 10, 10, 10};
  EXPECT_NEAR(v_from_i(n, 10), 0.000396019933499667, 5e-19);
}

// tau/C (1 - e^(-h/tau)) = 0.04 * 0.00995016625083195 (e^-0.01 by its series).
TEST(Propagators, TurnAConstantCurrentIntoAVoltage) {
  EXPECT_NEAR(v_bias({0.1, 250, 10, 2, 2}), 0.04 * 0.009950166250831946, 1e-19);
}

TEST(Flush, TakesWhatIsBelowItsLimitToZero) {
  EXPECT_EQ(flushed(0.9e-30F), 0.0F);
  EXPECT_EQ(flushed(-0.9e-30), 0.0);
  EXPECT_EQ(flushed(1.1e-30F), 1.1e-30F);
  EXPECT_EQ(flushed(-1.1e-30), -1.1e-30);
  EXPECT_TRUE(std::isnan(flushed(std::nan(""))));  // stays visible to the watchdog
}

}  // namespace
}  // namespace sharpwave
