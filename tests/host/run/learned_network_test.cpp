// Weights that were learned: given to another run, kept as they are, exported.
#include "host/run/learned_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "host/base/error.hpp"
#include "host/config/config.hpp"
#include "host/network/distribution.hpp"
#include "host/network/given_weights.hpp"
#include "host/network/step_times.hpp"
#include "host/run/export.hpp"
#include "host/watchdog/gain.hpp"
#include "tests/host/run/temporary_directory.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

using testing::NamedNetwork;
using testing::simulate;

constexpr std::uint64_t kLearnedSteps = 400;

std::vector<NamedNetwork> learning_networks() {
  std::vector<NamedNetwork> all = testing::plastic_networks();
  const std::vector<NamedNetwork> modulated = testing::modulated_networks();
  all.insert(all.end(), modulated.begin(), modulated.end());
  for (NamedNetwork& network : all) network.spec.simulation.steps = kLearnedSteps;
  return all;
}

std::vector<std::uint32_t> plastic_projections(const ModelSpec& spec) {
  std::vector<std::uint32_t> plastic;
  for (std::uint32_t k = 0; k < spec.projections.size(); ++k)
    if (spec.projections[k].plasticity) plastic.push_back(k);
  return plastic;
}

Checkpoint checkpoint_of(const ModelSpec& spec, const Engine& engine) {
  Checkpoint checkpoint{.connectivity_digest = engine.construction().connectivity_digest,
                        .precision = spec.simulation.precision,
                        .dt_ms = spec.simulation.dt_ms};
  checkpoint.instances.push_back({.engine = engine.save()});
  return checkpoint;
}

/// The config of a run that begins with what another one has learned.
ModelSpec given(ModelSpec spec, const Engine& learned) {
  for (const std::uint32_t k : plastic_projections(spec)) {
    ProjectionSpec& p = spec.projections[k];
    const WeightedSynapses weights{learned.plastic_synapses(k, 1), learned.read_weights(k, 1)};
    const double w_max = p.plasticity->w_max;
    p.weight = range_of(p.weight).low < 0 ? std::vector{-w_max, 0.0} : std::vector{0.0, w_max};
    p.given_weights = std::make_shared<const GivenWeights>(
        GivenWeights{.where = "w.h5", .digest = "w", .n = weights.magnitudes.size(), .read = [weights] {
                       return weights;
                     }});
  }
  return spec;
}

class LearnedNetworks : public ::testing::TestWithParam<NamedNetwork> {
 protected:
  void SetUp() override {
    trained_ = make_cpu_engine(spec_, 2);
    ASSERT_GT(simulate(*trained_, kLearnedSteps, 100).size(), 100U);
  }
  ModelSpec spec_ = GetParam().spec;
  std::unique_ptr<Engine> trained_;
};

TEST_P(LearnedNetworks, FrozenTheyKeepEveryBit) {
  ModelSpec frozen = given(spec_, *trained_);
  for (const std::uint32_t k : plastic_projections(frozen))
    frozen.projections[k].plasticity->learning_switches.clear();
  std::vector<testing::Spike> spikes;
  for (const int threads : {1, 3}) {
    const auto engine = make_cpu_engine(frozen, threads);
    for (int stretch = 0; stretch < 3; ++stretch) {
      for (const std::uint32_t k : plastic_projections(frozen)) {
        ASSERT_EQ(engine->read_weights(k, 1), trained_->read_weights(k, 1)) << k << ", stretch " << stretch;
        const auto state = engine->save().plastic;
        const auto own = std::ranges::find(state, frozen.projections[k].name, &PlasticState::projection);
        ASSERT_EQ(own->weights, trained_->read_weights(k, 1));
      }
      const auto more = simulate(*engine, 150, 40);
      if (threads == 1)
        spikes.insert(spikes.end(), more.begin(), more.end());
      else
        ASSERT_TRUE(std::ranges::search(spikes, more).size() == more.size());
    }
  }
  EXPECT_GT(spikes.size(), 100U);
}

TEST_P(LearnedNetworks, AreStaticListsOfWhatWouldBeRecorded) {
  const LearnedNetwork learned = learned_network(spec_, checkpoint_of(spec_, *trained_), "c.h5");
  EXPECT_EQ(learned.projections, plastic_projections(spec_));
  EXPECT_TRUE(plastic_projections(learned.spec).empty());
  std::size_t n_changed = 0;
  const auto untrained = make_cpu_engine(spec_, 1);
  for (const std::uint32_t k : learned.projections) {
    const ProjectionSpec& p = learned.spec.projections[k];
    const PlasticSynapses synapses = trained_->plastic_synapses(k, 1);
    EXPECT_EQ(p.rule, ConnectionRule::explicit_list);
    EXPECT_EQ(p.edge_sources, synapses.sources);
    EXPECT_EQ(p.edge_targets, synapses.targets);
    const double sign = range_of(spec_.projections[k].weight).low < 0 ? -1 : 1;
    const std::vector<float> weights = trained_->read_weights(k, 1);
    const std::vector<float> at_first = untrained->read_weights(k, 1);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      ASSERT_EQ(std::get<std::vector<double>>(p.weight)[i], sign * double{weights[i]});
      n_changed += weights[i] != at_first[i] ? 1 : 0;
      if (const auto* delays_ms = std::get_if<std::vector<double>>(&p.delay_ms)) {
        ASSERT_EQ((*delays_ms)[i], time_of_step_ms(synapses.delay_steps[i], spec_.simulation.dt_ms));
      }
    }
  }
  EXPECT_GT(n_changed, 1000U);
}

