// Threads that meet once in as many steps as it takes until somebody hears a spike. That they may is seen
// beside the same network with a source that never fires, but would be heard in the next step: there they
// meet in every one.
#include <gtest/gtest.h>

#include <algorithm>

#include "host/engine/construction.hpp"
#include "host/network/network.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::testing {
namespace {

constexpr double kLater_ms = 1.1;
constexpr std::uint64_t kLater = 11;

std::uint64_t rounds_of(const ModelSpec& spec, int threads) {
  ThreadPool pool(threads);
  return round_steps(spec, build_network(spec, choose_shape(spec, threads), pool, select_cpu_kernels()));
}

/// All delays longer.
NamedNetwork later(NamedNetwork network) {
  network.name += "_later";
  for (ProjectionSpec& p : network.spec.projections) {
    auto* drawn = std::get_if<Distribution>(&p.delay_ms);
    if (drawn == nullptr) {
      for (double& delay : std::get<std::vector<double>>(p.delay_ms)) delay += kLater_ms;
      continue;
    }
    drawn->a += kLater_ms;
    if (drawn->kind == Distribution::Kind::uniform) drawn->b += kLater_ms;
    drawn->low += kLater_ms;
    drawn->high += kLater_ms;
  }
  return network;
}

/// With a source that never fires, and is heard by one neuron after one step, as nothing.
ModelSpec with_a_silent_source(ModelSpec spec) {
  const auto source = static_cast<std::uint32_t>(spec.populations.size());
  spec.populations.push_back({.name = "silent", .size = 1, .kind = SpikeSourceSpec{}});
  const auto target = static_cast<std::uint32_t>(
      std::ranges::find_if(spec.populations, [](const PopulationSpec& p) { return p.neurons() != nullptr; }) -
      spec.populations.begin());
  ProjectionSpec p = projection(spec, source, target, ConnectionRule::fixed_total_number, 0, 0.1);
  p.total = 1;
  spec.projections.push_back(p);
  return spec;
}

std::vector<NamedNetwork> late_networks() {
  std::vector<NamedNetwork> networks;
  for (const auto& of : {contract_networks(), plastic_networks()})
    for (const NamedNetwork& network : of) networks.push_back(later(network));
  return networks;
}

class Rounds : public ::testing::TestWithParam<NamedNetwork> {};

TEST_P(Rounds, OfManyStepsAreAsGoodAsOfOne) {
  const ModelSpec& spec = GetParam().spec;
  const ModelSpec met = with_a_silent_source(spec);
  ASSERT_EQ(rounds_of(met, 2), 1U);
  constexpr std::uint64_t kSteps = 700;
  const auto reference = make_cpu_engine(met, 1);
  const std::vector<Spike> expected = simulate(*reference, kSteps, kSteps);
  ASSERT_GT(expected.size(), 100U);
  const EngineState end = reference->save();
  for (const int threads : {1, 2, 3})
    for (const std::uint64_t block : {kSteps, std::uint64_t{100}, std::uint64_t{13}, std::uint64_t{1}}) {
      SCOPED_TRACE(::testing::Message() << threads << " threads, blocks of " << block);
      const auto engine = make_cpu_engine(spec, threads);
      ASSERT_EQ(simulate(*engine, kSteps, block), expected);
      const EngineState state = engine->save();
      EXPECT_EQ(state.populations, end.populations);
      EXPECT_EQ(state.plastic, end.plastic);
      EXPECT_EQ(state.under_way, end.under_way);
      EXPECT_EQ(engine->read_plasticity(), reference->read_plasticity());
      for (std::uint32_t k = 0; k < spec.projections.size(); ++k)
        EXPECT_EQ(engine->read_weights(k, 1), reference->read_weights(k, 1));
    }
}

INSTANTIATE_TEST_SUITE_P(Networks, Rounds, ::testing::ValuesIn(late_networks()),
                         [](const auto& network) { return network.param.name; });

TEST(RoundSteps, AreThoseUntilSomebodyHears) {
  for (const NamedNetwork& network : contract_networks()) {
    const ModelSpec spec = later(network).spec;
    const NetworkShape shape = choose_shape(spec, 2);
    // What leaves in a round's first step is pulled with the first delay of its slot.
    const std::uint64_t shortest = delays_by_receptor(spec).shortest;
    EXPECT_GT(shortest, kLater) << network.name;
    EXPECT_EQ(rounds_of(spec, 2), (shortest - 1) / shape.slot_width * shape.slot_width + 1) << network.name;
  }
}

TEST(RoundSteps, AreOfNetworksThatAnswerAtOnceOne) {
  for (const NamedNetwork& network : plastic_networks()) {
    const ModelSpec spec = later(network).spec;
    const bool scales = std::ranges::any_of(
        spec.projections, [](const ProjectionSpec& p) { return p.plasticity && p.plasticity->homeostasis; });
    EXPECT_EQ(rounds_of(spec, 2), scales ? 1U : kLater + 1) << network.name;
  }
  for (const NamedNetwork& network : modulated_networks()) EXPECT_EQ(rounds_of(later(network).spec, 2), 1U);
}

TEST(RoundSteps, AreManyWhereNobodyHears) {
  ModelSpec spec;
  spec.populations = {population("alone", 20, NeuronModel::iaf_psc_exp)};
  EXPECT_EQ(rounds_of(spec, 2), 64U);
  static_cast<void>(simulate(spec, 2, 500, 200));
}

}  // namespace
}  // namespace sharpwave::testing
