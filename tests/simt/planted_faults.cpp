// A test of the test: kernels with faults that the sanitizers have to find.
//   planted_faults none|race|bounds
#include <cstdio>
#include <cstring>
#include <memory>

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
  const bool with_barrier = std::strcmp(fault, "race") != 0;
  team.launch({}, [&] { shift(values.get(), with_barrier); });
  for (std::uint32_t i = 0; with_barrier && i < kThreads; ++i)
    if (values[i] != (i + 1) % kThreads) return 3;
  std::printf("no fault was found\n");
  return 0;
}
