// What the kernels of the GPU see of plastic projections; device_views.hpp has the rest. A kernel that knows
// one rule of learning reads what is here besides the weights.
#pragma once

#include <cstdint>

#include "kernels/eligibility_gate.hpp"
#include "kernels/learning_rates.hpp"
#include "kernels/plastic_source.hpp"
#include "kernels/stdp.hpp"

namespace sharpwave::device {

/// The synapses of a projection, which instances share: those of one part of the network after the other,
/// within a part by source, then by delay (PlasticRows in host/network/network.hpp).
struct PlasticConnections {
  std::uint32_t first_source = 0;  ///< of the population
  std::uint32_t start = 0;         ///< slice of the sources, as indices in the population
  std::uint32_t stop = 0;
  std::uint32_t stride = 1;
  std::uint32_t n_sources = 0;     ///< of the slice
  std::uint32_t first_target = 0;  ///< of the population
  std::uint32_t n_targets = 0;     ///< likewise
  std::uint32_t first_noted = 0;   ///< targets whose spikes are kept: [first_noted, end_noted) of these
  std::uint32_t end_noted = 0;
  std::uint32_t first_delay = 1;  ///< steps
  std::uint32_t n_delays = 1;
  std::uint32_t receptor = 0;
  std::uint32_t n_parts = 1;
  double units_per_weight = 1;                ///< negative where the weights are
  const std::uint64_t* part_begin = nullptr;  ///< [n_parts] first synapse
  const std::uint32_t* row_begin = nullptr;   ///< [n_parts][n_sources * n_delays + 1] from there
  const std::uint16_t* elements = nullptr;    ///< target `element * n_parts + part`

  SHARPWAVE_HD std::uint64_t rows_per_part() const { return std::uint64_t{n_sources} * n_delays; }
  SHARPWAVE_HD std::uint32_t longest_delay() const { return first_delay + n_delays - 1; }
  /// Lists of spikes on the way: a step each, and one for the step to come.
  SHARPWAVE_HD std::uint32_t n_slots() const { return longest_delay() + 1; }
  /// Of spikes of `step` - `age` (0 to longest_delay()).
  SHARPWAVE_HD std::uint32_t slot(std::uint64_t step, std::uint32_t age) const {
    return static_cast<std::uint32_t>((step % n_slots() + n_slots() - age) % n_slots());
  }
  SHARPWAVE_HD std::uint32_t n_noted() const { return end_noted - first_noted; }
};

/// All spikes of a source in one step: the first, and more that find nothing between.
struct PlasticFlight {
  PreSpike spike;            ///< the first, as without a delay
  std::uint32_t source = 0;  ///< its position in the slice
  std::uint32_t count = 1;
};

/// A spike of a target, and where the one before it lies.
struct Post : PostSpike {
  std::uint32_t before = 0;        ///< its number
  std::uint32_t steps_before = 0;  ///< that it was earlier; kNoPost: there is none, or it is long forgotten
};
inline constexpr std::uint32_t kNoPost = ~std::uint32_t{0};

/// A spike of a target whose last one was `last`, with this number.
SHARPWAVE_HD Post after(const Post& last, std::uint32_t number, const PostSpike& spike) {
  Post post;
  static_cast<PostSpike&>(post) = spike;
  const bool is_known = last.step != kNeverFired && spike.step - last.step < kNoPost;
  post.before = number;
  post.steps_before = is_known ? static_cast<std::uint32_t>(spike.step - last.step) : kNoPost;
  return post;
}

/// Spikes are numbered through, modulo 2^32, ascending by step; those from first to next are there.
struct PostBounds {
  std::uint32_t first = 0;
  std::uint32_t next = 0;
};

/// What the targets have fired. Most arrivals need the newest spike alone, which lies with its neuron.
struct PostHistory {
  Post* newest = nullptr;                  ///< [n_targets]; kNeverFired: none
  std::uint32_t* newest_number = nullptr;  ///< [n_targets]
  Post* spikes = nullptr;                  ///< [number mod size]
  std::uint32_t* neurons = nullptr;        ///< likewise: whose they are
  std::uint32_t size = 0;                  ///< a power of two
  PostBounds* bounds = nullptr;
};

/// Of a projection with homeostasis; all but `scaled_at` is null without it.
struct PlasticScaling {
  std::int64_t* scaled_at = nullptr;  ///< step at whose end the weights were scaled last
  std::uint32_t* spikes = nullptr;    ///< [n_targets] in the running interval; null where no rate is aimed at
  // Of the step that scales.
  std::int64_t* sums = nullptr;              ///< [n_targets] of weights, as to_sum_units() has them
  std::uint32_t* interval_spikes = nullptr;  ///< [n_targets] as `spikes`
  std::uint32_t* flight_at = nullptr;  ///< [n_slots()][n_sources] where in the slot, of those on the way
};

/// A plastic projection of an instance.
struct Plastic {
  PlasticConnections connections;
  StdpConstants constants;
  std::int64_t silent_steps = 0;       ///< after which the synapses of a source are looked at without a spike
  std::int64_t pre_memory_steps = 0;   ///< after which nothing is left of a source's traces and eligibilities
  std::int64_t post_memory_steps = 0;  ///< that spikes of targets are kept, besides two of the longest delays
  const GateFactors* modulating = nullptr;  ///< of the region that gates what is learnt, else null
  const Gate* gate = nullptr;               ///< of eligibilities, else null
  const LevelsOfStep* gating = nullptr;     ///< likewise: what it is made of
  float* weights = nullptr;
  float* traces = nullptr;  ///< eligibilities, or those of the presynaptic pairing; else null
  PlasticSource* sources = nullptr;
  PlasticFlight* flights = nullptr;    ///< [n_slots()][n_sources] a source once in each
  std::uint32_t* n_flights = nullptr;  ///< [n_slots()]
  PostHistory posts;
  std::int64_t* counts = nullptr;       ///< as kStdpCounts
  std::int64_t* last_change = nullptr;  ///< step in which a weight changed
  PlasticScaling scaling;

  /// Spikes of targets before this step are forgotten when `step` is over.
  SHARPWAVE_HD std::int64_t forgotten_after(std::uint64_t step) const {
    return static_cast<std::int64_t>(step) - post_memory_steps -
           2 * std::int64_t{connections.longest_delay()};
  }
};

/// As the targets see it that are `delay` steps away.
SHARPWAVE_HD PreSpike delayed(const Plastic& p, const PreSpike& spike, std::uint32_t delay) {
  return delayed(p.constants, spike, delay, *p.scaling.scaled_at);
}

}  // namespace sharpwave::device
