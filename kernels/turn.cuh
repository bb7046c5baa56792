// Which instance and which step a thread block works on.
#pragma once

#include "kernels/block.cuh"
#include "kernels/device_views.hpp"

namespace sharpwave::device {

template <class Acc>
struct Turn {
  const Instance<Acc>& own;
  const Clock& clock;
  std::uint64_t step;
  bool is_due;  ///< else the instance waits, and the block ends
};

/// @param offset  of the step, from those that are done.
template <class Acc>
__device__ inline Turn<Acc> turn_of_block(const Instances<Acc>& instances, std::uint32_t offset) {
  const Clock& clock = instances.clocks[blockIdx.z];
  const std::uint64_t step = clock.steps_done + offset;
  return {instances.views[blockIdx.z], clock, step, step <= clock.last_step};
}

}  // namespace sharpwave::device
