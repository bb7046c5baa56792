// Configs that use what a batch has to keep apart: drawn parameters, input, a protocol and what it teaches.
#pragma once

#include <string>
#include <vector>

#include "host/batch/batch_plan.hpp"
#include "host/config/config.hpp"

namespace sharpwave {

/// `batch` is that section, in one line.
inline std::string small_config(const std::string& batch) {
  return R"(simulation: {dt: 0.1, duration: 50, warm_up: 10, seed: 5}
populations:
  E: {size: 80, model: iaf_psc_exp, params: {C_m: 250, I_e: 400},
      initial: {V_m: {uniform: {low: -70, high: -55}}}}
  I: {size: 20, model: iaf_psc_exp, params: {V_th: {normal: {mean: -55, sd: 1}}}}
  P: {size: 30, model: poisson_source, rate: 100}
projections:
  - {name: EE, source: E, target: [E, I], rule: fixed_indegree, indegree: 10,
     weight: {normal: {mean: 40, sd: 4}}, delay: {uniform: {low: 0.5, high: 3}}}
  - {name: IE, source: I, target: E, rule: pairwise_bernoulli, probability: 0.2, weight: -80, delay: 1}
  - {name: PE, source: P, target: E, rule: fixed_indegree, indegree: 3, weight: 50, delay: 1}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 2000, weight: 35}
device: {kind: cpu}
batch: )" +
         batch + "\nwatchdog: {runaway: off}\n";
}

/// A network that is trained, labelled and tested, with plastic synapses of two rules and all that is
/// recorded of them: how long it runs depends on what its neurons answer.
inline std::string protocol_config(const std::string& batch) {
  return R"(simulation: {dt: 0.5, seed: 5}
populations:
  input: {size: 8, model: poisson_source}
  E: {size: 10, model: iaf_cond_exp, params: {theta_plus: 0.5, tau_theta: 1000, tau_syn_ex: 0.5}}
projections:
  - {name: XE, source: input, target: E, rule: all_to_all, weight: {uniform: {low: 4, high: 20}},
     delay: {uniform: {low: 0.5, high: 5}},
     plasticity: {rule: stdp_triplet, A_plus: 0, A_minus: 0.01, A3_plus: 0.1, A3_minus: 0, pairing: symmetric,
                  delay_kind: axonal, w_max: 24, homeostasis: {interval: 30, total: 95}}}
  - {name: EE, source: E, target: E, rule: all_to_all, weight: 1, delay: 1.5,
     plasticity: {rule: three_factor, region: cortex, w_max: 3, tau_c: 100, learning_rate: 20}}
neuromodulators:
  cortex:
    dopamine: {}
    acetylcholine: {pulses: {times: [30, 200], amount: 0.3}}
    rewards: {times: [40, 160], rewards: [1, 0]}
stimuli:
  halves:
    population: input
    rates: [[400, 200, 400, 200, 0, 0, 0, 0], [0, 0, 0, 0, 400, 200, 400, 200], [400, 400, 200, 200, 0, 0, 0, 0],
            [0, 0, 0, 0, 400, 400, 200, 200], [200, 400, 200, 400, 0, 0, 0, 0], [0, 0, 0, 0, 200, 400, 200, 400]]
    labels: [0, 1, 0, 1, 0, 1]
protocol:
  - {name: train, present: halves, items: "0:4", epochs: 2, order: shuffled, duration: 20, rest: 10, responses: E,
     repeat: {below: 12, gain_step: 0.5, at_most: 4}}
  - {name: pause, rest: 15, learning: false}
  - {name: label, present: halves, items: "0:4", duration: 20, rest: 10, learning: false, responses: E, label: true}
  - {name: test, present: halves, items: [4, 5], duration: 20, rest: 10, learning: false, responses: E, test: true}
record:
  plasticity: {interval: 15}
  weights: [{name: XE, projection: XE, interval: 60}]
  neuromodulators: {interval: 10}
device: {kind: cpu}
batch: )" +
         batch + "\nwatchdog: {runaway: off}\n";
}

struct SmallBatch {
  explicit SmallBatch(const std::string& batch, int threads = 2, const std::string& text = "",
                      const DeviceChoice& device = {})
      : config(text.empty() ? small_config(batch) : text, "net.yaml", {}, "."),
        base(config.load()),
        record(plan_batch(config, base, device, threads)) {
    record.config_path = "/net.yaml";
    record.config = base.config_text;
  }
  ConfigText config;
  ModelSpec base;
  BatchRecord record;
};

}  // namespace sharpwave
