// Sources, spikes under way and spikes of targets as a PlasticState has them: the same from every device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/engine/plastic_state.hpp"
#include "kernels/plastic_source.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave {

/// Appends to a state of the end of `step` what its rule has, and reads it back.
struct PlasticEntries {
  std::int64_t step = 0;
  bool has_triplets = false;
  bool has_since = false;  ///< of eligibilities
  bool has_rates = false;  ///< of spikes; else they follow from their steps

  void add_source(const PlasticSource& source, PlasticState& state) const {
    state.source_last_age.push_back(age_of(source.last, step));
    state.source_before_last_age.push_back(age_of(source.before_last, step));
    state.source_trace.push_back(source.trace_at_last);
    state.source_spikes.push_back(source.n_at_last);
    if (has_triplets) state.source_slow.push_back(source.slow_at_last);
    if (has_since) state.source_since_age.push_back(age_of(source.since, step));
  }
  void add_flight(std::uint32_t source, const PreSpike& spike, PlasticState& state) const {
    state.flight_source.push_back(source);
    state.flight_age.push_back(age_of(spike.origin, step));
    state.flight_last_age.push_back(age_of(spike.last, step));
    state.flight_before_last_age.push_back(age_of(spike.before_last, step));
    state.flight_trace.push_back(spike.trace_at_last);
    state.flight_spikes.push_back(spike.n_at_last);
    if (has_triplets) state.flight_slow.push_back(spike.slow);
    if (has_since) state.flight_since_age.push_back(age_of(spike.since, step));
    if (has_rates) state.flight_rate.push_back(spike.rate);
  }
  void reserve_posts(std::size_t n, PlasticState& state) const {
    state.post_neuron.reserve(n);
    state.post_age.reserve(n);
    state.post_trace.reserve(n);
    if (has_triplets) state.post_slow.reserve(n);
    if (has_rates) state.post_rate.reserve(n);
  }
  void add_post(std::uint32_t neuron, const PostSpike& spike, PlasticState& state) const {
    state.post_neuron.push_back(neuron);
    state.post_age.push_back(age_of(spike.step, step));
    state.post_trace.push_back(spike.trace);
    if (has_triplets) state.post_slow.push_back(spike.slow);
    if (has_rates) state.post_rate.push_back(spike.rate);
  }

  [[nodiscard]] PlasticSource source(const PlasticState& state, std::size_t i) const {
    const auto& since_age = has_since ? state.source_since_age : state.source_last_age;
    return {.last = step_of(state.source_last_age[i], step),
            .before_last = step_of(state.source_before_last_age[i], step),
            .since = step_of(since_age[i], step),
            .trace_at_last = state.source_trace[i],
            .n_at_last = state.source_spikes[i],
            .slow_at_last = has_triplets ? state.source_slow[i] : 0.0f};
  }
  [[nodiscard]] PreSpike flight(const PlasticState& state, std::size_t i,
                                const LearningTimes& learning) const {
    const auto& since_age = has_since ? state.flight_since_age : state.flight_last_age;
    const std::int64_t origin = step_of(state.flight_age[i], step);
    return {.origin = origin,
            .last = step_of(state.flight_last_age[i], step),
            .before_last = step_of(state.flight_before_last_age[i], step),
            .since = step_of(since_age[i], step),
            .trace_at_last = state.flight_trace[i],
            .n_at_last = state.flight_spikes[i],
            .slow = has_triplets ? state.flight_slow[i] : 0.0f,
            .rate = has_rates ? state.flight_rate[i] : learning.rate_at(origin)};
  }
  [[nodiscard]] PostSpike post(const PlasticState& state, std::size_t i,
                               const LearningTimes& learning) const {
    const std::int64_t fired = step_of(state.post_age[i], step);
    return {.step = fired,
            .trace = state.post_trace[i],
            .slow = has_triplets ? state.post_slow[i] : 0.0f,
            .rate = has_rates ? state.post_rate[i] : learning.rate_at(fired)};
  }
};

}  // namespace sharpwave
