// Degrees, weights and delays as they are counted in the rows, against a list of all synapses.
#include "host/network/connection_statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/fixed_point.hpp"
#include "tests/host/network/built_network.hpp"
#include "tests/host/network/network_reading.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

std::uint64_t sum(const Histogram& histogram) {
  return std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::uint64_t{0});
}

void expect_spread(const Spread& found, std::vector<double> values) {
  ASSERT_FALSE(values.empty());
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  EXPECT_NEAR(found.mean, mean, 1e-9 * std::abs(mean));
  EXPECT_NEAR(found.sd, std::sqrt(squares / n), 1e-9 * std::abs(mean));
  EXPECT_DOUBLE_EQ(found.min, values.front());
  EXPECT_DOUBLE_EQ(found.max, values.back());
  const Histogram& h = found.histogram;
  ASSERT_FALSE(h.counts.empty());
  EXPECT_EQ(sum(h), values.size());
  if (h.width == 0) {
    EXPECT_EQ(h.start, values.front());
    EXPECT_EQ(values.front(), values.back());
    return;
  }
  std::vector<double> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  EXPECT_GE(h.counts.size(), std::min<std::size_t>(distinct.size(), 32)) << "coarser than need be";
  // Up to each edge as many as there are; a value may lie on an edge, but for rounding.
  std::uint64_t below = 0;
  for (std::size_t k = 0; k + 1 < h.counts.size(); ++k) {
    below += h.counts[k];
    const double edge = h.start + static_cast<double>(k + 1) * h.width;
    const double slack = 1e-9 * (std::abs(edge) + h.width);
    EXPECT_GE(below, static_cast<std::uint64_t>(std::lower_bound(values.begin(), values.end(), edge - slack) -
                                                values.begin()));
    EXPECT_LE(below, static_cast<std::uint64_t>(std::upper_bound(values.begin(), values.end(), edge + slack) -
                                                values.begin()));
  }
}

void expect_as_listed(const ModelSpec& spec, const Network& net,
                      const std::vector<ConnectionStatistics>& connections) {
  const std::vector<Synapse> synapses = expected_network(spec);
  std::uint64_t n_found = 0;
  for (const ConnectionStatistics& c : connections) {
    SCOPED_TRACE(c.source + " to " + c.target);
    const auto index = [&](const std::string& name) {
      const auto found = std::find_if(spec.populations.begin(), spec.populations.end(),
                                      [&](const PopulationSpec& p) { return p.name == name; });
      return static_cast<std::size_t>(found - spec.populations.begin());
    };
    const std::size_t source = index(c.source);
    const std::size_t target = index(c.target);
    const std::uint32_t first_source = net.places[source].first_source;
    const std::uint32_t first_target = net.places[target].first_source;
    std::vector<double> out_degrees(spec.populations[source].size);
    std::vector<double> in_degrees(spec.populations[target].size);
    std::vector<double> weights;
    std::vector<double> delays;
    for (const Synapse& s : synapses) {
      if (s.source < first_source || s.source >= first_source + out_degrees.size()) continue;
      if (s.target < first_target || s.target >= first_target + in_degrees.size()) continue;
      ++out_degrees[s.source - first_source];
      ++in_degrees[s.target - first_target];
      const int exponent = net.exponents[target][static_cast<std::size_t>(s.receptor)];
      weights.push_back(static_cast<double>(s.units) * std::ldexp(1.0, -exponent));
      delays.push_back(s.delay * spec.simulation.dt_ms);
    }
    EXPECT_EQ(c.n_synapses, weights.size());
    n_found += c.n_synapses;
    expect_spread(c.out_degree, out_degrees);
    expect_spread(c.in_degree, in_degrees);
    expect_spread(c.weight, weights);
    expect_spread(c.delay_ms, delays);
  }
  EXPECT_EQ(n_found, synapses.size());
}

ModelSpec four_populations(Precision precision) {
  ModelSpec spec;
  spec.simulation.precision = precision;
  spec.populations = {poisson_source("noise", 20, 100), neurons("E", 300),
                      neurons("I", 101, NeuronModel::iaf_psc_delta), parrots("parrot", 11)};
  auto& ee = project(spec, "EE", 1, 1, ConnectionRule::fixed_total_number);
  ee.total = 9'000;
  ee.weight = bounded(normal(87.81, 8.781), Distribution::Bounds::redraw, 0, 1e9);
  ee.delay_ms = bounded(normal(1.5, 0.75), Distribution::Bounds::redraw, 0.1, 1e9);
  auto& ei = project(spec, "EI", 1, 2, ConnectionRule::fixed_indegree);
  ei.degree = {30};
  ei.weight = normal(0.3, 0.5);  // both signs
  ei.delay_ms = uniform(0.1, 20);
  auto& more = project(spec, "EI again", 1, 2, ConnectionRule::one_to_one);
  more.source = {.population = 1, .start = 7, .stop = 209, .stride = 2};
  more.weight = Distribution::constant(2);
  more.delay_ms = Distribution::constant(0.7);
  auto& dense = project(spec, "II", 2, 2, ConnectionRule::pairwise_bernoulli);
  dense.probability = 0.4;
  dense.weight = Distribution::constant(-0.5);
  dense.delay_ms = Distribution::constant(1.5);
  auto& parrot = project(spec, "to parrots", 0, 3, ConnectionRule::fixed_outdegree);
  parrot.degree = {3};
  parrot.weight = Distribution::constant(17);
  return spec;
}

