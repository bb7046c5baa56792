// Causal: where the target's spike comes first, no rule strengthens the synapse, whatever the trains are.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/host/engine/taught_network.hpp"

namespace sharpwave::testing {
namespace {

/// All but the rule of Vogels et al., which knows no order; the gates of three-factor rules are above 0.
std::vector<NamedRule> causal_rules() {
  std::vector<NamedRule> all;
  const char* const names[] = {"all_to_all", "symmetric", "presynaptic", "restricted"};
  for (const bool axonal : {false, true}) {
    const std::string kind = axonal ? "_axonal" : "_dendritic";
    StdpSpec rule{.axonal = axonal, .A_plus = 0.05, .A_minus = 0.04, .tau_plus_ms = 3, .tau_minus_ms = 5};
    rule.w_max = 1e-3;
    for (int pairing = 0; pairing < 4; ++pairing) {
      rule.pairing = static_cast<StdpPairing>(pairing);
      all.push_back({names[pairing] + kind, rule});
    }
    rule.pairing = StdpPairing::all_to_all;
    rule.triplet_plus = rule.triplet_minus = 0.03;
    all.push_back({"triplets" + kind, rule});
    rule.triplet_plus = rule.triplet_minus = 0;
    rule.rate_region = 0;
    all.push_back({"scaled_by_dopamine" + kind, rule});
    rule.rate_region.reset();
    rule.eligibility = EligibilitySpec{.baseline = 0.01, .tau_ms = 50, .rate_per_s = 20};
    all.push_back({"stdp_dopamine" + kind, rule});
    rule.eligibility = EligibilitySpec{.gated = true, .tau_ms = 50, .rate_per_s = 20};
    all.push_back({"three_factor" + kind, rule});
  }
  return all;
}

ModelSpec network_of(const StdpSpec& rule, int steps) {
  ModelSpec spec = taught(rule, 1, steps, 0.02).spec;
  RegionSpec region{.name = "region"};
  for (auto& modulator : region.modulators) modulator = ModulatorSpec{};
  region.pulses = {{Modulator::dopamine, 300, 0.4}, {Modulator::dopamine, 900, 0.2}};
  spec.regions = {region};
  return spec;
}

/// That weights only fall, and eligibilities are never above 0.
void expect_no_rise(const ModelSpec& spec, std::uint64_t steps) {
  const auto engine = make_cpu_engine(spec, 1);
  std::vector<float> last = engine->read_weights(0, 1);
  for (std::uint64_t now = 0; now < steps; now += 5) {
    static_cast<void>(simulate(*engine, 5, 5));
    const std::vector<float> weights = engine->read_weights(0, 1);
    for (std::size_t k = 0; k < weights.size(); ++k) ASSERT_LE(weights[k], last[k]) << "synapse " << k;
    last = weights;
  }
  const EngineState state = engine->save();
  if (spec.projections[0].plasticity->eligibility) {
    for (const float trace : state.plastic[0].traces) EXPECT_LE(trace, 0);
  }
  const auto fell = std::count_if(last.begin(), last.end(), [](float w) { return w < 0.99 * kInitial; });
  EXPECT_GT(fell, 5) << "too little happened to show anything";
}

class Causality : public ::testing::TestWithParam<NamedRule> {};

// Of causal pairs nothing is learnt here: what is left are the others, between all kinds of spikes.
TEST_P(Causality, APairThatIsNotCausalNeverStrengthens) {
  StdpSpec rule = GetParam().rule;
  rule.A_plus = rule.triplet_plus = 0;
  expect_no_rise(network_of(rule, 1500), 1500);
}

// Nor where causal pairs would be learnt, but there are none: sources begin when the targets have ended, and
// the longest delay is over.
TEST_P(Causality, WithoutCausalPairsNothingRises) {
  ModelSpec spec = network_of(GetParam().rule, 400);
  for (double& time_ms : std::get<SpikeSourceSpec>(spec.populations[0].kind).times_ms) time_ms += 44;
  expect_no_rise(spec, 1200);
}

INSTANTIATE_TEST_SUITE_P(Cases, Causality, ::testing::ValuesIn(causal_rules()),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace sharpwave::testing
