// Delivers the spikes of a step into the delay ring.
#pragma once

#include "kernels/turn.cuh"

namespace sharpwave::device {

/// One synapse of a row: what it adds, to which cell of which part.
template <class Acc>
__device__ inline void deliver_synapse(const Connections& c, const DelayRing<Acc>& ring, std::uint64_t step,
                                       std::uint32_t slot, std::uint32_t part, const Channel& channel,
                                       std::uint64_t synapse, std::uint32_t count) {
  std::uint32_t cell = 0;
  Acc units = 0;
  if (c.synapses != nullptr) {
    const std::uint32_t packed = c.synapses[synapse];
    cell = packed & 0xffffu;
    units = static_cast<Acc>(static_cast<std::int32_t>(packed) >> 16) * (Acc{1} << channel.shift);
  } else {
    cell = c.wide_cells[synapse];
    units = static_cast<Acc>(c.wide_weights[synapse]);
  }
  const std::uint32_t late = cell / c.cells_per_step;
  const std::uint32_t element = cell - late * c.cells_per_step;
  const std::uint64_t delay = std::uint64_t{slot} * c.slot_width + late + 1;
  add_to(ring.cell(channel.receptor, step + delay, std::uint64_t{element} * c.n_parts + part),
         static_cast<Acc>(units * static_cast<Acc>(count)));
}

/// The segments of a row are dealt out to warps, and the synapses of a segment to lanes.
template <class Acc>
__device__ inline void deliver_row(const Connections& c, const DelayRing<Acc>& ring, std::uint64_t step,
                                   const SourceClass& from, std::uint32_t source, std::uint32_t count) {
  const std::uint64_t row = from.first_segment + std::uint64_t{source - from.first_source} * from.n_segments;
  const std::uint32_t per_slot = c.sub_blocks * from.n_channels;
  const std::uint32_t per_group = from.n_segments / c.n_groups;
  const std::uint32_t warps = blockDim.x / kWarp;
  const std::uint32_t n_warps = gridDim.y * warps;
  for (std::uint32_t s = blockIdx.y * warps + threadIdx.x / kWarp; s < from.n_segments; s += n_warps) {
    const std::uint64_t end = c.segments[row + s + 1];
    const std::uint32_t group = s / per_group;
    const std::uint32_t in_group = s - group * per_group;
    const std::uint32_t in_slot = in_group % per_slot;
    const Channel& channel = c.channels[from.channels[in_slot % from.n_channels]];
    const std::uint32_t slot = from.first_slot + in_group / per_slot;
    const std::uint32_t part = group * c.sub_blocks + in_slot / from.n_channels;
    for (std::uint64_t j = c.segments[row + s] + threadIdx.x % kWarp; j < end; j += kWarp)
      deliver_synapse(c, ring, step, slot, part, channel, j, count);
  }
}

/// Words of 64 pairs are dealt out to threads.
template <class Acc>
__device__ inline void deliver_bits(const Connections& c, const DelayRing<Acc>& ring, std::uint64_t step,
                                    const SourceClass& from, std::uint32_t source, std::uint32_t count) {
  const std::uint32_t index = source - from.first_source;
  for (std::uint32_t k = from.first_bits; k < from.end_bits; ++k) {
    const PairBits& pairs = c.pair_bits[k];
    if (index < pairs.start || index >= pairs.stop || (index - pairs.start) % pairs.stride != 0) continue;
    const std::uint64_t row = std::uint64_t{(index - pairs.start) / pairs.stride} * c.n_parts;
    const std::uint64_t n_words = std::uint64_t{c.n_parts} * pairs.n_words;
    const std::uint64_t first = std::uint64_t{blockIdx.y} * blockDim.x + threadIdx.x;
    for (std::uint64_t w = first; w < n_words; w += std::uint64_t{gridDim.y} * blockDim.x) {
      const std::uint64_t part = w / pairs.n_words;
      const std::uint64_t element = pairs.first_element + (w - part * pairs.n_words) * 64;
      for (std::uint64_t bits = pairs.bits[row * pairs.n_words + w]; bits != 0; bits &= bits - 1) {
        const auto bit = static_cast<std::uint64_t>(__ffsll(static_cast<long long>(bits)) - 1);
        add_to(ring.cell(pairs.receptor, step + pairs.delay, (element + bit) * c.n_parts + part),
               static_cast<Acc>(static_cast<Acc>(pairs.units) * static_cast<Acc>(count)));
      }
    }
  }
}

template <class Acc>
__device__ inline void deliver_spike(const Connections& c, const DelayRing<Acc>& ring, std::uint64_t step,
                                     std::uint32_t source_class, std::uint32_t source, std::uint32_t count) {
  const SourceClass& from = c.classes[source_class];
  deliver_row(c, ring, step, from, source, count);
  deliver_bits(c, ring, step, from, source, count);
}

/// By blocks of which this is one of `n`.
template <class Acc>
__device__ inline void deliver_file_spikes(const Connections& c, const DelayRing<Acc>& ring,
                                           std::uint64_t step, const FileSpikes& list, std::uint32_t block,
                                           std::uint32_t n) {
  const std::uint64_t end = list.first_at(step + 1);
  for (std::uint64_t i = list.first_at(step) + block; i < end; i += n) {
    const FileSpike& spike = list.events[i];
    if (spike.source_class != kNone) deliver_spike(c, ring, step, spike.source_class, spike.source, 1);
  }
}

/// Grid: [blocks of sources, then some for given spikes][shares of a row][instances].
template <class Acc>
__global__ void deliver_spikes(Instances<Acc> instances, std::uint32_t offset, Connections connections) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Instance<Acc>& own = turn.own;
  const SpikeLists lists = own.lists;
  const DelayRing<Acc> ring = own.ring;
  if (blockIdx.x >= lists.n_blocks) {
    for (const FileSpikes& list : own.file_spikes)
      deliver_file_spikes(connections, ring, turn.step, list, blockIdx.x - lists.n_blocks,
                          gridDim.x - lists.n_blocks);
    return;
  }
  const std::uint32_t source_class = lists.blocks[blockIdx.x].source_class;
  if (source_class == kNone) return;
  const std::uint64_t first = std::uint64_t{blockIdx.x} * blockDim.x;
  for (std::uint32_t i = 0; i < lists.n_fired[blockIdx.x]; ++i)
    deliver_spike(connections, ring, turn.step, source_class, lists.sources[first + i],
                  lists.counts[first + i]);
}

}  // namespace sharpwave::device
