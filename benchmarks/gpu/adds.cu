#include "benchmarks/gpu/adds.cuh"

#include <algorithm>

#include "benchmarks/gpu/device.cuh"
#include "benchmarks/gpu/questions.hpp"

namespace sharpwave::gpu_limits {
namespace {

constexpr unsigned kSharedAdds = 4096;  // of a thread
constexpr unsigned kGlobalAdds = 256;
constexpr unsigned kGlobalBlocksPerSm = 2;
constexpr unsigned kTablesKiB[] = {16, 32, 64, 128, 160, 200};
constexpr unsigned kGlobalBytes[] = {10'000'000, 30'000'000, 100'000'000};

/// A table of `n_cells` in each block's shared memory, of which `n_used` are added to.
template <Cells cells>
__global__ void add_in_shared(unsigned n_cells, unsigned n_used, unsigned seed, Added* added) {
  extern __shared__ int shared_table[];
  for (unsigned cell = threadIdx.x; cell < n_cells; cell += blockDim.x) shared_table[cell] = 0;
  __syncthreads();
  add_to_cells<cells>(shared_table, n_used, kSharedAdds, seed);
  __syncthreads();
  look_at(shared_table, n_cells, threadIdx.x, blockDim.x, added);
}

__global__ void add_in_global(int* table, unsigned n_used, unsigned seed) {
  add_to_cells<Cells::drawn>(table, n_used, kGlobalAdds, seed);
}

__global__ void look_at_global(const int* table, unsigned n_cells, Added* added) {
  look_at(table, n_cells, blockIdx.x * blockDim.x + threadIdx.x, gridDim.x * blockDim.x, added);
}

double adds_of(unsigned n_blocks, unsigned n_adds) {
  return static_cast<double>(n_blocks) * kBlockThreads * n_adds;
}

void add_figures(Answer& answer, const Device& device, const std::string& name, std::int64_t bytes,
                 const std::vector<double>& seconds, double n_adds) {
  answer.figures.push_back({name, {{"bytes", bytes}}, "G/s", spread_of(rates(seconds, 1e-9 * n_adds))});
  answer.figures.push_back(
      {name, {{"bytes", bytes}}, "G/s an SM", spread_of(rates(seconds, 1e-9 * n_adds / device.n_sms))});
}

template <Cells cells>
void measure_shared(Answer& answer, const Device& device, const std::string& name, unsigned bytes,
                    bool one_cell, int repeats) {
  const auto n_blocks = static_cast<unsigned>(device.n_sms);
  const unsigned n_cells = bytes / sizeof(int);
  const unsigned n_used = one_cell ? 1 : n_cells;
  SHARPWAVE_CUDA(cudaFuncSetAttribute(add_in_shared<cells>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      static_cast<int>(bytes)));
  const Stream stream;
  Buffer<Added> added(1);
  const std::vector<double> seconds = repeated(repeats, [&](unsigned repeat) {
    added.clear();
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    const double taken = seconds_of(stream, [&] {
      add_in_shared<cells>
          <<<n_blocks, kBlockThreads, bytes, stream.get()>>>(n_cells, n_used, repeat, added.data());
    });
    const Added read = added.download()[0];
    expect_equal(name + ": sum of the cells", read.sum, sum_of_terms(n_blocks, kBlockThreads, kSharedAdds));
    const std::uint64_t all = std::uint64_t{n_used} * n_blocks;
    expect_at_least(name + ": cells added to", read.touched, all - all / 100);
    return taken;
  });
  add_figures(answer, device, name, bytes, seconds, adds_of(n_blocks, kSharedAdds));
}

void measure_global(Answer& answer, const Device& device, const std::string& name, unsigned bytes,
                    bool one_cell, int repeats) {
  const unsigned n_blocks = static_cast<unsigned>(device.n_sms) * kGlobalBlocksPerSm;
  const unsigned n_cells = bytes / sizeof(int);
  const unsigned n_used = one_cell ? 1 : n_cells;
  const Stream stream;
  Buffer<int> table(n_cells);
  Buffer<Added> added(1);
  const std::vector<double> seconds = repeated(repeats, [&](unsigned repeat) {
    table.clear();
    added.clear();
    SHARPWAVE_CUDA(cudaDeviceSynchronize());
    const double taken = seconds_of(stream, [&] {
      add_in_global<<<n_blocks, kBlockThreads, 0, stream.get()>>>(table.data(), n_used, repeat);
    });
    look_at_global<<<n_blocks, kBlockThreads, 0, stream.get()>>>(table.data(), n_cells, added.data());
    SHARPWAVE_CUDA(cudaStreamSynchronize(stream.get()));
    const Added read = added.download()[0];
    expect_equal(name + ": sum of the cells", read.sum, sum_of_terms(n_blocks, kBlockThreads, kGlobalAdds));
    // By chance 0.63 of as many, or more.
    expect_at_least(
        name + ": cells added to", read.touched,
        (std::min<std::uint64_t>(n_used, n_blocks * std::uint64_t{kBlockThreads} * kGlobalAdds) + 1) / 2);
    return taken;
  });
  add_figures(answer, device, name, bytes, seconds, adds_of(n_blocks, kGlobalAdds));
}

}  // namespace

Answer measure_adds(const Device& device, int repeats) {
  Answer answer{"adds",
                "how many 32-bit integers a second are added to cells of a table, in shared memory by one "
                "block of 1,024 threads an SM, in global memory by two?",
                {},
                {}};
  for (const unsigned kib : kTablesKiB) {
    const unsigned bytes = kib << 10;
    if (bytes > device.shared_bytes) {
      answer.left_out.push_back("a table of " + std::to_string(kib) + " KiB, a block has at most " +
                                std::to_string(device.shared_bytes >> 10) + " KiB");
      continue;
    }
    measure_shared<Cells::bank_each>(answer, device, "shared, no conflicts", bytes, false, repeats);
    measure_shared<Cells::drawn>(answer, device, "shared, random", bytes, false, repeats);
    measure_shared<Cells::drawn>(answer, device, "shared, one cell", bytes, true, repeats);
  }
  for (const unsigned bytes : kGlobalBytes)
    measure_global(answer, device, "global, random", bytes, false, repeats);
  measure_global(answer, device, "global, one cell", kGlobalBytes[0], true, repeats);
  return answer;
}

}  // namespace sharpwave::gpu_limits