TEST(ConnectionStatistics, OfPlasticSynapsesAreThoseOfStaticOnesWithTheSameValues) {
  ModelSpec spec = four_populations(Precision::float64);
  spec.projections[1].weight = bounded(normal(-0.3, 0.5), Distribution::Bounds::redraw, -1, 0);
  spec.projections.push_back(spec.projections[1]);
  spec.projections.back().name = "of noise";
  spec.projections.back().source = {.population = 0, .start = 3, .stop = 17, .stride = 2};
  ThreadPool pool(3);
  const std::vector<ConnectionStatistics> expected = connection_statistics(spec, build(spec, pool), pool);
  ModelSpec plastic = spec;
  for (const std::size_t k : {0U, 1U, 5U}) plastic.projections[k].plasticity = StdpSpec{.w_max = 1e3};
  const std::vector<ConnectionStatistics> found = connection_statistics(plastic, build(plastic, pool), pool);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE(found[i].source + " to " + found[i].target);
    EXPECT_EQ(found[i].n_synapses, expected[i].n_synapses);
    EXPECT_EQ(found[i].in_degree.mean, expected[i].in_degree.mean);
    EXPECT_EQ(found[i].out_degree.sd, expected[i].out_degree.sd);
    EXPECT_EQ(found[i].delay_ms.histogram.counts, expected[i].delay_ms.histogram.counts);
    EXPECT_NEAR(found[i].weight.mean, expected[i].weight.mean, 1e-4 * std::fabs(expected[i].weight.mean));
    EXPECT_NEAR(found[i].weight.sd, expected[i].weight.sd, 1e-4 * expected[i].weight.sd);
  }
}

TEST(ConnectionStatistics, CountsByHandWhatIsConnectedByHand) {
  ModelSpec spec;
  spec.populations = {neurons("A", 3), neurons("B", 2)};
  auto& p = project(spec, "AB", 0, 1, ConnectionRule::all_to_all);
  p.weight = Distribution::constant(2);
  p.delay_ms = Distribution::constant(1.5);
  ThreadPool pool(1);
  const auto connections = connection_statistics(spec, build(spec, pool), pool);
  ASSERT_EQ(connections.size(), 1u);
  const ConnectionStatistics& c = connections[0];
  EXPECT_EQ(c.source, "A");
  EXPECT_EQ(c.target, "B");
  EXPECT_EQ(c.n_synapses, 6u);
  EXPECT_EQ(c.out_degree.mean, 2);
  EXPECT_EQ(c.in_degree.mean, 3);
  EXPECT_EQ(c.out_degree.sd, 0);
  EXPECT_EQ(c.weight.mean, 2);
  EXPECT_EQ(c.weight.histogram.counts, std::vector<std::uint64_t>{6});
  EXPECT_EQ(c.weight_unit, "pA");
  EXPECT_DOUBLE_EQ(c.delay_ms.mean, 1.5);
}

TEST(ConnectionStatistics, AreThoseOfTheListOfSynapses) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(std::to_string(threads) + " threads");
      ThreadPool pool(threads);
      const ModelSpec spec = four_populations(precision);
      const Network net = build(spec, pool);
      const auto connections = connection_statistics(spec, net, pool);
      ASSERT_EQ(connections.size(), 4u);
      expect_as_listed(spec, net, connections);
      EXPECT_EQ(connections[0].source, "noise");
      EXPECT_EQ(connections[0].weight.mean, 1);
      EXPECT_EQ(connections[0].weight_unit, "");
      EXPECT_EQ(connections[2].target, "I");
      EXPECT_EQ(connections[2].weight_unit, "mV");
    }
}

TEST(ConnectionStatistics, BitsAreSynapsesToo) {
  ModelSpec spec;
  spec.populations = {neurons("A", 200), neurons("B", 300)};
  auto& bits = project(spec, "AB", 0, 1, ConnectionRule::fixed_indegree);
  bits.degree = {90};  // with multapses, which lie in rows
  bits.source = {.population = 0, .start = 1, .stop = 200, .stride = 3};
  bits.weight = Distribution::constant(-0.5);
  bits.delay_ms = Distribution::constant(1.5);
  auto& rows = project(spec, "AB too", 0, 1, ConnectionRule::pairwise_bernoulli);
  rows.probability = 0.1;
  rows.weight = normal(1, 0.1);
  rows.delay_ms = Distribution::constant(0.2);
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    const Network net = build(spec, pool);
    EXPECT_FALSE(net.pair_bits.empty()) << "nothing here is held as bits";
    expect_as_listed(spec, net, connection_statistics(spec, net, pool));
  }
}

}  // namespace
}  // namespace sharpwave::test
