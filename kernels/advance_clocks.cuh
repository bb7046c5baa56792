// Ends a stretch of steps: clocks go on, and what nobody asks for any more is forgotten.
#pragma once

#include "kernels/plastic_views.hpp"
#include "kernels/turn.cuh"

namespace sharpwave::device {

/// Forgets spikes of targets; is there room for those of `n_steps` more?
__device__ inline bool make_room(const Plastic& p, std::uint64_t step, std::uint32_t n_steps) {
  const PostHistory& posts = p.posts;
  const std::int64_t forgotten = p.forgotten_after(step);
  std::uint32_t first = posts.bounds->first;
  for (std::uint32_t n = posts.bounds->next - first; n > 0;) {
    const std::uint32_t half = n / 2;
    const bool is_forgotten = posts.spikes[(first + half) & (posts.size - 1)].step < forgotten;
    first = is_forgotten ? first + half + 1 : first;
    n = is_forgotten ? n - half - 1 : half;
  }
  posts.bounds->first = first;
  const std::uint64_t n_kept = posts.bounds->next - first;
  return n_kept + std::uint64_t{n_steps} * p.connections.n_noted() <= posts.size;
}

/// One block for each instance. Where the spikes of another `n_next` steps may find no room, the instance
/// pauses: its last step is one that is done, and the host goes on when it has made room.
template <class Acc>
__global__ void advance_clocks(Instances<Acc> instances, std::uint32_t n_steps, std::uint32_t n_next) {
  Clock& clock = instances.clocks[blockIdx.z];
  const std::uint64_t end = clock.steps_done + n_steps;
  const std::uint64_t done = end < clock.last_step ? end : clock.last_step;
  bool is_full = false;
  if (clock.steps_done < done) {  // else the instance waited, and may not be there
    const Instance<Acc>& own = instances.views[blockIdx.z];
    for (std::uint32_t k = threadIdx.x; k < own.n_plastic; k += blockDim.x)
      is_full |= !make_room(own.plastic[k], done, n_next);
  }
  const bool pauses = block_rank(is_full).total > 0;
  if (threadIdx.x != 0) return;
  clock.steps_done = end;
  if (pauses) clock.last_step = done;
}

}  // namespace sharpwave::device
