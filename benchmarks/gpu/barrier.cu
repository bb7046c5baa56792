#include "benchmarks/gpu/barrier.cuh"
#include "benchmarks/gpu/device.cuh"
#include "benchmarks/gpu/questions.hpp"

namespace sharpwave::gpu_limits {
namespace {

constexpr unsigned kRounds = 10'000;
constexpr unsigned kLaunches = 1'000;

/// 1, 2, 4, ... and all.
std::vector<unsigned> numbers_of_blocks(unsigned most) {
  std::vector<unsigned> numbers;
  for (unsigned n = 1; n < most; n *= 2) numbers.push_back(n);
  numbers.push_back(most);
  return numbers;
}

unsigned long long sum_of_mail(unsigned from_block) {
  unsigned long long sum = 0;
  for (unsigned round = 0; round < kRounds; ++round) sum += mail_of(from_block, round);
  return sum;
}

template <class Barrier, bool reads_mail>
double one_run(const std::string& what, unsigned n_blocks) {
  const Stream stream;
  const Buffer<unsigned> words(n_blocks);
  const Buffer<unsigned> gave_up(1);
  const Buffer<unsigned> mail(2 * std::size_t{n_blocks});
  const Buffer<unsigned long long> sums(n_blocks);
  Barrier barrier{words.data(), gave_up.data()};
  unsigned n_rounds = kRounds;
  unsigned* letters = mail.data();
  unsigned long long* results = sums.data();
  void* arguments[] = {&barrier, &n_rounds, &letters, &results};
  SHARPWAVE_CUDA(cudaDeviceSynchronize());
  const double seconds = seconds_of(stream, [&] {
    SHARPWAVE_CUDA(cudaLaunchCooperativeKernel(barriers<Barrier, reads_mail>, dim3(n_blocks),
                                               dim3(kBlockThreads), arguments, 0, stream.get()));
  });
  expect_equal(what + ": barriers that never opened", gave_up.download()[0], 0);
  const std::vector<unsigned long long> read = sums.download();
  for (unsigned block = 0; block < n_blocks; ++block)
    expect_equal(what + ": sum of block " + std::to_string(block), read[block],
                 reads_mail ? sum_of_mail((block + 1) % n_blocks) : kRounds);
  return seconds;
}

template <class Barrier, bool reads_mail>
void add_figures(Answer& answer, const std::string& name, const Device& device, int repeats) {
  for (const unsigned n_blocks : numbers_of_blocks(static_cast<unsigned>(device.n_sms))) {
    const std::vector<double> seconds =
        repeated(repeats, [&](unsigned) { return one_run<Barrier, reads_mail>(name, n_blocks); });
    answer.figures.push_back({name,
                              {{"blocks", n_blocks}, {"words_read", reads_mail ? 1 : 0}},
                              "us",
                              spread_of(shares(seconds, 1e-6 * kRounds))});
  }
}

/// Kernels one after the other, to be launched as one.
class LaunchGraph {
 public:
  LaunchGraph(const Stream& stream, unsigned n_blocks, unsigned* n_launches) {
    SHARPWAVE_CUDA(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
    for (unsigned i = 0; i < kLaunches; ++i)
      count_launch<<<n_blocks, kBlockThreads, 0, stream.get()>>>(n_launches);
    cudaGraph_t graph = nullptr;
    SHARPWAVE_CUDA(cudaStreamEndCapture(stream.get(), &graph));
    const cudaError_t status = cudaGraphInstantiate(&graph_, graph, 0);
    static_cast<void>(cudaGraphDestroy(graph));
    SHARPWAVE_CUDA(status);
  }
  LaunchGraph(const LaunchGraph&) = delete;
  LaunchGraph& operator=(const LaunchGraph&) = delete;
  ~LaunchGraph() { static_cast<void>(cudaGraphExecDestroy(graph_)); }

  void launch(const Stream& stream) const { SHARPWAVE_CUDA(cudaGraphLaunch(graph_, stream.get())); }

 private:
  cudaGraphExec_t graph_ = nullptr;
};

}  // namespace

Answer measure_barriers(const Device& device, int repeats) {
  Answer answer{
      "barrier", "what does a barrier across blocks cost, one block of 1,024 threads an SM?", {}, {}};
  add_figures<CounterBarrier, false>(answer, "counter", device, repeats);
  add_figures<CounterBarrier, true>(answer, "counter", device, repeats);
  add_figures<FlagBarrier, false>(answer, "flags", device, repeats);
  add_figures<FlagBarrier, true>(answer, "flags", device, repeats);
  add_figures<GridSync, false>(answer, "grid.sync", device, repeats);
  add_figures<GridSync, true>(answer, "grid.sync", device, repeats);
  return answer;
}

Answer measure_kernels(const Device& device, int repeats) {
  Answer answer{"kernel", "what does a kernel that does nothing cost, one of 1,000 in a graph?", {}, {}};
  for (const unsigned n_blocks : numbers_of_blocks(static_cast<unsigned>(device.n_sms))) {
    const Stream stream;
    Buffer<unsigned> n_launches(1);
    const LaunchGraph graph(stream, n_blocks, n_launches.data());
    const std::vector<double> seconds = repeated(repeats, [&](unsigned) {
      n_launches.clear();
      SHARPWAVE_CUDA(cudaDeviceSynchronize());
      const double taken = seconds_of(stream, [&] { graph.launch(stream); });
      expect_equal("kernels that ran", n_launches.download()[0], kLaunches);
      return taken;
    });
    answer.figures.push_back(
        {"empty kernel", {{"blocks", n_blocks}}, "us", spread_of(shares(seconds, 1e-6 * kLaunches))});
  }
  return answer;
}

}  // namespace sharpwave::gpu_limits
