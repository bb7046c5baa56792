// Random damage to a valid config: some hundred texts, or as many as SHARPWAVE_DAMAGED_TEXTS says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>

#include "tests/host/config/faults_of.hpp"

namespace sharpwave {
namespace {

constexpr const char* kSeedText = R"(title: t
simulation: {dt: 0.1, duration: 10, warm_up: 1, seed: 3}
parameters: {n: 10, w: "${2 * n - sqrt(4)}"}
scaling: {neurons: 1, indegrees: 1}
population_defaults: {params: {C_m: {uniform: {low: 200, high: 300}}}}
populations:
  E: {size: "${n}", model: iaf_psc_exp, expected_rate: 5, params: {tau_m: 20}}
  I: {size: 6, model: iaf_psc_delta, expected_rate: 2}
  S: {size: 2, model: spike_source, times: [[1, 2], [3]]}
projections:
  - {source: "E[0:4]", target: E, rule: fixed_indegree, indegree: 2, weight: {normal: {mean: 1, sd: 2}, min: 0}}
  - {source: S, target: I, rule: explicit_list, edges: [[0, 1], [1, 1]], weight: [1, 2], delay: [0.1, 0.2]}
projection_table: {sources: [E, I], rule: pairwise_bernoulli, probability: [[0.1, 0.2], [0, 1]],
  weight: {mean: [1, -4], rel_sd: 0.1, keep_sign: true}}
inputs: [{type: poisson, target: [E, I], rate: [10, 20]}, {type: current_steps, target: E, times: [0, 5], amplitudes: [1, 0]},
  {type: mip, target: I, rate: {times: [0, 1], rates: [5, 6]}, p_copy: 0.5}, {type: noise, target: [E, I], std: [1, 2], start: 1},
  {type: ac, target: E, amplitude: 3, frequency: 40, phase: 90, stop: 8}]
record: {spikes: [E], traces: [{name: v, target: "E[::2]", variables: [V_m, I_syn_ex], interval: 0.5}]}
device: {kind: cpu, threads: 2}
)";

/// Damages a valid config at random; whatever comes of it must be a model or a typed error.
TEST(ConfigDamage, DamagedTextsGiveTypedErrors) {
  const char* const given = std::getenv("SHARPWAVE_DAMAGED_TEXTS");
  const unsigned long n_texts = given != nullptr ? std::stoul(given) : 500;
  ASSERT_EQ(faults_of(kSeedText), Messages{});
  std::mt19937 random(1);
  const std::string seed = kSeedText;
  const std::string pieces[] = {"{",    "}",      "[",      "]",    ":",  ",",   "-1",  "0",        "1e400",
                                "nan",  "&a ",    "*a",     "${n}", "\"", "'",   "\n",  "  ",       "E",
                                "null", "999999", "${1/0}", "? ",   "- ", "|\n", "!x ", "\xc3\xa9", "#"};
  unsigned n_read = 0;
  for (unsigned long i = 0; i < n_texts; ++i) {
    std::string text = seed;
    for (unsigned k = random() % 4; k < 4; ++k) {
      const std::size_t at = random() % text.size();
      const std::size_t length = std::min<std::size_t>(random() % 8, text.size() - at);
      switch (random() % 3) {
        case 0:
          text.erase(at, length);
          break;
        case 1:
          text.insert(at, pieces[random() % std::size(pieces)]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
      }
    }
    try {
      static_cast<void>(load_config_text(text, "net.yaml"));
      ++n_read;
    } catch (const Error& error) {
      ASSERT_NE(error.code(), ExitCode::internal) << text;
    } catch (const std::exception& error) {
      FAIL() << error.what() << "\n" << text;
    }
  }
  // Most damage is found; some (in a comment, in a number) leaves a valid config.
  EXPECT_LT(n_read, n_texts / 2);
}

}  // namespace
}  // namespace sharpwave