TEST_P(LearnedNetworks, AreExportedAndReadBackInFull) {
  const LearnedNetwork learned = learned_network(spec_, checkpoint_of(spec_, *trained_), "c.h5");
  const TemporaryDirectory folder;
  const ExportOptions options{
      .directory = folder.path() / "network", .command = "made by a test", .learned = learned.projections};
  if (!spec_.regions.empty()) {  // of which some scale the neurons' input
    EXPECT_THROW(static_cast<void>(export_sonata(learned.spec, options)), Error);
    return;
  }
  static_cast<void>(export_sonata(learned.spec, options));
  const ModelSpec read = load_config(options.directory / kExportedConfig, {}, nullptr);
  for (const std::uint32_t k : learned.projections) {
    const ProjectionSpec& p = learned.spec.projections[k];
    const auto found = std::ranges::find(read.projections, p.name, &ProjectionSpec::name);
    ASSERT_NE(found, read.projections.end()) << p.name;
    EXPECT_EQ(found->weight, p.weight);
    EXPECT_EQ(found->edge_sources, p.edge_sources);
    EXPECT_EQ(found->edge_targets, p.edge_targets);
  }
  EXPECT_TRUE(simulate(read, 2, kLearnedSteps) == simulate(learned.spec, 1, kLearnedSteps));
}

INSTANTIATE_TEST_SUITE_P(Networks, LearnedNetworks, ::testing::ValuesIn(learning_networks()),
                         [](const auto& network) { return network.param.name; });

TEST(LearnedNetwork, OfAnotherNetworkIsRefused) {
  const ModelSpec spec = learning_networks()[0].spec;
  const auto engine = make_cpu_engine(spec, 1);
  const Checkpoint checkpoint = checkpoint_of(spec, *engine);
  const auto refusal = [&](const std::function<void(ModelSpec&, Checkpoint&)>& change) {
    ModelSpec other = spec;
    Checkpoint changed = checkpoint;
    change(other, changed);
    try {
      static_cast<void>(learned_network(other, changed, "c.h5"));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::invalid_config);
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  EXPECT_EQ(refusal([](ModelSpec& s, Checkpoint&) { s.simulation.steps = 7; }), "not refused");
  EXPECT_EQ(refusal([](ModelSpec&, Checkpoint& c) { c.instances.push_back(c.instances.front()); }),
            "c.h5 is not of this network: it has several instances; expected one");
  EXPECT_EQ(refusal([](ModelSpec&, Checkpoint& c) { c.dt_ms = 0.2; }),
            "c.h5 is not of this network: its dt is 0.2 ms, that of the config 0.1 ms");
  EXPECT_EQ(refusal([](ModelSpec&, Checkpoint& c) { c.precision = Precision::float64; }),
            "c.h5 is not of this network: its precision is another one");
  EXPECT_NE(refusal([](ModelSpec& s, Checkpoint&) {
              s.simulation.network_seed = 99;
            }).find("c.h5 is not of this network: its connectivity has the digest"),
            std::string::npos);
  EXPECT_NE(refusal([](ModelSpec&, Checkpoint& c) {
              c.instances.front().engine.plastic.pop_back();
            }).find("c.h5 is not of this network: the state does not fit the network"),
            std::string::npos);
  EXPECT_EQ(refusal([](ModelSpec& s, Checkpoint&) {
              for (ProjectionSpec& p : s.projections) p.plasticity.reset();
            }),
            "the config has no plastic projection, whose weights c.h5 could have");
}

TEST(LearnedNetwork, HasTheGainsOfTheWatchdog) {
  const ModelSpec spec = learning_networks()[0].spec;
  const auto engine = make_cpu_engine(spec, 1);
  static_cast<void>(simulate(*engine, kLearnedSteps, 100));
  // As a throttle at that moment leaves it; a power of two, so that nothing is rounded.
  const ModelSpec halved = with_gain(spec, 0.5, 1);
  Checkpoint checkpoint = checkpoint_of(spec, *engine);
  checkpoint.instances.front().watch.weight_gain = 0.5;
  multiply_weights(checkpoint.instances.front().engine, halved, 0.5);
  checkpoint.connectivity_digest = make_cpu_engine(halved, 1)->construction().connectivity_digest;
  const LearnedNetwork learned = learned_network(spec, checkpoint, "c.h5");
  const std::uint32_t k = learned.projections.front();
  const std::vector<float> weights = engine->read_weights(k, 1);
  const auto& list = std::get<std::vector<double>>(learned.spec.projections[k].weight);
  for (std::size_t i = 0; i < weights.size(); ++i) ASSERT_EQ(list[i], 0.5 * double{weights[i]});
}

}  // namespace
}  // namespace sharpwave
