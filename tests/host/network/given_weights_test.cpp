// Weights that a projection is given, put where its synapses are.
#include "host/network/given_weights.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "host/base/error.hpp"
#include "host/network/network.hpp"
#include "host/network/plastic_order.hpp"
#include "tests/host/network/built_network.hpp"
#include "tests/support/refusals.hpp"
#include "tests/support/spec_builder.hpp"

namespace sharpwave::test {
namespace {

/// Slices, drawn delays and multapses; `sign` is that of the weights.
ModelSpec plastic_spec(double sign) {
  ModelSpec spec;
  spec.populations = {neurons("A", 50), neurons("B", 70, NeuronModel::iaf_cond_exp)};
  auto& p = project(spec, "p", 0, 1, ConnectionRule::fixed_indegree);
  p.source = {0, 5, 50, 3};
  p.target = {1, 0, 60, 2};
  p.degree = {25};
  p.weight = sign > 0 ? uniform(0.5, 3.5) : uniform(-3.5, -0.5);
  p.delay_ms = uniform(0.1, 1.5);
  p.plasticity = StdpSpec{.w_min = 0.25, .w_max = 4};
  auto& fixed = project(spec, "static", 1, 0, ConnectionRule::fixed_outdegree);
  fixed.degree = {10};
  return spec;
}

/// What a run would record.
WeightedSynapses recorded(const ModelSpec& spec, const Network& net) {
  WeightedSynapses all;
  const PlasticRows& rows = net.plastic.at(0);
  const std::uint32_t first = net.places[spec.projections[rows.projection].target.population].first_source;
  for_each_in_order(rows, net.shape.n_parts(), [&](const PlasticSynapsePlace& at) {
    all.synapses.sources.push_back(rows.source[at.source]);
    all.synapses.targets.push_back(at.target - first);
    all.synapses.delay_steps.push_back(at.delay);
    all.magnitudes.push_back(rows.parts[at.part].weights[at.index]);
  });
  return all;
}

ModelSpec given(ModelSpec spec, const WeightedSynapses& weights) {
  spec.projections[0].weight = spec.projections[0].weight == Values(uniform(0.5, 3.5))
                                   ? std::vector{0.0, 4.0}
                                   : std::vector{-4.0, 0.0};
  spec.projections[0].given_weights = std::make_shared<const GivenWeights>(
      GivenWeights{.where = "w.h5", .digest = "of w", .n = weights.magnitudes.size(), .read = [weights] {
                     return weights;
                   }});
  return spec;
}

TEST(GivenWeights, AreWhereTheirSynapsesAreForAnyLayout) {
  for (const double sign : {1.0, -1.0}) {
    const ModelSpec drawn = plastic_spec(sign);
    WeightedSynapses weights = recorded(drawn, build(drawn, 1));
    ASSERT_EQ(weights.magnitudes.size(), 25U * 30U);
    // As it was drawn; then reversed, so that every weight belongs to another synapse.
    for (const bool reversed : {false, true}) {
      if (reversed) std::ranges::reverse(weights.magnitudes);
      const ModelSpec spec = given(drawn, weights);
      std::uint64_t sum = 0;
      for (const int threads : {1, 2, 3, 7}) {
        const Network net = build(spec, threads);
        EXPECT_EQ(recorded(spec, net).magnitudes, weights.magnitudes);
        EXPECT_EQ(net.plastic[0].units_per_weight > 0, sign > 0);
        if (threads == 1) sum = net.connectivity_sum;
        EXPECT_EQ(net.connectivity_sum, sum);
        const Network on_device = build_for_device(spec, threads);
        EXPECT_EQ(recorded(spec, on_device).magnitudes, weights.magnitudes);
        EXPECT_EQ(on_device.connectivity_sum, sum);
      }
      EXPECT_EQ(sum == build(drawn, 1).connectivity_sum, !reversed);
      EXPECT_EQ(build(spec, 2).burdens, build(drawn, 2).burdens);
    }
  }
}

TEST(GivenWeights, OfOtherSynapsesNameTheFirst) {
  const ModelSpec drawn = plastic_spec(1);
  const WeightedSynapses weights = recorded(drawn, build(drawn, 1));
  const auto changed = [&](const std::function<void(WeightedSynapses&)>& change) {
    WeightedSynapses other = weights;
    change(other);
    const ModelSpec spec = given(drawn, other);
    return refusal_of(ExitCode::invalid_config, [&] { static_cast<void>(build(spec, 3)); });
  };
  EXPECT_EQ(changed([](WeightedSynapses&) {}), "");
  const PlasticSynapses& s = weights.synapses;
  const auto text_of = [&](std::size_t i, std::uint32_t target) {
    const double delay_ms = s.delay_steps[i] / 10.0;
    std::string delay = std::to_string(delay_ms);
    delay.resize(3);
    if (delay.ends_with(".0")) delay.resize(1);
    return "from " + std::to_string(s.sources[i]) + " to " + std::to_string(target) + " after " + delay +
           " ms";
  };
  EXPECT_EQ(
      changed([](WeightedSynapses& w) {
        w.synapses.targets[400] += 1;
        w.synapses.sources[401] += 1;
      }),
      "w.h5: has weights of other synapses than projection 'p' has: of the two lists the first to differ is "
      "synapse 400, " +
          text_of(400, s.targets[400] + 1) + " in the file, " + text_of(400, s.targets[400]) +
          " in the network; expected all 750 of them, and the file has 750 (of a network with this "
          "network_seed, and if recorded, with `every: 1`?)");
  EXPECT_NE(changed([](WeightedSynapses& w) { w.synapses.delay_steps[0] += 1; }).find("is synapse 0, from "),
            std::string::npos);
  const auto resized = [&](std::size_t n) {
    return changed([&](WeightedSynapses& w) {
      for (auto* list : {&w.synapses.sources, &w.synapses.targets, &w.synapses.delay_steps})
        list->resize(n, 9);
      w.magnitudes.resize(n, 1.0F);
    });
  };
  EXPECT_NE(resized(749).find("synapse 749 of the network, " + text_of(749, s.targets[749]) +
                              ", is not in the file; expected all 750 of them, and the file has 749"),
            std::string::npos)
      << resized(749);
  EXPECT_NE(resized(752).find("synapse 750 of the file, from 9 to 9 after 0.9 ms, is one too many"),
            std::string::npos)
      << resized(752);
  EXPECT_NE(resized(0).find("synapse 0 of the network"), std::string::npos);
}

TEST(GivenWeights, AreMultipliedByTheGainWithinItsBounds) {
  const ModelSpec drawn = plastic_spec(1);
  const WeightedSynapses weights = recorded(drawn, build(drawn, 1));
  ModelSpec spec = given(drawn, weights);
  GivenWeights smaller = *spec.projections[0].given_weights;
  smaller.gain = 0.5;
  spec.projections[0].given_weights = std::make_shared<const GivenWeights>(smaller);
  spec.projections[0].plasticity->w_min *= 0.5;
  spec.projections[0].plasticity->w_max *= 0.5;
  const std::vector<float> found = recorded(spec, build(spec, 2)).magnitudes;
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], weights.magnitudes[i] / 2);
}

TEST(GivenWeights, AreInTheNetworksKey) {
  const ModelSpec drawn = plastic_spec(1);
  const ModelSpec spec = given(drawn, {});
  EXPECT_NE(network_key(spec), network_key(drawn));
  EXPECT_EQ(network_key(spec), network_key(given(drawn, {})));
  for (const bool of_digest : {true, false}) {
    ModelSpec other = spec;
    GivenWeights changed = *spec.projections[0].given_weights;
    if (of_digest)
      changed.digest = "of others";
    else
      changed.gain = 0.5;
    other.projections[0].given_weights = std::make_shared<const GivenWeights>(changed);
    EXPECT_NE(network_key(other), network_key(spec));
  }
}

}  // namespace
}  // namespace sharpwave::test
