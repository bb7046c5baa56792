// Plastic projections into an engine's state, and out of it.
#include <algorithm>
#include <iterator>

#include "host/engine/plastic_entries.hpp"
#include "host/engine/plasticity.hpp"

namespace sharpwave {

void PlasticProjection::save_sources(std::int64_t step, PlasticState& state) const {
  const PlasticEntries entries{step, has_triplets_, gate_.has_value(), keeps_rates_};
  for (const PlasticSource& source : sources_) entries.add_source(source, state);
  std::vector<Flight> all;
  for (const std::vector<Flight>& flights : flights_) all.insert(all.end(), flights.begin(), flights.end());
  std::stable_sort(all.begin(), all.end(), [](const Flight& a, const Flight& b) {
    return a.spike.origin != b.spike.origin ? a.spike.origin < b.spike.origin : a.source < b.source;
  });
  for (const auto& [source, spike] : all) entries.add_flight(source, spike, state);
}

void PlasticProjection::save(std::int64_t step, const std::vector<const PlasticProjection*>& shares,
                             PlasticState& state) {
  struct Post {
    std::uint32_t neuron;
    PostSpike spike;
  };
  std::vector<Post> posts;
  std::size_t n_posts = 0;
  for (const PlasticProjection* share : shares)
    for (const Part& part : share->parts_) n_posts += part.posts.size();
  posts.reserve(n_posts);
  for (const PlasticProjection* share : shares) {
    share->save_synapses(state);
    for (std::uint32_t p = 0; p < share->parts_.size(); ++p)
      share->parts_[p].posts.for_each([&](std::uint32_t element, const PostSpike& post) {
        const std::uint32_t id = element * share->net_.shape.n_parts() + share->first_part_ + p;
        posts.push_back({id - share->first_target_, post});
      });
  }
  std::sort(posts.begin(), posts.end(), [](const Post& a, const Post& b) {
    return a.spike.step != b.spike.step ? a.spike.step < b.spike.step : a.neuron < b.neuron;
  });
  const PlasticEntries entries{step, shares.front()->has_triplets_, shares.front()->gate_.has_value(),
                               shares.front()->keeps_rates_};
  entries.reserve_posts(posts.size(), state);
  for (const auto& [neuron, spike] : posts) entries.add_post(neuron, spike, state);
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
  const LearningTimes& learning = tables_.constants().learning;
  const PlasticEntries entries{step, has_triplets_, gate_.has_value(),
                               !state.flight_rate.empty() || !state.post_rate.empty()};
  const std::uint32_t n_parts = net_.shape.n_parts();
  for (std::size_t i = 0; i < state.post_neuron.size(); ++i) {
    const std::uint32_t id = first_target_ + state.post_neuron[i];
    const std::uint32_t own = id % n_parts - first_part_;
    if (own < parts_.size()) parts_[own].posts.put(id / n_parts, entries.post(state, i, learning));
  }
  counts_ = {};
  last_change_ = kNeverFired;
  if (first_part_ == 0) restore_counts(step, state);
  for (std::vector<std::uint32_t>& silent : silent_) silent.clear();
  for (std::uint32_t i = 0; i < sources_.size(); ++i) {
    sources_[i] = entries.source(state, i);
    if (sources_[i].last != kNeverFired)
      silent_at(std::max(sources_[i].since + patience_, step + 1)).push_back(i);
  }
  for (std::vector<Flight>& flights : flights_) flights.clear();
  for (std::size_t i = 0; i < state.flight_source.size(); ++i) {
    const PreSpike spike = entries.flight(state, i, learning);
    flights_of(spike.origin).push_back({state.flight_source[i], spike});
  }
}

}  // namespace sharpwave
