// A report whose figures can be worked out by hand.
#pragma once

#include "host/bench/result.hpp"

namespace sharpwave::bench {

/// One case: 2 bytes a synapse, 1,000 synapses, 10,000 events in 0.5, 0.25 and 1 s; a pass takes 1 ms, the
/// machine copies 1 MB/s. A figure of 10, 20 and 30, of which less is better.
inline Report sample_report() {
  Report report{.version = "0.1.0", .machine = {}, .results = {}};
  report.machine.processor = "a processor";
  report.machine.allowed = 2;
  Result result;
  result.name = "brunel";
  result.overrides = {"simulation.warm_up=500"};
  result.config_digest = "ab";
  result.device = "cpu";
  result.precision = "float32";
  result.threads = 2;
  result.simulated_ms = 500;
  result.warm_up_ms = 100;
  result.neurons = 10;
  result.synapses = 1000;
  result.synapse_bytes = 2000;
  result.spikes = 100;
  result.synaptic_events = 10'000;
  result.spike_digest = "cd";
  for (const double wall_s : {0.5, 0.25, 1.0}) {
    Measurement m;
    m.wall_s = wall_s;
    m.construction_s = 2 * wall_s;
    m.peak_memory_bytes = 1e6;
    m.phases = {{"update", wall_s / 2}};
    m.others_share = wall_s / 100;
    m.read_pass_s = 1e-3;
    m.copy_bytes_per_s = 1e6;
    result.repeats.push_back(m);
  }
  result.figures = {{.name = "held_up_ms", .values = {20, 10, 30}}};
  report.results.push_back(result);
  return report;
}

}  // namespace sharpwave::bench
