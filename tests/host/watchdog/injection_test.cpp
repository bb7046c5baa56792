#include "host/watchdog/injection.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/base/error.hpp"
#include "host/watchdog/unsound.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave {
namespace {

constexpr const char* kGood = "nan@step=100,population=E,neuron=7,variable=V_m";

TEST(Injection, IsReadInAnyOrder) {
  const Injection nan = parse_injection(kGood);
  EXPECT_TRUE(std::isnan(nan.value));
  EXPECT_EQ(nan.step, 100U);
  EXPECT_EQ(nan.population, "E");
  EXPECT_EQ(nan.neuron, 7U);
  EXPECT_EQ(nan.variable, "V_m");
  EXPECT_EQ(nan.text, kGood);
  const Injection inf = parse_injection("-inf@variable=g_ex,neuron=0,population=a b,step=1");
  EXPECT_EQ(inf.value, -INFINITY);
  EXPECT_EQ(inf.population, "a b");
  EXPECT_EQ(parse_injection("-1e4@step=2,population=E,neuron=0,variable=V_m").value, -1e4);
}

void expect_refused(const std::string& text, const std::string& part) {
  try {
    static_cast<void>(parse_injection(text));
    FAIL() << "read " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Injection, IsRefusedWithTheWordThatIsWrong) {
  expect_refused("", "no '@'");
  expect_refused("nan", "no '@'");
  expect_refused("much@step=1,population=E,neuron=0,variable=V_m", "'much' is no value");
  expect_refused("1x@step=1,population=E,neuron=0,variable=V_m", "'1x'");
  expect_refused("nan@step=0,population=E,neuron=0,variable=V_m", "'step=0'");
  expect_refused("nan@step=1,population=E,neuron=-1,variable=V_m", "'neuron=-1'");
  expect_refused("nan@step=1,step=2,population=E,neuron=1,variable=V_m", "'step=2'");
  expect_refused("nan@step=1,population=,neuron=1,variable=V_m", "'population='");
  expect_refused("nan@step=1,population=E,neuron=1,variable=V_m,", "''");
  expect_refused("nan@step=1,population=E,neuron=1,colour=red", "'colour=red'");
  expect_refused("nan@step=1,population=E,neuron=1", "'variable' is missing");
}

TEST(Injection, MustFitTheNetwork) {
  ModelSpec spec;
  spec.simulation = {.steps = 90, .warm_up_steps = 10};
  spec.populations = {testing::population("E", 8, NeuronModel::iaf_psc_exp), {"p", 1, ParrotSpec{}}};
  EXPECT_NO_THROW(check_injection(parse_injection(kGood), spec));
  const auto refused = [&](const std::string& text, const std::string& part) {
    try {
      check_injection(parse_injection(text), spec);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("nan@step=101,population=E,neuron=7,variable=V_m", "100 steps");
  refused("nan@step=1,population=e,neuron=7,variable=V_m", "population of neurons 'e'");
  refused("nan@step=1,population=p,neuron=0,variable=V_m", "population of neurons 'p'");
  refused("nan@step=1,population=E,neuron=8,variable=V_m", "8 neurons");
  refused("nan@step=1,population=E,neuron=7,variable=g_ex", "V_m, I_syn_ex, I_syn_in");
}

TEST(Injection, ChangesOneValue) {
  EngineState state;
  state.populations = {{"A", {{"V_m", std::vector<float>(2)}}, {0, 0}},
                       {"E", {{"V_m", std::vector<float>(9)}, {"w", std::vector<float>(9)}}, {}}};
  const EngineState before = state;
  inject(parse_injection("3.5@step=1,population=E,neuron=7,variable=w"), state);
  EXPECT_EQ(value_at(state, {1, 1, 7}), 3.5);
  set_value(state, {1, 1, 7}, 0);
  EXPECT_EQ(state, before);
}

}  // namespace
}  // namespace sharpwave
