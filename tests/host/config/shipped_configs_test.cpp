// The example configs of the repository, against the published sizes of their networks.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "host/config/config.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

const std::filesystem::path kConfigs = std::filesystem::path(SHARPWAVE_SOURCE_DIR) / "configs";

std::uint64_t total_of(const ModelSpec& spec) {
  std::uint64_t total = 0;
  for (const ProjectionSpec& projection : spec.projections) total += projection.total;
  return total;
}

const ProjectionSpec& projection_named(const ModelSpec& spec, const std::string& name) {
  for (const ProjectionSpec& projection : spec.projections) {
    if (projection.name == name) return projection;
  }
  throw std::runtime_error("no projection " + name);
}

ModelSpec microcircuit(const std::string& poisson, const std::string& scale) {
  return load_config(
      kConfigs / "microcircuit.yaml",
      {{"parameters.poisson", poisson}, {"scaling.neurons", scale}, {"scaling.indegrees", scale}});
}

// Brette et al. 2007, benchmark 1: 4,000 neurons, connected with probability 0.02.
TEST(ShippedConfigs, CobaHasThePublishedParameters) {
  const ModelSpec spec = load_config(kConfigs / "vogels_abbott_coba.yaml", {});
  ASSERT_EQ(spec.populations.size(), 2U);
  EXPECT_EQ(spec.populations[0].size, 3200U);
  EXPECT_EQ(spec.populations[1].size, 800U);
  const NeuronSpec& neurons = *spec.populations[1].neurons();
  EXPECT_EQ(neurons.model, NeuronModel::iaf_cond_exp);
  EXPECT_EQ(neurons[NeuronParameter::g_L], Values(Distribution::constant(10)));
  EXPECT_EQ(neurons[NeuronParameter::E_in], Values(Distribution::constant(-80)));
  EXPECT_EQ(projection_named(spec, "I->E").weight, Values(Distribution::constant(-67)));
  EXPECT_EQ(projection_named(spec, "E->I").probability, 0.02);
}

TEST(ShippedConfigs, AdexHasItsThreeNeurons) {
  const ModelSpec spec = load_config(kConfigs / "adex.yaml", {});
  ASSERT_EQ(spec.populations.size(), 3U);
  for (const PopulationSpec& population : spec.populations)
    EXPECT_EQ(population.neurons()->model, NeuronModel::aeif_cond_exp);
}

// Izhikevich 2003: c = -65 + 15 r^2 and d = 8 - 6 r^2 with one r for each excitatory neuron, a = 0.02 + 0.08
// r and b = 0.25 - 0.05 r for each inhibitory one.
TEST(ShippedConfigs, Izhikevich2003HasThePublishedParameters) {
  const ModelSpec spec = load_config(kConfigs / "izhikevich_2003.yaml", {});
  ASSERT_EQ(spec.populations.size(), 2U);
  const auto list = [&](std::size_t population, NeuronParameter parameter) {
    return std::get<std::vector<double>>((*spec.populations[population].neurons())[parameter]);
  };
  const auto c = list(0, NeuronParameter::c), d = list(0, NeuronParameter::d);
  ASSERT_EQ(c.size(), 800U);
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double r = (static_cast<double>(i) + 0.5) / 800;
    EXPECT_NEAR(c[i], -65 + 15 * r * r, 1e-4);
    EXPECT_NEAR(d[i], 8 - 6 * r * r, 1e-4);
  }
  const auto a = list(1, NeuronParameter::a), b = list(1, NeuronParameter::b);
  ASSERT_EQ(a.size(), 200U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double r = (static_cast<double>(i) + 0.5) / 200;
    EXPECT_NEAR(a[i], 0.02 + 0.08 * r, 1e-4);
    EXPECT_NEAR(b[i], 0.25 - 0.05 * r, 1e-4);
  }
  for (const PopulationSpec& population : spec.populations)
    EXPECT_FALSE(population.neurons()->consistent_integration);
  EXPECT_EQ(spec.simulation.dt_ms, 1);
  ASSERT_EQ(spec.inputs.size(), 2U);
  EXPECT_EQ(std::get<NoiseInputSpec>(spec.inputs[0].kind).std_pA, 5);
  EXPECT_EQ(std::get<NoiseInputSpec>(spec.inputs[1].kind).std_pA, 2);
  EXPECT_EQ(std::get<NoiseInputSpec>(spec.inputs[1].kind).interval_steps, 1U);
  EXPECT_EQ(projection_named(spec, "I->E").weight, Values(Distribution{Distribution::Kind::uniform, -1, 0}));
}

