// Where all thread blocks of a cooperative launch wait for each other, in two halves: what lies between
// arriving and waiting overlaps with the arrival of the others.
//
// Order of memory. What any thread of a block has written before __syncthreads() and arrive() is seen by
// every thread of every block after wait() and __syncthreads(): the first __syncthreads() orders the writes
// of the block before the release of the one thread that arrives, the counter's release and acquire, both at
// the scope of the device, order that before the one thread that waits, and the second __syncthreads() orders
// it before its block. Between, plain loads and stores are enough. All additions to the counter are of one
// release sequence, so that one load that sees the last of them acquires them all.
#pragma once

#include "kernels/block.cuh"

namespace sharpwave::device {

struct GridBarrier {
  std::uint32_t* n_arrived = nullptr;  ///< since the launch began, when it was 0
  std::uint32_t n_blocks = 1;          ///< that run at once

  /// Called by one thread of each block, once a round, after __syncthreads().
  __device__ void arrive() const {
    __nv_atomic_fetch_add(n_arrived, 1u, __NV_ATOMIC_RELEASE, __NV_THREAD_SCOPE_DEVICE);
  }
  /// Until all blocks have arrived `round` times (> 0). Called by one thread, before __syncthreads().
  __device__ void wait(std::uint32_t round) const {
    while (__nv_atomic_load_n(n_arrived, __NV_ATOMIC_ACQUIRE, __NV_THREAD_SCOPE_DEVICE) < round * n_blocks)
      __nanosleep(0);
  }
};

}  // namespace sharpwave::device
