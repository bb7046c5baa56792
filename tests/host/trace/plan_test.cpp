// What may be asked for, and what is said where it may not.
#include <gtest/gtest.h>

#include "host/base/error.hpp"
#include "host/network/neuron_models.hpp"
#include "host/trace/trace.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::trace {
namespace {

ModelSpec two_populations() {
  ModelSpec spec;
  spec.simulation.warm_up_steps = 100;
  spec.simulation.steps = 900;
  spec.populations = {testing::population("exc", 30, NeuronModel::iaf_psc_exp),
                      {.name = "noise", .size = 5, .kind = PoissonSourceSpec{}},
                      testing::population("inh", 3, NeuronModel::iaf_psc_delta)};
  return spec;
}

std::vector<std::uint32_t> neurons(const std::string& text) {
  return plan(two_populations(), {.population = "exc", .neurons = text}).neurons;
}

std::string fault(const Request& request) {
  try {
    static_cast<void>(plan(two_populations(), request));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
  return {};
}

TEST(TracePlan, NeuronsAreIndicesAndRangesEachOnce) {
  EXPECT_EQ(neurons("3"), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(neurons("10:13,2,11"), (std::vector<std::uint32_t>{2, 10, 11, 12}));
  EXPECT_EQ(neurons("0:30:10"), (std::vector<std::uint32_t>{0, 10, 20}));
}

TEST(TracePlan, TheWindowIsTheRecordedPartUnlessItIsGiven) {
  const Plan whole = plan(two_populations(), {.population = "exc"});
  EXPECT_EQ(whole.first_step, 100u);
  EXPECT_EQ(whole.last_step, 1000u);
  const Plan given = plan(two_populations(), {.population = "exc", .from_ms = 0, .to_ms = 20.3});
  EXPECT_EQ(given.first_step, 0u);
  EXPECT_EQ(given.last_step, 203u);
}

TEST(TracePlan, VariablesAreThoseOfTheModelUnlessTheyAreGiven) {
  const Plan all = plan(two_populations(), {.population = "inh"});
  EXPECT_EQ(all.variables, recordables(model_info(NeuronModel::iaf_psc_delta)));
  const Plan some = plan(two_populations(), {.population = "exc", .variables = {"input_in", "V_m", "V_m"}});
  EXPECT_EQ(some.variables, (std::vector<Recordable>{StepQuantity::input_in, StateVariable::V_m}));
}

TEST(TracePlan, EverythingThatIsWrongIsToldAtOnce) {
  EXPECT_EQ(
      fault({.population = "exc", .neurons = "30", .variables = {"V", "I_syn_exc"}, .to_ms = 200}),
      "--to: read 200 ms, expected a time from 0 to the end of the simulation, 100 ms\n"
      "--neurons: read '30', expected indices below 30, the size of 'exc'\n"
      "--variables: read 'V', expected some of V_m, I_syn_ex, I_syn_in, refractory, input_ex, input_in, "
      "I_stim\n"
      "--variables: read 'I_syn_exc', expected some of V_m, I_syn_ex, I_syn_in, refractory, input_ex, "
      "input_in, I_stim; did you mean 'I_syn_ex'?");
}

TEST(TracePlan, ATimeThatIsNoneIsOneFault) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fault({.population = "exc", .from_ms = 20.05}),
            "--from: read 20.05 ms, expected a multiple of dt = 0.1 ms");
  EXPECT_EQ(fault({.population = "exc", .from_ms = kNan}),
            "--from: read nan ms, expected a time from 0 to the end of the simulation, 100 ms");
  EXPECT_EQ(fault({.population = "exc", .from_ms = 30, .to_ms = 30}),
            "--from, --to: read 30 ms to 30 ms, expected a window of a step or more");
}

TEST(TracePlan, ARangeEndsBehindItsBeginning) {
  for (const char* text : {"5:2", "5:5", "0:0"})
    EXPECT_EQ(
        fault({.population = "exc", .neurons = text}),
        "--neurons: read '" + std::string(text) + "', expected a range that ends behind its first index");
}

TEST(TracePlan, SourcesHaveNothingToTrace) {
  EXPECT_EQ(fault({.population = "noise"}),
            "--population: read 'noise', expected a population of neurons: exc, inh");
  EXPECT_EQ(fault({.population = "ex"}),
            "--population: read 'ex', expected a population of neurons: exc, inh; did you mean 'exc'?");
}

TEST(TracePlan, WhatIsNoListOfNeuronsIsSaid) {
  for (const char* text : {"", "a", "1,", "5:5", "1:2:0", "1:2:3:4", "-1", "1 2"})
    EXPECT_NE(fault({.population = "exc", .neurons = text}).find("--neurons: read"), std::string::npos)
        << text;
}

}  // namespace
}  // namespace sharpwave::trace
