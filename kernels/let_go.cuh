// Brings the synapses of sources up to date that have been silent for so long that nothing is left of their
// traces: what their targets have done since need not be kept.
#pragma once

#include "kernels/plastic_synapse.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// By all threads of a block.
__device__ inline void let_source_go(const Plastic& p, std::uint32_t source, std::uint64_t step,
                                     StdpCounts& counts) {
  const PlasticConnections& c = p.connections;
  const PreSpike now = following(p.constants, p.sources[source], static_cast<std::int64_t>(step));
  const std::int64_t forgotten = p.forgotten_after(step - 1);
  for (std::uint32_t part = 0; part < c.n_parts; ++part)
    for (std::uint32_t delay = c.first_delay; delay <= c.longest_delay(); ++delay) {
      const PreSpike pre = delayed(p, now, delay);
      const PlasticRow row = plastic_row(c, source, delay, part);
      for (std::uint64_t j = row.begin + threadIdx.x; j < row.end; j += blockDim.x) {
        const PostsOf posts(p.posts, plastic_target(c, j, part) - c.first_target, forgotten);
        float trace = p.traces != nullptr ? p.traces[j] : 0.0f;
        p.weights[j] = StdpSynapse<PostsOf>(p.constants, posts).at(pre, p.weights[j], trace, counts);
        if (p.traces != nullptr) p.traces[j] = 0;
      }
    }
}

/// Grid: [blocks of the sources of the projection with the most][projections][instances].
template <class Acc>
__global__ void let_go(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Plastic& p = turn.own.plastic[blockIdx.y];
  const std::uint32_t position = blockIdx.x * blockDim.x + threadIdx.x;
  bool is_silent = false;
  if (position < p.connections.n_sources) {
    const std::int64_t last = p.sources[position].last;
    is_silent = last != kNeverFired && last + p.silent_steps <= static_cast<std::int64_t>(turn.step);
  }
  __shared__ std::uint32_t silent[kMaxBlockThreads];
  const BlockRank place = block_rank(is_silent);
  if (place.total == 0) return;
  if (is_silent) silent[place.rank] = position;
  __syncthreads();
  StdpCounts counts;
  for (std::uint32_t k = 0; k < place.total; ++k) let_source_go(p, silent[k], turn.step, counts);
  add_counts(p, counts, turn.step);
  if (is_silent) p.sources[position] = {};
}

}  // namespace sharpwave::device
