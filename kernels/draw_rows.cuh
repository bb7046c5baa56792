// Draws the rows of a network: first who is connected to whom, then, twice, what each synapse is: to count
// the segments, and to fill them. The order within a segment is that of who came first.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"
#include "kernels/drawn_views.hpp"
#include "kernels/fixed_point.hpp"
#include "kernels/synapse_sum.hpp"

namespace sharpwave::device {

__device__ inline std::uint64_t thread_of_grid() {
  return std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}

// --- who is connected to whom -----------------------------------------------------------------------------

/// Blocks of Philox that sources of random_targets are drawn from: each gives four, or two of many.
SHARPWAVE_HD std::uint32_t sources_per_block(const DrawnPairs& pairs) {
  return pairs.n_sources <= kMostNarrowChoices ? 4 : 2;
}

/// A thread for each block; adds to `degrees`.
[[maybe_unused]] static __global__ void draw_sources(DrawnPairs pairs) {
  const std::uint32_t per_block = sources_per_block(pairs);
  const std::uint64_t block = thread_of_grid();
  if (block * per_block >= pairs.n_draws) return;
  const PhiloxBlock drawn = philox4x32_10(pairs.select_key, 0, block);
  const std::uint32_t words[4] = {drawn.w0, drawn.w1, drawn.w2, drawn.w3};
  for (std::uint32_t k = 0; k < per_block && block * per_block + k < pairs.n_draws; ++k) {
    const std::uint32_t low = words[per_block == 4 ? k : 2 * k];
    const std::uint32_t high = per_block == 4 ? 0 : words[2 * k + 1];
    atomicAdd(pairs.degrees + number_below(pairs.n_sources, low, high), 1u);
  }
}

/// A thread for each synapse of fixed_indegree; adds to `degrees`.
/// @param[out] keys  [n_targets * indegree] source << target_bits | target
[[maybe_unused]] static __global__ void draw_indegrees(DrawnPairs pairs, std::uint32_t target_bits,
                                                       std::uint64_t* keys) {
  const std::uint64_t at = thread_of_grid();
  if (at >= std::uint64_t{pairs.n_targets} * pairs.indegree) return;
  const std::uint64_t target = at / pairs.indegree;
  const PhiloxBlock words = philox4x32_10(pairs.select_key, target, at - target * pairs.indegree);
  const std::uint32_t self = pairs.to_source.of(static_cast<std::uint32_t>(target));
  const std::uint32_t choices = pairs.n_sources - (self == kNowhere ? 0 : 1);
  const std::uint32_t source = leaving_out(self, number_below(choices, words.w0, words.w3));
  atomicAdd(pairs.degrees + source, 1u);
  keys[at] = std::uint64_t{source} << target_bits | target;
}

/// A thread for each of `n` keys, which are sorted.
[[maybe_unused]] static __global__ void take_targets(const std::uint64_t* keys, std::uint64_t n,
                                                     std::uint32_t target_bits, std::uint32_t* targets) {
  const std::uint64_t at = thread_of_grid();
  if (at < n) targets[at] = static_cast<std::uint32_t>(keys[at] & ((std::uint64_t{1} << target_bits) - 1));
}

/// A thread for each source of bernoulli: writes `targets`, or `degrees` where it is null.
[[maybe_unused]] static __global__ void draw_bernoulli(DrawnPairs pairs) {
  const std::uint64_t position = thread_of_grid();
  if (position >= pairs.n_sources || !pairs.connects) return;
  const std::uint32_t self = pairs.to_target.of(static_cast<std::uint32_t>(position));
  const std::uint32_t choices = pairs.n_targets - (self == kNowhere ? 0 : 1);
  std::uint32_t n = 0;
  for (double next = -1;; ++n) {
    const PhiloxBlock words = philox4x32_10(pairs.key, position, n);
    next += 1 + geometric_gap(pairs.inverse_log, words.w0, words.w3);
    if (!(next < choices)) break;
    if (pairs.targets != nullptr)
      pairs.targets[pairs.first[position] + n] = leaving_out(self, static_cast<std::uint32_t>(next));
  }
  if (pairs.targets == nullptr) pairs.degrees[position] = n;
}

/// The position of the target of a synapse with these words.
__device__ inline std::uint32_t target_of(const DrawnPairs& pairs, std::uint32_t position,
                                          std::uint32_t ordinal, const PhiloxBlock& words) {
  if (pairs.targets != nullptr) return pairs.targets[pairs.first[position] + ordinal];
  const std::uint32_t self = pairs.to_target.of(position);
  if (pairs.rule == PairRule::same_position) return position;
  if (pairs.rule == PairRule::all_targets) return leaving_out(self, ordinal);
  const std::uint32_t choices = pairs.n_targets - (self == kNowhere ? 0 : 1);
  return leaving_out(self, number_below(choices, words.w0, words.w3));
}

/// A warp for each source, whose lanes share out the synapses; visit(position, ordinal) is called for each.
/// Returns the position of the warp's source, or kNone.
template <class Visit>
__device__ inline std::uint32_t for_each_synapse(const DrawnPairs& pairs, const Visit& visit) {
  const std::uint64_t warp = thread_of_grid() / kWarp;
  if (warp >= pairs.n_sources) return kNone;
  const auto position = static_cast<std::uint32_t>(warp);
  const std::uint32_t degree = pairs.degrees[position];
  for (std::uint32_t ordinal = threadIdx.x % kWarp; ordinal < degree; ordinal += kWarp)
    visit(position, ordinal);
  return position;
}

/// A warp for each source.
/// @param counts  [n_targets] are added to
[[maybe_unused]] static __global__ void count_indegrees(DrawnPairs pairs, std::uint32_t* counts) {
  for_each_synapse(pairs, [&](std::uint32_t position, std::uint32_t ordinal) {
    const PhiloxBlock words = philox4x32_10(pairs.key, position, ordinal);
    atomicAdd(counts + target_of(pairs, position, ordinal, words), 1u);
  });
}

// --- what the synapses are --------------------------------------------------------------------------------

struct PlacedSynapse {
  std::uint32_t position = 0;  ///< of the target in its slice
  std::uint32_t target = 0;    ///< its id
  std::int32_t delay = 1;      ///< steps
  std::int64_t units = 0;
  std::uint32_t sign = 0;
  std::uint32_t part = 0;
  std::uint32_t element = 0;  ///< of the part
  std::uint32_t cell = 0;
  std::uint64_t segment = 0;
};

__device__ inline PlacedSynapse place_synapse(const DrawnPairs& pairs, const DrawnValues& values,
                                              const Connections& sizes, const SourceClass& rows,
                                              std::uint32_t position, std::uint32_t ordinal) {
  const PhiloxBlock words = philox4x32_10(pairs.key, position, ordinal);
  PlacedSynapse synapse;
  synapse.position = target_of(pairs, position, ordinal, words);
  synapse.target = values.first_target + synapse.position * values.target_stride;
  synapse.delay = nearest_within(draw(values.delay, math::uniform(words.w2)), values.steps_per_ms,
                                 values.first_delay, values.last_delay);
  const double weight = draw(values.weight, math::uniform(words.w1));
  synapse.units = values.is_wide ? to_grid(weight, values.exponent[weight < 0 ? 1 : 0])
                                 : nearest_within(weight, power_of_two(values.exponent[0]), -32767, 32767);
  synapse.sign = synapse.units < 0 ? 1 : 0;
  synapse.element = synapse.target / sizes.n_parts;
  synapse.part = synapse.target - synapse.element * sizes.n_parts;
  const std::uint32_t group = synapse.part / sizes.sub_blocks;
  const std::uint32_t late = static_cast<std::uint32_t>(synapse.delay) - 1;
  const std::uint32_t slot = late / sizes.slot_width;
  synapse.cell = (late - slot * sizes.slot_width) * sizes.cells_per_step + synapse.element;
  const std::uint32_t source = values.first_source - rows.first_source + position * values.source_stride;
  const std::uint32_t of_part =
      (slot - rows.first_slot) * sizes.sub_blocks + synapse.part - group * sizes.sub_blocks;
  synapse.segment = rows.first_segment + std::uint64_t{source} * rows.n_segments +
                    group * (rows.n_segments / sizes.n_groups) + of_part * rows.n_channels +
                    values.channel[synapse.sign];
  return synapse;
}

/// True for one of the synapses of a pair that is held as a bit: the others are in the row.
__device__ inline bool becomes_bit(const DrawnValues& values, const Connections& sizes,
                                   std::uint32_t position, const PlacedSynapse& synapse) {
  if (values.bits == nullptr) return false;
  const std::uint32_t bit = synapse.element - values.first_element;
  const std::uint64_t row = std::uint64_t{position} * sizes.n_parts + synapse.part;
  const unsigned long long mask = 1ull << (bit % 64);
  return (atomicOr(values.bits + row * values.n_words + bit / 64, mask) & mask) == 0;
}

/// A warp for each source.
/// @param counts  [segment] are added to
[[maybe_unused]] static __global__ void count_segments(DrawnPairs pairs, DrawnValues values,
                                                       Connections sizes, SourceClass rows,
                                                       std::uint32_t* counts) {
  for_each_synapse(pairs, [&](std::uint32_t position, std::uint32_t ordinal) {
    const PlacedSynapse synapse = place_synapse(pairs, values, sizes, rows, position, ordinal);
    if (!becomes_bit(values, sizes, position, synapse)) atomicAdd(counts + synapse.segment, 1u);
  });
}

/// A warp for each source.
[[maybe_unused]] static __global__ void fill_segments(DrawnPairs pairs, DrawnValues values, Connections sizes,
                                                      SourceClass rows, DrawnSynapses out) {
  SynapseSum sum;
  const std::uint32_t position = for_each_synapse(pairs, [&](std::uint32_t from, std::uint32_t ordinal) {
    const PlacedSynapse synapse = place_synapse(pairs, values, sizes, rows, from, ordinal);
    sum.add(synapse.target, synapse.delay, synapse.units);
    atomicAdd(out.arrivals + std::uint64_t{synapse.sign} * pairs.n_targets + synapse.position, 1u);
    if (becomes_bit(values, sizes, from, synapse)) return;
    constexpr std::uint32_t kOneLess = ~std::uint32_t{0};
    const std::uint64_t to =
        out.begin[synapse.segment] + (atomicAdd(out.left + synapse.segment, kOneLess) - 1);
    if (values.is_wide) {
      out.wide_cells[to] = static_cast<std::uint16_t>(synapse.cell);
      out.wide_weights[to] = synapse.units;
    } else {
      out.synapses[to] = synapse.cell | static_cast<std::uint32_t>(synapse.units) << 16;
    }
  });
  if (position == kNone) return;
  sum.sum = warp_sum(sum.sum);
  if (threadIdx.x % kWarp == 0)
    atomicAdd(out.connectivity_sum,
              static_cast<unsigned long long>(
                  sum.of(values.first_source + position * values.source_stride, values.exponent)));
}

/// A thread for each source.
/// @param degrees  [sources of the network] are added to
[[maybe_unused]] static __global__ void add_degrees(DrawnPairs pairs, DrawnValues values,
                                                    std::uint32_t* degrees) {
  const std::uint64_t position = thread_of_grid();
  if (position >= pairs.n_sources) return;
  degrees[values.first_source + position * values.source_stride] += pairs.degrees[position];
}

}  // namespace sharpwave::device
