// A whole network against a simulation that shares no code with the product: doubles, one ring buffer of
// sums, propagators from the C library, everything neuron by neuron. With weights that are sums of powers of
// two the synaptic sums are exact in both, so the spikes must agree one by one.
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <random>

#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

struct Edge {
  std::uint32_t source, target, delay;
  double weight;
};

struct TestedModel {
  std::string name;
  NeuronModel model;
  double weight_unit;
  double I_e;
  bool refractory_input = false;
};
void PrintTo(const TestedModel& c, std::ostream* out) {
  *out << c.name;
}

constexpr std::uint32_t kNeurons = 240;
constexpr double kC = 200, kTauM = 12, kTauEx = 2, kTauIn = 6, kDt = 0.1, kThreshold = 14;
constexpr std::uint32_t kRefractory = 17;

std::vector<Edge> random_edges(const TestedModel& c) {
  std::mt19937 random(7);
  std::vector<Edge> edges;
  for (int i = 0; i < 9000; ++i) {
    const auto source = static_cast<std::uint32_t>(random() % kNeurons);
    const bool inhibitory = source % 5 == 0;
    const auto units = static_cast<double>(1 + random() % 31);
    edges.push_back({source, static_cast<std::uint32_t>(random() % kNeurons),
                     1 + static_cast<std::uint32_t>(random() % 70),
                     (inhibitory ? -4 : 1) * units * c.weight_unit});
  }
  return edges;
}

double current_of(const TestedModel& c, std::uint32_t neuron) {
  return c.I_e * (0.9 + 0.2 * neuron / kNeurons);
}

std::vector<Spike> reference(const TestedModel& c, const std::vector<Edge>& edges, std::uint64_t steps) {
  constexpr std::size_t kRing = 128;
  std::vector<std::array<double, 2>> arriving(kRing * kNeurons);
  std::vector<std::vector<Edge>> rows(kNeurons);
  for (const Edge& edge : edges) rows[edge.source].push_back(edge);
  struct State {
    double v = 0, i[2] = {0, 0}, y[2] = {0, 0}, kept = 0;
    std::uint32_t refractory = 0;
  };
  std::vector<State> states(kNeurons);
  std::vector<Spike> spikes;
  const double decay = std::exp(-kDt / kTauM);
  const double tau[2] = {kTauEx, kTauIn};
  for (std::uint64_t step = 1; step <= steps; ++step)
    for (std::uint32_t n = 0; n < kNeurons; ++n) {
      State& s = states[n];
      std::array<double, 2> in{};
      std::swap(in, arriving[step % kRing * kNeurons + n]);
      double v = s.v * decay + current_of(c, n) * kTauM / kC * (1 - decay);
      if (c.model == NeuronModel::iaf_psc_delta) v += in[0] + in[1];
      for (int r = 0; r < 2; ++r) {
        const double a = 1 / tau[r], b = 1 / kTauM;
        const double own = std::exp(-kDt * a);
        if (c.model == NeuronModel::iaf_psc_exp) {
          v += s.i[r] / kC * (own - decay) / (b - a);
          s.i[r] = s.i[r] * own + in[static_cast<std::size_t>(r)];
        } else if (c.model == NeuronModel::iaf_psc_alpha) {
          // V of a current (i + y t) e^(-a t) after one step, by the textbook formulas.
          const double g = b - a;
          v += s.i[r] / kC * (own - decay) / g +
               s.y[r] / kC * ((kDt / g - 1 / (g * g)) * own + decay / (g * g));
          s.i[r] = (s.i[r] + s.y[r] * kDt) * own;
          s.y[r] = s.y[r] * own + in[static_cast<std::size_t>(r)] * std::exp(1.0) / tau[r];
        }
      }
      if (s.refractory > 0) {
        if (c.refractory_input) s.kept += (in[0] + in[1]) * std::exp(-(kDt * s.refractory) / kTauM);
        --s.refractory;
      } else {
        s.v = v + s.kept;
        s.kept = 0;
      }
      if (s.v < kThreshold) continue;
      s.v = 1;
      s.refractory = kRefractory;
      spikes.push_back({step, n});
      for (const Edge& edge : rows[n])
        arriving[(step + edge.delay) % kRing * kNeurons + edge.target][edge.weight < 0 ? 1 : 0] +=
            edge.weight;
    }
  return spikes;
}

ModelSpec product(const TestedModel& c, const std::vector<Edge>& edges) {
  ModelSpec spec;
  spec.simulation.precision = Precision::float64;
  spec.populations = {population("N", kNeurons, c.model)};
  auto& neurons = std::get<NeuronSpec>(spec.populations[0].kind);
  neurons.refractory_input = c.refractory_input;
  const double values[kNeuronParameterCount] = {kC, kTauM,  -60,   -60 + kThreshold, -59, kRefractory * kDt,
                                                0,  kTauEx, kTauIn};
  for (std::size_t k = 0; k < kNeuronParameterCount; ++k)
    neurons.parameters[k] = Distribution::constant(values[k]);
  std::vector<double> currents;
  for (std::uint32_t n = 0; n < kNeurons; ++n) currents.push_back(current_of(c, n));
  neurons.parameters[static_cast<std::size_t>(NeuronParameter::I_e)] = currents;
  neurons.initial[0] = Distribution::constant(-60);
  ProjectionSpec p = projection(spec, 0, 0, ConnectionRule::explicit_list, 0, 0);
  std::vector<double> weights, delays;
  for (const Edge& edge : edges) {
    p.edge_sources.push_back(edge.source);
    p.edge_targets.push_back(edge.target);
    weights.push_back(edge.weight);
    delays.push_back(edge.delay * kDt);
  }
  p.weight = weights;
  p.delay_ms = delays;
  spec.projections = {p};
  return spec;
}

class ReferenceNetwork : public ::testing::TestWithParam<TestedModel> {};

TEST_P(ReferenceNetwork, SpikesAgreeOneByOne) {
  constexpr std::uint64_t kSteps = 3000;
  const std::vector<Edge> edges = random_edges(GetParam());
  const std::vector<Spike> expected = reference(GetParam(), edges, kSteps);
  ASSERT_GT(expected.size(), 1000u);
  const std::vector<Spike> spikes = simulate(product(GetParam(), edges), 2, kSteps);
  ASSERT_EQ(spikes.size(), expected.size());
  for (std::size_t i = 0; i < spikes.size(); ++i)
    ASSERT_TRUE(spikes[i] == expected[i])
        << "spike " << i << ": neuron " << spikes[i].id << " in step " << spikes[i].step << ", expected "
        << expected[i].id << " in " << expected[i].step;
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceNetwork,
                         ::testing::Values(TestedModel{"delta", NeuronModel::iaf_psc_delta, 0x1p-6, 240},
                                           TestedModel{"delta_keeping", NeuronModel::iaf_psc_delta, 0x1p-6,
                                                       240, true},
                                           TestedModel{"exp", NeuronModel::iaf_psc_exp, 0.5, 300},
                                           TestedModel{"alpha", NeuronModel::iaf_psc_alpha, 0.25, 300}),
                         [](const auto& network) { return network.param.name; });

}  // namespace
}  // namespace sharpwave::testing
