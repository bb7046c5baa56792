// What a pulse of dopamine costs a network with very many synapses that wait for one.
#pragma once

#include <string_view>
#include <vector>

#include "host/bench/result.hpp"
#include "host/network/model_spec.hpp"

namespace sharpwave::bench {

/// The config of such a network, which is no shipped one: silent but for a few spikes, with a pulse every
/// 10 ms. `parameters.N` neurons project to as many.
inline constexpr std::string_view kPulseConfig = "dopamine_pulse";
[[nodiscard]] std::string_view pulse_config();

/// Simulates the network step by step in this process, with its pulses and without, and times the steps.
///
/// - pulse_step_us: the slower of the two steps that a pulse falls between, in the median over pulses.
/// - same_step_without_us: the same steps where there are no pulses.
/// - times_as_long_with_one: all steps with them over all without.
/// - pulse_step_over_pass: pulse_step_us over a read-only pass over all synapses.
/// @throws what make_engine() throws.
[[nodiscard]] std::vector<Figure> time_pulses(const ModelSpec& spec, int threads);

}  // namespace sharpwave::bench
