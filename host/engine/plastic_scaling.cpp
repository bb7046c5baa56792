// Homeostasis of the weights of plastic projections: at the end of a step all synapses are brought up to
// date, as a spike would find them that arrives in the next, and scaled target by target.
#include <algorithm>

#include "host/engine/plasticity.hpp"
#include "kernels/math.hpp"

namespace sharpwave {

HomeostasisConstants homeostasis_constants(const StdpSpec& spec, double dt_ms) {
  if (!spec.homeostasis) return {};
  const HomeostasisSpec& h = *spec.homeostasis;
  const double units_per_weight = 0x1p31 / static_cast<double>(static_cast<float>(spec.w_max));
  HomeostasisConstants constants{.interval_steps = static_cast<std::int64_t>(h.interval_steps),
                                 .units_per_weight = units_per_weight};
  if (h.total) constants.total = *h.total * units_per_weight;
  if (h.relax_to) {
    constants.relaxes = true;
    constants.rest = *h.relax_to;
    constants.keeps =
        math::exp(-h.relaxation_rate_per_s * 1e-3 * dt_ms * static_cast<double>(h.interval_steps));
  }
  if (!h.target_rate_Hz) return constants;
  constants.spikes = *h.target_rate_Hz * 1e-3 * dt_ms * static_cast<double>(h.interval_steps);
  constants.strength = h.strength;
  return constants;
}

// Those that arrive later are on the way; of them the first has found what the source did before.
PreSpike PlasticProjection::next_arrival(const SpikesOnTheWay& on_the_way, std::uint32_t source,
                                         std::uint32_t delay, std::int64_t step) const {
  PreSpike next = following(sources_[source], step, 0);
  for (std::uint32_t i = on_the_way.begin[source]; i < on_the_way.begin[source + 1]; ++i)
    if (on_the_way.spikes[i].origin + delay > step) {
      next = on_the_way.spikes[i];
      break;
    }
  next.origin = step + 1 - delay;
  return delayed(next, delay);
}

/// Brings the synapses of a part up to date, and sums up the weights of each of its elements.
void PlasticProjection::sum_weights(const SpikesOnTheWay& on_the_way, std::uint32_t part, std::int64_t step,
                                    std::vector<std::int64_t>& sums) {
  const HomeostasisConstants& h = tables_.constants().homeostasis;
  const PlasticRows::OfPart& rows = rows_.parts[first_part_ + part];
  Part& own = parts_[part];
  sums.assign(net_.shape.part_size(first_part_ + part), 0);
  for (std::uint32_t source = 0; source < sources_.size(); ++source)
    for (std::uint32_t delay = rows_.first_delay; delay <= rows_.longest_delay(); ++delay) {
      const std::size_t row = rows_.row(source, delay);
      if (rows.begin[row] == rows.begin[row + 1]) continue;
      const PreSpike pre = next_arrival(on_the_way, source, delay, step);
      for (std::uint32_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
        float none = 0;
        float& trace = has_traces_ ? own.traces[i] : none;
        const PostHistory::OfNeuron posts(own.posts, rows.elements[i]);
        own.weights[i] = reach(posts, pre, delay, false, own.weights[i], trace, counts_);
        sums[rows.elements[i]] += to_sum_units(h, own.weights[i]);
      }
    }
}

/// @return whether a weight has changed by it.
bool PlasticProjection::scale_weights(std::uint32_t part, const std::vector<std::int64_t>& sums) {
  const StdpConstants& c = tables_.constants();
  const PlasticRows::OfPart& rows = rows_.parts[first_part_ + part];
  Part& own = parts_[part];
  std::vector<WeightScaling> scalings(sums.size());
  for (std::uint32_t element = own.first_element; element < own.end_element; ++element)
    scalings[element] =
        weight_scaling(c.homeostasis, sums[element], own.spikes.empty() ? 0 : own.spikes[element]);
  bool changes = false;
  for (std::size_t i = 0; i < own.weights.size(); ++i) {
    const float before = own.weights[i];
    own.weights[i] = scaled_weight(before, scalings[rows.elements[i]], c.w_min, c.w_max);
    changes |= own.weights[i] != before;
  }
  return changes;
}

void PlasticProjection::end_interval(std::int64_t step) {
  const StdpConstants& c = tables_.constants();
  if (!c.homeostasis.is_due(step)) return;
  if (learns_at(step)) {
    const SpikesOnTheWay flying = on_the_way();
    std::vector<std::int64_t> sums;
    for (std::uint32_t part = 0; part < parts_.size(); ++part) {
      sum_weights(flying, part, step, sums);
      if (scale_weights(part, sums)) last_change_ = step;
    }
    scaled_at_ = step;
  }
  for (Part& part : parts_) std::fill(part.spikes.begin(), part.spikes.end(), 0u);
}

void PlasticProjection::save_spikes(const std::vector<const PlasticProjection*>& shares,
                                    PlasticState& state) {
  if (shares.front()->tables_.constants().homeostasis.is_towards_rate())
    state.target_spikes.resize(shares.front()->n_targets_);
  for (const PlasticProjection* share : shares)
    share->for_each_counted_target([&](std::uint32_t part, std::uint32_t element, std::uint32_t neuron) {
      state.target_spikes[neuron] = share->parts_[part].spikes[element];
    });
}

void PlasticProjection::restore_spikes(const PlasticState& state) {
  for_each_counted_target([&](std::uint32_t part, std::uint32_t element, std::uint32_t neuron) {
    parts_[part].spikes[element] = state.target_spikes[neuron];
  });
}

}  // namespace sharpwave
