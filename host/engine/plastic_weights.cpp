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
float PlasticProjection::present_weight(const SpikesOnTheWay& on_the_way, const PlasticSynapsePlace& place,
                                        std::int64_t step) const {
  const StdpConstants& c = tables_.constants();
  const Part& part = parts_[place.part - first_part_];
  const PostHistory::OfNeuron posts(part.posts, place.target / net_.shape.n_parts());
  const StdpSynapse synapse(c, posts);
  StdpCounts ignored;
  float w = part.weights[place.index];
  float trace = part.traces.size() > 0 ? part.traces[place.index] : 0.0f;
  PreSpike now = following(sources_[place.source], step);
  for (std::uint32_t i = on_the_way.begin[place.source]; i < on_the_way.begin[place.source + 1]; ++i) {
    const PreSpike& spike = on_the_way.spikes[i];
    if (spike.origin + place.delay <= step) continue;  // has arrived
    if (c.axonal) {
      now = spike;
      break;
    }
    w = synapse.on_pre(delayed(spike, place.delay), w, trace, ignored);
  }
  now = delayed(now, place.delay);
  if (c.axonal) now.origin = step + 1;
  return synapse.at(now, w, trace, ignored);
}

void PlasticProjection::read(std::int64_t step, PlasticityReading& reading) const {
  const StdpConstants& c = tables_.constants();
  const SpikesOnTheWay flying = on_the_way();
  const std::int64_t since = last_change_ == kNeverFired ? 0 : last_change_;
  reading.unchanged_steps = static_cast<std::uint64_t>(step - since);
  reading.updates += static_cast<std::uint64_t>(counts_.updates);
  reading.potentiations += static_cast<std::uint64_t>(counts_.potentiations);
  reading.depressions += static_cast<std::uint64_t>(counts_.depressions);
  reading.raised += static_cast<std::uint64_t>(counts_.raised);
  reading.lowered += static_cast<std::uint64_t>(counts_.lowered);
  reading.steps_plus += static_cast<std::uint64_t>(counts_.steps_plus);
  reading.steps_minus += static_cast<std::uint64_t>(counts_.steps_minus);
  constexpr auto kBins = static_cast<double>(PlasticityReading::kBins);
  const double per_weight = 1 / (PlasticityReading::kUnit * static_cast<double>(c.w_max));
  const double bins_per_weight = kBins / (static_cast<double>(c.w_max) - static_cast<double>(c.w_min));
  for (std::uint32_t p = 0; p < parts_.size(); ++p) {
    const PlasticRows::OfPart& rows = rows_.parts[first_part_ + p];
    for (std::uint32_t source = 0; source < sources_.size(); ++source)
      for (std::uint32_t delay = rows_.first_delay; delay < rows_.first_delay + rows_.n_delays; ++delay) {
        const std::size_t row = rows_.row(source, delay);
        for (std::uint32_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
          const std::uint32_t target = rows.elements[i] * net_.shape.n_parts() + first_part_ + p;
          const float w = present_weight(flying, {source, target, delay, first_part_ + p, i}, step);
          reading.weight_sum += static_cast<std::uint64_t>(std::llrint(static_cast<double>(w) * per_weight));
          if (w <= c.w_min) ++reading.at_min;
          if (w >= c.w_max) ++reading.at_max;
          const double bin = (static_cast<double>(w) - static_cast<double>(c.w_min)) * bins_per_weight;
          ++reading.histogram[static_cast<std::size_t>(std::clamp(bin, 0.0, kBins - 1))];
        }
      }
  }
}

void PlasticProjection::read_weights(std::int64_t step, std::uint32_t every,
                                     std::vector<float>& weights) const {
  const SpikesOnTheWay flying = on_the_way();
  for_each_own_synapse([&](std::size_t position, const PlasticSynapsePlace& place) {
    if (position % every != 0) return;
    weights[position / every] = present_weight(flying, place, step);
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
