// Plugins for tests, and runs that use them.
#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "host/config/config.hpp"
#include "host/run/run.hpp"
#include "host/run/run_signals.hpp"
#include "tests/host/run/silent_sink.hpp"

namespace sharpwave::testing {

/// "plain", "other_version", ...
inline std::string test_plugin(const std::string& name) {
  return std::string(SHARPWAVE_TEST_PLUGINS) + "/libsharpwave_test_plugin_" + name + ".so";
}

/// A recurrent network with a plastic projection and neuromodulators, 300 ms of it; `memory` in one line.
inline std::string remembered_config(const std::string& memory, const std::string& more = "") {
  return R"(simulation: {dt: 0.5, duration: 270, warm_up: 30, seed: 5}
populations:
  E: {size: 40, model: iaf_psc_exp, params: {I_e: 380}, initial: {V_m: {uniform: {low: -70, high: -55}}},
      input_gain: cortex}
  I: {size: 10, model: iaf_psc_exp, params: {I_e: 370}}
neuromodulators:
  cortex: {dopamine: {pulses: {times: [60, 150], amount: 0.3}}, noradrenaline: {}}
projections:
  - {name: EE, source: E, target: E, rule: fixed_indegree, indegree: 8, weight: 30, delay: 1.5,
     plasticity: {rule: three_factor, region: cortex, w_max: 90, tau_c: 100, learning_rate: 20}}
  - {name: EI, source: E, target: I, rule: fixed_indegree, indegree: 8, weight: 30, delay: 1}
  - {name: IE, source: I, target: E, rule: fixed_indegree, indegree: 4, weight: -60, delay: 1}
inputs:
  - {name: background, type: poisson, target: [E, I], rate: 3000, weight: 25}
  - {name: noise, type: noise, target: E, mean: 10, std: 60, interval: 2}
device: {kind: cpu}
watchdog: {runaway: off}
checkpoint: {wall_interval: 0, interval: 100}
)" + more +
         "memory: " + memory + "\n";
}

inline ModelSpec model_of(const std::string& config, const std::vector<std::string>& overrides = {}) {
  return load_config_text(config, "net.yaml", parse_overrides(overrides), nullptr, ".");
}

inline RunOptions options_of(const std::filesystem::path& directory, int threads = 1) {
  return {.run_id = "0123456789abcdef0123456789abcdef",
          .directory = directory,
          .threads = threads,
          .config_path = "net.yaml"};
}

/// Stops a run after some blocks; of 0 never.
class StoppingSink : public SilentSink {
 public:
  explicit StoppingSink(int n_blocks) : n_left_(n_blocks) {}
  void block_ended(const Progress&, const Block&) override {
    if (n_left_ > 0 && --n_left_ == 0) stops_ = true;
  }
  [[nodiscard]] std::function<bool()> stop() const {
    return [this] { return stops_.load(); };
  }

 private:
  int n_left_;
  std::atomic<bool> stops_{false};
};

/// @param n_blocks  after which it is interrupted; 0: it is not.
inline RunResult run_in(const ModelSpec& spec, const std::filesystem::path& directory, int threads = 1,
                        int n_blocks = 0) {
  const RunSignals signals;
  StoppingSink sink(n_blocks);
  RunOptions options = options_of(directory, threads);
  options.stop = sink.stop();
  return run(spec, options, signals, sink);
}

inline RunResult resume_in(const ModelSpec& spec, const std::filesystem::path& directory, int threads = 1,
                           int n_blocks = 0) {
  const RunSignals signals;
  StoppingSink sink(n_blocks);
  RunOptions options = options_of(directory, threads);
  options.stop = sink.stop();
  const StoppedRun stopped(directory, [](const std::filesystem::path&, const std::string&) {});
  return resume(stopped, spec, options, signals, sink);
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace sharpwave::testing
