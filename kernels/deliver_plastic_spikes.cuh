// Delivers the spikes that reach plastic synapses in a step: each is brought up to date, then adds its weight
// to the input of this very step.
#pragma once

#include "kernels/plastic_synapse.cuh"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// All spikes of a flight, after `delay` steps, at one synapse. Returns what they add.
template <class Acc>
__device__ inline Acc arrive(const Plastic& p, const PlasticFlight& flight, const PreSpike& first,
                             const PreSpike& more, std::uint64_t synapse, const PostsOf& posts,
                             StdpCounts& counts) {
  const StdpSynapse<PostsOf> rule(p.constants, posts);
  float w = p.weights[synapse];
  float no_trace = 0;
  float& trace = p.traces != nullptr ? p.traces[synapse] : no_trace;
  Acc units = 0;
  for (std::uint32_t k = 0; k < flight.count; ++k) {
    w = rule.on_pre(k == 0 ? first : more, w, trace, counts);
    units += static_cast<Acc>(round_to_even(static_cast<double>(w) * p.connections.units_per_weight));
  }
  p.weights[synapse] = w;
  return units;
}

/// Rows of flights are dealt out to warps; where there are fewer than these, several share a row.
template <class Acc>
__device__ inline void deliver_flights(const Plastic& p, const DelayRing<Acc>& ring, std::uint64_t step,
                                       std::uint32_t delay, std::uint32_t n_flights, StdpCounts& counts) {
  const PlasticConnections& c = p.connections;
  const PlasticFlight* const flights = p.flights + std::uint64_t{c.slot(step, delay)} * c.n_sources;
  const std::int64_t forgotten = p.forgotten_after(step - 1);
  const std::uint32_t warps = blockDim.x / kWarp;
  const std::uint64_t n_warps = std::uint64_t{gridDim.x} * warps;
  const std::uint64_t n_rows = std::uint64_t{n_flights} * c.n_parts;
  const std::uint64_t shares = n_rows < n_warps ? n_warps / n_rows : 1;
  for (std::uint64_t k = blockIdx.x * warps + threadIdx.x / kWarp; k < n_rows * shares; k += n_warps) {
    const std::uint64_t share = k % shares;
    const auto part = static_cast<std::uint32_t>(k / shares % c.n_parts);
    const PlasticFlight& flight = flights[k / shares / c.n_parts];
    const PreSpike first = delayed(p, flight.spike, delay);
    const PreSpike more = delayed(p, repeated(flight.spike), delay);
    const PlasticRow row = plastic_row(c, flight.source, delay, part);
    for (std::uint64_t j = row.begin + share * kWarp + threadIdx.x % kWarp; j < row.end;
         j += shares * kWarp) {
      const std::uint32_t target = plastic_target(c, j, part);
      const PostsOf posts(p.posts, target - c.first_target, forgotten);
      add_to(ring.cell(c.receptor, step, target), arrive<Acc>(p, flight, first, more, j, posts, counts));
    }
  }
}

/// Grid: [workers][delays of the projection with the most][instances].
template <class Acc>
__global__ void deliver_plastic_spikes(Instances<Acc> instances, std::uint32_t offset) {
  const Turn<Acc> turn = turn_of_block(instances, offset);
  if (!turn.is_due) return;
  for (std::uint32_t k = 0; k < turn.own.n_plastic; ++k) {
    const Plastic& p = turn.own.plastic[k];
    if (blockIdx.y >= p.connections.n_delays) continue;
    const std::uint32_t delay = p.connections.first_delay + blockIdx.y;
    const std::uint32_t n_flights = p.n_flights[p.connections.slot(turn.step, delay)];
    if (n_flights == 0) continue;
    StdpCounts counts;
    deliver_flights(p, turn.own.ring, turn.step, delay, n_flights, counts);
    add_counts(p, counts, turn.step);
  }
}

}  // namespace sharpwave::device
