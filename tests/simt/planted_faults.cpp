// A test of the test: kernels with faults that the sanitizers have to find.
//   planted_faults none|race|bounds|deadlock
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "tests/simt/simt.hpp"
// After it:
#include "kernels/block.cuh"

namespace {

constexpr std::uint32_t kThreads = 64;

/// Each thread reads what its neighbour wrote.
__global__ void shift(std::uint32_t* values, bool with_barrier) {
  __shared__ std::uint32_t shared[kThreads];
  shared[threadIdx.x] = values[threadIdx.x];
  if (with_barrier) __syncthreads();
  values[threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

__global__ void fill(std::uint32_t* values, std::uint32_t n) {
  if (threadIdx.x < n) values[threadIdx.x] = sharpwave::device::block_rank(true).rank;
}

/// Of a warp one half waits for all threads, the other for its lanes.
__global__ void wait_in_vain() {
  if (threadIdx.x % 2 == 0)
    __syncthreads();
  else
    __ballot_sync(0xffffffffu, 1);
}

}  // namespace

int main(int argc, char** argv) {
  const char* fault = argc == 2 ? argv[1] : "";
  sharpwave::simt::Team team(kThreads);
  const auto values = std::make_unique<std::uint32_t[]>(kThreads);
  for (std::uint32_t i = 0; i < kThreads; ++i) values[i] = i;
  if (std::strcmp(fault, "bounds") == 0) {
    const auto too_few = std::make_unique<std::uint32_t[]>(kThreads - 1);
    team.launch({}, [&] { fill(too_few.get(), kThreads); });
  }
  if (std::strcmp(fault, "deadlock") == 0) {
    try {
      team.launch({}, wait_in_vain);
    } catch (const std::logic_error& error) {
      std::printf("%s\n", error.what());
      return 0;
    }
  }
  const bool with_barrier = std::strcmp(fault, "race") != 0;
  constexpr std::uint32_t kLaunches = 3;
  for (std::uint32_t n = 0; n < kLaunches; ++n) team.launch({}, [&] { shift(values.get(), with_barrier); });
  for (std::uint32_t i = 0; with_barrier && i < kThreads; ++i)
    if (values[i] != (i + kLaunches) % kThreads) return 3;
  std::printf("no fault was found\n");
  return 0;
}
