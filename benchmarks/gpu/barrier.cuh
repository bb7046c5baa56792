// Barriers across the blocks of a grid, all of which are resident.
#pragma once

#include <cooperative_groups.h>

#include <cuda/atomic>

namespace sharpwave::gpu_limits {

using DeviceWord = cuda::atomic_ref<unsigned, cuda::thread_scope_device>;

/// Looks that a thread takes before it gives up, a second or more: a barrier that never opens would hold the
/// device for ever.
inline constexpr unsigned kMostLooks = 1u << 22;

/// False where `*word` did not reach `goal`. What was written before goal was stored with release is then
/// seen.
__device__ inline bool await(unsigned* word, unsigned goal, unsigned* gave_up) {
  for (unsigned looks = 0; DeviceWord(*word).load(cuda::memory_order_acquire) < goal; ++looks) {
    if (looks % 1024 != 1023) continue;
    if (looks > kMostLooks) DeviceWord(*gave_up).store(1, cuda::memory_order_relaxed);
    if (DeviceWord(*gave_up).load(cuda::memory_order_relaxed) != 0) return false;
  }
  return true;
}

/// One word that all blocks count up.
struct CounterBarrier {
  unsigned* words;  ///< zeroed before the kernel
  unsigned* gave_up;

  /// By all threads of all blocks; `round` counts from 0.
  __device__ void wait(unsigned round) const {
    __syncthreads();
    if (threadIdx.x == 0) {
      DeviceWord(words[0]).fetch_add(1, cuda::memory_order_release);
      await(words, (round + 1) * gridDim.x, gave_up);
    }
    __syncthreads();
  }
};

/// A word for each block, which only that block writes and all read.
struct FlagBarrier {
  unsigned* words;  ///< zeroed before the kernel
  unsigned* gave_up;

  __device__ void wait(unsigned round) const {
    __syncthreads();
    if (threadIdx.x == 0) DeviceWord(words[blockIdx.x]).store(round + 1, cuda::memory_order_release);
    for (unsigned block = threadIdx.x; block < gridDim.x; block += blockDim.x)
      await(words + block, round + 1, gave_up);
    __syncthreads();
  }
};

struct GridSync {
  unsigned* words;  ///< as of the others; not used
  unsigned* gave_up;

  __device__ void wait(unsigned) const { cooperative_groups::this_grid().sync(); }
};

/// What a block leaves for another in a round.
__host__ __device__ inline unsigned mail_of(unsigned block, unsigned round) {
  return round * 31 + block + 1;
}

/// `n_rounds` barriers. Where `reads_mail`, each block writes a word before each and reads the next block's
/// after it; sums[block] is the sum of what it read, else the number of rounds.
/// @param mail  [2 * blocks]: in two halves by turns, for a block may write the next word while this one is
/// being read.
template <class Barrier, bool reads_mail>
__global__ void barriers(Barrier barrier, unsigned n_rounds, unsigned* mail, unsigned long long* sums) {
  unsigned long long sum = 0;
  for (unsigned round = 0; round < n_rounds; ++round) {
    unsigned* letters = mail + (round % 2) * gridDim.x;
    if (reads_mail && threadIdx.x == 0) letters[blockIdx.x] = mail_of(blockIdx.x, round);
    barrier.wait(round);
    if (threadIdx.x == 0) sum += reads_mail ? letters[(blockIdx.x + 1) % gridDim.x] : 1;
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

/// A kernel with nothing to do but to show that it ran.
__global__ void count_launch(unsigned* n_launches) {
  if (blockIdx.x == 0 && threadIdx.x == 0) ++*n_launches;
}

}  // namespace sharpwave::gpu_limits