// Potjans & Diesmann 2014: 77,169 neurons; 298,880,968 synapses as the reference implementation counts them.
TEST(ShippedConfigs, TheFullMicrocircuitHasThePublishedSize) {
  const ModelSpec spec = microcircuit("0", "1");
  std::uint64_t n_neurons = 0;
  for (const PopulationSpec& population : spec.populations) n_neurons += population.size;
  EXPECT_EQ(n_neurons, 77169U);
  EXPECT_EQ(total_of(spec), 298'880'968U);
  // 64 cells, of which 9 are 0.
  EXPECT_EQ(spec.projections.size(), 55U);
}

TEST(ShippedConfigs, TheMicrocircuitsWeightsAndDelaysAreThePublishedOnes) {
  const ModelSpec spec = microcircuit("0", "1");
  using Kind = Distribution::Kind;
  const auto& stronger = std::get<Distribution>(projection_named(spec, "L4E->L23E").weight);
  EXPECT_EQ(stronger.kind, Kind::normal);
  EXPECT_DOUBLE_EQ(stronger.a, 2 * 87.81);
  EXPECT_DOUBLE_EQ(stronger.b, 0.1 * 2 * 87.81);
  EXPECT_EQ(stronger.bounds, Distribution::Bounds::redraw);
  EXPECT_EQ(stronger.low, 0);
  const auto& inhibitory = std::get<Distribution>(projection_named(spec, "L6I->L6E").weight);
  EXPECT_DOUBLE_EQ(inhibitory.a, -4 * 87.81);
  EXPECT_DOUBLE_EQ(inhibitory.b, 0.1 * 4 * 87.81);
  EXPECT_EQ(inhibitory.high, 0);
  const auto& delay = std::get<Distribution>(projection_named(spec, "L6I->L6E").delay_ms);
  EXPECT_EQ(delay.a, 0.75);
  EXPECT_EQ(delay.b, 0.375);
  EXPECT_EQ(delay.low, 0.1);
  EXPECT_EQ(delay.bounds, Distribution::Bounds::redraw);
}

// I = tau_syn * K * rate * w * 1e-3 = 0.5 * 1600 * 8 * 87.81 * 1e-3 = 561.984 pA.
TEST(ShippedConfigs, TheMicrocircuitsBackgroundIsEitherACurrentOrPoisson) {
  const ModelSpec dc = microcircuit("0", "1");
  ASSERT_EQ(dc.inputs.size(), 8U);
  EXPECT_NEAR(std::get<CurrentInputSpec>(dc.inputs[0].kind).amplitudes_pA[0], 561.984, 1e-9);
  const ModelSpec poisson = microcircuit("1", "1");
  ASSERT_EQ(poisson.inputs.size(), 8U);
  EXPECT_EQ(std::get<PoissonInputSpec>(poisson.inputs[0].kind).rate.rates_Hz[0], 12800);
  EXPECT_EQ(std::get<PoissonInputSpec>(poisson.inputs[0].kind).weight, 87.81);
}

TEST(ShippedConfigs, QuickstartIsTheMicrocircuitAtATenth) {
  const ModelSpec quick = load_config(kConfigs / "quickstart.yaml");
  const ModelSpec scaled = microcircuit("1", "0.1");
  ASSERT_EQ(quick.projections.size(), scaled.projections.size());
  for (std::size_t i = 0; i < quick.projections.size(); ++i) {
    EXPECT_EQ(quick.projections[i].name, scaled.projections[i].name);
    EXPECT_EQ(quick.projections[i].total, scaled.projections[i].total);
    EXPECT_EQ(quick.projections[i].weight, scaled.projections[i].weight);
  }
  const std::uint32_t sizes[] = {2068, 583, 2192, 548, 485, 106, 1440, 295};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(quick.populations[i].size, sizes[i]) << i;
  // Each of 55 counts is rounded on its own, so the sum may miss 1 % of the total by up to 27.5.
  EXPECT_NEAR(static_cast<double>(total_of(quick)), 2988809.68, 27.5);
  EXPECT_EQ(quick.simulation.steps, 10000U);
}

// NEST's brunel_delta_nest.py: external rate per neuron eta*V_th/(J*C_E*tau_m)*1e3*C_E = 20,000 Hz.
TEST(ShippedConfigs, BrunelHasNestsParameters) {
  const ModelSpec spec = load_config(kConfigs / "brunel.yaml");
  ASSERT_EQ(spec.projections.size(), 4U);
  EXPECT_EQ(projection_named(spec, "E->I").degree, std::vector<std::uint32_t>{1000});
  EXPECT_EQ(projection_named(spec, "I->E").degree, std::vector<std::uint32_t>{250});
  EXPECT_DOUBLE_EQ(std::get<Distribution>(projection_named(spec, "I->E").weight).a, -0.5);
  EXPECT_NEAR(std::get<PoissonInputSpec>(spec.inputs[0].kind).rate.rates_Hz[0], 20000, 1e-8);
}

