// The weights of plastic projections as they are between the spikes that change them.
#include <algorithm>
#include <cmath>

#include "host/engine/plasticity.hpp"

namespace sharpwave {

/// The spikes of each source that have left and not reached all targets yet, the oldest first.
PlasticProjection::SpikesOnTheWay PlasticProjection::on_the_way() const {
  SpikesOnTheWay all{.begin = std::vector<std::uint32_t>(sources_.size() + 1), .spikes = {}};
  for (const std::vector<Flight>& flights : flights_)
    for (const Flight& flight : flights) ++all.begin[flight.source + 1];
  for (std::size_t i = 1; i < all.begin.size(); ++i) all.begin[i] += all.begin[i - 1];
  all.spikes.resize(all.begin.back());
  std::vector<std::uint32_t> next(all.begin.begin(), all.begin.end() - 1);
  for (const std::vector<Flight>& flights : flights_)
    for (const Flight& flight : flights) all.spikes[next[flight.source]++] = flight.spike;
  for (std::size_t i = 0; i + 1 < all.begin.size(); ++i)
    std::stable_sort(all.spikes.begin() + all.begin[i], all.spikes.begin() + all.begin[i + 1],
                     [](const PreSpike& a, const PreSpike& b) { return a.origin < b.origin; });
  return all;
}

// A dendritic delay lets the source's spikes act when they leave it: those that are on the way have acted. An
// axonal one lets them act when they arrive; what the target has done until now counts.
PlasticProjection::Present PlasticProjection::present_synapse(const SpikesOnTheWay& on_the_way,
                                                              const PlasticSynapsePlace& place,
                                                              std::int64_t step, StdpCounts& counts) const {
  const StdpConstants& c = tables_.constants();
  const Part& part = parts_[place.part - first_part_];
  const PostHistory::OfNeuron posts(part.posts, place.target / net_.shape.n_parts());
  float w = part.weights[place.index];
  float trace = has_traces_ ? part.traces[place.index] : 0.0f;
  PreSpike now = following(sources_[place.source], step, 0);
  for (std::uint32_t i = on_the_way.begin[place.source]; i < on_the_way.begin[place.source + 1]; ++i) {
    const PreSpike& spike = on_the_way.spikes[i];
    if (spike.origin + place.delay <= step) continue;  // has arrived
    if (c.axonal) {
      now = spike;
      break;
    }
    w = reach(posts, delayed(spike, place.delay), place.delay, true, w, trace, counts);
  }
  now = delayed(now, place.delay);
  if (c.axonal) now.origin = step + 1;
  w = reach(posts, now, place.delay, false, w, trace, counts);
  return {w, trace};
}

// The same of all synapses of one source and delay, where that goes in vectors: spikes are delivered to
// copies of the weights, and what is delivered is left.
bool PlasticProjection::present_row(const SpikesOnTheWay& on_the_way, std::uint32_t part,
                                    std::uint32_t source, std::uint32_t delay, std::int64_t step,
                                    Scratch& scratch) const {
  const StdpConstants& c = tables_.constants();
  const PlasticRows::OfPart& rows = rows_.parts[first_part_ + part];
  const std::size_t row = rows_.row(source, delay);
  const std::uint32_t begin = rows.begin[row];
  const std::uint32_t n = rows.begin[row + 1] - begin;
  scratch.weights.assign(parts_[part].weights.data() + begin, parts_[part].weights.data() + begin + n);
  scratch.left.resize(n);
  scratch.counts = {};
  PreSpike now = following(sources_[source], step, 0);
  const std::uint32_t first = on_the_way.begin[source];
  const std::uint32_t end = on_the_way.begin[source + 1];
  // Rows know of no rates: learning is on since the oldest spike that they look back to.
  const auto learns_since = [&](std::int64_t before, std::int64_t spike) {
    return learns_throughout(before != kNeverFired ? before : spike, step);
  };
  if (!takes_rows_ || !learns_since(sources_[source].before_last, sources_[source].last) ||
      (first < end && !learns_since(on_the_way.spikes[first].last, on_the_way.spikes[first].origin)))
    return false;
  const auto apply = [&](const StdpConstants& constants, const PreSpike& pre) {
    std::optional<StdpRowArguments> arguments =
        stdp_row_arguments(constants, pre, parts_[part].posts.epoch());
    if (!arguments) return false;
    arguments->units_per_weight = 0;
    arguments->elements = rows.elements.data() + begin;
    arguments->weights = scratch.weights.data();
    arguments->n = n;
    arguments->spikes = parts_[part].posts.recent();
    arguments->traces = parts_[part].posts.recent_traces();
    arguments->narrow = scratch.input.data();
    arguments->left = scratch.left.data();
    arguments->counts = &scratch.counts;
    const std::uint32_t n_left = kernels_.stdp_row(*arguments);
    float no_trace = 0;
    for (std::uint32_t k = 0; k < n_left; ++k) {
      const std::uint32_t i = scratch.left[k];
      const PostHistory::OfNeuron posts(parts_[part].posts, rows.elements[begin + i]);
      scratch.weights[i] =
          StdpSynapse(constants, posts).on_pre(pre, scratch.weights[i], no_trace, scratch.counts);
    }
    return true;
  };
  for (std::uint32_t i = first; i < end; ++i) {
    const PreSpike& spike = on_the_way.spikes[i];
    if (spike.origin + delay <= step) continue;  // has arrived
    if (c.axonal) {
      now = spike;
      break;
    }
    if (!apply(c, delayed(spike, delay))) return false;
  }
  now = delayed(now, delay);
  if (c.axonal) now.origin = step + 1;
  StdpConstants without_depression = c;
  without_depression.minus = 0;
  return apply(without_depression, now);
}

void PlasticProjection::read(std::int64_t step, PlasticityReading& reading) const {
  const StdpConstants& c = tables_.constants();
  const SpikesOnTheWay flying = on_the_way();
  const std::int64_t since = last_change_ == kNeverFired ? 0 : last_change_;
  reading.unchanged_steps = static_cast<std::uint64_t>(step - since);
  reading.updates += static_cast<std::uint64_t>(counts_.updates);
  // Spikes that have not reached a synapse yet are no updates; what both sides have done to it counts.
  const auto count = [&](const StdpCounts& counts) {
    reading.potentiations += static_cast<std::uint64_t>(counts.potentiations);
    reading.depressions += static_cast<std::uint64_t>(counts.depressions);
    reading.raised += static_cast<std::uint64_t>(counts.raised);
    reading.lowered += static_cast<std::uint64_t>(counts.lowered);
    reading.steps_plus += static_cast<std::uint64_t>(counts.steps_plus);
    reading.steps_minus += static_cast<std::uint64_t>(counts.steps_minus);
  };
  count(counts_);
  constexpr auto kBins = static_cast<double>(PlasticityReading::kBins);
  const double per_weight = 1 / (PlasticityReading::kUnit * static_cast<double>(c.w_max));
  const double bins_per_weight = kBins / (static_cast<double>(c.w_max) - static_cast<double>(c.w_min));
  Scratch scratch;
  for (std::uint32_t p = 0; p < parts_.size(); ++p) {
    const PlasticRows::OfPart& rows = rows_.parts[first_part_ + p];
    scratch.input.assign(net_.shape.part_size(first_part_ + p), 0);
    for (std::uint32_t source = 0; source < sources_.size(); ++source)
      for (std::uint32_t delay = rows_.first_delay; delay < rows_.first_delay + rows_.n_delays; ++delay) {
        const bool is_known = present_row(flying, p, source, delay, step, scratch);
        if (!is_known) scratch.counts = {};
        const std::uint32_t begin = rows.begin[rows_.row(source, delay)];
        for (std::uint32_t i = 0; i < scratch.weights.size(); ++i) {
          const std::uint32_t target = rows.elements[begin + i] * net_.shape.n_parts() + first_part_ + p;
          const PlasticSynapsePlace place{source, target, delay, first_part_ + p, begin + i};
          const float w =
              is_known ? scratch.weights[i] : present_synapse(flying, place, step, scratch.counts).weight;
          reading.weight_sum += static_cast<std::uint64_t>(std::llrint(static_cast<double>(w) * per_weight));
          if (w <= c.w_min) ++reading.at_min;
          if (w >= c.w_max) ++reading.at_max;
          const double bin = (static_cast<double>(w) - static_cast<double>(c.w_min)) * bins_per_weight;
          ++reading.histogram[static_cast<std::size_t>(std::clamp(bin, 0.0, kBins - 1))];
        }
        count(scratch.counts);
      }
  }
}

std::uint64_t PlasticProjection::eligibility(std::int64_t step) const {
  const double per_weight = 1 / (PlasticityReading::kUnit * static_cast<double>(tables_.constants().w_max));
  const SpikesOnTheWay flying = on_the_way();
  StdpCounts ignored;
  std::uint64_t sum = 0;
  for_each_own_synapse([&](std::size_t, const PlasticSynapsePlace& place) {
    const auto trace = static_cast<double>(present_synapse(flying, place, step, ignored).trace);
    sum += static_cast<std::uint64_t>(std::llrint(std::abs(trace) * per_weight));
  });
  return sum;
}

void PlasticProjection::read_weights(std::int64_t step, std::uint32_t every,
                                     std::vector<float>& weights) const {
  const SpikesOnTheWay flying = on_the_way();
  StdpCounts ignored;
  for_each_own_synapse([&](std::size_t position, const PlasticSynapsePlace& place) {
    if (position % every != 0) return;
    weights[position / every] = present_synapse(flying, place, step, ignored).weight;
  });
}

void PlasticProjection::list_synapses(std::uint32_t every, PlasticSynapses& synapses) const {
  for_each_own_synapse([&](std::size_t position, const PlasticSynapsePlace& place) {
    if (position % every != 0) return;
    synapses.sources[position / every] = rows_.source[place.source];
    synapses.targets[position / every] = place.target - first_target_;
    synapses.delay_steps[position / every] = place.delay;
  });
}

}  // namespace sharpwave
