// What the configs of learning are there to show, at their full length.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
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

/// Of the intervals between spikes.
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

// Where weights were flat, or had one mode between the bounds, an outer fifth of the range would exceed an
// inner one by five standard deviations of the difference of the two counts in fewer than one run in a
// million.
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
  // Intervals of a Poisson process have a coefficient of 1, of a clock 0; that of n exponential ones is known
  // to about 1 / sqrt(n), which is 0.02 here.
  ASSERT_GT(at_last.size(), 2'000U);
  EXPECT_LT(coefficient_of_variation(at_first), 0.4);
  EXPECT_GT(coefficient_of_variation(at_last), 0.7);
  EXPECT_LT(at_last.size() / 25, at_first.size() / 4) << "of equal times";
}

/// Sums up the weights of all synapses of a projection, each by itself.
void add_weights(const Engine& engine, std::uint32_t projection, std::vector<double>& sums) {
  const std::vector<float> weights = engine.read_weights(projection, 1);
  sums.resize(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) sums[i] += static_cast<double>(weights[i]);
}

// A third of the config's hour; every 10 s of the second half all weights are looked at. If dopamine did not
// single one synapse out, its rank among all 80,001 could be any: to be among the strongest twentieth has a
// level of 5 %. It begins at the bottom.
TEST(Izhikevich2007, TheReinforcedSynapseWins) {
  const ModelSpec spec = load_config(SHARPWAVE_SOURCE_DIR "/configs/izhikevich_2007.yaml");
  const auto engine = make_cpu_engine(spec, 1);
  const std::uint32_t reinforced = index_of(spec, "reinforced");
  EXPECT_EQ(engine->read_weights(reinforced, 1), std::vector<float>{0});
  static_cast<void>(simulate(*engine, 600'000, 100'000));
  std::vector<double> own;
  std::vector<double> to_excitatory;
  std::vector<double> to_inhibitory;
  float most = 0;
  for (int k = 0; k < 60; ++k) {
    static_cast<void>(simulate(*engine, 10'000, 10'000));
    add_weights(*engine, reinforced, own);
    add_weights(*engine, index_of(spec, "E->E"), to_excitatory);
    add_weights(*engine, index_of(spec, "E->I"), to_inhibitory);
    most = std::max(most, engine->read_weights(reinforced, 1)[0]);
  }
  ASSERT_EQ(to_excitatory.size() + to_inhibitory.size(), 80'000U);
  const auto is_stronger = [&](double sum) { return sum > own[0]; };
  const auto n_stronger = std::count_if(to_excitatory.begin(), to_excitatory.end(), is_stronger) +
                          std::count_if(to_inhibitory.begin(), to_inhibitory.end(), is_stronger);
  EXPECT_LT(n_stronger, 80'000 / 20) << "the others average "
                                     << std::accumulate(to_excitatory.begin(), to_excitatory.end(), 0.0) /
                                            60 / 64'000
                                     << " mV, the reinforced one " << own[0] / 60;
  EXPECT_EQ(most, 4.0F) << "the bound";
}

}  // namespace
}  // namespace sharpwave::testing
