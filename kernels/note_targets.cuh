// Keeps what the targets of plastic projections have fired in this step.
#pragma once

#include "kernels/plastic_views.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// There is room: instances pause before there is not (advance_clocks.cuh).
__device__ inline void note_target(const Plastic& p, std::uint64_t step, std::uint32_t neuron) {
  const PostHistory& posts = p.posts;
  const auto now = static_cast<std::int64_t>(step);
  const Post last = posts.newest[neuron];
  PostSpike next{.step = now, .trace = 1.0f, .rate = p.constants.learning.rate_at(now)};
  if (last.step != kNeverFired) {
    next.trace = post_trace(p.constants, last, now);
    next.slow = slow_post_trace(p.constants, last, now);
  }
  const Post spike = after(last, posts.newest_number[neuron], next);
  // In any order within the step: a neuron has one spike there.
  const std::uint32_t number = atomicAdd(&posts.bounds->next, 1u);
  posts.spikes[number & (posts.size - 1)] = spike;
  posts.neurons[number & (posts.size - 1)] = neuron;
  posts.newest[neuron] = spike;
  posts.newest_number[neuron] = number;
  if (p.scaling.spikes != nullptr) ++p.scaling.spikes[neuron];
}

/// Grid: [blocks of sources that are not virtual][1][instances].
template <class Acc>
__global__ void note_targets(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const SpikeLists& lists = turn.own.lists;
  const bool has_fired = threadIdx.x < lists.n_fired[blockIdx.x];
  const std::uint32_t id =
      has_fired ? lists.sources[std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x] : 0;
  for (std::uint32_t k = 0; k < turn.own.n_plastic; ++k) {
    const Plastic& p = turn.own.plastic[k];
    const PlasticConnections& c = p.connections;
    // What fires next goes where nothing has been on the way since the longest delay.
    if (blockIdx.x == 0 && threadIdx.x == 0) p.n_flights[c.slot(turn.step, 0)] = 0;
    const std::uint32_t neuron = id - c.first_target;  // of what is below it, too large
    if (has_fired && neuron >= c.first_noted && neuron < c.end_noted) note_target(p, turn.step, neuron);
  }
}

}  // namespace sharpwave::device
