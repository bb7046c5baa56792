// What is made of a trace whose values are known.
#include "host/trace/show.hpp"

#include <gtest/gtest.h>

#include "host/network/neuron_models.hpp"
#include "tests/support/networks.hpp"

namespace sharpwave::trace {
namespace {

/// Ten steps from 1.0 ms on of a neuron that is reached in step 3, spikes in step 5 and is refractory for
/// two.
Trace ten_steps() {
  Trace trace{.population = "E",
              .weight_unit = "mV",
              .dt_ms = 0.1,
              .first_step = 10,
              .n_samples = 10,
              .variables = {{StateVariable::V_m, "V_m", "mV", true},
                            {StepQuantity::refractory, "refractory", "ms", true},
                            {StepQuantity::input, "input", "mV", true},
                            {StepQuantity::I_stim, "I_stim", "pA", false}}};
  Neuron neuron{.index = 7};
  neuron.values = {-70, -69, -60, -57, -70, -70, -70, -69, -68, -67,  //
                   0,   0,   0,   0,   0.2, 0.1, 0,   0,   0,   0,    //
                   0,   0,   9,   0,   0,   1,   0,   0,   0,   0,    //
                   5,   5,   5,   5,   5,   5,   5,   5,   5,   5};
  neuron.threshold_mV.assign(10, -55);
  neuron.spike_samples = {4};
  trace.neurons = {neuron};
  return trace;
}

TEST(TraceShow, TheExplanationSaysWhatKeptItFromFiring) {
  Trace trace = ten_steps();
  EXPECT_EQ(
      explanation(trace, trace.neurons[0]),
      "E[7] fired once in 1 ms, first at 1.5 ms: in other steps V_m came up to -57.00 mV at 1.4 ms, 2.00 mV "
      "below the "
      "threshold; refractory 20.0 % of the time; input in 2 of 10 steps, 1 mV a step on average (10 % of "
      "it while refractory)");
  trace.neurons[0].spike_samples.clear();
  for (std::size_t i = 20; i < 30; ++i) trace.neurons[0].values[i] = 0;
  EXPECT_EQ(explanation(trace, trace.neurons[0]),
            "E[7] did not fire: V_m came up to -57.00 mV at 1.4 ms, 2.00 mV below the threshold; "
            "refractory 20.0 % of the time; no input arrived");
}

TEST(TraceShow, TheTableMarksWhatHappens) {
  const Trace trace = ten_steps();
  const std::string text = table(trace, trace.neurons[0], 40);
  EXPECT_NE(text.find(" time (ms)   V_m (mV)  refractory (ms)  input (mV)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("       1.3   -60.0000           0.0000      9.0000  input\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("       1.5   -70.0000           0.2000      0.0000  SPIKE  refractory\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
}

TEST(TraceShow, AShortTableKeepsTheSpikeAndTheLargestPotential) {
  const Trace trace = ten_steps();
  const std::string text = table(trace, trace.neurons[0], 4);
  EXPECT_NE(text.find("SPIKE"), std::string::npos) << text;
  EXPECT_NE(text.find("-57.0000"), std::string::npos) << text;
  EXPECT_NE(text.find("4 of 10 steps; --csv prints all\n"), std::string::npos) << text;
}

TEST(TraceShow, TheCsvHasUnitsAndEveryStep) {
  const std::string text = csv(ten_steps());
  EXPECT_EQ(text.substr(0, text.find("7,1.4")),
            "neuron,time (ms),V_m (mV),refractory (ms),input (mV),spike\n"
            "7,1.1,-70,0,0,0\n"
            "7,1.2,-69,0,0,0\n"
            "7,1.3,-60,0,9,0\n");
  EXPECT_NE(text.find("7,1.5,-70,0.2,0,1\n"), std::string::npos) << text;
}

TEST(TraceShow, TheDrawingHasTheSpikeTheThresholdAndTheInput) {
  Trace trace = ten_steps();
  trace.variables[1].shown = false;
  const std::string text = drawing(trace, trace.neurons[0], 31);  // 20 columns: two for each step
  const auto line = [&](const std::string& label) {
    const std::size_t at = text.find(label + " ");
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(line("spikes"), "spikes          ▲▲          ");
  EXPECT_EQ(line(" refract."), " refract. │        ▒▒▒▒        ");
  EXPECT_EQ(line("   input"), "   input │    ██    ▂▂        ");
  EXPECT_NE(text.find("   -55.0 │╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌\n"), std::string::npos) << text;
  EXPECT_NE(text.find("   -70.0 │"), std::string::npos) << text;
  EXPECT_NE(text.find("1 ms            2 ms\n"), std::string::npos) << text;
}

TEST(TraceShow, ColumnsCoverEverySample) {
  for (const std::uint64_t n_samples : {1u, 7u, 100u})
    for (const std::size_t n : {1u, 3u, 20u, 300u}) {
      std::uint64_t end = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const ColumnSamples samples = column_samples(n_samples, n, k);
        EXPECT_LE(samples.begin, end);
        EXPECT_LT(samples.begin, samples.end);
        end = samples.end;
      }
      EXPECT_EQ(end, n_samples);
    }
}

// The values of the engine, in the places of the neurons that were asked for.
TEST(TraceShow, ASimulatedTraceIsThatOfTheEngine) {
  ModelSpec spec = testing::contract_networks()[0].spec;
  spec.simulation.steps = 300;
  std::uint32_t population = 0;
  while (spec.populations[population].neurons() == nullptr) ++population;
  for (const char* neurons : {"1,2,9", "0:20:4"}) {
    const Plan chosen = plan(
        spec,
        {.population = spec.populations[population].name, .neurons = neurons, .from_ms = 5.0, .to_ms = 20.0});
    const Trace trace = simulate(spec, chosen, {}, 2);
    ASSERT_EQ(trace.n_samples, 150u);
    ModelSpec whole = spec;
    whole.reports = {{.name = "r", .slice = testing::whole(spec, population), .variables = chosen.variables}};
    Block out;
    make_cpu_engine(whole, 1)->advance(200, out);
    const std::size_t n = spec.populations[population].size;
    for (const Neuron& neuron : trace.neurons)
      for (std::size_t v = 0; v < trace.variables.size(); ++v)
        for (std::uint64_t i = 0; i < 150; ++i)
          ASSERT_EQ(trace.values(neuron, v)[i],
                    out.reports[0].values[((50 + i) * trace.variables.size() + v) * n + neuron.index]);
  }
}

}  // namespace
}  // namespace sharpwave::trace
