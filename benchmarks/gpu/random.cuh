// Places that do not follow from each other.
#pragma once

namespace sharpwave::gpu_limits {

/// Numerical Recipes' generator; its high bits are the random ones.
__host__ __device__ inline unsigned after(unsigned random) {
  return random * 1664525u + 1013904223u;
}

/// MurmurHash3's finalizer. Where seeds of lanes were multiples of each other, so would be all that follows,
/// and fewer lanes of a warp would meet in a bank than do by chance.
__host__ __device__ inline unsigned scattered(unsigned x) {
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

}  // namespace sharpwave::gpu_limits
