// A rule of plasticity as the reference of a synapse of a taught network takes it.
#pragma once

#include <cmath>

#include "tests/host/engine/taught_network.hpp"
#include "tests/reference/stdp_reference.hpp"

namespace sharpwave::testing {

inline reference::StdpSetup setup_of(const StdpSpec& rule, int delay) {
  return {.pairs = static_cast<reference::Pairs>(rule.pairing),
          .delay = delay,
          .axonal = rule.axonal,
          .tau_plus_ms = rule.tau_plus_ms,
          .tau_minus_ms = rule.tau_minus_ms,
          .plus = rule.A_plus * rule.w_max / (rule.power_law ? std::pow(rule.w_max, rule.mu_plus) : 1),
          .minus = rule.A_minus * rule.w_max,
          .mu_plus = rule.mu_plus,
          .mu_minus = rule.mu_minus,
          .power_law = rule.power_law,
          .w_min = rule.w_min,
          .w_max = rule.w_max,
          .initial = kInitial,
          .triplet_plus = rule.triplet_plus * rule.w_max,
          .triplet_minus = rule.triplet_minus * rule.w_max,
          .tau_slow_plus_ms = rule.tau_slow_plus_ms,
          .tau_slow_minus_ms = rule.tau_slow_minus_ms,
          .per_pre = rule.per_pre * rule.w_max,
          .switches = {rule.learning_switches.begin(), rule.learning_switches.end()}};
}

}  // namespace sharpwave::testing