// NEST's hpc_benchmark.py: in-degrees 9,000 and 2,250, sizes 9,000 and 2,250 times the scale; external rate
// eta V_th C_m / (tau_m J e tau_syn) = 20,856 Hz per neuron.
TEST(ShippedConfigs, HpcBenchmarkHasNestsParameters) {
  const ModelSpec spec =
      load_config(kConfigs / "hpc_benchmark.yaml", {{"scaling.indegrees", "1"}, {"parameters.scale", "2"}});
  EXPECT_EQ(spec.populations[0].size, 18000U);
  EXPECT_EQ(spec.populations[1].size, 4500U);
  EXPECT_EQ(projection_named(spec, "E->I").degree, std::vector<std::uint32_t>{9000});
  EXPECT_EQ(projection_named(spec, "I->E").degree, std::vector<std::uint32_t>{2250});
  EXPECT_EQ((*spec.populations[0].neurons())[NeuronParameter::I_e], Values(Distribution::constant(0)));
  EXPECT_NEAR(std::get<PoissonInputSpec>(spec.inputs[0].kind).rate.rates_Hz[0], 20856, 0.5);
  const ProjectionSpec& learning = projection_named(spec, "E->E");
  const StdpSpec rule = learning.plasticity.value();
  const double w = std::get<Distribution>(learning.weight).a;
  EXPECT_NEAR(w, 45.61, 1e-12);
  EXPECT_TRUE(rule.power_law);
  EXPECT_NEAR(rule.A_plus * rule.w_max, 0.1 * std::pow(rule.w_max, 0.4), 1e-12) << "lambda w^mu at w_max";
  EXPECT_DOUBLE_EQ(rule.A_minus, 0.0513 * 0.1);
  EXPECT_EQ(rule.tau_plus_ms, 15);
  EXPECT_EQ(rule.tau_minus_ms, 30);
}

// Song, Miller & Abbott 2000: conductances in units of the leak, 0.015 at most and 0.05 of inhibition.
TEST(ShippedConfigs, Song2000HasThePublishedParameters) {
  const ModelSpec spec = load_config(kConfigs / "song_2000.yaml");
  ASSERT_EQ(spec.populations.size(), 3U);
  EXPECT_EQ(spec.populations[0].size, 1000U);
  EXPECT_EQ(spec.populations[1].size, 200U);
  const NeuronSpec& neuron = *spec.populations[2].neurons();
  EXPECT_EQ(neuron[NeuronParameter::C_m], Values(Distribution::constant(200)));
  EXPECT_EQ(neuron[NeuronParameter::g_L], Values(Distribution::constant(10)));
  const StdpSpec rule = projection_named(spec, "learning").plasticity.value();
  EXPECT_EQ(rule, (StdpSpec{.A_plus = 0.005, .A_minus = 0.00525, .w_max = 0.15}));
  EXPECT_EQ(projection_named(spec, "inhibitory->neuron").weight, Values(Distribution::constant(-0.5)));
}

// The program daspnet.m: 0.1 and 0.15 per pair, 0.95 a millisecond; every 10 ms s += (0.002 + DA) sd, sd *=
// 0.99; DA *= 0.995 a millisecond, += 0.5 at a reward, 1 to 3 s after a coincidence of less than 20 ms.
TEST(ShippedConfigs, Izhikevich2007HasThePublishedParameters) {
  const ModelSpec spec = load_config(kConfigs / "izhikevich_2007.yaml");
  EXPECT_EQ(spec.populations[0].size, 800U);
  EXPECT_EQ(spec.populations[1].size, 200U);
  for (const char* name : {"reinforced", "E->E", "E->I"}) {
    SCOPED_TRACE(name);
    const StdpSpec rule = projection_named(spec, name).plasticity.value();
    EXPECT_EQ(rule.w_max, 4);
    EXPECT_EQ(rule.pairing, StdpPairing::symmetric);
    EXPECT_DOUBLE_EQ(rule.A_plus * rule.w_max, 0.1);
    EXPECT_NEAR(rule.A_minus * rule.w_max * std::exp(-1 / rule.tau_minus_ms), 0.15, 1e-6)
        << "at one time there, a step of delay apart here";
    EXPECT_NEAR(std::exp(-1 / rule.tau_plus_ms), 0.95, 1e-6);
    const EligibilitySpec eligibility = rule.eligibility.value();
    EXPECT_NEAR(std::exp(-10 / eligibility.tau_ms), 0.99, 1e-6);
    EXPECT_EQ(eligibility.rate_per_s, 100) << "once in 10 ms";
    EXPECT_EQ(eligibility.baseline, 0);
  }
  ASSERT_EQ(spec.regions.size(), 1U);
  const ModulatorSpec dopamine = spec.regions[0].modulators[0].value();
  EXPECT_EQ(dopamine.baseline, 0.002);
  EXPECT_NEAR(std::exp(-1 / dopamine.tau_phasic_ms), 0.995, 1e-6);
  ASSERT_EQ(spec.regions[0].triggers.size(), 1U);
  const TriggerSpec& trigger = spec.regions[0].triggers[0];
  EXPECT_EQ(trigger.window_steps, 19U);
  EXPECT_EQ(trigger.least_delay_steps, 1001U);
  EXPECT_EQ(trigger.most_delay_steps, 3000U);
  EXPECT_EQ(trigger.amount, 0.5);
  // 13 (rand - 1/2): a variance of 13^2 / 12.
  EXPECT_NEAR(std::get<NoiseInputSpec>(spec.inputs[0].kind).std_pA, 13 / std::sqrt(12), 1e-4);
}

