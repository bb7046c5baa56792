#include "host/bench/cases.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "host/bench/pulses.hpp"
#include "host/config/config.hpp"
#include "host/network/connectivity.hpp"

namespace sharpwave::bench {
namespace {

TEST(BenchCases, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Case& c : cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
  EXPECT_LT(choose_cases({}).size(), cases().size());
}

ModelSpec spec_of(const Case& c) {
  if (c.config == kPulseConfig)
    return load_config_text(pulse_config(), std::string(c.config), parse_overrides(c.overrides));
  const std::string file = SHARPWAVE_SOURCE_DIR "/configs/" + std::string(c.config) + ".yaml";
  return load_config(file, parse_overrides(c.overrides));
}

TEST(BenchCases, AreNetworksWithoutFaultsOfTheStatedSize) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const ModelSpec spec = spec_of(c);
    std::uint64_t n_neurons = 0;
    for (const PopulationSpec& population : spec.populations) n_neurons += population.size;
    if (c.name.starts_with("microcircuit_1_")) {
      EXPECT_EQ(n_neurons, 77'169u);
    }
    if (c.name == "brunel" || c.name == "brunel_stdp") {
      EXPECT_EQ(n_neurons, 12'500u);
    }
    if (c.name.starts_with("brunel_1e")) {
      double n_synapses = 0;
      for (const ProjectionSpec& projection : spec.projections) n_synapses += expected_synapses(projection);
      const double stated = std::stod(std::string(c.name.substr(std::string_view("brunel_").size())));
      EXPECT_NEAR(n_synapses, stated, 0.01 * stated);
    }
    if (c.name.starts_with("hpc_benchmark")) {
      EXPECT_EQ(n_neurons, 11'250u);
    }
    if (c.name.starts_with("vogels")) {
      EXPECT_EQ(n_neurons, 4'000u);
    }
    EXPECT_EQ(spec.inputs.empty(), c.name.starts_with("vogels"));
  }
}

TEST(BenchCases, MeasureWhatTheirKindSays) {
  const auto spec_named = [](const char* name) { return spec_of(choose_cases({name}).front()); };
  EXPECT_EQ(spec_named("batch_64").batch->size, 64u);
  EXPECT_GT(spec_named("checkpoint_microcircuit_0.1").checkpoint.interval_steps, 0u);
  for (const Case& c : cases()) {
    EXPECT_EQ(c.kind == Kind::batch, c.name.starts_with("batch")) << c.name;
    EXPECT_EQ(c.kind == Kind::watchdog, c.name.starts_with("watchdog")) << c.name;
    EXPECT_EQ(c.kind == Kind::checkpoint, c.name.starts_with("checkpoint")) << c.name;
    EXPECT_EQ(c.kind == Kind::pulses, c.name.starts_with("dopamine")) << c.name;
    EXPECT_EQ(spec_of(c).batch.has_value(), c.kind == Kind::batch) << c.name;
  }
}

TEST(BenchCases, PulsesComeToAHundredMillionSynapses) {
  const ModelSpec spec = spec_of(choose_cases({"dopamine_pulse"}).front());
  ASSERT_EQ(spec.projections.size(), 1u);
  EXPECT_EQ(expected_synapses(spec.projections[0]), 1e8);
  EXPECT_TRUE(spec.projections[0].plasticity->eligibility);
  EXPECT_GE(spec.regions.at(0).pulses.size(), 100u);
}

TEST(BenchCases, AreChosenByNameInTheirOrder) {
  const std::vector<Case> chosen = choose_cases({"brunel", "microcircuit_0.2_poisson", "brunel"});
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(chosen[0].name, "microcircuit_0.2_poisson");
  EXPECT_EQ(chosen[1].name, "brunel");
}

TEST(BenchCases, AMisspeltNameIsAnUsageError) {
  try {
    static_cast<void>(choose_cases({"brunell"}));
    FAIL() << "chosen";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("did you mean 'brunel'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace sharpwave::bench
