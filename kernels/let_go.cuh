// Brings the synapses of sources up to date that have been silent for long: where nothing is left of their
// traces they let go, so that what their targets have done since need not be kept; eligibilities are followed
// up while the gate's table still has what happened.
#pragma once

#include "kernels/plastic_synapse.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Until when a silent source's synapses can be brought up to date in `step`, and whether it then lets go.
/// Eligibilities as far as the gate is known at all synapses.
struct FollowUp {
  std::int64_t until;
  bool is_over;
};
__device__ inline FollowUp follow_up(const Plastic& p, const PlasticSource& source, std::uint64_t step) {
  const auto now = static_cast<std::int64_t>(step);
  if (p.gate == nullptr) return {now, true};
  const std::int64_t until = now - p.connections.longest_delay();
  return {until, until - source.last >= p.pre_memory_steps};
}

/// By all threads of a block.
__device__ inline void follow_source_up(const Plastic& p, std::uint32_t source, std::uint64_t step,
                                        StdpCounts& counts) {
  const PlasticConnections& c = p.connections;
  const FollowUp target = follow_up(p, p.sources[source], step);
  const PreSpike now = following(p.constants, p.sources[source], target.until, 0);
  const std::int64_t forgotten = p.forgotten_after(step - 1);
  const GateTable gate = gate_table(p);
  for (std::uint32_t part = 0; part < c.n_parts; ++part)
    for (std::uint32_t delay = c.first_delay; delay <= c.longest_delay(); ++delay) {
      const PreSpike pre = delayed(p, now, delay);
      const PlasticRow row = plastic_row(c, source, delay, part);
      for (std::uint64_t j = row.begin + threadIdx.x; j < row.end; j += blockDim.x) {
        const PostsOf posts(p.posts, plastic_target(c, j, part) - c.first_target, forgotten);
        float trace = p.traces != nullptr ? p.traces[j] : 0.0f;
        p.weights[j] = bring_up_to_date(p, gate, pre, delay, p.weights[j], trace, posts, counts);
        if (p.traces != nullptr) p.traces[j] = target.is_over ? 0.0f : trace;
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
    const PlasticSource& source = p.sources[position];
    is_silent =
        source.last != kNeverFired && source.since + p.silent_steps <= static_cast<std::int64_t>(turn.step);
  }
  __shared__ std::uint32_t silent[kMaxBlockThreads];
  const BlockRank place = block_rank(is_silent);
  if (place.total == 0) return;
  if (is_silent) silent[place.rank] = position;
  __syncthreads();
  StdpCounts counts;
  for (std::uint32_t k = 0; k < place.total; ++k) follow_source_up(p, silent[k], turn.step, counts);
  add_counts(p, counts, turn.step);
  if (!is_silent) return;
  PlasticSource& source = p.sources[position];
  const FollowUp done = follow_up(p, source, turn.step);
  if (done.is_over)
    source = {};
  else
    source.since = done.until;
}

}  // namespace sharpwave::device