TEST(ShippedConfigs, VogelsAbbottIsRead) {
  const ModelSpec spec = load_config(kConfigs / "vogels_abbott_cuba.yaml");
  EXPECT_EQ(spec.populations[0].size + spec.populations[1].size, 4000U);
  EXPECT_EQ(projection_named(spec, "E->I").probability, 0.02);
  EXPECT_EQ(spec.inputs.size(), 0U);
}

/// Sets or removes an environment variable for one test.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  ~Environment() { had_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  bool had_ = false;
  std::string before_;
};

TEST(ShippedConfigs, SonataSaysWhereItsFilesAreToBeHad) {
  const Environment environment("SHARPWAVE_DATA", "/nonexistent");
  const std::vector<Override> moved = {{"network.sonata", "not_there/simulation_config.json"}};
  try {
    static_cast<void>(load_config(kConfigs / "sonata_300.yaml", moved));
    FAIL() << "a network that is not there was read";
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("/nonexistent/not_there/simulation_config.json"), std::string::npos) << text;
    EXPECT_NE(text.find("github.com/nest/nest-simulator"), std::string::npos) << text;
  }
}

// The command at the top of sonata_small/network.yaml. A change of what is drawn shows here: make it anew
// then.
TEST(ShippedConfigs, TheSmallSonataNetworkGivesTheSpikesOfWhatItWasMadeFrom) {
  const ModelSpec files = load_config(kConfigs / "sonata_small" / "network.yaml");
  const ModelSpec rules =
      load_config(kConfigs / "brunel.yaml",
                  {{"parameters.N_E", "120"},
                   {"parameters.N_I", "30"},
                   {"parameters.epsilon", "0.2"},
                   {"parameters.J", "0.8"},
                   {"projections.0.weight", "{normal: {mean: \"${J}\", sd: \"${J / 4}\"}, keep_sign: true}"},
                   {"projections.0.delay", "{uniform: {low: 0.5, high: 2.5}}"},
                   {"population_defaults.initial.V_m", "{uniform: {low: 0, high: 20}}"}});
  ASSERT_EQ(files.populations.size(), 2U);
  EXPECT_EQ(files.projections.size(), 4U);
  EXPECT_EQ(files.simulation.steps, rules.simulation.steps);
  for (const ModelSpec& spec : {files, rules})
    EXPECT_TRUE(std::holds_alternative<PoissonInputSpec>(spec.inputs.at(0).kind));
  const auto spikes = testing::simulate(files, 1, 3000);
  EXPECT_GT(spikes.size(), 1000U);
  EXPECT_TRUE(testing::simulate(rules, 1, 3000) == spikes);
}

TEST(ShippedConfigs, SonataTakesSimulationAndRecordFromTheConfig) {
  if (std::getenv("SHARPWAVE_DATA") == nullptr) GTEST_SKIP() << "SHARPWAVE_DATA is not set: no SONATA files";
  const ModelSpec spec = load_config(
      kConfigs / "sonata_300.yaml",
      {{"simulation.duration", "100"}, {"record.spikes", "none"}, {"simulation.network_seed", "7"}});
  EXPECT_EQ(spec.simulation.dt_ms, 0.01);
  EXPECT_EQ(spec.simulation.steps, 10000U);
  EXPECT_EQ(spec.simulation.seed, 7U);
  EXPECT_EQ(spec.simulation.precision, Precision::float64);
  EXPECT_TRUE(spec.record_spikes.empty());
  EXPECT_EQ(spec.config_digest.size(), 64U);
}

}  // namespace
}  // namespace sharpwave
