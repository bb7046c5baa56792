// Plastic projections into an engine's state, and out of it.
#include <algorithm>
#include <iterator>

#include "host/engine/plasticity.hpp"

namespace sharpwave {

void PlasticProjection::save_sources(std::int64_t step, PlasticState& state) const {
  for (const PlasticSource& s : sources_) {
    state.source_last_age.push_back(age_of(s.last, step));
    state.source_before_last_age.push_back(age_of(s.before_last, step));
    state.source_trace.push_back(s.trace_at_last);
    state.source_spikes.push_back(s.n_at_last);
    if (has_triplets_) state.source_slow.push_back(s.slow_at_last);
    if (gate_) state.source_since_age.push_back(age_of(s.since, step));
  }
  std::vector<Flight> all;
  for (const std::vector<Flight>& flights : flights_) all.insert(all.end(), flights.begin(), flights.end());
  std::stable_sort(all.begin(), all.end(), [](const Flight& a, const Flight& b) {
    return a.spike.origin != b.spike.origin ? a.spike.origin < b.spike.origin : a.source < b.source;
  });
  for (const auto& [source, spike] : all) {
    state.flight_source.push_back(source);
    state.flight_age.push_back(age_of(spike.origin, step));
    state.flight_last_age.push_back(age_of(spike.last, step));
    state.flight_before_last_age.push_back(age_of(spike.before_last, step));
    state.flight_trace.push_back(spike.trace_at_last);
    state.flight_spikes.push_back(spike.n_at_last);
    if (has_triplets_) state.flight_slow.push_back(spike.slow);
    if (gate_) state.flight_since_age.push_back(age_of(spike.since, step));
    if (keeps_rates_) state.flight_rate.push_back(spike.rate);
  }
}

void PlasticProjection::save(std::int64_t step, const std::vector<const PlasticProjection*>& shares,
                             PlasticState& state) {
  struct Post {
    std::int64_t step;
    std::uint32_t neuron;
    PostSpike spike;
  };
  std::vector<Post> posts;
  for (const PlasticProjection* share : shares) {
    share->save_synapses(state);
    for (std::uint32_t p = 0; p < share->parts_.size(); ++p)
      share->parts_[p].posts.for_each([&](std::uint32_t element, const PostSpike& post) {
        const std::uint32_t id = element * share->net_.shape.n_parts() + share->first_part_ + p;
        posts.push_back({post.step, id - share->first_target_, post});
      });
  }
  std::sort(posts.begin(), posts.end(), [](const Post& a, const Post& b) {
    return a.step != b.step ? a.step < b.step : a.neuron < b.neuron;
  });
  for (const Post& post : posts) {
    state.post_neuron.push_back(post.neuron);
    state.post_age.push_back(age_of(post.step, step));
    state.post_trace.push_back(post.spike.trace);
    if (shares.front()->has_triplets_) state.post_slow.push_back(post.spike.slow);
    if (shares.front()->keeps_rates_) state.post_rate.push_back(post.spike.rate);
  }
  if (shares.front()->gate_) state.gate = shares.front()->gate_->save();
  save_spikes(shares, state);
  state.scaled_age = {age_of(shares.front()->scaled_at_, step)};
  shares.front()->save_sources(step, state);
  save_counts(step, shares, state);
}

void PlasticProjection::save_counts(std::int64_t step, const std::vector<const PlasticProjection*>& shares,
                                    PlasticState& state) {
  std::int64_t last_change = kNeverFired;
  for (const PlasticProjection* share : shares) {
    for (std::size_t k = 0; k < std::size(kStdpCounts); ++k)
      state.counts[k] += static_cast<std::uint64_t>(share->counts_.*kStdpCounts[k]);
    last_change = std::max(last_change, share->last_change_);
  }
  state.counts.back() = age_of(last_change, step);
}

void PlasticProjection::restore_counts(std::int64_t step, const PlasticState& state) {
  for (std::size_t k = 0; k < std::size(kStdpCounts); ++k)
    counts_.*kStdpCounts[k] = static_cast<std::int64_t>(state.counts[k]);
  last_change_ = step_of(state.counts.back(), step);
}

void PlasticProjection::save_synapses(PlasticState& state) const {
  const std::size_t n_synapses = rows_.n_synapses();
  state.weights.resize(n_synapses);
  state.traces.resize(has_traces_ ? n_synapses : 0);
  for_each_own_synapse([&](std::size_t position, const PlasticSynapsePlace& place) {
    const Part& part = part_of(place);
    state.weights[position] = part.weights[place.index];
    if (has_traces_) state.traces[position] = part.traces[place.index];
  });
}

void PlasticProjection::restore(std::int64_t step, const PlasticState& state) {
  for_each_own_synapse([&](std::size_t position, const PlasticSynapsePlace& place) {
    Part& part = parts_[place.part - first_part_];
    part.weights[place.index] = state.weights[position];
    if (!state.traces.empty()) part.traces[place.index] = state.traces[position];
  });
  for (Part& part : parts_) part.posts.clear(step);
  restore_spikes(state);
  scaled_at_ = step_of(state.scaled_age[0], step);
  if (gate_) gate_->restore(step, state.gate);
  const auto rate_of = [&](const std::vector<float>& rates, std::size_t i, std::int64_t at) {
    if (!rates.empty()) return rates[i];
    return tables_.constants().learning.rate_at(at);
  };
  const std::uint32_t n_parts = net_.shape.n_parts();
  for (std::size_t i = 0; i < state.post_neuron.size(); ++i) {
    const std::uint32_t id = first_target_ + state.post_neuron[i];
    const std::uint32_t own = id % n_parts - first_part_;
    const std::int64_t at = step_of(state.post_age[i], step);
    if (own < parts_.size())
      parts_[own].posts.put(id / n_parts, {.step = at,
                                           .trace = state.post_trace[i],
                                           .slow = has_triplets_ ? state.post_slow[i] : 0.0f,
                                           .rate = rate_of(state.post_rate, i, at)});
  }
  counts_ = {};
  last_change_ = kNeverFired;
  if (first_part_ == 0) restore_counts(step, state);
  for (std::vector<std::uint32_t>& silent : silent_) silent.clear();
  for (std::uint32_t i = 0; i < sources_.size(); ++i) {
    const std::int64_t last = step_of(state.source_last_age[i], step);
    sources_[i] = {last,
                   step_of(state.source_before_last_age[i], step),
                   gate_ ? step_of(state.source_since_age[i], step) : last,
                   state.source_trace[i],
                   state.source_spikes[i],
                   has_triplets_ ? state.source_slow[i] : 0.0f};
    if (last != kNeverFired) silent_at(std::max(sources_[i].since + patience_, step + 1)).push_back(i);
  }
  for (std::vector<Flight>& flights : flights_) flights.clear();
  for (std::size_t i = 0; i < state.flight_source.size(); ++i) {
    const std::int64_t origin = step_of(state.flight_age[i], step);
    const std::int64_t last = step_of(state.flight_last_age[i], step);
    const PlasticSource found{last, step_of(state.flight_before_last_age[i], step),
                              gate_ ? step_of(state.flight_since_age[i], step) : last, state.flight_trace[i],
                              state.flight_spikes[i]};
    PreSpike spike = following(found, origin, rate_of(state.flight_rate, i, origin));
    if (has_triplets_) spike.slow = state.flight_slow[i];
    flights_of(origin).push_back({state.flight_source[i], spike});
  }
}

}  // namespace sharpwave
