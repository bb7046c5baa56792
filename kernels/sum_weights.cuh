// Where weights are due to be scaled at the end of the step: brings all synapses of the projection up to
// date, as a spike would find them that arrives in the next step, and sums up the weights of each target.
#pragma once

#include "kernels/begin_scaling.cuh"
#include "kernels/plastic_synapse.cuh"

namespace sharpwave::device {

/// What a spike that arrives in the step after `step` finds, seen from the targets. Those of the source that
/// arrive later are on the way, and each has found the one before it.
__device__ inline PreSpike next_arrival(const Plastic& p, std::uint32_t source, std::uint32_t delay,
                                        std::uint64_t step) {
  const PlasticConnections& c = p.connections;
  const std::int64_t origin = static_cast<std::int64_t>(step) + 1 - delay;
  PreSpike next = following(p.constants, p.sources[source], static_cast<std::int64_t>(step), 0);
  while (next.last != kNeverFired && next.last >= origin) {
    const auto age = static_cast<std::uint32_t>(static_cast<std::int64_t>(step) - next.last);
    const std::uint64_t row = std::uint64_t{c.slot(step, age)} * c.n_sources;
    next = p.flights[row + p.scaling.flight_at[row + source]].spike;
  }
  next.origin = origin;
  return delayed(p, next, delay);
}

/// Rows are dealt out to warps.
__device__ inline void sum_rows(const Plastic& p, std::uint64_t step, StdpCounts& counts) {
  const PlasticConnections& c = p.connections;
  const std::int64_t forgotten = p.forgotten_after(step - 1);
  const GateTable gate = gate_table(p);
  const std::uint32_t warps = blockDim.x / kWarp;
  const std::uint64_t n_warps = std::uint64_t{gridDim.x} * warps;
  const std::uint64_t n_rows = c.rows_per_part() * c.n_parts;
  for (std::uint64_t k = blockIdx.x * warps + threadIdx.x / kWarp; k < n_rows; k += n_warps) {
    const auto part = static_cast<std::uint32_t>(k / c.rows_per_part());
    const auto source = static_cast<std::uint32_t>(k % c.rows_per_part() / c.n_delays);
    const auto delay = static_cast<std::uint32_t>(c.first_delay + k % c.n_delays);
    const PlasticRow row = plastic_row(c, source, delay, part);
    if (row.begin == row.end) continue;
    const PreSpike pre = next_arrival(p, source, delay, step);
    for (std::uint64_t j = row.begin + threadIdx.x % kWarp; j < row.end; j += kWarp) {
      const std::uint32_t neuron = plastic_target(c, j, part) - c.first_target;
      const PostsOf posts(p.posts, neuron, forgotten);
      float no_trace = 0;
      float& trace = p.traces != nullptr ? p.traces[j] : no_trace;
      p.weights[j] = bring_up_to_date(p, gate, pre, delay, p.weights[j], trace, posts, counts);
      add_to(p.scaling.sums + neuron, to_sum_units(p.constants.homeostasis, p.weights[j]));
    }
  }
}

/// Grid: [workers][projections][instances].
template <class Acc>
__global__ void sum_weights(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  const Plastic& p = turn.own.plastic[blockIdx.y];
  if (!scales_in(p, turn.step)) return;
  StdpCounts counts;
  sum_rows(p, turn.step, counts);
  add_counts(p, counts, turn.step);
}

}  // namespace sharpwave::device
