// What the configs of learning are there to show, at their full length.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "host/config/config.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

std::uint32_t index_of(const ModelSpec& spec, const std::string& projection) {
  std::uint32_t i = 0;
  while (spec.projections.at(i).name != projection) ++i;
  return i;
}

/// Of the intervals between the last spikes; and their rate is not asked for.
double coefficient_of_variation(const std::vector<Spike>& spikes) {
  double sum = 0;
  double squares = 0;
  const auto n = static_cast<double>(spikes.size() - 1);
  for (std::size_t i = 1; i < spikes.size(); ++i) {
    const auto interval = static_cast<double>(spikes[i].step - spikes[i - 1].step);
    sum += interval;
    squares += interval * interval;
  }
  return std::sqrt(squares / n - sum * sum / (n * n)) * n / sum;
}

// Where weights were flat, or had one mode between the bounds, an outer fifth of the range would exceed an inner one
// by five standard deviations of the difference of the two counts in fewer than one run in a million.
TEST(Song2000, WeightsBecomeBimodalAndFiringIrregular) {
  const ModelSpec spec = load_config(SHARPWAVE_SOURCE_DIR "/configs/song_2000.yaml");
  const auto engine = make_cpu_engine(spec, 1);
  const std::uint64_t first = 20'000;
  const std::vector<Spike> at_first = simulate(*engine, first, first);
  static_cast<void>(simulate(*engine, spec.simulation.steps - first - 500'000, 100'000));
  const std::vector<Spike> at_last = simulate(*engine, 500'000, 100'000);
  const std::uint32_t learning = index_of(spec, "learning");
  const double w_max = spec.projections[learning].plasticity->w_max;
  std::array<double, 5> fifths{};
  for (const float w : engine->read_weights(learning, 1))
    ++fifths[std::min<std::size_t>(4, static_cast<std::size_t>(static_cast<double>(w) / w_max * 5))];
  for (const double outer : {fifths.front(), fifths.back()})
    for (const double inner : {fifths[1], fifths[2], fifths[3]})
      EXPECT_GT(outer - inner, 5 * std::sqrt(outer + inner)) << outer << " beside " << inner;
  // Intervals of a Poisson process have a coefficient of 1, of a clock 0; that of n exponential ones is known to
  // about 1 / sqrt(n), which is 0.02 here.
  ASSERT_GT(at_last.size(), 2'000U);
  EXPECT_LT(coefficient_of_variation(at_first), 0.4);
  EXPECT_GT(coefficient_of_variation(at_last), 0.7);
  EXPECT_LT(at_last.size() / 25, at_first.size() / 4) << "of equal times";
}

}  // namespace
}  // namespace sharpwave::testing
