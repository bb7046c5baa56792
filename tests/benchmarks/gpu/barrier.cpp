// The barriers of gpu_limits with a thread of the host for each block, which ThreadSanitizer looks at, too: a
// barrier that opened early would be a data race of the words that blocks leave for each other.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#define __global__
#define __device__
#define __host__

namespace {

struct Place {
  unsigned x = 0;
};
thread_local Place blockIdx, threadIdx;
Place gridDim, blockDim{1};

void __syncthreads() {}

}  // namespace

// After it:
#include "benchmarks/gpu/barrier.cuh"

namespace {

using namespace sharpwave::gpu_limits;

/// True where every block read in every round what the next one had left for it. The last `n_missing` never
/// come.
template <class Barrier>
bool runs_well(unsigned n_blocks, unsigned n_rounds, unsigned n_missing = 0) {
  gridDim.x = n_blocks;
  std::vector<unsigned> words(n_blocks), mail(2 * n_blocks);
  std::vector<unsigned long long> sums(n_blocks);
  unsigned gave_up = 0;
  std::vector<std::thread> blocks;
  for (unsigned block = 0; block < n_blocks - n_missing; ++block)
    blocks.emplace_back([&, block] {
      blockIdx.x = block;
      barriers<Barrier, true>(Barrier{words.data(), &gave_up}, n_rounds, mail.data(), sums.data());
    });
  for (std::thread& block : blocks) block.join();
  bool well = gave_up == 0;
  for (unsigned block = 0; block < n_blocks; ++block) {
    unsigned long long expected = 0;
    for (unsigned round = 0; round < n_rounds; ++round) expected += mail_of((block + 1) % n_blocks, round);
    well = well && sums[block] == expected;
  }
  return well;
}

/// Never waits.
struct OpenBarrier {
  unsigned* words;
  unsigned* gave_up;
  void wait(unsigned) const {}
};

}  // namespace

// barrier none|open|missing: with that fault, and whether it was found.
int main(int argc, char** argv) {
  constexpr unsigned kRounds = 2000;
  const std::string fault = argc == 2 ? argv[1] : "";
  bool well = true;
  if (fault == "open") well = runs_well<OpenBarrier>(4, kRounds);
  if (fault == "missing") well = runs_well<CounterBarrier>(3, 1, 1) || runs_well<FlagBarrier>(3, 1, 1);
  if (fault == "none")
    for (const unsigned n_blocks : {1u, 2u, 5u})
      well =
          well && runs_well<CounterBarrier>(n_blocks, kRounds) && runs_well<FlagBarrier>(n_blocks, kRounds);
  std::printf("barriers %s\n", well ? "hold" : "opened early, or never");
  return 0;
}
