// What kernels of plastic projections have in common: what a synapse knows of its target, and sums of what
// was done to synapses.
#pragma once

#include <utility>

#include "kernels/block.cuh"
#include "kernels/plastic_views.hpp"

namespace sharpwave::device {

/// The spikes of one target as StdpSynapse wants them.
class PostsOf {
 public:
  /// @param forgotten  spikes before this step.
  __device__ PostsOf(const PostHistory& history, std::uint32_t neuron, std::int64_t forgotten)
      : history_(history), neuron_(neuron), forgotten_(forgotten) {}
  __device__ const PostSpike* newest() const {
    const Post* spike = history_.newest + neuron_;
    return spike->step >= forgotten_ ? spike : nullptr;
  }
  __device__ const PostSpike* before(const PostSpike* spike, std::int64_t step) const {
    const Post& known = *static_cast<const Post*>(spike);
    if (known.steps_before == kNoPost) return nullptr;
    const std::int64_t before_step = known.step - known.steps_before;
    if (before_step <= step || before_step < forgotten_) return nullptr;
    return history_.spikes + (known.before & (history_.size - 1));
  }

 private:
  const PostHistory& history_;
  std::uint32_t neuron_;
  std::int64_t forgotten_;
};

/// What EligibilitySynapse wants of a projection that has a gate.
__device__ inline GateTable gate_table(const Plastic& p) {
  return p.gate != nullptr ? table_of(*p.gate) : GateTable{};
}
__device__ inline std::int64_t to_gate(const Plastic& p, std::uint32_t delay) {
  return p.constants.axonal ? 0 : std::int64_t{delay};
}

/// What a spike `pre` would find, which does not come.
/// @param trace  of the synapse.
/// @return       its weight.
__device__ inline float bring_up_to_date(const Plastic& p, const GateTable& gate, const PreSpike& pre,
                                         std::uint32_t delay, float w, float& trace, const PostsOf& posts,
                                         StdpCounts& counts) {
  if (p.gate != nullptr)
    return EligibilitySynapse<PostsOf>(p.constants, posts, gate, to_gate(p, delay)).at(pre, w, trace, counts);
  return StdpSynapse<PostsOf>(p.constants, posts).at(pre, w, trace, counts);
}

/// The synapses of one source and delay in one part.
struct PlasticRow {
  std::uint64_t begin, end;
};
__device__ inline PlasticRow plastic_row(const PlasticConnections& c, std::uint32_t source,
                                         std::uint32_t delay, std::uint32_t part) {
  const std::uint32_t* begin = c.row_begin + part * (c.rows_per_part() + 1) +
                               std::uint64_t{source} * c.n_delays + (delay - c.first_delay);
  return {c.part_begin[part] + begin[0], c.part_begin[part] + begin[1]};
}

/// The target's id.
__device__ inline std::uint32_t plastic_target(const PlasticConnections& c, std::uint64_t synapse,
                                               std::uint32_t part) {
  return c.elements[synapse] * c.n_parts + part;
}

namespace detail {
template <std::size_t kK>
__device__ inline void add_one(const StdpCounts& counts, std::int64_t* sums) {
  constexpr auto kCount = kStdpCounts[kK];
  if (counts.*kCount != 0) add_to(sums + kK, counts.*kCount);
}
template <std::size_t... kK>
__device__ inline void add_each(const StdpCounts& counts, std::int64_t* sums, std::index_sequence<kK...>) {
  (add_one<kK>(counts, sums), ...);
}
}  // namespace detail

/// Adds what the threads of a block have counted. Called by all of them.
__device__ inline void add_counts(const Plastic& p, const StdpCounts& counts, std::uint64_t step) {
  constexpr std::size_t kN = std::size(kStdpCounts);
  __shared__ std::int64_t sums[kN];
  if (threadIdx.x < kN) sums[threadIdx.x] = 0;
  __syncthreads();
  detail::add_each(counts, sums, std::make_index_sequence<kN>{});
  __syncthreads();
  if (threadIdx.x < kN && sums[threadIdx.x] != 0) add_to(p.counts + threadIdx.x, sums[threadIdx.x]);
  constexpr std::size_t kPotentiations = 1;
  constexpr std::size_t kDepressions = 2;
  static_assert(kStdpCounts[kPotentiations] == &StdpCounts::potentiations &&
                kStdpCounts[kDepressions] == &StdpCounts::depressions);
  constexpr std::size_t kRaised = 3;
  constexpr std::size_t kLowered = 4;
  static_assert(kStdpCounts[kRaised] == &StdpCounts::raised && kStdpCounts[kLowered] == &StdpCounts::lowered);
  const bool has_changed =
      p.gate != nullptr ? sums[kRaised] + sums[kLowered] > 0 : sums[kPotentiations] + sums[kDepressions] > 0;
  if (threadIdx.x == 0 && has_changed) raise_to(p.last_change, static_cast<std::int64_t>(step));
  __syncthreads();  // before they are used again
}

}  // namespace sharpwave::device
