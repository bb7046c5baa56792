#include "host/bench/pulses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>

#include "host/base/error.hpp"
#include "host/base/stopwatch.hpp"
#include "host/bench/machine.hpp"
#include "host/engine/engine.hpp"

namespace sharpwave::bench {
namespace {

constexpr int kInterval_ms = 10;
constexpr int kLast_ms = 10'000;  // more than any run of it is long
constexpr int kSpikeInterval_ms = 50;

// From 10,000 neurons to 10,000: 10^8 synapses. Dopamine is at the baseline but for the pulses.
std::string make_pulse_config() {
  std::string pulses;
  for (int time_ms = kInterval_ms; time_ms <= kLast_ms; time_ms += kInterval_ms)
    pulses += fmt::format("{}{}", pulses.empty() ? "" : ", ", time_ms);
  std::string spikes;
  for (int k = 0; k * kSpikeInterval_ms < kLast_ms; ++k)
    spikes += fmt::format("{}[{}, {}]", spikes.empty() ? "" : ", ", k % 2, k * kSpikeInterval_ms + 5);
  return fmt::format(R"(simulation: {{dt: 0.1, duration: 1000, seed: 1}}
parameters: {{N: 10000}}
populations:
  pre: {{size: "${{N}}", model: spike_source, spikes: [{}]}}
  post: {{size: "${{N}}", model: iaf_psc_exp}}
neuromodulators:
  region: {{dopamine: {{baseline: 0.5, tau: 200, pulses: {{times: [{}], amount: 0.01}}}}}}
projections:
  - source: pre
    target: post
    rule: all_to_all
    weight: 1
    delay: 1.5
    plasticity: {{rule: stdp_dopamine, region: region, baseline: 0.5, w_max: 2}}
inputs:
  - {{type: dc, target: "post[0:10]", amplitude: 500}}
record: {{plasticity: none}}
)",
                     spikes, pulses);
}

double median_us(std::vector<double> seconds) {
  return 1e6 * range_of(std::move(seconds)).median;
}

struct Stepped {
  std::vector<double> seconds;  ///< of each step
  std::uint64_t synapse_bytes = 0;
};

Stepped step_by_step(const ModelSpec& spec, const BuiltNetwork& built) {
  const std::unique_ptr<Engine> engine = make_engine(spec, built);
  const std::uint64_t n_steps = spec.simulation.warm_up_steps + spec.simulation.steps;
  Stepped stepped{.seconds = {}, .synapse_bytes = engine->construction().synapse_bytes};
  Block block;
  for (std::uint64_t step = 0; step < n_steps; ++step) {
    const Stopwatch watch;
    engine->advance(1, block);
    stepped.seconds.push_back(watch.seconds());
  }
  return stepped;
}

/// Of each pulse in the recorded part the slower of the step at whose end it comes and the one after.
std::vector<double> slower_ones(const ModelSpec& spec, const std::vector<double>& seconds) {
  std::vector<double> slower;
  for (const RegionSpec& region : spec.regions)
    for (const ModulatorEvent& pulse : region.pulses)
      if (pulse.step > spec.simulation.warm_up_steps && pulse.step < seconds.size())
        slower.push_back(std::max(seconds[pulse.step - 1], seconds[pulse.step]));
  return slower;
}

}  // namespace

std::string_view pulse_config() {
  static const std::string text = make_pulse_config();
  return text;
}

std::vector<Figure> time_pulses(const ModelSpec& spec, int threads) {
  const BuiltNetwork built = build_cpu_network(spec, threads, threads);
  ModelSpec without = spec;
  for (RegionSpec& region : without.regions) region.pulses.clear();
  const Stepped with_pulses = step_by_step(spec, built);
  const Stepped without_pulses = step_by_step(without, built);
  const std::vector<double> pulse_steps = slower_ones(spec, with_pulses.seconds);
  if (pulse_steps.empty())
    throw Error(ExitCode::invalid_config, "no pulse comes in the recorded part; expected some");
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  const double pulse_step_us = median_us(pulse_steps);
  ThreadPool pool(threads);
  const double pass_us = 1e6 * read_pass_s(pool, with_pulses.synapse_bytes);
  return {{.name = "pulse_step_us", .values = {pulse_step_us}},
          {.name = "same_step_without_us", .values = {median_us(slower_ones(spec, without_pulses.seconds))}},
          {.name = "times_as_long_with_one",
           .of_machine = false,
           .values = {sum(with_pulses.seconds) / sum(without_pulses.seconds)}},
          {.name = "pulse_step_over_pass", .of_machine = false, .values = {pulse_step_us / pass_us}}};
}

}  // namespace sharpwave::bench
