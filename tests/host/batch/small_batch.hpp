// A config that uses what a batch has to keep apart: drawn parameters, input, a population that files feed.
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
